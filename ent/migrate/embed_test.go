package migrate_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent/migrate"
)

func TestBothDialectsHaveTheSameMigrations(t *testing.T) {
	t.Parallel()
	lite, pg := names(t, dialect.SQLite), names(t, dialect.Postgres)
	if !slices.Equal(lite, pg) {
		t.Errorf("SQLite has %q, PostgreSQL %q", lite, pg)
	}
}

func TestNoMigrationPretendsToGoBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{dialect.SQLite, dialect.Postgres} {
		files, err := migrate.Files(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range names(t, name) {
			content, err := fs.ReadFile(files, path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.ToLower(string(content)), "+goose down") {
				t.Errorf("%s %s has a Down section", name, path)
			}
		}
	}
}

func TestAnotherDialectHasNoMigrations(t *testing.T) {
	t.Parallel()
	if _, err := migrate.Files(dialect.MySQL); err == nil {
		t.Error("no error")
	}
}

func names(t *testing.T, dialect string) []string {
	t.Helper()
	files, err := migrate.Files(dialect)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}
