package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// A move copies every row of a database to a database of the other dialect. It copies rows as they are, so that what
// the keyset authenticates stays authenticated, and the versions that back-offices know stay true.
//
// At most one of the two databases can be served at any moment. Marks in the table of versions see to that: they are
// versions that no program has, and every program refuses a database that is newer than itself. The new database has
// a mark while it is filled and checked. Then the old one gets its mark, and last the new one loses its own. The next
// move begins anew what an interrupted one has left.
const (
	// unfinishedMove is the mark of the new database.
	unfinishedMove = 99991231235958
	// movedAway is the mark of the old one.
	movedAway = 99991231235959
)

// whyNewer returns the error of a database with a mark of a move as its newest version; nil for another version.
func whyNewer(version int64) error {
	switch version {
	case unfinishedMove:
		return misfit("a move to this database was interrupted: run \"chaveiro move\" again on the database that it came " +
			"from, which can be served meanwhile")
	case movedAway:
		return misfit("this database was moved to another one by \"chaveiro move\", and is not served any more: name the " +
			"other one with --database-url (CHAVEIRO_DATABASE_URL)")
	default:
		return nil
	}
}

// Move is a move of a database. The URLs lead to sessions of their own, not to a pooler.
type Move struct {
	From, To string
	Log      *slog.Logger
	// Say tells the person who waits how far the move has come.
	Say func(format string, args ...any)
}

// Run moves all rows. It returns an error, and leaves the old database as it was, when another process has that open,
// or the new one does not have the same rows in the end. Between copying and giving up the old database it calls check,
// which opens the new one. TakesMove has accepted the new one before.
func (m Move) Run(ctx context.Context, check func(context.Context) error) error {
	from, err := parseURL(m.From)
	if err != nil {
		return err
	}
	to, err := parseURL(m.To)
	if err != nil {
		return err
	}
	source, err := hold(ctx, from)
	if err != nil {
		return fmt.Errorf("move the database %s: %w", from, err)
	}
	defer source.release()
	if err := m.prepare(ctx, to); err != nil {
		return err
	}
	if err := m.copyRows(ctx, source, to); err != nil {
		return fmt.Errorf("move the database %s to %s: %w", from, to, err)
	}
	if err := check(ctx); err != nil {
		return fmt.Errorf("check the database %s: %w", to, err)
	}
	if err := source.giveUp(ctx); err != nil {
		return fmt.Errorf("give up the database %s: %w", from, err)
	}
	// Now that the old database is given up, a caller who goes must not leave the new one marked.
	if err := changeMark(context.WithoutCancel(ctx), to, deleteMark, unfinishedMove); err != nil {
		return fmt.Errorf("all is moved but for the last step: run the same command again: %w", err)
	}
	return nil
}

// prepare makes the tables of the new database, with its mark.
func (m Move) prepare(ctx context.Context, to location) error {
	if err := clearMove(ctx, to); err != nil {
		return fmt.Errorf("empty the database %s: %w", to, err)
	}
	if err := Migrate(ctx, m.To, m.Log); err != nil {
		return err
	}
	return changeMark(ctx, to, insertMark, unfinishedMove, true)
}

const (
	insertMark = "INSERT INTO " + versionTable + " (version_id, is_applied) VALUES ($1, $2)"
	deleteMark = "DELETE FROM " + versionTable + " WHERE version_id = $1"
)

// changeMark runs a statement on the table of versions.
func changeMark(ctx context.Context, at location, statement string, args ...any) error {
	db := openForMove(at)
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("mark the database %s: %w", at, err)
	}
	return nil
}

// copyRows copies the rows of all tables, reads them back, and compares them.
func (m Move) copyRows(ctx context.Context, source *heldDatabase, to location) error {
	target := openForMove(to)
	defer target.Close()
	tables, err := tablesOfMove(ctx, source.tx, source.at.dialect, target)
	if err != nil {
		return err
	}
	copied := make(map[string]tally, len(tables))
	read := func(t movedTable) (*rowReader, error) { return t.read(ctx, source.tx, m.Say) }
	done := func(t movedTable, rows tally) {
		copied[t.name] = rows
		if rows.count > 0 {
			m.Say("copied %s: %d rows", t.name, rows.count)
		}
	}
	fill := fillPostgres
	if to.dialect == dialect.SQLite {
		fill = fillSQLite
	}
	if err := fill(ctx, to, tables, read, done); err != nil {
		return err
	}
	m.Say("reading all rows of the new database, to compare them")
	total := int64(0)
	for _, t := range tables {
		rows, err := t.count(ctx, target, m.Say)
		if err != nil {
			return err
		}
		if rows != copied[t.name] {
			return fmt.Errorf("the %d rows of %s are not what was copied (%d rows)", rows.count, t.name, copied[t.name].count)
		}
		total += rows.count
	}
	m.Say("compared: both databases have the same %d rows", total)
	if to.dialect == dialect.Postgres {
		return analyze(ctx, target)
	}
	return nil
}

// TakesMove returns an error unless the database at databaseURL can be moved to: there is none, nobody has used it, or
// an interrupted move was filling it. In the last case it returns true.
func TakesMove(ctx context.Context, databaseURL string) (unfinished bool, err error) {
	empty, err := IsEmpty(ctx, databaseURL)
	if err != nil || empty {
		return false, err
	}
	at, err := parseURL(databaseURL)
	if err != nil {
		return false, err
	}
	db := openForMove(at)
	defer db.Close()
	ours, err := hasTable(ctx, db, at.dialect, versionTable)
	if err != nil {
		return false, fmt.Errorf("look into the database %s: %w", at, err)
	}
	used := !ours
	if ours {
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM "+versionTable+" WHERE version_id = $1",
			unfinishedMove).Scan(&unfinished); err != nil {
			return false, fmt.Errorf("look for an interrupted move in %s: %w", at, err)
		}
		if used, err = hasKeyset(ctx, db, at.dialect); err != nil {
			return false, fmt.Errorf("look into the database %s: %w", at, err)
		}
	}
	if used && !unfinished {
		return false, misfit("there is data in the database %s, which a move does not replace: name an empty one", at)
	}
	return unfinished, nil
}

// TakeBack lets a database be served that an interrupted move has given up. It is for the next move, which found the
// new database unfinished.
func TakeBack(ctx context.Context, databaseURL string) error {
	at, err := parseURL(databaseURL)
	if err != nil {
		return err
	}
	return changeMark(ctx, at, deleteMark, movedAway)
}

// hasKeyset reports whether a database has been used: the first start makes a keyset before anything else.
func hasKeyset(ctx context.Context, db *sql.DB, of string) (has bool, err error) {
	if has, err = hasTable(ctx, db, of, "keysets"); err != nil || !has {
		return false, err
	}
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM keysets").Scan(&has)
	return has, err
}

// openForMove opens a database that exists for statements that take as long as they need. more are settings of SQLite.
func openForMove(at location, more ...string) *sql.DB {
	if at.dialect == dialect.Postgres {
		return stdlib.OpenDB(*withoutTimeouts(at.config))
	}
	db := sql.OpenDB(newSQLiteConnector(at.path, append([]string{"mode", "rw", "_foreign_keys", "0"}, more...)...))
	db.SetMaxOpenConns(1)
	return db
}

// clearMove removes what an interrupted move has left in a database that TakesMove has accepted.
func clearMove(ctx context.Context, at location) (err error) {
	if at.dialect == dialect.SQLite {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if gone := os.Remove(at.path + suffix); !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
		return err
	}
	return clearPostgres(ctx, at)
}

// heldDatabase is a database that no other process uses until it is released.
type heldDatabase struct {
	at location
	db *sql.DB
	tx *sql.Tx
}

// hold opens a database for this process alone. It returns a MisfitError when another process has it open. One that
// opens it later waits, and sees what giveUp has written.
func hold(ctx context.Context, at location) (*heldDatabase, error) {
	// In SQLite a connection that locks exclusively shares the file with no other one, be it idle.
	h := &heldDatabase{at: at, db: openForMove(at, "_locking_mode", "EXCLUSIVE", "_txlock", "exclusive")}
	if err := h.begin(ctx); err != nil {
		h.release()
		return nil, err
	}
	return h, nil
}

// begin begins the transaction that excludes other processes.
func (h *heldDatabase) begin(ctx context.Context) (err error) {
	h.tx, err = h.db.BeginTx(ctx, nil)
	if e, ok := errors.AsType[sqlite3.Error](err); ok && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked) {
		return misfit("another process has the file open: stop the portal, and whatever else reads the file")
	}
	if err != nil || h.at.dialect == dialect.SQLite {
		return err
	}
	return h.lockPostgres(ctx)
}

// giveUp marks the database as moved away, and ends the hold.
func (h *heldDatabase) giveUp(ctx context.Context) error {
	if _, err := h.tx.ExecContext(ctx, insertMark, movedAway, true); err != nil {
		return err
	}
	return h.tx.Commit()
}

// release ends the hold. Whatever was not given up stays as it was.
func (h *heldDatabase) release() {
	if h.tx != nil {
		_ = h.tx.Rollback() // after a commit there is nothing to roll back
	}
	_ = h.db.Close() // nothing is lost with it
}

// leaveTime is how long sessions of PostgreSQL that were closed may take to go.
const leaveTime = 5 * time.Second

// lockPostgres locks all tables, and returns a MisfitError while there are other sessions. A session that begins later
// waits for the lock before it reads the version of the database.
func (h *heldDatabase) lockPostgres(ctx context.Context) error {
	if err := checkSessions(ctx, h.at, h.at); err != nil {
		return err
	}
	others, err := h.otherSessions(ctx)
	for end := time.Now().Add(leaveTime); err == nil && others != "" && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		others, err = h.otherSessions(ctx)
	}
	if err == nil && others == "" {
		if err = h.lockTables(ctx); err == nil {
			others, err = h.otherSessions(ctx)
		}
	}
	if err == nil && others != "" {
		return misfit("others are connected to it (%s): stop every instance of the portal, its pooler, and whatever else "+
			"uses the database", others)
	}
	return err
}

// otherSessions names the roles of the other sessions of the database, with their addresses; "" when there are none.
// Every role sees them, and nothing more of those of others.
func (h *heldDatabase) otherSessions(ctx context.Context) (who string, err error) {
	if _, err := h.tx.ExecContext(ctx, "SELECT pg_stat_clear_snapshot()"); err != nil {
		return "", fmt.Errorf("look for other sessions: %w", err)
	}
	const query = "SELECT COALESCE(string_agg(DISTINCT concat_ws(' ', usename, host(client_addr)), ', '), '') " +
		"FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
	err = h.tx.QueryRowContext(ctx, query).Scan(&who)
	if err != nil {
		return "", fmt.Errorf("look for other sessions: %w", err)
	}
	return who, nil
}

func (h *heldDatabase) lockTables(ctx context.Context) error {
	tables, err := tablesIn(ctx, h.tx, columnsOfPostgres)
	if err != nil {
		return err
	}
	names := quotedNames(append(tables, movedTable{name: versionTable}))
	if _, err := h.tx.ExecContext(ctx, "LOCK TABLE "+names+" IN ACCESS EXCLUSIVE MODE NOWAIT"); err != nil {
		return fmt.Errorf("lock the tables: %w", err)
	}
	return nil
}
