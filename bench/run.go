package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/internal/base/password"
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
	Profile     string        `help:"A folder for a CPU profile of the portal in each work of the first round."`
	Peers       bool          `help:"Measure Mercurius and PocketBase as well, on SQLite, where they are built."`
	Mercurius   string        `default:"bench/peers/mercurius" help:"The folder of its server (${default})."`
	PocketBase  string        `default:"bin/pocketbase" help:"The program that serves it (${default})."`
	Postgres    string        `env:"CHAVEIRO_TEST_POSTGRES_URL" help:"A throw-away PostgreSQL; it is made durable."`
}

// allWorks are the works as the command line names them, in the order in which a round does them: the cold reads come
// first after the start.
var allWorks = []struct{ name, title string }{
	{"cold", readCold}, {"again", readAgain}, {"etag", readUnchanged}, {"list", listClients}, {"write", addOne},
	{"all", allAtOnce},
}

// choose returns the works of these names, in the order of a round.
func choose(names []string) ([]string, error) {
	var chosen []string
	for _, work := range allWorks {
		if slices.Contains(names, work.name) {
			chosen = append(chosen, work.title)
		}
	}
	if len(chosen) != len(names) {
		return nil, fmt.Errorf("of the works %v only %d are known, each once", names, len(chosen))
	}
	return chosen, nil
}

// Run measures, and prints a table for each database.
func (c runCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Stdout)
}

func (c runCommand) run(ctx context.Context, out io.Writer) error {
	works, err := choose(c.Works)
	if err != nil {
		return err
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
		err = errors.Join(b.print(out, title, works, took), b.printPeers(out, title, works))
		if err != nil {
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
	took = time.Minute
	for range 3 {
		began := time.Now()
		_, compareErr := argon2id.ComparePasswordAndHash(operatorSecret, hash)
		took, err = min(took, time.Since(began)), errors.Join(err, compareErr)
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
	if c.Profile != "" {
		if at.profiler, err = newProfiler(c.Profile, nameOf(cluster)); err != nil {
			return nil, err
		}
	}
	shops, productID, productName, err := at.seed(ctx)
	if err != nil {
		return nil, err
	}
	portalSystem, err := at.makePortal(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, portalSystem.stop()) }()
	house := houseOf(productID, productName, portalSystem.tokens, hash)
	limitSystem, err := at.makeLimit(ctx, house, shops)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, limitSystem.stop()) }()
	if err := at.analyze(ctx); err != nil {
		return nil, err
	}
	b = newBench(c.Connections, c.Round, portalSystem, limitSystem)
	b.profiler = at.profiler
	if c.Peers && cluster == "" {
		defer func() { err = errors.Join(err, b.stopPeers()) }()
		if err := at.addPeers(ctx, b, house, shops); err != nil {
			return nil, err
		}
	}
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

func houseOf(productID, productName string, tokens []string, hash string) limit.House {
	return limit.House{
		ProductID: productID, ProductName: productName, Tokens: tokens,
		Operator: limit.Operator{Email: email, Name: operatorName, Role: "ADMIN", PasswordHash: hash},
	}
}
