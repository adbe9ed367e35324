// Command bench prepares what measurements of the portal need. `go run ./bench seed` fills a new installation with
// clients; it never touches one that has clients already.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/installation"
	"github.com/chaveiro/chaveiro/internal/store"
)

type seedCommand struct {
	Clients     int    `default:"10000" help:"How many clients to make (${default})."`
	DataDir     string `default:"./data-bench" help:"Data folder of the installation (${default})."`
	DatabaseURL string `help:"sqlite:PATH or postgres://USER@HOST/NAME (sqlite:chaveiro.db in the data folder)."`
}

// Run fills the installation and says what it made.
func (c seedCommand) Run() error {
	ctx := principal.AsSystem(context.Background(), "bench seed")
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return err
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.DataDir, "chaveiro.db")
	}
	if err := store.Migrate(ctx, c.DatabaseURL, log); err != nil {
		return err
	}
	s, err := store.Open(ctx, c.DatabaseURL, log)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	keys, err := installation.OpenKeyset(ctx, s, filepath.Clean(c.DataDir)+".master.key", c.DataDir, log)
	if err != nil {
		return err
	}
	return seed(ctx, s, keys, c.Clients, log)
}

func main() {
	var cli struct {
		Seed seedCommand `cmd:"" help:"Fill a new installation with clients, their marketplaces and access keys."`
	}
	if err := kong.Parse(&cli, kong.Name("bench")).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
