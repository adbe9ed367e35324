package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// eachMove runs test with the URL of a database with rows, in each dialect, and of an empty one in the other.
func eachMove(t *testing.T, test func(t *testing.T, from, to string)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, from string) {
		must.Do(t, store.Migrate(t.Context(), from, discard))
		db := openRaw(t, from)
		seed(t, db, from)
		must.Do(t, errors.Join(db.Close(), addOddRows(t, from)))
		to := "sqlite:" + filepath.Join(t.TempDir(), "moved.db")
		if strings.HasPrefix(from, "sqlite:") {
			to = storetest.EmptyPostgres(t)
		}
		test(t, from, to)
	})
}

// addOddRows inserts rows whose values the databases store in different ways.
func addOddRows(t *testing.T, url string) error {
	t.Helper()
	db := openRaw(t, url)
	defer db.Close()
	now := "'2026-11-28 09:50:00.000001+00:00'"
	odd, bytes := `'Açaí "do" ''Zé'' \ 漢字 🍧' || chr(10) || chr(9)`, `'\x00ff00'`
	if strings.HasPrefix(url, "sqlite:") {
		odd, bytes = strings.ReplaceAll(odd, "chr(", "char("), "x'00ff00'"
	}
	for _, statement := range []string{
		`INSERT INTO clients (id, created_at, updated_at, name, trade_name, document, name_key, search_text) VALUES
			('odd', ` + now + `, ` + now + `, ` + odd + `, NULL, '', ` + odd + `, ` + odd + `)`,
		`INSERT INTO operators (id, created_at, updated_at, email, name, role, password_hash, second_factor, totp_step, mac)
			VALUES ('odd', ` + now + `, ` + now + `, 'odd', '', 'x', 'x', false, 9223372036854775807, ` + bytes + `)`,
		`INSERT INTO provider_incidents (id, created_at, provider, opened_at, affected) VALUES
			('odd', ` + now + `, 'odd', ` + now + `, -9223372036854775808)`,
		`UPDATE shop_versions SET n = 123456789 WHERE client_product_id = ''`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	// JSON that jsonb stores as it is written, and JSON of an event, whose text is hashed.
	const setting = `INSERT INTO provider_settings (id, created_at, updated_at, provider, "values", secret_states)
		VALUES ('odd', $1, $1, 'odd', $2, NULL)`
	const event = `INSERT INTO audit_events
		(id, created_at, actor_kind, actor_label, address, request_id, action, changes)
		VALUES ('odd', $1, 'x', '', '', '', 'x', $2)`
	at := strings.Trim(now, "'")
	_, err := db.ExecContext(t.Context(), setting, at, []byte(`{"a":{"ç":null},"b":[1,2.50,100,"\\\u0001"]}`))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(t.Context(), event, at, []byte(`[ {"field" : "b", "a": 1.0} ]`))
	return err
}

// contentOf returns the rows of all tables as the database writes them.
func contentOf(t *testing.T, url string) map[string][]string {
	t.Helper()
	db := openRaw(t, url)
	defer db.Close()
	list := `SELECT t.name, 'concat_ws('' '', ' || group_concat('quote("' || c.name || '")') || ')' FROM sqlite_schema t
		JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT IN ('schema_migrations', 'sqlite_sequence')
		AND t.name NOT GLOB '*_search*' GROUP BY t.name`
	if !strings.HasPrefix(url, "sqlite:") {
		list = `SELECT tablename, quote_ident(tablename) || '::text' FROM pg_tables
			WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`
	}
	content := map[string][]string{}
	rows, err := db.QueryContext(t.Context(), list)
	must.Do(t, err)
	expressions := map[string]string{}
	for rows.Next() {
		var table, expression string
		must.Do(t, rows.Scan(&table, &expression))
		expressions[table] = expression
	}
	must.Do(t, errors.Join(rows.Err(), rows.Close()))
	for table, expression := range expressions {
		rows, err := db.QueryContext(t.Context(), `SELECT `+expression+` FROM "`+table+`"`)
		must.Do(t, err)
		for rows.Next() {
			var text string
			must.Do(t, rows.Scan(&text))
			content[table] = append(content[table], text)
		}
		must.Do(t, errors.Join(rows.Err(), rows.Close()))
		slices.Sort(content[table])
	}
	return content
}

// move moves a database as a command does.
func move(t *testing.T, from, to string, check func() error) error {
	t.Helper()
	unfinished, err := store.TakesMove(t.Context(), to)
	if err == nil && unfinished {
		err = store.TakeBack(t.Context(), from)
	}
	if err != nil {
		return err
	}
	m := store.Move{From: from, To: to, Log: discard, Say: func(string, ...any) {}}
	return m.Run(t.Context(), func(context.Context) error { return check() })
}

func accept() error { return nil }

func TestADatabaseThatIsMovedAndMovedBackHasTheSameRows(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		before := contentOf(t, from)
		must.Do(t, move(t, from, to, accept))
		moved := contentOf(t, to)
		clientsAreFound(t, to)

		back := "sqlite:" + filepath.Join(t.TempDir(), "back.db")
		if !strings.HasPrefix(from, "sqlite:") {
			back = storetest.EmptyPostgres(t)
		}
		must.Do(t, move(t, to, back, accept))
		after := contentOf(t, back)
		if len(before) < 25 || len(moved) != len(before) || len(after) != len(before) {
			t.Fatalf("%d tables, %d, and %d", len(before), len(moved), len(after))
		}
		for table, rows := range before {
			if len(rows) == 0 || len(moved[table]) != len(rows) {
				t.Errorf("%s: %d rows were moved of %d", table, len(moved[table]), len(rows))
			}
			if !slices.Equal(rows, after[table]) {
				t.Errorf("%s has\n%s\nand had\n%s", table, strings.Join(after[table], "\n"), strings.Join(rows, "\n"))
			}
		}
		must.Do(t, store.Migrate(t.Context(), back, discard))
	})
}

func TestADatabaseThatWasMovedIsNotOpenedAgain(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		must.Do(t, move(t, from, to, accept))
		if err := store.Migrate(t.Context(), from, discard); !store.IsMisfit(err) ||
			!strings.Contains(err.Error(), "was moved to another one") {
			t.Errorf("the start: %v", err)
		}
		s, err := store.Open(t.Context(), from, discard)
		must.Do(t, err)
		defer func() { must.Do(t, s.Close()) }()
		if _, err := s.Behind(t.Context()); !store.IsMisfit(err) || !strings.Contains(err.Error(), "was moved") {
			t.Errorf("a command: %v", err)
		}
	})
}

func TestAMoveReplacesNoData(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		must.Do(t, store.Migrate(t.Context(), to, discard))
		if _, err := store.TakesMove(t.Context(), to); err != nil {
			t.Errorf("a database that nobody has used: %v", err)
		}
		seed(t, openRaw(t, to), to)
		before := contentOf(t, to)
		if err := move(t, from, to, accept); !store.IsMisfit(err) || !strings.Contains(err.Error(), "there is data") {
			t.Errorf("%v", err)
		}
		for table, rows := range contentOf(t, to) {
			if !slices.Equal(rows, before[table]) {
				t.Errorf("%s was changed", table)
			}
		}
		must.Do(t, store.Migrate(t.Context(), from, discard))
	})
}

func TestAMoveReplacesNoTablesOfOthers(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		db := openRaw(t, to)
		_, err := db.ExecContext(t.Context(), "CREATE TABLE invoices (n integer)")
		must.Do(t, err)
		if err := move(t, from, to, accept); !store.IsMisfit(err) || !strings.Contains(err.Error(), "there is data") {
			t.Errorf("%v", err)
		}
	})
}

func TestAnInterruptedMoveIsBegunAnew(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		interrupted := errors.New("interrupted")
		if err := move(t, from, to, func() error { return interrupted }); !errors.Is(err, interrupted) {
			t.Fatalf("%v", err)
		}
		if err := store.Migrate(t.Context(), to, discard); !store.IsMisfit(err) ||
			!strings.Contains(err.Error(), "was interrupted") {
			t.Errorf("the start on what the move left: %v", err)
		}
		must.Do(t, store.Migrate(t.Context(), from, discard)) // it is served meanwhile
		db := openRaw(t, from)
		_, err := db.ExecContext(t.Context(), "DELETE FROM throttles")
		must.Do(t, errors.Join(err, db.Close()))

		must.Do(t, move(t, from, to, accept))
		must.Do(t, store.Migrate(t.Context(), to, discard))
		db = openRaw(t, to)
		if n := countRows(t, db, "throttles"); n != 0 {
			t.Errorf("%d rows of the interrupted move are left", n)
		}
		if n := countRows(t, db, "clients"); n != seededRows+1 {
			t.Errorf("%d clients were moved", n)
		}
	})
}

// Between giving up the old database and releasing the new one, neither can be served.
func TestAMoveThatWasKilledAtItsLastStepIsBegunAnew(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		must.Do(t, move(t, from, to, accept))
		db := openRaw(t, to)
		_, err := db.ExecContext(t.Context(),
			fmt.Sprintf("INSERT INTO schema_migrations (version_id, is_applied) VALUES (%d, true)", store.UnfinishedMove))
		must.Do(t, errors.Join(err, db.Close()))
		for _, url := range []string{from, to} {
			if err := store.Migrate(t.Context(), url, discard); !store.IsMisfit(err) {
				t.Errorf("%s can be served: %v", url, err)
			}
		}
		must.Do(t, move(t, from, to, accept))
		must.Do(t, store.Migrate(t.Context(), to, discard))
	})
}

func TestADatabaseThatAnotherProcessHasOpenIsNotMoved(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		s, err := store.Open(t.Context(), from, discard) // idle, as a portal at night
		must.Do(t, err)
		defer func() { must.Do(t, s.Close()) }()
		err = move(t, from, to, accept)
		if !store.IsMisfit(err) || !strings.Contains(err.Error(), "stop ") {
			t.Errorf("%v", err)
		}
		if empty, err := store.IsEmpty(t.Context(), to); err != nil || !empty {
			t.Errorf("the other database was changed (%v)", err)
		}
		must.Do(t, s.Ping(t.Context()))
	})
}

func TestAMoveThatDoesNotKeepARowAsItWasIsRefused(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		if strings.HasPrefix(to, "sqlite:") {
			t.Skip("nothing in SQLite could change a row")
		}
		must.Do(t, store.Migrate(t.Context(), to, discard))
		db := openRaw(t, to)
		_, err := db.ExecContext(t.Context(), "ALTER TABLE throttles ALTER since TYPE timestamptz(0)")
		must.Do(t, errors.Join(err, db.Close()))
		checked := false
		err = move(t, from, to, func() error { checked = true; return nil })
		if err == nil || !strings.Contains(err.Error(), "rows of throttles are not what was copied") || checked {
			t.Errorf("%v", err)
		}
		must.Do(t, store.Migrate(t.Context(), from, discard))
	})
}

func TestAMoveThatCannotStoreARowLeavesTheDatabaseAsItWas(t *testing.T) {
	eachMove(t, func(t *testing.T, from, to string) {
		if !strings.HasPrefix(from, "sqlite:") {
			t.Skip("PostgreSQL has no text that SQLite cannot store")
		}
		db := openRaw(t, from)
		_, err := db.ExecContext(t.Context(), "UPDATE clients SET trade_name = char(0) WHERE id = 'odd'")
		must.Do(t, errors.Join(err, db.Close()))
		if err := move(t, from, to, accept); err == nil || !strings.Contains(err.Error(), "write clients") {
			t.Errorf("%v", err)
		}
		must.Do(t, store.Migrate(t.Context(), from, discard))
	})
}
