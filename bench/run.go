package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/bench/load"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// The operator of the installations that are measured.
const (
	email          = "ana@example.com"
	operatorName   = "Ana"
	operatorSecret = "uma senha só para medir"
	// tokens is how many tokens of operators share the load, as each has a rate.
	tokens = 32
)

// runCommand measures the portal against the limit.
type runCommand struct {
	Portal      string        `default:"bin/chaveiro" help:"The program of the portal (${default})."`
	Clients     int           `default:"10000" help:"How many clients there are (${default})."`
	Rounds      int           `default:"7" help:"How many rounds (${default})."`
	Round       time.Duration `default:"2s" help:"How long a work is measured in a round (${default})."`
	Connections int           `default:"16" help:"How many connections send (${default})."`
	Works       []string      `default:"cold,again,etag,list,write,all" help:"Which works, of ${default}."`
	Postgres    string        `env:"CHAVEIRO_TEST_POSTGRES_URL" help:"A throw-away PostgreSQL; it is made durable."`
}

// worksByName are the works as the command line names them.
var worksByName = map[string]string{
	"cold": readCold, "again": readAgain, "etag": readUnchanged, "list": listClients, "write": addOne, "all": allAtOnce,
}

// Run measures, and prints a table for each database.
func (c runCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

func (c runCommand) run(ctx context.Context, out io.Writer) error {
	var works []string
	for _, name := range c.Works {
		work, ok := worksByName[name]
		if !ok {
			return fmt.Errorf("%q is no work", name)
		}
		works = append(works, work)
	}
	hash, took, err := hashOnce()
	if err != nil {
		return err
	}
	databases := []string{""}
	if c.Postgres != "" {
		databases = append(databases, c.Postgres)
	}
	for _, cluster := range databases {
		b, err := c.measure(ctx, cluster, hash, works)
		if err != nil {
			return fmt.Errorf("%s: %w", nameOf(cluster), err)
		}
		title := fmt.Sprintf("%s, %d clients, %d connections, %d rounds of %v",
			nameOf(cluster), c.Clients, c.Connections, c.Rounds, c.Round)
		if err := b.print(out, title, works, took); err != nil {
			return err
		}
	}
	return nil
}

func nameOf(cluster string) string {
	if cluster == "" {
		return "SQLite"
	}
	return "PostgreSQL"
}

// hashOnce hashes the password as the portal does, and measures how long that takes when nothing else runs.
func hashOnce() (hash string, took time.Duration, err error) {
	costs := password.Default
	hash, err = argon2id.CreateHash(operatorSecret, &argon2id.Params{
		Memory: costs.Memory, Iterations: costs.Iterations, Parallelism: costs.Parallelism, SaltLength: 16, KeyLength: 32,
	})
	for range 3 {
		began := time.Now()
		_, compared := argon2id.ComparePasswordAndHash(operatorSecret, hash)
		took, err = cmp.Or(min(took, time.Since(began)), time.Since(began)), errors.Join(err, compared)
	}
	return hash, took, err
}

// measure sets up both systems on a database, SQLite where there is no cluster, and measures them in rounds.
func (c runCommand) measure(ctx context.Context, cluster, hash string, works []string) (b *bench, err error) {
	dir, err := os.MkdirTemp("", "chaveiro-bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	portalURL, limitURL, drop, err := databasesIn(ctx, dir, cluster)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	at := place{runCommand: c, dir: dir, portalURL: portalURL, limitURL: limitURL}
	shops, productID, productName, err := at.seed(ctx)
	if err != nil {
		return nil, err
	}
	theirs, err := at.makePortal(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, theirs.stop()) }()
	limitSystem, err := at.makeLimit(ctx, limit.House{
		ProductID: productID, ProductName: productName, Tokens: theirs.tokens,
		Operator: limit.Operator{Email: email, Name: operatorName, Role: "ADMIN", PasswordHash: hash},
	}, shops)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, limitSystem.stop()) }()
	if err := at.analyze(ctx); err != nil {
		return nil, err
	}
	b = newBench(c.Connections, c.Round, theirs, limitSystem)
	if err := b.learn(ctx, shops); err != nil {
		return nil, err
	}
	for round := range c.Rounds {
		if err := b.measure(ctx, works); err != nil {
			return nil, err
		}
		slog.Info("measured", "database", nameOf(cluster), "round", round+1, "of", c.Rounds)
	}
	for _, s := range b.systems {
		if err := at.wantRows(ctx, s, len(shops)*len(kinds)+int(s.added.Load())); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// databasesIn returns the addresses of two new databases, and what removes them.
func databasesIn(ctx context.Context, dir, cluster string) (portalURL, limitURL string, drop func() error, err error) {
	if cluster == "" {
		return "sqlite:" + filepath.Join(dir, "data", "chaveiro.db"), "sqlite:" + filepath.Join(dir, "limit.db"),
			func() error { return nil }, nil
	}
	admin, err := sql.Open("pgx", cluster)
	if err != nil {
		return "", "", nil, err
	}
	names := []string{fmt.Sprintf("bench_portal_%d", os.Getpid()), fmt.Sprintf("bench_limit_%d", os.Getpid())}
	statements := []string{
		"ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET synchronous_commit = on", "ALTER SYSTEM SET full_page_writes = on",
		"SELECT pg_reload_conf()", "CREATE DATABASE " + names[0], "CREATE DATABASE " + names[1],
	}
	for _, statement := range statements {
		if _, err := admin.ExecContext(ctx, statement); err != nil {
			return "", "", nil, errors.Join(err, admin.Close())
		}
	}
	drop = func() error {
		var errs []error
		for _, name := range names {
			_, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
			errs = append(errs, err)
		}
		return errors.Join(append(errs, admin.Close())...)
	}
	u, err := url.Parse(cluster)
	if err != nil {
		return "", "", nil, errors.Join(err, drop())
	}
	of := func(name string) string {
		u.Path = "/" + name
		return u.String()
	}
	return of(names[0]), of(names[1]), drop, nil
}

// place is where both systems of a database are.
type place struct {
	runCommand
	dir, portalURL, limitURL string
}

// seed fills the portal's database and returns what is in it.
func (at place) seed(ctx context.Context) (shops []limit.Shop, productID, productName string, err error) {
	ctx = principal.AsSystem(ctx, "bench run")
	log := slog.New(slog.DiscardHandler)
	s, keys, err := portal.OpenStore(ctx, config.Settings{
		DatabaseURL: at.portalURL, DataDir: filepath.Join(at.dir, "data"),
		MasterKeyFile: filepath.Join(at.dir, "data.master.key"),
	}, log)
	if err != nil {
		return nil, "", "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if shops, err = seed(ctx, s, keys, at.Clients, log); err != nil {
		return nil, "", "", err
	}
	sold, err := soldProduct(ctx, s)
	if err != nil {
		return nil, "", "", err
	}
	return shops, sold.ID, sold.Name, nil
}

// makePortal makes the operator of the portal, starts it, and lets the operator make tokens.
func (at place) makePortal(ctx context.Context) (*system, error) {
	path, err := filepath.Abs(at.Portal)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	env := []string{
		"CHAVEIRO_DATA_DIR=" + filepath.Join(at.dir, "data"), "CHAVEIRO_DATABASE_URL=" + at.portalURL,
		"CHAVEIRO_LISTEN=" + address, "CHAVEIRO_PUBLIC_URL=http://127.0.0.1",
		// All comes from one address, faster than any shop or person would send it.
		"CHAVEIRO_KEY_RATE=100", "CHAVEIRO_OPERATOR_RATE=200", "CHAVEIRO_STRANGER_RATE=50", "CHAVEIRO_READ_SHOPS=10000",
	}
	// #nosec G204 -- whoever measures says which program
	create := exec.CommandContext(ctx, path, "admin", "create", "--email", email, "--name", operatorName)
	create.Env, create.Stdin = env, strings.NewReader(operatorSecret+"\n")
	if said, err := create.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("admin create: %w: %s", err, said)
	}
	made := asPortal(program{
		path: path, args: []string{"serve"}, env: env, address: address, log: filepath.Join(at.dir, "portal.log"),
	}, email, operatorSecret)
	if made.running, err = made.of.start(ctx); err != nil {
		return nil, err
	}
	if made.tokens, err = makeTokens(ctx, address); err != nil {
		return nil, errors.Join(err, made.stop())
	}
	return made, nil
}

// makeTokens logs in and makes the tokens that list and change.
func makeTokens(ctx context.Context, address string) ([]string, error) {
	c, err := load.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var in struct{ Login struct{ AccessToken string } }
	err = data(c, graphQL("", `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`,
		object{"input": object{"email": email, "password": operatorSecret}}), &in)
	if err != nil {
		return nil, err
	}
	var made []string
	for i := range tokens {
		var answer struct{ CreateServiceToken struct{ Token string } }
		err := data(c, graphQL(in.Login.AccessToken,
			`mutation ($input: CreateServiceTokenInput!) { createServiceToken(input: $input) { token } }`,
			object{"input": object{
				"name": fmt.Sprintf("bench %d", i), "role": "OPERATOR", "expiresAt": time.Now().Add(24 * time.Hour).UTC(),
			}}), &answer)
		if err != nil {
			return nil, err
		}
		made = append(made, answer.CreateServiceToken.Token)
	}
	return made, nil
}

// makeLimit fills the limit's database and starts it.
func (at place) makeLimit(ctx context.Context, house limit.House, shops []limit.Shop) (*system, error) {
	key := limit.NewKey()
	db, err := limit.Open(at.limitURL, key)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(db.Fill(ctx, house, shops), db.Close()); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	made := asLimit(program{
		path: path, args: []string{"limit"}, address: address, log: filepath.Join(at.dir, "limit.log"),
		env: []string{"LIMIT_LISTEN=" + address, "LIMIT_DATABASE_URL=" + at.limitURL, "LIMIT_KEY=" + hex.EncodeToString(key)},
	}, email, operatorSecret)
	made.tokens = house.Tokens
	made.running, err = made.of.start(ctx)
	return made, err
}

// analyze lets the portal's database count what was seeded, as time would: a bulk leaves it without statistics.
func (at place) analyze(ctx context.Context) error {
	return at.withDatabase(at.portalURL, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "ANALYZE")
		return err
	})
}

// wantRows checks that each marketplace whose addition was answered is there.
func (at place) wantRows(ctx context.Context, s *system, want int) error {
	of := at.limitURL
	if s.name == portalName {
		of = at.portalURL
	}
	return at.withDatabase(of, func(db *sql.DB) error {
		var found int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM marketplaces").Scan(&found); err != nil {
			return err
		}
		if found != want {
			return fmt.Errorf("%s has %d marketplaces, and answered for %d", s.name, found, want)
		}
		return nil
	})
}

func (at place) withDatabase(of string, work func(db *sql.DB) error) error {
	driver, dsn := "pgx", of
	if path, ok := strings.CutPrefix(of, "sqlite:"); ok {
		driver, dsn = "sqlite3", "file:"+path+"?_busy_timeout=10000"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	return errors.Join(work(db), db.Close())
}

// limitCommand serves the limit. It takes its settings from the environment, as they hold a key.
type limitCommand struct {
	Listen      string `env:"LIMIT_LISTEN" required:"" help:"Address to serve on."`
	DatabaseURL string `env:"LIMIT_DATABASE_URL" required:"" help:"sqlite:PATH or postgres://..., filled by bench run."`
	Key         string `env:"LIMIT_KEY" required:"" help:"The key that seals the secrets, in hexadecimal digits."`
}

// Run serves until it is told to end.
func (c limitCommand) Run() error {
	key, err := hex.DecodeString(c.Key)
	if err != nil {
		return err
	}
	db, err := limit.Open(c.DatabaseURL, key)
	if err != nil {
		return err
	}
	handler, err := limit.Handler(db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	server := &http.Server{Addr: c.Listen, Handler: handler, ReadHeaderTimeout: startTime}
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	closed := make(chan error, 1)
	go func() {
		<-told
		closed <- server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, db.Close())
	}
	return errors.Join(<-closed, db.Close())
}
