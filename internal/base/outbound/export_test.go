package outbound

import (
	"crypto/x509"
	"net/http"
)

// Transports returns the transports of a client, for tests of their settings.
func (c *Client) Transports() []*http.Transport { return []*http.Transport{c.pooled, c.fresh} }

// Trust makes the client trust the certificates that these authorities sign.
func (c *Client) Trust(roots *x509.CertPool) {
	for _, t := range c.Transports() {
		t.TLSClientConfig.RootCAs = roots
	}
}
