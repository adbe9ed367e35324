package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// as returns the URL of a database for another role, and with more parameters.
func as(t *testing.T, databaseURL, role string, parameters ...string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	if role != "" {
		u.User = url.User(role)
		query.Del("user")
	}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	u.RawQuery = query.Encode()
	return u.String()
}

func do(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestADatabaseWithoutASchemaForTheTablesIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.EmptyPostgres(t)
	db := openRaw(t, databaseURL)
	role := fmt.Sprintf("shopkeeper_%d", os.Getpid())
	do(t, db, "CREATE ROLE "+role+" LOGIN", "CREATE SCHEMA theirs", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	t.Cleanup(func() { do(t, db, "DROP OWNED BY "+role, "DROP ROLE "+role) })
	for name, c := range map[string]struct {
		url, says string
	}{
		"no right on the schema": {as(t, databaseURL, role), `GRANT CREATE ON SCHEMA "public" TO "` + role + `"`},
		"a schema that there is not": {as(t, databaseURL, "", "search_path", "nowhere"),
			"search_path, nowhere, has no schema"},
		"only that of the user": {as(t, databaseURL, "", "search_path", `"$user"`),
			`search_path, "$user", has no schema`},
		"a schema that it may not use": {as(t, databaseURL, role, "search_path", "theirs"),
			"search_path, theirs, has no schema"},
		"an empty one":                   {as(t, databaseURL, "", "search_path", `""`), "search_path"},
		"PostgreSQL's own before others": {as(t, databaseURL, "", "search_path", "pg_catalog, public"), "PostgreSQL's own"},
	} {
		err := store.Migrate(t.Context(), c.url, slog.New(slog.DiscardHandler))
		if !store.IsMisfit(err) || store.IsUnavailable(err) || !contains(err, c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "SQLSTATE")) {
			t.Errorf("%s: it is no sentence: %v", name, err)
		}
	}
	if empty, err := store.IsEmpty(t.Context(), databaseURL); err != nil || !empty {
		t.Errorf("something was made in it (%v)", err)
	}
}

func TestARoleThatMayNotMakeTablesServesWhatAnotherHasMigrated(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.MigratedPostgres(t)
	db := openRaw(t, databaseURL)
	role := fmt.Sprintf("clerk_%d", os.Getpid())
	do(t, db, "CREATE ROLE "+role+" LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+role)
	t.Cleanup(func() { do(t, db, "DROP OWNED BY "+role, "DROP ROLE "+role) })
	if err := store.Migrate(t.Context(), as(t, databaseURL, role), slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
	do(t, db, "DELETE FROM schema_migrations WHERE version_id = (SELECT MAX(version_id) FROM schema_migrations)")
	if err := store.Migrate(t.Context(), as(t, databaseURL, role), slog.New(slog.DiscardHandler)); !store.IsMisfit(err) ||
		!contains(err, "GRANT CREATE") {
		t.Errorf("with a migration to come: %v", err)
	}
}

// pgx accepts settings of a session in the URL, which PostgreSQL's own programs refuse.
func TestADatabaseOfASchemaOfItsOwnIsDumpedAndLoaded(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.EmptyPostgres(t)
	do(t, openRaw(t, databaseURL), "CREATE SCHEMA shops", "CREATE SCHEMA more")
	with := as(t, databaseURL, "", "search_path", "shops, more", "statement_timeout", "60000",
		"application_name", "portal")
	if err := store.Migrate(t.Context(), with, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dump")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.DumpPostgres(t.Context(), with, file), file.Close()); err != nil {
		t.Fatal(err)
	}
	again := as(t, storetest.EmptyPostgres(t), "", "search_path", "shops")
	if err := store.Load(t.Context(), again, path); err != nil {
		t.Fatal(err)
	}
	for what, url := range map[string]string{"migrated": with, "loaded": again} {
		var uncounted int // PostgreSQL has -1 as the number of rows that it has not counted
		if err := openRaw(t, url).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND "+
			"reltuples < 0 AND relnamespace = 'shops'::regnamespace").Scan(&uncounted); err != nil || uncounted > 0 {
			t.Errorf("%s: the rows of %d tables are not counted, %v", what, uncounted, err)
		}
	}
	var tables int
	if err := openRaw(t, again).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'shops'").
		Scan(&tables); err != nil || tables < 10 {
		t.Errorf("there are %d tables, %v", tables, err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestADumpThatCannotBeWrittenSaysWhy(t *testing.T) {
	t.Parallel()
	if err := store.DumpPostgres(t.Context(), storetest.MigratedPostgres(t), full{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
}
