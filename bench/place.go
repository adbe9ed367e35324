package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/bench/load"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

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
	profiler                 *profiler // nil where nothing is profiled
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
	if at.profiler != nil {
		env = append(env, "CHAVEIRO_METRICS_LISTEN="+at.profiler.address)
	}
	// #nosec G204 -- whoever measures says which program
	create := exec.CommandContext(ctx, path, "admin", "create", "--email", email, "--name", operatorName)
	create.Env, create.Stdin = env, strings.NewReader(operatorSecret+"\n")
	if said, err := create.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("admin create: %w: %s", err, said)
	}
	made := newPortalSystem(program{
		path: path, args: []string{"serve"}, env: env, address: address, log: filepath.Join(at.dir, "portal.log"),
	}, email, operatorSecret)
	made.database = at.portalURL
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
	err = ask(c, graphQL("", `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`,
		object{"input": object{"email": email, "password": operatorSecret}}), &in)
	if err != nil {
		return nil, err
	}
	var made []string
	for i := range tokens {
		var answer struct{ CreateServiceToken struct{ Token string } }
		err := ask(c, graphQL(in.Login.AccessToken,
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
	if err := fillLimit(ctx, at.limitURL, key, house, shops); err != nil {
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
	made := newLimitSystem(program{
		path: path, args: []string{"limit"}, address: address, log: filepath.Join(at.dir, "limit.log"),
		env: []string{"LIMIT_LISTEN=" + address, "LIMIT_DATABASE_URL=" + at.limitURL, "LIMIT_KEY=" + hex.EncodeToString(key)},
	}, email, operatorSecret)
	made.tokens, made.database = house.Tokens, at.limitURL
	made.running, err = made.of.start(ctx)
	return made, err
}

func fillLimit(ctx context.Context, url string, key []byte, house limit.House, shops []limit.Shop) error {
	db, err := limit.Open(url, key)
	if err != nil {
		return err
	}
	return errors.Join(db.Fill(ctx, house, shops), db.Close())
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
	return at.withDatabase(s.database, func(db *sql.DB) error {
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
