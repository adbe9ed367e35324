package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"github.com/chaveiro/chaveiro/internal/app/metrics/token"
)

const (
	// drainTime is how long a stopping server waits for the answers in its hands.
	drainTime = 2 * time.Second
	// scrapeTime bounds the reading for one scrape, of which there are scrapesAtOnce.
	scrapeTime    = 8 * time.Second
	scrapesAtOnce = 4
	// maxConnections is how many may be open: they take descriptors that the portal needs.
	maxConnections = 16
	// longestProfile is how long a profile may be taken, in seconds.
	longestProfile = 120
)

// Server serves metrics and profiles.
type Server struct {
	http  http.Server
	token token.Token
	log   *slog.Logger
}

// NewServer returns a server that waits for Serve. Without a token it answers to this machine's own names only, so that
// no page in a browser here reaches it by a name that leads to this machine.
func (m *Metrics) NewServer(required token.Token, log *slog.Logger) *Server {
	s := &Server{token: required, log: log}
	s.http = http.Server{
		Handler:           s.guard(m.routes(log)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second, // a profile is given its own time beside
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	return s
}

// routes is every address of the listener. The command line is not among the profiles: a database URL in it may hold a
// password.
func (m *Metrics) routes(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.ContinueOnError,
		Timeout:             scrapeTime,
		MaxRequestsInFlight: scrapesAtOnce,
	}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// guard lets those through who may see anything at all.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case s.token.IsZero() && !isOwnName(r.Host):
			http.Error(w, "ask by the address of this machine, such as 127.0.0.1", http.StatusMisdirectedRequest)
		case !s.token.IsZero() && !s.token.Matches(r):
			w.Header().Set("Connection", "close") // makes room for who has the token
			w.Header().Set("WWW-Authenticate", `Bearer realm="Chaveiro metrics"`)
			http.Error(w, "send the token as Authorization: Bearer", http.StatusUnauthorized)
		case tooLong(r.URL.Query().Get("seconds")):
			http.Error(w, fmt.Sprintf("a profile takes at most %d seconds", longestProfile), http.StatusBadRequest)
		default:
			// The time to read has passed when a long profile is half taken, and would be taken for a caller that is gone.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // fails only where there is no network
			next.ServeHTTP(w, r)
		}
	})
}

// isOwnName reports whether a Host header names this machine as it sees itself.
func isOwnName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	address, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && address.IsLoopback()
}

// tooLong reports whether a profile would take longer than it may.
func tooLong(seconds string) bool {
	took, err := time.ParseDuration(seconds + "s")
	return seconds != "" && (err != nil || took > longestProfile*time.Second)
}

// Serve answers what comes in at listener until ctx ends; profiles that are being taken end then too. Returns nil when
// all of them did. The listener is closed in any case.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	s.http.BaseContext = func(net.Listener) context.Context { return ctx }
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(netutil.LimitListener(listener, maxConnections)) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve metrics: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := s.http.Shutdown(drain); err != nil {
		return fmt.Errorf("stop serving metrics: %w", errors.Join(err, s.http.Close()))
	}
	return nil
}
