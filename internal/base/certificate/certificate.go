// Package certificate serves HTTPS with a certificate from two files, and reads them again soon after they have
// changed. A renewal needs no signal and no restart.
package certificate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is the least time between two checks of the files. A handshake after that time makes the next check.
const lookEvery = 10 * time.Second

// Pair is a certificate and its key, in two PEM files.
type Pair struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu       sync.Mutex
	current  *tls.Certificate
	versions [2]version // of the files, when they were last read
	lookedAt time.Time
}

// version tells one content of a file from another, without reading it.
type version struct {
	modified time.Time
	size     int64
}

// Load reads a certificate and its key. It returns an error when either cannot be read or they do not belong together.
func Load(certFile, keyFile string, now func() time.Time, log *slog.Logger) (*Pair, error) {
	p := &Pair{certFile: certFile, keyFile: keyFile, log: log, now: now, lookedAt: now()}
	var err error
	if p.versions, err = p.look(); err != nil {
		return nil, err
	}
	if p.current, err = p.read(); err != nil {
		return nil, err
	}
	return p, nil
}

// Get returns the certificate, for tls.Config. While the files are not a pair, as in the middle of a renewal, or cannot
// be read, it returns the certificate from before and logs that.
func (p *Pair) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); now.Sub(p.lookedAt) >= lookEvery {
		p.lookedAt = now
		if err := p.renew(); err != nil {
			p.log.Warn("the TLS certificate was not read again; the one before stays", "err", err)
		}
	}
	return p.current, nil
}

// renew reads the files again if they have changed.
func (p *Pair) renew() error {
	versions, err := p.look()
	if err != nil || versions == p.versions {
		return err
	}
	read, err := p.read()
	if err != nil {
		return err // and again at the next look, until they are a pair
	}
	p.current, p.versions = read, versions
	p.log.Info("the TLS certificate was read again")
	return nil
}

func (p *Pair) look() (versions [2]version, err error) {
	for i, file := range []string{p.certFile, p.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return versions, fmt.Errorf("look at the TLS certificate: %w", err)
		}
		versions[i] = version{info.ModTime(), info.Size()}
	}
	return versions, nil
}

func (p *Pair) read() (*tls.Certificate, error) {
	read, err := tls.LoadX509KeyPair(p.certFile, p.keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the TLS certificate: %w", err)
	}
	return &read, nil
}
