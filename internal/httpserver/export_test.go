package httpserver

import (
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// SetTimeouts changes the time limits of an ordinary request and its answer.
func SetTimeouts(s *Server, read, write time.Duration) {
	s.http.ReadTimeout, s.http.WriteTimeout = read, write
}

// SetStreamWriteTime changes how long a stream's caller may take to receive one write.
func SetStreamWriteTime(s *Server, d time.Duration) { s.streams.writeTime = d }

// SetStreamTime changes the maximum life of a stream.
func SetStreamTime(s *Server, d time.Duration) { s.streams.lifetime = d }

// NewBoundedListener returns a listener with the given limits.
func NewBoundedListener(l net.Listener, most, mostEach int, trusted ...netip.Prefix) net.Listener {
	bounded := newBoundedListener(l, newTrust(trusted), slog.New(slog.DiscardHandler))
	bounded.most, bounded.mostEach = most, mostEach
	return bounded
}

// ServeBounded calls Serve with a listener of NewBoundedListener that allows mostOfCaller connections per caller.
func ServeBounded(s *Server, l net.Listener, mostOfCaller int) error {
	bounded := l.(*boundedListener)
	bounded.mostOfCaller, bounded.log = mostOfCaller, s.log
	return s.serve(bounded)
}

// MaxConnections and MaxConnectionsEach limit open connections, in all and per network.
const (
	MaxConnections     = maxConnections
	MaxConnectionsEach = maxConnectionsEach
)

// MaxStreams and MaxStreamsEach limit open streams, in all and per caller.
const (
	MaxStreams     = maxStreams
	MaxStreamsEach = maxStreamsEach
)

// Times returns the limits of a server: the times for the header, the request, the answer and the pause between
// requests, and the size of the header.
func Times(s *Server) (header, read, write, idle time.Duration, size int) {
	return s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.WriteTimeout, s.http.IdleTimeout, s.http.MaxHeaderBytes
}

// Concerns exports concerns.
var Concerns = concerns
