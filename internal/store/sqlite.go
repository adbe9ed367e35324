package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/mattn/go-sqlite3"
)

// sqliteConnector opens connections to a SQLite file.
type sqliteConnector struct {
	driver sqlite3.SQLiteDriver
	dsn    string
}

// newSQLiteConnector returns a connector to the file at path, with the settings that all connections share and more
// of them, as pairs of name and value.
func newSQLiteConnector(path string, more ...string) *sqliteConnector {
	settings := url.Values{
		"_busy_timeout":    {"5000"}, // milliseconds; another process may write: a backup, a command
		"_foreign_keys":    {"1"},
		"_synchronous":     {"FULL"}, // in WAL, NORMAL would lose the last commits with the power
		"_stmt_cache_size": {"100"},  // a connection
	}
	for i := 0; i < len(more); i += 2 {
		settings.Set(more[i], more[i+1])
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: settings.Encode()}
	return &sqliteConnector{dsn: dsn.String()}
}

func (c *sqliteConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c *sqliteConnector) Driver() driver.Driver                        { return &c.driver }

// newSQLiteWriter returns a connector whose transactions take the write lock at their start. A transaction that took it
// only at its first change could fail there, where waiting does not help.
func newSQLiteWriter(path string, more ...string) *sqliteConnector {
	return newSQLiteConnector(path, append([]string{"_journal_mode", "WAL", "_txlock", "immediate"}, more...)...)
}

// writerCache is the page cache of the connection that writes, -KiB: indexes with random keys touch many pages.
const writerCache = "-8000"

func openSQLite(
	ctx context.Context, path string, slow *slowLog, o options,
) (readers, writer *sql.DB, err error) {
	log := slow.log
	if err := createPrivate(path, log); err != nil {
		return nil, nil, err
	}
	writer = sql.OpenDB(o.wrap(newSQLiteWriter(path, "_cache_size", writerCache)))
	writer.SetMaxOpenConns(1)
	// The writer comes first: it turns a new file to WAL.
	if err := checkSQLite(ctx, writer); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	if err := warnIfSlow(ctx, writer, log); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	n := o.connections
	if n == 0 {
		n = max(4, 2*runtime.GOMAXPROCS(0))
	}
	readers = sql.OpenDB(o.wrap(readingConnector{newSQLiteConnector(path, "_query_only", "1"), slow}))
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
	return readers, writer, nil
}

// checkSQLite returns an error if the file cannot be used by this binary.
func checkSQLite(ctx context.Context, db *sql.DB) error {
	fts5, err := isCompiledWith(ctx, db, "ENABLE_FTS5")
	if err != nil {
		return err
	}
	if !fts5 {
		return errors.New(
			"this binary was built without SQLite's text search: build it with `make build`, or with -tags sqlite_fts5")
	}
	return nil
}

// warnIfSlow logs that SQLite was built so that it plans most statements each time they are run, instead of once.
func warnIfSlow(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	stable, err := isCompiledWith(ctx, db, "ENABLE_QPSG")
	if err != nil {
		return err
	}
	if !stable {
		log.WarnContext(ctx, "this program was built without SQLITE_ENABLE_QPSG, and is slower: build it with `make build`")
	}
	return nil
}

func isCompiledWith(ctx context.Context, db *sql.DB, option string) (is bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT sqlite_compileoption_used($1)", option).Scan(&is)
	return is, err
}

// createPrivate makes an empty file that only its owner can read, if there is none, and removes the permissions of
// others from an existing one. SQLite gives its other files (-wal, -shm) the permissions of the first.
func createPrivate(path string, log *slog.Logger) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s does not exist", filepath.Dir(path))
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	// The file must not be opened and closed here: that would drop the locks that this process has on it.
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	err = os.Chmod(path, info.Mode().Perm()&0o700)
	log.Warn("the database file was open to other users", "path", path, "closed", err == nil)
	return nil
}
