package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// DialectOf returns the dialect of a database URL, as Store.Dialect does.
func DialectOf(databaseURL string) (string, error) {
	at, err := parseURL(databaseURL)
	return at.dialect, err
}

// FileOf returns the file of a SQLite database, "" for PostgreSQL.
func FileOf(databaseURL string) (string, error) {
	at, err := parseURL(databaseURL)
	return at.path, err
}

// DumpSQLite writes a snapshot of the SQLite database at databaseURL to an existing, empty file, as a SQLite database.
// Others may write to the database meanwhile. SQLite opens the file by its name, which is removed once it has begun to
// write there: nobody else reads the file, and it is gone when the process is.
func DumpSQLite(ctx context.Context, databaseURL string, to *os.File) error {
	at, err := parseURL(databaseURL)
	if err != nil {
		return err
	}
	if _, err := os.Stat(at.path); err != nil {
		return fmt.Errorf("dump the database: %w", err)
	}
	db := sql.OpenDB(newSQLiteConnector(at.path)) // a connection of its own, so that those of the portal go on
	defer db.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", to.Name())
		ended <- err
	}()
	if err := removeNameOnceWritten(to, ended); err != nil {
		return fmt.Errorf("dump the database %s: %w", at, err)
	}
	return nil
}

// removeNameOnceWritten removes the name of a file as soon as it is not empty any more, or its writer has ended. It
// returns how the writer has ended.
func removeNameOnceWritten(file *os.File, ended <-chan error) error {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			return errors.Join(err, os.Remove(file.Name()))
		case <-look.C:
			info, err := file.Stat()
			if err == nil && info.Size() == 0 {
				continue
			}
			err = errors.Join(err, os.Remove(file.Name()))
			return errors.Join(<-ended, err)
		}
	}
}

// DumpPostgres writes a snapshot of the PostgreSQL database at databaseURL, as pg_dump writes it. Others may write to
// the database meanwhile.
func DumpPostgres(ctx context.Context, databaseURL string, to io.Writer) error {
	at, err := parseURL(databaseURL)
	if err != nil {
		return err
	}
	out := &output{to: to}
	err = runPostgres(ctx, databaseURL, at, out, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
		"--no-comments")
	if out.err != nil { // of which pg_dump says only that its pipe broke
		err = out.err
	}
	if err != nil {
		return fmt.Errorf("dump the database %s: %w", at, err)
	}
	return nil
}

// output passes on what a program writes, and keeps the error that ended it.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (n int, err error) {
	n, o.err = o.to.Write(p)
	return n, o.err
}

// Load fills the database at databaseURL, which IsEmpty, from a file with a dump of it. On PostgreSQL it loads all or
// nothing.
func Load(ctx context.Context, databaseURL, path string) error {
	at, err := parseURL(databaseURL)
	if err != nil {
		return err
	}
	if at.dialect == dialect.SQLite {
		if err := os.Rename(path, at.path); err != nil {
			return fmt.Errorf("load the database %s: %w", at, err)
		}
		return nil
	}
	err = runPostgres(ctx, databaseURL, at, nil, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
		"--no-privileges", path)
	if err == nil {
		db := stdlib.OpenDB(*withoutTimeouts(at.config))
		defer db.Close()
		err = analyze(ctx, db)
	}
	if err != nil {
		return fmt.Errorf("load the database %s: %w", at, err)
	}
	return nil
}

// IsEmpty reports whether there is nothing at databaseURL: no file, or no table.
func IsEmpty(ctx context.Context, databaseURL string) (bool, error) {
	at, err := parseURL(databaseURL)
	if err != nil {
		return false, err
	}
	if at.dialect == dialect.SQLite {
		for _, name := range []string{at.path, at.path + "-wal"} {
			info, err := os.Stat(name)
			if err == nil && info.Size() > 0 {
				return false, nil
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return false, fmt.Errorf("look for the database: %w", err)
			}
		}
		return true, nil
	}
	conn, err := pgx.ConnectConfig(ctx, at.config)
	if err != nil {
		return false, fmt.Errorf("open the database %s: %w", at, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var used bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "+
		"WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema')").Scan(&used)
	if err != nil {
		return false, fmt.Errorf("look into the database %s: %w", at, err)
	}
	return !used, nil
}

// Discard deletes all that Load put into a PostgreSQL database, which was empty before.
func Discard(ctx context.Context, databaseURL string) error {
	at, err := parseURL(databaseURL)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, at.config)
	if err != nil {
		return fmt.Errorf("open the database %s: %w", at, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		return fmt.Errorf("empty the database %s: %w", at, err)
	}
	return nil
}

// CheckIntegrity returns an error if SQLite finds its file damaged, or rows whose foreign key has no target. quick
// skips the slow checks. PostgreSQL is not checked.
func (s *Store) CheckIntegrity(ctx context.Context, quick bool) error {
	if s.dialect != dialect.SQLite {
		return nil
	}
	check := "integrity_check"
	if quick {
		check = "quick_check"
	}
	var found string
	if err := s.readDB.QueryRowContext(ctx, "PRAGMA "+check+"(1)").Scan(&found); err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	if found != "ok" {
		return fmt.Errorf("the database file is damaged: %s", found)
	}
	var table string
	err := s.readDB.QueryRowContext(ctx, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1").Scan(&table)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("check the foreign keys: %w", err)
	}
	return fmt.Errorf("rows of %s have lost the row they belong to", table)
}

// notOfLibpq are parameters of a URL that pgx knows and PostgreSQL's own programs refuse.
var notOfLibpq = []string{
	"default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity", "min_read_buffer_size",
	"servicefile",
	"pool_max_conns", "pool_min_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_health_check_period",
	"pool_max_conn_lifetime_jitter",
}

// CheckDump reads all of a file with a dump of PostgreSQL. It needs no server.
func CheckDump(ctx context.Context, path string) error {
	tool, err := findTool("pg_restore")
	if err != nil {
		return err
	}
	return runTool(exec.CommandContext(ctx, tool, "--file="+os.DevNull, path)) // #nosec G204 -- found on the PATH
}

// CheckDumpTool says which pg_dump makes backups of the database; "" for SQLite, which needs none. It returns an error
// when there is no pg_dump, or it is older than the server: it then refuses to work.
func (s *Store) CheckDumpTool(ctx context.Context) (says string, err error) {
	if s.dialect != dialect.Postgres {
		return "", nil
	}
	path, err := findTool("pg_dump")
	if err != nil {
		return "", err
	}
	said, err := exec.CommandContext(ctx, path, "--version").Output() // #nosec G204 -- found on the PATH
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", path, err)
	}
	_, version, _ := strings.Cut(strings.TrimSpace(string(said)), ") ")
	var tool, server int
	if _, err := fmt.Sscanf(version, "%d", &tool); err != nil {
		return "", fmt.Errorf("%s --version says %q", path, said)
	}
	err = s.readDB.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int / 10000").Scan(&server)
	if err != nil {
		return "", fmt.Errorf("ask for the version of the server: %w", err)
	}
	if tool < server {
		return "", fmt.Errorf("%s is of version %d, and the server of %d, of which it makes no backup: install "+
			"PostgreSQL's client programs of version %d", path, tool, server, server)
	}
	return fmt.Sprintf("%s of version %d makes backups of the server, of version %d", path, tool, server), nil
}

// findTool returns the path of one of PostgreSQL's programs.
func findTool(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf(
			"%s is not on the PATH: install PostgreSQL's client programs, of the server's version or a newer one", program)
	}
	return path, nil
}

// runTool runs one of them. Its error has what the program said.
func runTool(command *exec.Cmd) error {
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %.2000s", filepath.Base(command.Path), err, strings.TrimSpace(said.String()))
	}
	return nil
}

// runPostgres runs one of PostgreSQL's programs on a database, with its output to stdout. The environment carries the
// password, as other users can see a command line.
func runPostgres(
	ctx context.Context, databaseURL string, at location, stdout io.Writer, program string, args ...string,
) error {
	path, err := findTool(program)
	if err != nil {
		return err
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		return errors.New("the database URL cannot be read") // its error would repeat it
	}
	u.User = url.User(at.config.User)
	query := u.Query()
	for _, name := range append([]string{"password"}, notOfLibpq...) {
		query.Del(name)
	}
	// settings of a session, such as search_path: a dump names schemas, and takes its time
	for name := range at.config.RuntimeParams {
		if name != "application_name" && name != "options" {
			query.Del(name)
		}
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // libpq reads + as itself

	command := exec.CommandContext(ctx, path, append(args, "--no-password", "--dbname="+u.String())...) // #nosec G204 -- the arguments are ours and the settings'
	command.Env, command.Stdout = append(os.Environ(), "PGPASSWORD="+at.config.Password), stdout
	return runTool(command)
}
