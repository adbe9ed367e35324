package main

import (
	"path/filepath"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestTheMigrationsLeadToTheSchema(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, name, migratedURL, desiredURL string) {
		t.Helper()
		missing, err := plan(t.Context(), name, migratedURL, desiredURL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range missing {
			t.Errorf("no migration has: %s", c.Cmd)
		}
		if t.Failed() {
			t.Log("write one with: scripts/with-postgres go run ./ent/migrate/gen NAME")
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		check(t, dialect.SQLite, "sqlite:"+filepath.Join(dir, "a"), "sqlite:"+filepath.Join(dir, "b"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		check(t, dialect.Postgres, storetest.EmptyPostgres(t), storetest.EmptyPostgres(t))
	})
}
