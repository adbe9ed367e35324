package httpserver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// Limits on open connections: in all, per network, and per caller. A trusted proxy, which forwards many callers, is
// limited only by the total.
const (
	maxConnections         = 4096
	maxConnectionsEach     = 100
	maxConnectionsOfCaller = 50
)

// boundedListener limits open connections. A connection counts for its network until a request on it has a good
// credential. Then it counts for that caller, so that many shops can share an address. A network over its limit gets as
// many connections again, but on those only good credentials are served: any other request gets 503. Connections beyond
// that are closed at once.
type boundedListener struct {
	net.Listener
	most, mostEach, mostOfCaller int
	trusted                      *trust
	log                          *slog.Logger

	mu         sync.Mutex
	open       map[string]int // by network, and by caller
	all        int
	lastLogged time.Time // time of the last log line on closed connections
}

func newBoundedListener(l net.Listener, trusted *trust, log *slog.Logger) *boundedListener {
	return &boundedListener{
		Listener: l, most: maxConnections, mostEach: maxConnectionsEach, mostOfCaller: maxConnectionsOfCaller,
		trusted: trusted, log: log, open: map[string]int{},
	}
}

// Accept returns the next connection for which there is room.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if bounded := l.enter(conn); bounded != nil {
			return bounded, nil
		}
		_ = conn.Close() // nothing was sent or read
	}
}

// enter counts a connection; it returns nil when a limit is reached.
func (l *boundedListener) enter(conn net.Conn) *boundedConn {
	networks := l.networksOf(conn)
	l.mu.Lock()
	defer l.mu.Unlock()
	room, crowded := l.all < l.most, false
	for _, n := range networks {
		open, most := l.open[n.Name], l.mostEach*n.Times
		crowded = crowded || open >= most
		room = room && open < 2*most
	}
	if !room {
		l.logClosed(conn)
		return nil
	}
	bounded := &boundedConn{Conn: conn, listener: l, crowded: crowded}
	for _, n := range networks {
		bounded.counted = append(bounded.counted, n.Name)
		l.open[n.Name]++
	}
	l.all++
	return bounded
}

// networksOf returns the networks that a connection counts for: none for a trusted proxy.
func (l *boundedListener) networksOf(conn net.Conn) []ratelimit.Counted {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return ratelimit.Networks("")
	}
	address := peer.Addr().Unmap().WithZone("")
	if l.trusted.has(address) {
		return nil
	}
	return ratelimit.Networks(address.String())
}

// logClosed logs that connections are closed, at most once a minute. The caller holds the lock.
func (l *boundedListener) logClosed(conn net.Conn) {
	if now := time.Now(); now.Sub(l.lastLogged) >= time.Minute {
		l.lastLogged = now
		l.log.Warn("too many connections are open: new ones are closed", "address", conn.RemoteAddr().String(),
			"open", l.all)
	}
}

// boundedConn frees its place when it is closed.
type boundedConn struct {
	net.Conn
	listener *boundedListener

	// The lock of the listener guards these:
	counted  []string // names in listener.open
	crowded  bool
	ofCaller bool // it counts for a caller, not for networks
	closed   bool
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	c.listener.mu.Lock()
	if !c.closed {
		c.closed = true
		c.listener.all--
		c.uncount()
	}
	c.listener.mu.Unlock()
	return c.Conn.Close()
}

// uncount takes the connection out of the counts. The caller holds the lock.
func (c *boundedConn) uncount() {
	for _, name := range c.counted {
		if c.listener.open[name]--; c.listener.open[name] == 0 {
			delete(c.listener.open, name)
		}
	}
	c.counted = nil
}

// belongTo counts the connection for a caller from now on, unless the caller is at its limit. It reports whether the
// connection may serve the caller's requests.
func (c *boundedConn) belongTo(caller string) bool {
	if c == nil {
		return true
	}
	name := "caller " + caller
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	if c.ofCaller || c.closed || len(c.counted) == 0 || c.listener.open[name] >= c.listener.mostOfCaller {
		return !c.crowded
	}
	c.uncount()
	c.counted = []string{name}
	c.listener.open[name]++
	c.ofCaller, c.crowded = true, false
	return true
}

// isCrowded reports whether the connection serves only good credentials.
func (c *boundedConn) isCrowded() bool {
	if c == nil {
		return false
	}
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	return c.crowded
}

type connectionKey struct{}

// withConnection puts a connection into the context of its requests.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	bounded, _ := conn.(*boundedConn)
	return context.WithValue(ctx, connectionKey{}, bounded)
}

// connectionFrom returns the connection of a request; nil when the connection is not counted.
func connectionFrom(ctx context.Context) *boundedConn {
	bounded, _ := ctx.Value(connectionKey{}).(*boundedConn)
	return bounded
}

// keepRoom answers 503 to a request without a credential on a crowded connection. A crowded
// connection is closed after its answer, unless takeConnection counts it for a caller.
func keepRoom(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !connectionFrom(r.Context()).isCrowded() {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Connection", "close")
		if r.Header.Get("Authorization") == "" {
			writeCrowded(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// takeConnection counts the connection of a request for its caller. When the caller is at its limit, it answers 503 and
// returns false.
func takeConnection(w http.ResponseWriter, r *http.Request, caller string) bool {
	conn := connectionFrom(r.Context())
	wasCrowded := conn.isCrowded()
	if !conn.belongTo(caller) {
		writeCrowded(w, r)
		return false
	}
	if wasCrowded {
		w.Header().Del("Connection")
	}
	return true
}

func writeCrowded(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "5")
	WriteError(w, r, http.StatusServiceUnavailable, fault.Busy, i18n.Text(r.Context(), "graphql.CROWDED"))
}
