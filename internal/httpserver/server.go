// Package httpserver is the outermost layer: it finds out who asks, from where and in which language, refuses what is
// not well formed or too large, and hands the rest to GraphQL. Beside that it serves the pages.
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
	"time"

	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// drainTime is how long a stopping server waits for the requests in its hands.
const drainTime = 20 * time.Second

// Options are what a server is made of. All are needed but those that say what they are without.
type Options struct {
	// PublicURL is where people and programs reach the portal: scheme, host and, where it has one, port.
	PublicURL *url.URL
	// GraphQL answers the requests to /graphql that passed every check here.
	GraphQL http.Handler
	// Frontend holds the built pages: index.html, graphiql.html and assets. Before the first build it is empty.
	Frontend fs.FS
	// Organization is the name of the software house, which the page shows; nothing if empty.
	Organization string
	// Keys, Sessions and ServiceTokens know the callers.
	Keys          Keys
	Sessions      Sessions
	ServiceTokens ServiceTokens
	// Installs connects shops by an install.
	Installs Installs
	// Trail is the audit trail, for its export.
	Trail Trail
	// Ready returns an error while the portal cannot serve.
	Ready func(context.Context) error
	// Live tells whose rights have changed, so that their streams end at once; nil: they end when they are asked again.
	Live Live
	// TrustedProxies are the networks whose X-Forwarded-For or Forwarded is believed, and who may open any number of
	// connections; none if empty.
	TrustedProxies []netip.Prefix
	// Misread is told of each address from a trusted proxy that cannot be read, by its shape: letters as a, digits as 9.
	// It must not wait for anything; nil tells nobody.
	Misread func(shape string)
	// CORSOrigins are the origins, to the letter, whose pages may call the API; none if empty.
	CORSOrigins []string
	// AdminOrigins are the origins, to the letter, of copies of the admin page that are hosted elsewhere on the same site;
	// none if empty. None is in CORSOrigins.
	AdminOrigins []string
	// Rates bound how much a caller may ask for; ratelimit.Default if none is set.
	Rates ratelimit.Rates
	// Certificate returns the certificate to serve HTTPS with; plain HTTP is served if it is nil.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// RecheckStreams is how often the caller of an open event stream is asked for its right; every 15 seconds if 0.
	RecheckStreams time.Duration
	// Measure is told of every answer but event streams: the route as it stands in routes.go ("" for none), the status and
	// how long it took. It must not wait for anything; nil tells nobody.
	Measure func(route string, status int, took time.Duration)
	// Log receives a line for each request and each fault.
	Log *slog.Logger
}

// Server serves the portal over HTTP. As an http.Handler it answers without a network.
type Server struct {
	http    http.Server
	streams *streams
	trusted []netip.Prefix
	log     *slog.Logger
}

// New returns a server that waits for Serve.
func New(options Options) *Server {
	if options.Rates == (ratelimit.Rates{}) {
		options.Rates = ratelimit.Default
	}
	streams := newStreams(options)
	s := &Server{streams: streams, trusted: options.TrustedProxies, log: options.Log, http: http.Server{
		Handler:           routes(options, streams),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnContext:       withConnection,
		ErrorLog:          slog.NewLogLogger(options.Log.Handler(), slog.LevelWarn),
	}}
	if options.Certificate != nil {
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: options.Certificate}
	}
	s.http.RegisterOnShutdown(streams.stop)
	return s
}

// Streams returns how many event streams are open.
func (s *Server) Streams() int {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	return s.streams.all
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// Serve answers what comes in at listener until ctx ends, then gives the requests under way 20 seconds to finish; event
// streams are ended at once. Returns nil when all of them did. The listener is closed in any case.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- s.serve(newBoundedListener(listener, s.trusted, s.log)) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}

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
