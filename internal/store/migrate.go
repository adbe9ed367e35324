package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/chaveiro/chaveiro/ent/migrate"
)

// versionTable has a row for each migration that was applied.
const versionTable = "schema_migrations"

// Migrate brings the database at databaseURL (see Open) to the schema of this binary, and logs a line if it applied
// migrations. It needs sessions of its own: with a pooler, databaseURL is the address that bypasses it. Each migration
// is applied as a whole or not at all. Several processes may call it at once: one migrates, the others wait as long as
// ctx lets them. It returns an error, and changes nothing, if the database has migrations that this binary does not
// know: an older binary would misread it.
func Migrate(ctx context.Context, databaseURL string, log *slog.Logger) error {
	return migrateTo(ctx, databaseURL, math.MaxInt64, log)
}

// Behind returns how many migrations of this binary the database does not have. It returns an error that IsMisfit knows
// when the database has one that this binary does not know.
func (s *Store) Behind(ctx context.Context) (int, error) {
	has, known, err := compareVersions(ctx, s.readDB, s.dialect)
	if err != nil {
		return 0, err
	}
	if newest := known[len(known)-1]; has > newest {
		return 0, newerThan(has, newest)
	}
	at, _ := slices.BinarySearch(known, has+1)
	return len(known) - at, nil
}

// compareVersions returns the newest migration that a database has, 0 for none, and all that this binary knows, in
// their order. The database has the table of versions.
func compareVersions(ctx context.Context, db *sql.DB, dialect string) (has int64, known []int64, err error) {
	if known, err = knownVersions(dialect); err != nil {
		return 0, nil, err
	}
	if err := db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable).Scan(&has); err != nil {
		return 0, nil, fmt.Errorf("read the version of the database: %w", err)
	}
	return has, known, nil
}

// NewestVersion returns the version of the last migration that this binary knows, the same for both dialects.
var NewestVersion = sync.OnceValues(func() (int64, error) {
	known, err := knownVersions(dialect.SQLite)
	if err != nil {
		return 0, err
	}
	return known[len(known)-1], nil
})

// knownVersions returns the versions of all migrations that this binary knows for a dialect, in their order.
func knownVersions(dialect string) ([]int64, error) {
	files, err := migrate.Files(dialect)
	if err != nil {
		return nil, err
	}
	return versionsOf(files)
}

// versionsOf returns the versions of migrations, in their order.
func versionsOf(files fs.FS) ([]int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return nil, errors.Join(errors.New("there are no migrations"), err)
	}
	versions := make([]int64, len(names))
	for i, name := range names {
		if versions[i], err = goose.NumericComponent(name); err != nil {
			return nil, err
		}
	}
	return versions, nil
}

// newerThan returns the error of a database that has migrations which this binary does not know.
func newerThan(has, knows int64) error {
	if marked := whyNewer(has); marked != nil {
		return marked
	}
	return misfit("the database is newer than this program (schema %d, known is %d): "+
		"run the newer version, or restore the backup made before it", has, knows)
}

// migrateTo applies the migrations up to and including version.
func migrateTo(ctx context.Context, databaseURL string, version int64, log *slog.Logger) (err error) {
	at, err := parseURL(databaseURL)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("migrate the database %s: %w", at, err)
		}
	}()
	files, err := migrate.Files(at.dialect)
	if err != nil {
		return err
	}
	var db *sql.DB
	var try func() (bool, error)
	switch at.dialect {
	case dialect.SQLite:
		if err := createPrivate(at.path, log); err != nil {
			return err
		}
		db = sqliteForMigrations(at.path)
		defer db.Close()
		if err := checkSQLite(ctx, db); err != nil {
			return err
		}
		if err := checkEncoding(ctx, db, at.dialect); err != nil {
			return err
		}
		f, err := os.OpenFile(at.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		defer f.Close() // releases the lock
		try = func() (bool, error) { return TryLockFile(f) }
	case dialect.Postgres:
		if err := checkSessions(ctx, at, at); err != nil {
			return err
		}
		db = stdlib.OpenDB(*withoutTimeouts(at.config))
		defer db.Close()
		if err := checkEncoding(ctx, db, at.dialect); err != nil {
			return err
		}
		if err := checkSchema(ctx, db); err != nil {
			return err
		}
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close() // and with db the session, which releases the lock
		try = func() (bool, error) { return tryLockSession(ctx, conn) }
	}
	if err := lock(ctx, try, log); err != nil {
		return fmt.Errorf("wait for another process to migrate: %w", err)
	}
	return apply(ctx, db, at.dialect, files, version, log)
}

// withoutTimeouts returns how to connect without the time limits that the role or the database may have for ordinary
// work: a migration may take longer.
func withoutTimeouts(config *pgx.ConnConfig) *pgx.ConnConfig {
	config = config.Copy()
	for _, name := range []string{"statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"} {
		config.RuntimeParams[name] = "0"
	}
	return config
}

// sqliteForMigrations opens the file with foreign keys off. Where SQLite cannot alter a table, a migration makes a new
// one and drops the old. With foreign keys on, that would delete the rows that refer to it, and a transaction cannot
// turn them off.
func sqliteForMigrations(path string) *sql.DB {
	db := sql.OpenDB(newSQLiteWriter(path, "_foreign_keys", "0"))
	db.SetMaxOpenConns(1)
	return db
}

// apply applies the migrations of files up to version. The caller holds the lock.
func apply(ctx context.Context, db *sql.DB, name string, files fs.FS, version int64, log *slog.Logger) error {
	records, err := database.NewStore(map[string]database.Dialect{
		dialect.SQLite:   database.DialectSQLite3,
		dialect.Postgres: database.DialectPostgres,
	}[name], versionTable)
	if err != nil {
		return err
	}
	if name == dialect.SQLite {
		records = checkedReferences{records}
	}
	migrations, err := goose.NewProvider(goose.DialectCustom, db, files,
		goose.WithStore(records), goose.WithDisableGlobalRegistry(true), goose.WithSlog(log))
	if err != nil {
		return err
	}
	has, knows, err := migrations.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > knows {
		return newerThan(has, knows)
	}
	start := time.Now()
	applied, err := migrations.UpTo(ctx, version)
	if err != nil {
		return err
	}
	if n := len(applied); n > 0 {
		log.Info("database migrated", "migrations", n, "from", has, "to", applied[n-1].Source.Version,
			"duration", time.Since(start))
		if name == dialect.Postgres {
			return analyze(ctx, db)
		}
	}
	return nil
}

// checkedReferences looks for rows whose foreign key has no target, before a migration is recorded and committed:
// SQLite does not look while its foreign keys are off.
type checkedReferences struct{ database.Store }

func (c checkedReferences) Insert(ctx context.Context, db database.DBTxConn, req database.InsertRequest) error {
	var table, parent string
	err := db.QueryRowContext(ctx, "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1").Scan(&table, &parent)
	if err == nil {
		return fmt.Errorf("migration %d would leave rows of %s without their row of %s", req.Version, table, parent)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("check the foreign keys: %w", err)
	}
	return c.Store.Insert(ctx, db, req)
}

// lock calls try until it succeeds.
func lock(ctx context.Context, try func() (bool, error), log *slog.Logger) error {
	for waited := false; ; waited = true {
		ok, err := try()
		if ok || err != nil {
			return err
		}
		if !waited {
			log.Info("another process migrates the database: waiting for it")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TryLockFile locks a file for its holder alone, until it is closed or this process ends. It returns false if another
// has a lock of it.
func TryLockFile(f *os.File) (bool, error) { return flock(f, syscall.LOCK_EX) }

// tryLockFileToLook locks a file beside others who look; false when somebody has locked it for himself.
func tryLockFileToLook(f *os.File) (bool, error) { return flock(f, syscall.LOCK_SH) }

func flock(f *os.File, how int) (bool, error) {
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// tryLockSession does not wait in the database: a waiting session has a snapshot, and CREATE INDEX CONCURRENTLY in the
// session with the lock would wait for that.
func tryLockSession(ctx context.Context, conn *sql.Conn) (ok bool, err error) {
	const key = 0x6368617665 // any number, the same in all versions
	err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&ok)
	return ok, err
}
