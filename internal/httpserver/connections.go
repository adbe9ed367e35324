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

// How many connections may be open: in all, from one network, and of one caller. A trusted proxy, which brings those of
// others, may have all.
const (
	maxConnections         = 4096
	maxConnectionsEach     = 100
	maxConnectionsOfCaller = 50
)

// boundedListener accepts connections as long as there is room. A connection counts for the network that it comes from,
// until a good credential comes on it: then it counts for its caller, so that many shops may share an address. When a
// network has all that it may have, as many again are taken, on which only a good credential is served: what else comes
// is answered that there is no room. Beyond that connections are closed at once.
type boundedListener struct {
	net.Listener
	most, mostEach, mostOfCaller int
	trusted                      []netip.Prefix
	log                          *slog.Logger

	mu   sync.Mutex
	open map[string]int // by network, and by caller
	all  int
	told time.Time // when the log had the last line on connections that were closed
}

func newBoundedListener(l net.Listener, trusted []netip.Prefix, log *slog.Logger) *boundedListener {
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

// enter counts a connection; it returns nil when there is no room for it.
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

// networksOf returns what a connection is counted as: nothing for a trusted proxy.
func (l *boundedListener) networksOf(conn net.Conn) []ratelimit.Counted {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return ratelimit.Networks("")
	}
	address := peer.Addr().Unmap().WithZone("")
	if isIn(l.trusted, address) {
		return nil
	}
	return ratelimit.Networks(address.String())
}

// logClosed writes a line on connections that are closed, at most one a minute. The lock is held.
func (l *boundedListener) logClosed(conn net.Conn) {
	if now := time.Now(); now.Sub(l.told) >= time.Minute {
		l.told = now
		l.log.Warn("there are too many connections: new ones are closed", "address", conn.RemoteAddr().String(),
			"open", l.all)
	}
}

// boundedConn makes room when it is closed.
type boundedConn struct {
	net.Conn
	listener *boundedListener

	// Under the lock of the listener:
	counted []string // for what
	crowded bool
	owned   bool // it counts for a caller
	closed  bool
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

// uncount takes back what the connection is counted for. The lock is held.
func (c *boundedConn) uncount() {
	for _, name := range c.counted {
		if c.listener.open[name]--; c.listener.open[name] == 0 {
			delete(c.listener.open, name)
		}
	}
	c.counted = nil
}

// belongTo counts the connection for a caller from now on, as long as that has not too many. It reports whether
// requests of the caller are served on it.
func (c *boundedConn) belongTo(caller string) bool {
	if c == nil {
		return true
	}
	name := "caller " + caller
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	if c.owned || c.closed || len(c.counted) == 0 || c.listener.open[name] >= c.listener.mostOfCaller {
		return !c.crowded
	}
	c.uncount()
	c.counted = []string{name}
	c.listener.open[name]++
	c.owned, c.crowded = true, false
	return true
}

// isCrowded reports whether only a good credential is served on the connection.
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

// connectionFrom returns the connection that a request came on; nil where there is none that is counted.
func connectionFrom(ctx context.Context) *boundedConn {
	bounded, _ := ctx.Value(connectionKey{}).(*boundedConn)
	return bounded
}

// keepRoom answers 503 to who sends no credential on a connection for which there is no room, and lets the connection
// be closed after whatever answer it gets.
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

// takeConnection counts the connection of a request for its caller. It answers 503, and returns false, when there is no
// room for it.
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
