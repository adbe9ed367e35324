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
	// Clock is the database's time. Asked is the program's own time when it asked for that.
	Clock, Asked time.Time
	// Sessions is about the sessions of PostgreSQL; nil on SQLite.
	Sessions *Sessions
	// Weak lists the settings with which an answered write may be lost, and their required values.
	Weak []string
}

// Sessions is how many sessions the server of a PostgreSQL database has, and how it ends them.
type Sessions struct {
	// Max is how many sessions ordinary users may have. Open is how many there are now, of all users. Wanted is how many
	// one instance opens at most: those of its Store and the one that listens.
	Max, Open, Wanted int
	// Role is the user of the database.
	Role string
	// Unlimited lists the time limits that this Store's sessions should have and do not have.
	Unlimited []string
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
	var err error
	if c.Sessions, err = s.sessions(ctx); err != nil {
		return c, err
	}
	err = c.compare(ctx, s.readDB, "SHOW %s",
		map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"})
	return c, err
}

func (s *Store) sessions(ctx context.Context) (*Sessions, error) {
	found := Sessions{Wanted: s.readDB.Stats().MaxOpenConnections + 1}
	// Every user sees that sessions of other users exist, and nothing more of them.
	const counts = "SELECT current_user, current_setting('max_connections')::int - " +
		"current_setting('superuser_reserved_connections')::int, " +
		"(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' OR backend_type IS NULL)"
	if err := s.readDB.QueryRowContext(ctx, counts).Scan(&found.Role, &found.Max, &found.Open); err != nil {
		return nil, fmt.Errorf("count the sessions of the database: %w", err)
	}
	for _, name := range []string{"idle_in_transaction_session_timeout", "statement_timeout"} {
		var limit string
		if err := s.readDB.QueryRowContext(ctx, "SHOW "+name).Scan(&limit); err != nil {
			return nil, fmt.Errorf("ask the database for %s: %w", name, err)
		}
		if limit == "0" {
			found.Unlimited = append(found.Unlimited, name)
		}
	}
	return &found, nil
}

// compare reads each setting and notes those with a wrong value.
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
