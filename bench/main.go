// Command bench measures the portal. `bench run` compares it with a server that has nothing else in mind than speed
// (package limit), and with other systems where they are built, under load (package load); docs/performance.md says how
// to read what it prints. `bench seed` fills a new installation with clients, and never touches one that has clients
// already.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/principal"
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
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.DataDir, "chaveiro.db")
	}
	s, keys, err := portal.OpenStore(ctx, config.Settings{
		DatabaseURL: c.DatabaseURL, DataDir: c.DataDir, MasterKeyFile: filepath.Clean(c.DataDir) + ".master.key",
	}, log)
	if err != nil {
		return err
	}
	_, err = seed(ctx, s, keys, c.Clients, log)
	return errors.Join(err, s.Close())
}

func main() {
	var cli struct {
		Seed  seedCommand  `cmd:"" help:"Fill a new installation with clients, their marketplaces and access keys."`
		Run   runCommand   `cmd:"" help:"Measure the portal against the limit."`
		Limit limitCommand `cmd:"" hidden:"" help:"Serve the limit, as bench run does."`
	}
	if err := kong.Parse(&cli, kong.Name("bench")).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
