package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/migrate"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

var discard = slog.New(slog.DiscardHandler)

func TestMigrateLogsALineWhenItAppliedMigrations(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		var log bytes.Buffer
		for range 2 {
			if err := store.Migrate(t.Context(), url, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
				t.Fatal(err)
			}
		}
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "database migrated") {
			t.Errorf("logged %q, want one line", got)
		}
	})
}

func TestProcessesThatMigrateAtTheSameTimeAllSucceed(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if err := store.Migrate(t.Context(), url, discard); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

func TestMigrateWaitsForAnotherProcessAsLongAsItsContextLets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	other, err := os.Create(path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := store.Migrate(ctx, "sqlite:"+path, discard); err == nil {
		t.Error("did not wait")
	}
	time.AfterFunc(200*time.Millisecond, func() { _ = other.Close() })
	if err := store.Migrate(t.Context(), "sqlite:"+path, discard); err != nil {
		t.Error(err)
	}
}

func TestADatabaseNewerThanTheProgramIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		if err := store.MigrateTo(t.Context(), url, versions(t)[0], discard); err != nil {
			t.Fatal(err)
		}
		db := openRaw(t, url)
		if _, err := db.Exec("INSERT INTO schema_migrations (version_id, is_applied) VALUES " +
			"(99990101000000, true)"); err != nil {
			t.Fatal(err)
		}
		err := store.Migrate(t.Context(), url, discard)
		if err == nil || !strings.Contains(err.Error(), "newer than this program") {
			t.Errorf("error %v, want a refusal", err)
		}
		if n := countRows(t, db, "schema_migrations"); n != 3 { // goose's version 0, the first, the unknown
			t.Errorf("%d migrations, want no more than before", n)
		}
	})
}

// Some faults show only with rows in the tables. SQLite deletes the children of a table that is made anew, and both
// databases refuse a new required column.
func TestNoMigrationLosesRows(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		versions := versions(t)
		for i, version := range versions[:len(versions)-1] {
			t.Run(fmt.Sprintf("from %d", version), func(t *testing.T) {
				url := url
				switch {
				case strings.HasPrefix(url, "sqlite:"):
					url += strconv.Itoa(i)
				case i > 0:
					url = storetest.EmptyPostgres(t)
				}
				if err := store.MigrateTo(t.Context(), url, version, discard); err != nil {
					t.Fatal(err)
				}
				db := openRaw(t, url)
				tables := seed(t, db, url)
				if err := store.Migrate(t.Context(), url, discard); err != nil {
					t.Fatal(err)
				}
				for _, table := range tables {
					if n := countRows(t, db, table); n != seededRows {
						t.Errorf("%s has %d rows, want %d", table, n, seededRows)
					}
				}
				clientsAreFound(t, url)
			})
		}
	})
}

func TestTheReadsOfAnHourBecomeThoseOfADayAndNoneIsLost(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		const byDay = 20261128030956
		all := versions(t)
		must.Do(t, store.MigrateTo(t.Context(), url, all[slices.Index(all, byDay)-1], discard))
		db := openRaw(t, url)
		first := time.Date(2026, 11, 20, 0, 10, 0, 120_000_000, time.UTC)
		for i := range 30 { // every hour of a day, and then 6 of the next
			at := first.Add(time.Duration(i) * time.Hour)
			for _, version := range []int{1, 2} {
				_, err := db.ExecContext(t.Context(), "INSERT INTO credential_reads (id, created_at, access_key_id, client_id, "+
					"marketplace_id, credential_version, address, hour, count, first_at, last_at) "+
					"VALUES ($1, $2, 'k', 'c', 'm', $3, '192.0.2.1', $4, 2, $2, $5)",
					fmt.Sprintf("crd_%d_%02d", version, i), at, version, at.Truncate(time.Hour), at.Add(time.Minute))
				must.Do(t, err)
			}
		}
		must.Do(t, store.Migrate(t.Context(), url, discard))

		s, err := store.Open(t.Context(), url, discard)
		must.Do(t, err)
		defer s.Close()
		rows, err := s.Reader().CredentialRead.Query().Order(ent.Asc("id")).All(asSystem(t))
		must.Do(t, err)
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.ID, " ", r.CredentialVersion, " ", instant.Text(r.Day), " ", r.Count, " ",
				instant.Text(r.FirstAt), " ", instant.Text(r.LastAt)))
		}
		want := []string{
			"crd_1_00 1 2026-11-20T00:00:00.000Z 48 2026-11-20T00:10:00.120Z 2026-11-20T23:11:00.120Z",
			"crd_1_24 1 2026-11-21T00:00:00.000Z 12 2026-11-21T00:10:00.120Z 2026-11-21T05:11:00.120Z",
			"crd_2_00 2 2026-11-20T00:00:00.000Z 48 2026-11-20T00:10:00.120Z 2026-11-20T23:11:00.120Z",
			"crd_2_24 2 2026-11-21T00:00:00.000Z 12 2026-11-21T00:10:00.120Z 2026-11-21T05:11:00.120Z",
		}
		if !slices.Equal(got, want) {
			t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		day, err := s.Reader().CredentialRead.Query().Where(credentialread.Day(rows[0].Day)).Count(asSystem(t))
		if err != nil || day != 2 {
			t.Errorf("%d rows are found by the day, want 2 (%v)", day, err)
		}
	})
}

func TestThePortalsOwnErrorsAreTakenOutOfTheProvidersWords(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		const apart = 20261128215534
		all := versions(t)
		must.Do(t, store.MigrateTo(t.Context(), url, all[slices.Index(all, apart)-1], discard))
		db := openRaw(t, url)
		seed(t, db, url)
		const own, said = "POST https://api.example/auth: unreachable: connection refused", "POST recusado: refused"
		for id, message := range map[string]string{"row-1": own, "row-2": said} {
			_, err := db.ExecContext(t.Context(), "UPDATE marketplaces SET provider_message = $1 WHERE id = $2", message, id)
			must.Do(t, err)
		}
		must.Do(t, store.Migrate(t.Context(), url, discard))
		for id, want := range map[string]string{
			"row-1": "said nothing, CONNECTION_REFUSED: " + own, "row-2": "said " + said + ", : ",
		} {
			var got string
			must.Do(t, db.QueryRowContext(t.Context(), "SELECT 'said ' || coalesce(provider_message, 'nothing') || ', ' || "+
				"coalesce(call_cause, '') || ': ' || coalesce(call_detail, '') FROM marketplaces WHERE id = $1", id).Scan(&got))
			if got != want {
				t.Errorf("%s is %q, want %q", id, got, want)
			}
		}
	})
}

func clientsAreFound(t *testing.T, url string) {
	t.Helper()
	s, err := store.Open(t.Context(), url, discard)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	window, err := page.Args{}.Window(page.Order{})
	if err != nil {
		t.Fatal(err)
	}
	found := search.Page{Text: "row-1", Where: []predicate.ClientRecord{
		clientrecord.NameKey("row-1"), clientrecord.ArchivedAtNotNil(),
	}, Window: window}
	query := s.Reader().ClientRecord.Query()
	query.Modify(found.Apply)
	if rows, err := query.All(asSystem(t)); err != nil || len(rows) != 1 {
		t.Errorf("the search finds %d clients (%v), want 1", len(rows), err)
	}
}

const seededRows = 2

// seed inserts rows into each table, and returns the tables. Each text of row n is "row-n", so that a reference of row
// n is to row n of the other table.
func seed(t *testing.T, db *sql.DB, url string) (tables []string) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var driver schema.Inspector
	var placeholder string
	if strings.HasPrefix(url, "sqlite:") {
		driver, err = sqlite.Open(conn)
		placeholder = "?"
		execute(t, conn, "PRAGMA foreign_keys = OFF")
	} else {
		driver, err = postgres.Open(conn)
		placeholder = "$"
		execute(t, conn, "SET session_replication_role = replica") // without foreign keys
	}
	if err != nil {
		t.Fatal(err)
	}
	found, err := driver.InspectSchema(t.Context(), "", &schema.InspectOptions{Mode: schema.InspectTables})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range found.Tables {
		if table.Name == "schema_migrations" || table.Name == "shop_versions" || // triggers fill that, too
			strings.Contains(table.Name, "_search") {
			continue
		}
		tables = append(tables, table.Name)
		for n := 1; n <= seededRows; n++ {
			var names, places []string
			var values []any
			for i, column := range table.Columns {
				names = append(names, `"`+column.Name+`"`)
				if placeholder == "?" {
					places = append(places, "?")
				} else {
					places = append(places, placeholder+strconv.Itoa(i+1))
				}
				values = append(values, value(t, column, n))
			}
			execute(t, conn, fmt.Sprintf(`INSERT INTO "%s" (%s) VALUES (%s)`,
				table.Name, strings.Join(names, ", "), strings.Join(places, ", ")), values...)
		}
	}
	return tables
}

func value(t *testing.T, column *schema.Column, n int) any {
	t.Helper()
	text := fmt.Sprintf("row-%d", n)
	switch column.Type.Type.(type) {
	case *schema.StringType:
		return text
	case *schema.BinaryType:
		return []byte(text)
	case *schema.IntegerType:
		return n
	case *schema.BoolType:
		return true
	case *schema.TimeType:
		return time.Now().UTC().Truncate(time.Microsecond) // the precision of PostgreSQL
	case *schema.JSONType:
		return []byte("{}")
	default:
		t.Fatalf("column %s has a type that the test does not know: %T", column.Name, column.Type.Type)
		return nil
	}
}

func TestATableOfSQLiteCanBeMadeAnewWithoutLosingItsChildren(t *testing.T) {
	t.Parallel()
	db := parentAndChild(t)
	err := store.Apply(t.Context(), db, dialect.SQLite, migrations(`
		CREATE TABLE new_parents (id text PRIMARY KEY, name text NOT NULL DEFAULT '');
		INSERT INTO new_parents (id) SELECT id FROM parents;
		DROP TABLE parents;
		ALTER TABLE new_parents RENAME TO parents;`), math.MaxInt64, discard)
	if err != nil {
		t.Fatal(err)
	}
	if n := countRows(t, db, "children"); n != 1 {
		t.Errorf("%d children, want 1", n)
	}
}

func TestAMigrationOfSQLiteThatBreaksAReferenceIsRolledBack(t *testing.T) {
	t.Parallel()
	db := parentAndChild(t)
	err := store.Apply(t.Context(), db, dialect.SQLite, migrations("DELETE FROM parents;"), math.MaxInt64, discard)
	if err == nil || !strings.Contains(err.Error(), "rows of children without their row of parents") {
		t.Errorf("error %v, want a refusal", err)
	}
	if n := countRows(t, db, "parents"); n != 1 {
		t.Errorf("%d parents, want 1", n)
	}
	if n := countRows(t, db, "schema_migrations"); n != 2 { // goose's version 0, the first
		t.Errorf("%d migrations, want 2", n)
	}
}

const firstMigration = `
	CREATE TABLE parents (id text PRIMARY KEY);
	CREATE TABLE children (parent_id text REFERENCES parents (id) ON DELETE CASCADE);
	INSERT INTO parents VALUES ('p');
	INSERT INTO children VALUES ('p');`

// migrations returns the first migration and this one.
func migrations(second string) fs.FS {
	return fstest.MapFS{
		"1_first.sql":  {Data: []byte("-- +goose Up\n" + firstMigration)},
		"2_second.sql": {Data: []byte("-- +goose Up\n" + second)},
	}
}

// parentAndChild returns a database at the first migration.
func parentAndChild(t *testing.T) *sql.DB {
	t.Helper()
	db := store.SQLiteForMigrations(t, filepath.Join(t.TempDir(), "test.db"))
	if err := store.Apply(t.Context(), db, dialect.SQLite, migrations("SELECT 1;"), 1, discard); err != nil {
		t.Fatal(err)
	}
	return db
}

// versions returns the version of each migration, in order.
func versions(t *testing.T) []int64 {
	t.Helper()
	files, err := migrate.Files(dialect.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var all []int64
	for _, name := range names {
		stamp, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, version)
	}
	return all
}

func openRaw(t *testing.T, url string) *sql.DB {
	t.Helper()
	name, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		name, source = "sqlite3", path
	}
	db, err := sql.Open(name, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func countRows(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(`SELECT count(*) FROM "` + table + `"`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func execute(t *testing.T, conn *sql.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestAMigrationTakesAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.EmptyPostgres(t)
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, statement := range []string{
		// The first table takes longer than a statement may.
		"CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN " +
			"IF NOT EXISTS (SELECT FROM pg_class WHERE relname = ''schema_migrations'') THEN PERFORM pg_sleep(1.5); " +
			"END IF; END'",
		"CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION slow()",
		"DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET statement_timeout = 1000'; END $$",
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Migrate(t.Context(), databaseURL, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}
