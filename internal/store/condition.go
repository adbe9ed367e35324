package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"entgo.io/ent/dialect"
)

// Condition is how a database is set up, as far as answered writes depend on it.
type Condition struct {
	// Clock is the database's time, and Asked when it was asked for, by the program's own.
	Clock, Asked time.Time
	// Weak names the settings with which an answered write may be lost, with what they must be.
	Weak []string
}

// Condition asks the database how it is set up.
func (s *Store) Condition(ctx context.Context) (Condition, error) {
	c := Condition{Asked: time.Now()}
	if s.dialect == dialect.SQLite {
		c.Clock = c.Asked // the same machine
		err := c.compare(ctx, s.writeDB, "PRAGMA %s", map[string]string{"journal_mode": "wal", "synchronous": "2"})
		return c, err
	}
	if err := s.readDB.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&c.Clock); err != nil {
		return c, fmt.Errorf("ask the database for the time: %w", err)
	}
	err := c.compare(ctx, s.readDB, "SHOW %s", map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"})
	return c, err
}

// compare asks for each setting and notes those that are not as they must be.
func (c *Condition) compare(ctx context.Context, db *sql.DB, ask string, must map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(must)) {
		var is string
		if err := db.QueryRowContext(ctx, fmt.Sprintf(ask, name)).Scan(&is); err != nil {
			return fmt.Errorf("ask the database for %s: %w", name, err)
		}
		durable := name == "synchronous_commit" && (is == "remote_apply" || is == "remote_write" || is == "local")
		if is != must[name] && !durable {
			c.Weak = append(c.Weak, fmt.Sprintf("%s is %s and must be %s", name, is, must[name]))
		}
	}
	return nil
}
