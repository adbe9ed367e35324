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
	// drainTime is how long a stopping server waits for running requests.
	drainTime = 2 * time.Second
	// scrapeTime limits the collection for one scrape, of which scrapesAtOnce may run.
	scrapeTime    = 8 * time.Second
	scrapesAtOnce = 4
	// maxConnections caps open connections, because they use file descriptors that the portal needs.
	maxConnections = 16
	// longestProfile caps the length of a profile, in seconds.
	longestProfile = 120
)

// Server serves metrics and profiles.
type Server struct {
	http  http.Server
	token token.Token
	log   *slog.Logger
}

// NewServer returns a server that is ready for Serve. Without a token it answers only requests for this machine's own
// names, so that a web page in a local browser cannot reach it by a name that resolves to this machine.
func (m *Metrics) NewServer(required token.Token, log *slog.Logger) *Server {
	s := &Server{token: required, log: log}
	s.http = http.Server{
		Handler:           s.guard(m.routes(log)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second, // a profile gets its own time on top
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	return s
}

// routes returns the handler of every address of the listener. The profiles exclude the command line, because a
// database URL in it may contain a password.
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

// guard refuses requests without the right to see metrics.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case s.token.IsZero() && !isOwnName(r.Host):
			http.Error(w, "ask by the address of this machine, such as 127.0.0.1", http.StatusMisdirectedRequest)
		case !s.token.IsZero() && !s.token.Matches(r):
			w.Header().Set("Connection", "close") // frees the connection for a caller that has the token
			w.Header().Set("WWW-Authenticate", `Bearer realm="Chaveiro metrics"`)
			http.Error(w, "send the token as Authorization: Bearer", http.StatusUnauthorized)
		case tooLong(r.URL.Query().Get("seconds")):
			http.Error(w, fmt.Sprintf("a profile takes at most %d seconds", longestProfile), http.StatusBadRequest)
		default:
			// The read deadline passes during a long profile. The server would then take the caller for disconnected.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // fails only where there is no network
			next.ServeHTTP(w, r)
		}
	})
}

// isOwnName reports whether a Host header is a name of this machine for itself.
func isOwnName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	address, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && address.IsLoopback()
}

// tooLong reports whether a profile would exceed the limit.
func tooLong(seconds string) bool {
	took, err := time.ParseDuration(seconds + "s")
	return seconds != "" && (err != nil || took > longestProfile*time.Second)
}

// Serve answers requests at listener until ctx ends, which also ends running profiles. Returns nil when all requests
// have ended. It always closes the listener.
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
