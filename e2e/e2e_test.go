// Package e2e proves promises of the built program with real processes, kills and stops, a real database that fails and
// recovers, and simulated providers that answer slowly.
//
// Every proof has two sizes. The small one runs with the other tests. The whole one runs by `make soak`, which prints
// the table of docs/operations.md.
package e2e

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// binary is the program, built once for all tests.
var binary string

// whole is true if the proofs run in their whole size.
var whole = os.Getenv("CHAVEIRO_SOAK") == "whole"

// size returns one of two values, as the proofs run small or whole.
func size[T any](small, all T) T {
	if whole {
		return all
	}
	return small
}

// atOnce is how many tests run at a time; they mostly wait.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(atOnce); err != nil {
			panic(err)
		}
	}
	os.Exit(programtest.Main(m, "..", func(built string) { binary = built }))
}

// report adds a row to the table of `make soak`, of a proof that has not failed.
func report(t *testing.T, format string, values ...any) {
	t.Helper()
	if t.Failed() {
		return
	}
	row := fmt.Sprintf("| %s | %s |", strings.TrimPrefix(t.Name(), "Test"), fmt.Sprintf(format, values...))
	t.Log(row)
	path := os.Getenv("CHAVEIRO_SOAK_REPORT")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must.Do(t, err)
	_, err = fmt.Fprintln(file, row)
	must.Do(t, errors.Join(err, file.Close()))
}

// place is where an installation is.
type place struct {
	t        *testing.T
	dir      string
	postgres string
	env      []string
	// pause makes the database unavailable until the returned function is called.
	pause func() (resume func())
}

// newPlace returns a place on SQLite, whose pause locks the file from another process than the program's.
func newPlace(t *testing.T) *place {
	t.Helper()
	at := &place{t: t, dir: t.TempDir()}
	at.pause = at.lock
	return at
}

// newPostgresPlace returns a place on a database of the cluster that the tests share, which cannot be paused.
func newPostgresPlace(t *testing.T) *place {
	t.Helper()
	at := newPlace(t)
	at.postgres, at.pause = storetest.EmptyPostgres(t), nil
	return at
}

// newClusterPlace returns a place on a PostgreSQL of its own, whose pause stops it.
func newClusterPlace(t *testing.T) *place {
	t.Helper()
	at, c := newPlace(t), newCluster(t)
	at.postgres = c.url()
	at.pause = func() func() {
		c.stop(pick("fast", "immediate"))
		return c.start
	}
	return at
}

func pick[T any](of ...T) T { return of[rand.IntN(len(of))] }

func (at *place) path(name string) string { return filepath.Join(at.dir, name) }

// databaseURL is the database as the program names it.
func (at *place) databaseURL() string {
	if at.postgres != "" {
		return at.postgres
	}
	return "sqlite:" + at.path("data/chaveiro.db")
}

// db opens the installation's database beside the program.
func (at *place) db() *sql.DB {
	at.t.Helper()
	driver, dsn := "sqlite3", "file:"+at.path("data/chaveiro.db")+"?_busy_timeout=10000"
	if at.postgres != "" {
		driver, dsn = "pgx", at.postgres
	}
	db, err := sql.Open(driver, dsn)
	must.Do(at.t, err)
	return db
}

// lock takes SQLite's lock for writing until unlock is called.
func (at *place) lock() (unlock func()) {
	at.t.Helper()
	db := at.db()
	connection, err := db.Conn(context.Background())
	must.Do(at.t, err)
	_, err = connection.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	must.Do(at.t, err)
	return func() {
		at.t.Helper()
		_, err := connection.ExecContext(context.Background(), "ROLLBACK")
		must.Do(at.t, errors.Join(err, connection.Close(), db.Close()))
	}
}

// count returns what a statement counts in the database.
func (at *place) count(statement string) (n int) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	must.Do(at.t, db.QueryRow(statement).Scan(&n))
	return n
}

// process is the program, running.
type process struct {
	*programtest.Process
	t *testing.T
}

// start starts the program and waits until it serves.
func (at *place) start() *process {
	at.t.Helper()
	p := at.launch()
	p.WaitReady()
	return p
}

func (at *place) launch() *process {
	at.t.Helper()
	address := programtest.FreeAddress(at.t)
	command := exec.Command(binary)
	command.Dir = at.dir
	command.Env = append([]string{
		"HOME=" + at.dir, "PATH=" + os.Getenv("PATH"), "CHAVEIRO_LISTEN=" + address,
		"CHAVEIRO_DATABASE_URL=" + at.databaseURL(),
		// Nobody is at these addresses, and the program refuses to call them.
		"CHAVEIRO_NUVEMSHOP_URL=https://192.0.2.1", "CHAVEIRO_NUVEMSHOP_API_URL=https://192.0.2.1",
		"CHAVEIRO_MEU_CARRINHO_URL=https://192.0.2.1",
	}, at.env...)
	return &process{programtest.Launch(at.t, command, address), at.t}
}

// instance returns how the program names itself in the database.
func (p *process) instance() (name string) {
	p.t.Helper()
	must.WaitFor(p.t, time.Minute, "the program tells its name", func() bool {
		name = instanceName.FindString(p.Output())
		return name != ""
	})
	return name
}

var instanceName = regexp.MustCompile(`\bins_\w+`)

// between returns a random duration between two, short ones more often.
func between(least, most time.Duration) time.Duration {
	share := rand.Float64()
	return least + time.Duration(share*share*float64(most-least))
}
