package portal

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/chaveiro/chaveiro/internal/app/metrics"
	"github.com/chaveiro/chaveiro/internal/app/metrics/token"
)

// addMetrics makes the metrics of this process, and the hooks by which they learn what happens: none unless the
// settings name an address for them.
func (p *Portal) addMetrics() {
	o := p.options
	if o.Settings.MetricsListen == "" {
		return
	}
	p.Metrics = metrics.New(metrics.Options{
		Store: p.Store, Providers: o.Providers, DataDir: o.Settings.DataDir,
		Version: o.Version, Revision: o.Revision, Now: o.Now, Log: o.Log,
	})
	p.hooks = p.Metrics.Hooks()
}

// metricsListener is where the metrics are served; nil is nowhere.
type metricsListener struct {
	metrics  *metrics.Metrics
	server   *metrics.Server
	listener net.Listener
}

// listenForMetrics opens the listener of the metrics. It returns nil when there are none.
func (p *Portal) listenForMetrics() (*metricsListener, error) {
	if p.Metrics == nil {
		return nil, nil
	}
	settings := p.options.Settings
	var secret token.Token
	if settings.MetricsTokenFile != "" {
		var err error
		if secret, err = token.Load(settings.MetricsTokenFile); err != nil {
			return nil, fmt.Errorf("--metrics-token-file (CHAVEIRO_METRICS_TOKEN_FILE): %w", err)
		}
	}
	listener, err := net.Listen("tcp", settings.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("--metrics-listen (CHAVEIRO_METRICS_LISTEN): %w", err)
	}
	return &metricsListener{p.Metrics, p.Metrics.NewServer(secret, p.log), listener}, nil
}

// run serves the metrics until ctx ends. The portal goes on without them after an error.
func (l *metricsListener) run(ctx context.Context, report func(error)) {
	if l == nil {
		return
	}
	var reading sync.WaitGroup
	reading.Go(func() { l.metrics.Run(ctx) })
	defer reading.Wait()
	if err := l.server.Serve(ctx, l.listener); err != nil {
		report(err)
	}
}

// close closes the listener of a server that did not run.
func (l *metricsListener) close() {
	if l != nil {
		_ = l.listener.Close() // closed already, if the server ran
	}
}
