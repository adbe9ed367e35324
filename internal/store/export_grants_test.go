package store

import "log/slog"

// GrantColumns returns the columns of a table that the MAC of its rows covers, and whether its rows grant.
func GrantColumns(table string) ([]string, bool) {
	if i := kindOf(table); i >= 0 {
		return granting[i].decides, true
	}
	return nil, false
}

// LogTo makes a store log to another logger.
func LogTo(s *Store, log *slog.Logger) { s.log = log }
