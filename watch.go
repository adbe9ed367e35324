package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/metrics"
	"github.com/chaveiro/chaveiro/internal/app/metrics/token"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
)

// newMetrics returns the metrics of this process and what tells them what happens: nothing unless somebody asks for them.
func newMetrics(settings config.Settings, s *store.Store, log *slog.Logger) (*metrics.Metrics, metrics.Hooks) {
	if settings.MetricsListen == "" {
		return nil, metrics.Hooks{}
	}
	m := metrics.New(metrics.Options{
		Store: s, Providers: providers.All(), DataDir: settings.DataDir,
		Version: version, Revision: revision(), Now: schema.Now, Log: log,
	})
	return m, m.Hooks()
}

// watched is the listener of the metrics; nil is none.
type watched struct {
	metrics  *metrics.Metrics
	server   *metrics.Server
	listener net.Listener
	log      *slog.Logger
}

// listenForMetrics opens the listener of the metrics, if somebody asks for them. streams returns how many event streams
// are open.
func (p *portal) listenForMetrics(settings config.Settings, streams func() int) (*watched, error) {
	if p.metrics == nil {
		return nil, nil
	}
	var required token.Token
	if settings.MetricsTokenFile != "" {
		var err error
		if required, err = token.Load(settings.MetricsTokenFile); err != nil {
			return nil, fmt.Errorf("--metrics-token-file (CHAVEIRO_METRICS_TOKEN_FILE): %w", err)
		}
	}
	listener, err := net.Listen("tcp", settings.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("--metrics-listen (CHAVEIRO_METRICS_LISTEN): %w", err)
	}
	p.metrics.WatchStreams(streams)
	p.metrics.WatchKeeper(p.engine.Keeper, p.engine.Spool)
	return &watched{p.metrics, p.metrics.NewServer(required, p.log), listener, p.log}, nil
}

// run serves the metrics until ctx ends. The portal goes on without them.
func (w *watched) run(ctx context.Context) {
	if w == nil {
		return
	}
	var reading sync.WaitGroup
	reading.Go(func() { w.metrics.Run(ctx) })
	defer reading.Wait()
	if err := w.server.Serve(ctx, w.listener); err != nil {
		w.log.Error("the metrics are not served any more", "error", err)
	}
}

// close closes the listener of what was not run.
func (w *watched) close() {
	if w != nil {
		_ = w.listener.Close() // closed already, if it was
	}
}
