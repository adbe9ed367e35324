package storetest

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Proxy stands between a Store and PostgreSQL, and loses connections without an error, like a firewall that forgets
// them or a server that has stopped.
type Proxy struct {
	// URL leads through the proxy to the database.
	URL string

	listener net.Listener
	network  string
	address  string
	running  sync.WaitGroup

	mu    sync.Mutex
	lines map[*line]struct{}
	mute  bool // new connections are silent too
	down  bool // new connections are closed at once
}

// line is a connection through a proxy.
type line struct {
	client, server net.Conn
	silent         chan struct{} // closed once nothing is forwarded
}

// NewProxy returns a proxy on 127.0.0.1 to the database at databaseURL. It goes when the test ends.
func NewProxy(t testing.TB, databaseURL string) *Proxy {
	t.Helper()
	config, err := pgconn.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	p := &Proxy{URL: u.String(), listener: listener, lines: map[*line]struct{}{}}
	p.network, p.address = pgconn.NetworkAddress(config.Host, config.Port)
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Lose forgets the open connections: nothing is forwarded on them any more, and neither end gets an error. New ones
// work.
func (p *Proxy) Lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		l.fallSilent()
	}
}

// Stop forgets all connections, and keeps new ones silent until Resume.
func (p *Proxy) Stop() {
	p.Lose()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute = true
}

// Down closes all connections, and new ones at once until Resume, as a server does that restarts.
func (p *Proxy) Down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
	for l := range p.lines {
		l.close()
	}
}

// Resume lets new connections work again.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute, p.down = false, false
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.mu.Lock()
		l := &line{client: client, silent: make(chan struct{})}
		p.lines[l] = struct{}{}
		if p.down || p.mute {
			if p.down {
				l.close()
			}
			p.mu.Unlock()
			continue
		}
		server, err := net.Dial(p.network, p.address)
		if err != nil {
			l.close()
			p.mu.Unlock()
			continue
		}
		l.server = server
		p.mu.Unlock()
		p.running.Go(func() { l.forward(client, server) })
		p.running.Go(func() { l.forward(server, client) })
	}
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for l := range p.lines {
		l.close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func (l *line) close() {
	_ = l.client.Close()
	if l.server != nil {
		_ = l.server.Close()
	}
}

func (l *line) fallSilent() {
	select {
	case <-l.silent:
	default:
		close(l.silent)
	}
}

// forward copies from one end to the other until the line falls silent. Then it reads on and drops what it reads, as
// the kernel of a stopped server goes on to acknowledge.
func (l *line) forward(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-l.silent:
			if err != nil {
				return
			}
			continue
		default:
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				_ = to.Close()
			}
			return
		}
	}
}
