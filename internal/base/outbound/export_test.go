package outbound

import (
	"crypto/x509"
	"net/http"
)

// Transports returns what makes the calls, for tests that look at how it is set up.
func (c *Client) Transports() []*http.Transport { return []*http.Transport{c.pooled, c.fresh} }

// Trust makes the client trust certificates that these sign.
func (c *Client) Trust(roots *x509.CertPool) {
	for _, t := range c.Transports() {
		t.TLSClientConfig.RootCAs = roots
	}
}
