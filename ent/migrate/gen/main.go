// Command gen writes the migration that leads from the migrations there are to the ent schema, for both dialects:
//
//	scripts/with-postgres go run ./ent/migrate/gen NAME
//
// It is run in the root of the repository, after the ent code was generated. NAME says what changes, as in
// client_phone. On the PostgreSQL of CHAVEIRO_TEST_POSTGRES_URL, and for SQLite in a temporary folder, it makes two
// databases, one by the migrations and one straight from the schema, and writes what the first lacks. If that is
// nothing it writes two empty migrations: the place to write by hand what ent does not know (search, triggers, data).
//
// Read what it wrote before it is committed:
//   - SQLite makes most changes of a column by a new table. DROP TABLE drops the triggers of the old one: those of
//     clients (search) and of audit_events, audit_heads and audit_checkpoints (append only) are to be made again in the
//     same migration.
//   - A new required column without a default is refused by a table that has rows.
//   - PostgreSQL prints the condition of a partial index in its own words, and those again in others. Where the test
//     sees a difference that is none, write the condition as the schema does.
//   - There is no Down: one goes back by restoring the backup.
//
// Its test fails when the migrations and the schema differ.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	entschema "entgo.io/ent/dialect/sql/schema"

	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(args[0]) {
		return errors.New("want one argument, the name of the migration, of a-z 0-9 _")
	}
	name := time.Now().UTC().Format("20060102150405") + "_" + args[0] + ".sql"

	dir, err := os.MkdirTemp("", "chaveiro-gen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var urls []string
	for range 2 {
		url, drop, err := storetest.CreatePostgres(ctx, "")
		if err != nil {
			return err
		}
		defer drop()
		urls = append(urls, url)
	}
	lite, err := plan(ctx, dialect.SQLite, "sqlite:"+filepath.Join(dir, "a"), "sqlite:"+filepath.Join(dir, "b"))
	if err != nil {
		return fmt.Errorf("SQLite: %w", err)
	}
	pg, err := plan(ctx, dialect.Postgres, urls[0], urls[1])
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	return errors.Join(
		write(filepath.Join("ent", "migrate", "sqlite", name), lite),
		write(filepath.Join("ent", "migrate", "postgres", name), pg),
	)
}

// unknown reports whether a table, or an index of a table, is one that the migrations make and ent does not know.
func unknown(name string) bool {
	return name == "schema_migrations" || strings.Contains(name, "_search") || name == "shop_versions"
}

// plan returns the statements that lead from what the migrations make of the empty database at the first URL to what
// ent makes of the empty one at the second.
func plan(ctx context.Context, name, migratedURL, desiredURL string) ([]*atlas.Change, error) {
	if err := store.Migrate(ctx, migratedURL, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	migrated, err := open(name, migratedURL)
	if err != nil {
		return nil, err
	}
	defer migrated.Close()
	desired, err := open(name, desiredURL)
	if err != nil {
		return nil, err
	}
	defer desired.Close()
	ent, err := entschema.NewMigrate(entsql.OpenDB(name, desired))
	if err != nil {
		return nil, err
	}
	// Create writes into the tables that it is given, and those of the package are everybody's.
	tables, err := entschema.CopyTables(tables.Tables)
	if err != nil {
		return nil, err
	}
	if err := ent.Create(ctx, tables...); err != nil {
		return nil, err
	}

	from, err := inspect(ctx, name, migrated)
	if err != nil {
		return nil, err
	}
	to, err := inspect(ctx, name, desired)
	if err != nil {
		return nil, err
	}
	driver, err := openAtlas(name, migrated)
	if err != nil {
		return nil, err
	}
	changes, err := driver.SchemaDiff(from, to)
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, nil
	}
	p, err := driver.PlanChanges(ctx, "", changes, func(o *atlas.PlanOptions) {
		o.Indent = "  "
		o.SchemaQualifier = new(string) // none
	})
	if err != nil {
		return nil, err
	}
	return p.Changes, nil
}

func open(name, url string) (*sql.DB, error) {
	if name == dialect.SQLite {
		return sql.Open("sqlite3", strings.TrimPrefix(url, "sqlite:")+"?_foreign_keys=1")
	}
	return sql.Open("pgx", url)
}

func openAtlas(name string, db *sql.DB) (atlas.Driver, error) {
	if name == dialect.SQLite {
		return sqlite.Open(db)
	}
	return postgres.Open(db)
}

// inspect returns the tables of a database, without what ent does not know.
func inspect(ctx context.Context, name string, db *sql.DB) (*schema.Schema, error) {
	driver, err := openAtlas(name, db)
	if err != nil {
		return nil, err
	}
	s, err := driver.InspectSchema(ctx, "", &schema.InspectOptions{Mode: schema.InspectTables})
	if err != nil {
		return nil, err
	}
	s.Tables = slices.DeleteFunc(s.Tables, func(t *schema.Table) bool { return unknown(t.Name) })
	for _, t := range s.Tables {
		t.Indexes = slices.DeleteFunc(t.Indexes, func(i *schema.Index) bool { return unknown(i.Name) })
	}
	return s, nil
}

// write writes a migration in goose's format.
func write(path string, changes []*atlas.Change) error {
	var b strings.Builder
	b.WriteString("-- +goose Up\n")
	for _, c := range changes {
		if c.Comment != "" {
			fmt.Fprintf(&b, "-- %s\n", c.Comment)
		}
		fmt.Fprintf(&b, "%s;\n", c.Cmd)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		return err
	}
	fmt.Println("wrote", path)
	return nil
}
