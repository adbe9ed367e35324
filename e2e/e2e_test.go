// Package e2e proves promises of the built program: real processes, real kills and stops, a real database that goes and
// comes back, and simulated providers that answer slowly.
//
// Every proof has two sizes. The small one runs with the other tests. The whole one runs by `make soak` and prints the
// table that stands in docs/operations.md.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"
)

// binary is the program, built once for all tests: with the flags of CHAVEIRO_TEST_BUILD as it is shipped.
var binary string

// whole is whether the proofs run in their whole size.
var whole = os.Getenv("CHAVEIRO_SOAK") == "whole"

// size returns one of two values, as the proofs run small or whole.
func size[T any](small, all T) T {
	if whole {
		return all
	}
	return small
}

// atOnce is how many tests run at a time: what they mostly do is wait.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(atOnce); err != nil {
			panic(err)
		}
	}
	if signal.Ignored(syscall.SIGHUP) { // as under nohup: the programs, to whom it is sent, would ignore it too
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	dir, err := os.MkdirTemp("", "chaveiro-e2e-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "chaveiro")
	flags := strings.Fields(os.Getenv("CHAVEIRO_TEST_BUILD"))
	build := exec.Command("go", append(append([]string{"build", "-o", binary}, flags...), ".")...)
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
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
	check(t, err)
	_, err = fmt.Fprintln(file, row)
	check(t, errors.Join(err, file.Close()))
}

// place is where an installation is.
type place struct {
	t        *testing.T
	dir      string
	postgres string
	env      []string
	// pause keeps the database away until the returned function is called.
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
	at.postgres, at.pause = newDatabase(t), nil
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

// newDatabase makes an empty PostgreSQL database for one test.
func newDatabase(t *testing.T) string {
	t.Helper()
	cluster := os.Getenv("CHAVEIRO_TEST_POSTGRES_URL")
	if cluster == "" {
		withoutPostgres(t, "CHAVEIRO_TEST_POSTGRES_URL is not set")
	}
	admin, err := sql.Open("pgx", cluster)
	check(t, err)
	t.Cleanup(func() { _ = admin.Close() })
	name := fmt.Sprintf("e2e_%d_%d", os.Getpid(), time.Now().UnixNano())
	_, err = admin.Exec("CREATE DATABASE " + name)
	check(t, err)
	t.Cleanup(func() { _, _ = admin.Exec("DROP DATABASE " + name + " WITH (FORCE)") })
	u, err := url.Parse(cluster)
	check(t, err)
	u.Path = "/" + name
	return u.String()
}

func withoutPostgres(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv("CHAVEIRO_TEST_REQUIRE_POSTGRES") != "" {
		t.Fatalf("%s: run the tests with scripts/with-postgres", why)
	}
	t.Skipf("%s: run the tests with scripts/with-postgres", why)
}

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
	check(at.t, err)
	return db
}

// lock takes SQLite's lock for writing until unlock is called.
func (at *place) lock() (unlock func()) {
	at.t.Helper()
	db := at.db()
	connection, err := db.Conn(context.Background())
	check(at.t, err)
	_, err = connection.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	check(at.t, err)
	return func() {
		at.t.Helper()
		_, err := connection.ExecContext(context.Background(), "ROLLBACK")
		check(at.t, errors.Join(err, connection.Close(), db.Close()))
	}
}

// count returns what a statement counts in the database.
func (at *place) count(statement string) (n int) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	check(at.t, db.QueryRow(statement).Scan(&n))
	return n
}

// process is the program, running.
type process struct {
	t       *testing.T
	command *exec.Cmd
	url     string

	mu    sync.Mutex
	lines []string
	ended chan struct{}
}

// start starts the program and waits until it serves.
func (at *place) start() *process {
	at.t.Helper()
	p := at.launch()
	p.ready()
	return p
}

func (at *place) launch() *process {
	at.t.Helper()
	address := freeAddress(at.t)
	p := &process{t: at.t, url: "http://" + address, ended: make(chan struct{})}
	p.command = exec.Command(binary)
	p.command.Dir = at.dir
	p.command.Env = append([]string{
		"HOME=" + at.dir, "PATH=" + os.Getenv("PATH"), "CHAVEIRO_LISTEN=" + address,
		"CHAVEIRO_DATABASE_URL=" + at.databaseURL(),
		// Nobody is at these addresses, and the program refuses to call them.
		"CHAVEIRO_NUVEMSHOP_URL=https://192.0.2.1", "CHAVEIRO_NUVEMSHOP_API_URL=https://192.0.2.1",
		"CHAVEIRO_MEU_CARRINHO_URL=https://192.0.2.1",
	}, at.env...)
	output, err := p.command.StdoutPipe()
	check(at.t, err)
	p.command.Stderr = p.command.Stdout
	check(at.t, p.command.Start())
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
	}()
	at.t.Cleanup(p.kill)
	return p
}

// nextPort is below the ports that the system gives to whoever asks for any, so that nobody else comes to have one of
// these.
var nextPort = func() *atomic.Int32 {
	var first atomic.Int32
	first.Store(20_000 + rand.Int32N(10_000))
	return &first
}()

// freeAddress returns an address of this machine at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", nextPort.Add(1))
		if listener, err := net.Listen("tcp", address); err == nil {
			check(t, listener.Close())
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// ready waits until the program serves.
func (p *process) ready() {
	p.t.Helper()
	waitFor(p.t, time.Minute, "the program serves", func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("the program ended:\n%s", p.output())
		default:
		}
		answer, err := http.Get(p.url + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// instance returns how the program names itself in the database.
func (p *process) instance() (name string) {
	p.t.Helper()
	waitFor(p.t, time.Minute, "the program tells its name", func() bool {
		name = instanceName.FindString(p.output())
		return name != ""
	})
	return name
}

var instanceName = regexp.MustCompile(`\bins_\w+`)

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// stopTime is longer than a stop may take: the longest call that spends something, and the patience with the database.
const stopTime = 90 * time.Second

// stop ends the program by a signal, and checks that it ends well.
func (p *process) stop(by syscall.Signal) {
	p.t.Helper()
	check(p.t, p.command.Process.Signal(by))
	select {
	case <-p.ended:
	case <-time.After(stopTime):
		p.t.Fatalf("the program has not ended %s after %s\n%s", stopTime, by, p.output())
	}
	if err := p.command.Wait(); err != nil {
		p.t.Errorf("the program did not end well after %s: %v\n%s", by, err, p.output())
	}
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
	_ = p.command.Wait()
}

// post sends a document, and returns the answer.
func (p *process) post(key, query string) (string, error) {
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	return string(data), err
}

// waitFor waits until something is so, and fails the test when it is not in time.
func waitFor(t *testing.T, most time.Duration, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("waited %s in vain: %s", most, what)
}

// between returns a random time between two, short ones oftener than long ones.
func between(least, most time.Duration) time.Duration {
	share := rand.Float64()
	return least + time.Duration(share*share*float64(most-least))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
