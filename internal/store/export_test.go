package store

import (
	"database/sql"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	MigrateTo = migrateTo
	Apply     = apply
)

// SQLiteWriter returns the one connection that Write uses.
func SQLiteWriter(s *Store) *sql.DB { return s.writeDB }

// SQLiteForMigrations returns connections as Migrate uses them.
func SQLiteForMigrations(t testing.TB, path string) *sql.DB {
	t.Helper()
	db := sqliteForMigrations(path)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// ShortTimes shortens the time limits, so that a test of silence is quick.
func ShortTimes() Option {
	return func(o *options) {
		o.times = times{write: 500 * time.Millisecond, group: defaultTimes.group, statement: 500 * time.Millisecond,
			idle: time.Second, ping: 150 * time.Millisecond, slow: defaultTimes.slow}
	}
}

// SlowAfter sets from how long a statement has a line in the log.
func SlowAfter(after time.Duration) Option { return func(o *options) { o.times.slow = after } }

// ConfigOf returns how connections to a database of PostgreSQL are opened.
func ConfigOf(t testing.TB, databaseURL string) *pgx.ConnConfig {
	t.Helper()
	at, err := parseURL(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return at.config
}

// IsRead is isRead.
var IsRead = isRead

// IsExposed reports whether others could read or change what goes to the database of a URL.
func IsExposed(t testing.TB, databaseURL string) bool {
	t.Helper()
	at, err := parseURL(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return at.isExposed()
}

// OneGroup lets all calls of Write that wait share one group, however long that takes, also on PostgreSQL.
func OneGroup(s *Store) { s.turns.lanes, s.times.group = 1, time.Minute }

// Waiting returns how many calls of Write wait for their turn.
func Waiting(s *Store) int {
	s.turns.mu.Lock()
	defer s.turns.mu.Unlock()
	return len(s.turns.first) + len(s.turns.later)
}

// UnfinishedMove is the version that marks a database that a move fills.
const UnfinishedMove = unfinishedMove

// Triggers returns the triggers that are in a database, and those that its migrations make, both sorted.
func Triggers(t testing.TB, s *Store) (there, made []Trigger) {
	t.Helper()
	works, err := s.triggers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if made, err = triggersOf(s.dialect, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	order := func(a, b Trigger) int { return strings.Compare(a.String(), b.String()) }
	slices.SortFunc(made, order)
	return slices.SortedFunc(maps.Keys(works), order), made
}
