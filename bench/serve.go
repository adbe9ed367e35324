package main

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/chaveiro/chaveiro/bench/limit"
)

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
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	closed := make(chan error, 1)
	go func() {
		<-signals
		closed <- server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, db.Close())
	}
	return errors.Join(<-closed, db.Close())
}
