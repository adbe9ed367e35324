package httpserver

import (
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// SetTimeouts changes how long an ordinary request and its answer may take.
func SetTimeouts(s *Server, read, write time.Duration) {
	s.http.ReadTimeout, s.http.WriteTimeout = read, write
}

// SetStreamWriteTime changes how long the caller of a stream may take to receive what was written.
func SetStreamWriteTime(s *Server, d time.Duration) { s.streams.writeTime = d }

// SetStreamTime changes how long a stream may last.
func SetStreamTime(s *Server, d time.Duration) { s.streams.lifetime = d }

// NewBoundedListener returns a listener of its own limits.
func NewBoundedListener(l net.Listener, most, mostEach int, trusted ...netip.Prefix) net.Listener {
	bounded := newBoundedListener(l, trusted, slog.New(slog.DiscardHandler))
	bounded.most, bounded.mostEach = most, mostEach
	return bounded
}

// ServeBounded is Serve for a listener of NewBoundedListener, of which a caller may have mostOfCaller connections.
func ServeBounded(s *Server, l net.Listener, mostOfCaller int) error {
	bounded := l.(*boundedListener)
	bounded.mostOfCaller, bounded.log = mostOfCaller, s.log
	return s.serve(bounded)
}

// MaxConnections and MaxConnectionsEach are how many connections may be open, in all and from one network.
const (
	MaxConnections     = maxConnections
	MaxConnectionsEach = maxConnectionsEach
)

// MaxStreams and MaxStreamsEach are how many streams may be open, in all and of one caller.
const (
	MaxStreams     = maxStreams
	MaxStreamsEach = maxStreamsEach
)

// Times returns the limits of a server: of the header, the request, the answer and the pause between requests, and how
// large the header may be.
func Times(s *Server) (header, read, write, idle time.Duration, size int) {
	return s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.WriteTimeout, s.http.IdleTimeout, s.http.MaxHeaderBytes
}

// Concerns reports whether a change concerns a caller.
var Concerns = concerns
