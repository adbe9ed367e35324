package store

import (
	"database/sql"
	"testing"
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
