// Package httpserver is the outermost layer: it finds out the caller, its address and its language, refuses requests
// that are malformed or too large, and hands the rest to GraphQL. It also serves the pages.
package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/contact"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// drainTime is how long a stopping server waits for running requests.
const drainTime = 20 * time.Second

// errStopping is why a server that stops is not ready.
var errStopping = errors.New("the portal is stopping")

// Options configure a server. All are needed unless their comment says otherwise.
type Options struct {
	// PublicURL is the address of the portal for people and programs: scheme, host and, where it has one, port.
	PublicURL *url.URL
	// GraphQL answers the requests to /graphql that passed all checks.
	GraphQL http.Handler
	// Frontend holds the built pages: index.html, graphiql.html and assets. Before the first build it is empty.
	Frontend fs.FS
	// Organization is the name of the software house on the pages; they show none if it is empty.
	Organization string
	// Contacts are how merchants reach the software house; none if empty.
	Contacts []contact.Contact
	// Keys, Sessions and ServiceTokens authenticate callers.
	Keys          Keys
	Sessions      Sessions
	ServiceTokens ServiceTokens
	// GiveWay, unless nil, is called before an access key is looked at, and may wait shortly: back-offices, which poll by
	// themselves, let people go first.
	GiveWay func(context.Context)
	// Installs connects shops by installs.
	Installs Installs
	// Trail is the audit trail, for its export.
	Trail Trail
	// Ready returns an error while the portal cannot serve.
	Ready func(context.Context) error
	// Live reports changes of rights, so that streams end at once; if nil, they end at the next recheck.
	Live Live
	// TrustedProxies are the networks whose X-Forwarded-For or Forwarded is believed, and whose connections have no limit
	// of their own; none if empty.
	TrustedProxies []netip.Prefix
	// Misread, unless nil, is called with the shape of each address from a trusted proxy that cannot be parsed: letters as
	// a, digits as 9. It must not block.
	Misread func(shape string)
	// CORSOrigins are the exact origins whose pages may call the API; none if empty.
	CORSOrigins []string
	// AdminOrigins are the exact origins of copies of the admin page that are hosted elsewhere on the same site; none if
	// empty. None of them is in CORSOrigins.
	AdminOrigins []string
	// Rates limit the requests of a caller; ratelimit.Default if none is set.
	Rates ratelimit.Rates
	// Certificate returns the certificate to serve HTTPS with; plain HTTP is served if it is nil.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// StopDelay is how long a stopping server still accepts requests and says that it is not ready, so that who hands out
	// the requests sends no more; none if 0.
	StopDelay time.Duration
	// RecheckStreams is how often the right of an open stream's caller is checked; every 15 seconds if 0.
	RecheckStreams time.Duration
	// Measure, unless nil, is called after every answer except event streams, with the route as in routes.go ("" for
	// none), the status and the duration. It must not block.
	Measure func(route string, status int, took time.Duration)
	// MeasureAgain, unless nil, is called after each answer to an access key that was remembered. It must not block.
	MeasureAgain func()
	// Tracer begins a span for each request, those of monitors excepted; nil begins none.
	Tracer trace.Tracer
	// Now is the clock of what is remembered; time.Now if it is nil.
	Now func() time.Time
	// Log receives a line for each request and each fault.
	Log *slog.Logger

	// trust and limiter are what Adjust changes.
	trust   *trust
	limiter *ratelimit.Limiter
}

// Server serves the portal over HTTP. Called as an http.Handler it needs no network.
type Server struct {
	http      http.Server
	streams   *streams
	recall    recall
	trust     *trust
	limiter   *ratelimit.Limiter
	stopDelay time.Duration
	stopping  atomic.Bool
	running   atomic.Int64 // requests, event streams too
	log       *slog.Logger
}

// New returns a server that is ready for Serve.
func New(options Options) *Server {
	if options.Rates == (ratelimit.Rates{}) {
		options.Rates = ratelimit.Default
	}
	options.trust, options.limiter = newTrust(options.TrustedProxies), ratelimit.New(options.Rates, time.Now)
	streams := newStreams(options)
	recall := recall{answers: remember.New(options.now()), keys: options.Keys, measure: options.MeasureAgain}
	go recall.forget(streams.stopping, options.changes(streams.stopping))
	s := &Server{
		streams: streams, recall: recall, trust: options.trust, limiter: options.limiter, stopDelay: options.StopDelay,
		log: options.Log,
	}
	options.Ready = s.unlessStopping(options.Ready)
	s.http = http.Server{
		Handler:           s.counted(routes(options, streams, recall)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnContext:       withConnection,
		ErrorLog:          slog.NewLogLogger(options.Log.Handler(), slog.LevelWarn),
	}
	if options.Certificate != nil {
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: options.Certificate}
	}
	s.http.RegisterOnShutdown(streams.stop)
	return s
}

func (o Options) now() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

// changes returns the changes of what answers to back-offices show, until ctx ends; nil where nobody tells.
func (o Options) changes(ctx context.Context) <-chan live.Event {
	if o.Live == nil {
		return nil
	}
	events, err := o.Live.Subscribe(ctx, isOfShops)
	if err != nil {
		o.Log.Error("subscribe to changes of shops: remembered answers are dropped when they have ended", "err", err)
	}
	return events
}

// Adjust changes the rates and the networks of trusted proxies of a server that runs. Every caller's count begins anew.
func (s *Server) Adjust(rates ratelimit.Rates, trustedProxies []netip.Prefix) {
	s.trust.networks.Store(&trustedProxies)
	s.limiter.Adjust(rates)
}

// Streams returns the number of open event streams.
func (s *Server) Streams() int {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	return s.streams.all
}

// Remembered returns of how many shops answers are remembered, and about how many bytes these take.
func (s *Server) Remembered() (shops, bytes int) { return s.recall.answers.Size() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// unlessStopping returns a check that fails once the server stops, and before then as ready does.
func (s *Server) unlessStopping(ready func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if s.stopping.Load() {
			return errStopping
		}
		return ready(ctx)
	}
}

// counted counts the requests that next answers at this moment.
func (s *Server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.running.Add(1)
		defer s.running.Add(-1)
		next.ServeHTTP(w, r)
	})
}

// Serve accepts requests at listener until ctx ends. Then it says that it is not ready, for as long as its StopDelay,
// ends event streams at once and gives running requests 20 seconds to finish. Returns nil when all of them did. It
// always closes the listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- s.serve(newBoundedListener(listener, s.trust, s.log)) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.log.Info("stopping: not ready any more", "still_serves_for", s.stopDelay)
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-time.After(s.stopDelay):
	}
	s.log.Info("stopping: waiting for requests", "running", s.running.Load(), "streams", s.Streams(), "at_most", drainTime)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := s.http.Shutdown(drain); err != nil {
		return fmt.Errorf("stop serving HTTP: %w", errors.Join(err, s.http.Close()))
	}
	return nil
}

func (s *Server) serve(listener net.Listener) error {
	if s.http.TLSConfig != nil {
		return s.http.ServeTLS(listener, "", "") // the certificate is in the configuration
	}
	return s.http.Serve(listener)
}
