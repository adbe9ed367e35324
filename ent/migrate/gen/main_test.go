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
		migratedURL, desiredURL := storetest.EmptyPostgres(t), storetest.EmptyPostgres(t)
		check(t, dialect.Postgres, migratedURL, desiredURL)
		// plan does not see these.
		if migrated, desired := collations(t, migratedURL), collations(t, desiredURL); migrated != desired {
			t.Errorf("by the migrations the columns not sorted as the database are %s, by the schema %s", migrated, desired)
		}
	})
}

// collations names the columns of PostgreSQL that are not sorted as the database, with how they are.
func collations(t *testing.T, url string) (names string) {
	t.Helper()
	db, err := open(dialect.Postgres, url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow(`SELECT coalesce(string_agg(table_name || '.' || column_name || ' ' || collation_name, ', '
		ORDER BY table_name, column_name), '') FROM information_schema.columns
		WHERE table_schema = 'public' AND collation_name IS NOT NULL`).Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}
