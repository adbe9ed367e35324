package httpserver

import (
	"net"
	"net/netip"
	"sync"

	"github.com/chaveiro/chaveiro/internal/ratelimit"
)

// How many connections may be open: in all, and from one network. A trusted proxy, which brings those of others, may
// have all.
const (
	maxConnections     = 4096
	maxConnectionsEach = 100
)

// boundedListener accepts connections as long as there is room, and closes at once those for which there is none.
type boundedListener struct {
	net.Listener
	most, mostEach int
	trusted        []netip.Prefix

	mu   sync.Mutex
	open map[string]int // by network
	all  int
}

func newBoundedListener(l net.Listener, trusted []netip.Prefix) *boundedListener {
	return &boundedListener{Listener: l, most: maxConnections, mostEach: maxConnectionsEach, trusted: trusted, open: map[string]int{}}
}

// Accept returns the next connection for which there is room.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		network, bounded := l.networkOf(conn)
		if l.enter(network, bounded) {
			return &boundedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(network) })}, nil
		}
		_ = conn.Close() // nothing was sent or read
	}
}

// networkOf returns what a connection is counted as, and whether its number is bounded.
func (l *boundedListener) networkOf(conn net.Conn) (network string, bounded bool) {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return "", true
	}
	address := peer.Addr().Unmap().WithZone("")
	return ratelimit.Network(address.String()), !isIn(l.trusted, address)
}

func (l *boundedListener) enter(network string, bounded bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.most || bounded && l.open[network] >= l.mostEach {
		return false
	}
	l.open[network]++
	l.all++
	return true
}

func (l *boundedListener) leave(network string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[network]--; l.open[network] == 0 {
		delete(l.open, network)
	}
}

// boundedConn makes room when it is closed.
type boundedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
