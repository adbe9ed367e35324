// Package storetest gives tests a fresh, migrated database of each dialect.
//
// SQLite needs nothing. PostgreSQL is the throw-away cluster of CHAVEIRO_TEST_POSTGRES_URL, where the user may create
// databases; scripts/with-postgres makes one. Without it the tests on PostgreSQL are skipped, except in CI: with CI or
// CHAVEIRO_TEST_REQUIRE_POSTGRES set they fail.
package storetest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// testConns is how many connections a Store of a test has: enough to compete with each other, few enough for many tests
// at once.
const testConns = 4

// Each runs test once on SQLite and once on PostgreSQL, as parallel subtests that begin when the calling test has
// returned. Every run has a database of its own, migrated and empty.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// EachURL is Each for a test that opens the database itself. The database is empty and not migrated.
func EachURL(t *testing.T, test func(t *testing.T, databaseURL string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, EmptyPostgres(t))
	})
}

// SQLite returns a Store on a new migrated SQLite file. Both are removed when the test ends.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the SQLite template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	// The file is not synced to the disk, as in the cluster of the tests: no test cuts the power.
	return open(t, "sqlite:"+path, "PRAGMA synchronous = OFF")
}

// Postgres returns a Store on a new migrated database of PostgreSQL. Both are removed when the test ends. It skips the
// test, or fails it in CI, if there is no PostgreSQL.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return open(t, MigratedPostgres(t), "")
}

// Proxied returns a Store as Postgres does, whose connections go through a proxy.
func Proxied(t testing.TB) (*store.Store, *Proxy) {
	t.Helper()
	proxy := NewProxy(t, MigratedPostgres(t))
	return open(t, proxy.URL, ""), proxy
}

// EmptyPostgres returns the URL of a new database of PostgreSQL without any table, which goes when the test ends.
// options are further ones of CREATE DATABASE. Skips the test, or fails it in CI, if there is no PostgreSQL.
func EmptyPostgres(t testing.TB, options ...string) string {
	t.Helper()
	needPostgres(t)
	return createPostgres(t, "", options...)
}

// MigratedPostgres returns the URL of a new migrated database of PostgreSQL, for a test that opens it itself. It goes
// when the test ends. Skips the test, or fails it in CI, if there is no PostgreSQL.
func MigratedPostgres(t testing.TB) string {
	t.Helper()
	needPostgres(t)
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("make the PostgreSQL template: %v", err)
	}
	return createPostgres(t, template)
}

// Again returns another Store on the database of s, as another instance has. s comes from this package.
func Again(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	first := recorderOf(t, s)
	return open(t, first.url, first.first)
}

// open opens a Store whose connections begin with a statement, unless it is empty.
func open(t testing.TB, url, first string) *store.Store {
	t.Helper()
	r := &recorder{url: url, first: first}
	s, err := store.Open(t.Context(), url, slog.New(slog.DiscardHandler), store.Connections(testConns),
		store.WithConnector(r.wrap))
	if err != nil {
		t.Fatal(err)
	}
	recorders.Store(s, r)
	audit.Keep(s, AuditKeys{})
	t.Cleanup(func() {
		recorders.Delete(s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// AuditKeys are the keys of the audit chain of the stores of this package.
type AuditKeys struct{}

// MAC implements audit.Keys.
func (AuditKeys) MAC(purpose string, data []byte) []byte {
	sum := hmac.New(sha256.New, []byte("storetest "+purpose))
	sum.Write(data)
	return sum.Sum(nil)
}

// sqliteTemplate returns the content of a migrated, empty SQLite file. A copy takes a fraction of the time that the
// migrations would.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "chaveiro-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := store.Migrate(context.Background(), "sqlite:"+path, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // all of it: closing the last connection has emptied the WAL
})
