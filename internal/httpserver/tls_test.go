package httpserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/httpserver"
)

// secure serves a portal over HTTPS until the test ends. It returns the address and the roots that trust it.
func secure(t *testing.T, change ...func(*httpserver.Options)) (address string, roots *x509.CertPool) {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // its certificate is for example.com
	defer lender.Close()
	borrowed := lender.TLS.Certificates[0]
	roots = x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	p := newPortal(t, append(change, func(o *httpserver.Options) {
		o.PublicURL.Host = "example.com"
		o.Certificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &borrowed, nil }
	})...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return listener.Addr().String(), roots
}

// Proves: 12.1
func TestWithACertificateThePortalSpeaksHTTPSOnly(t *testing.T) {
	t.Parallel()
	address, roots := secure(t)
	for name, test := range map[string]struct {
		config *tls.Config
		good   bool
	}{
		"TLS 1.3": {&tls.Config{MinVersion: tls.VersionTLS13}, true},
		"TLS 1.2": {&tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}, true},
		"TLS 1.1": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"TLS 1.0": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, false},
	} {
		test.config.RootCAs, test.config.ServerName = roots, "example.com"
		conn, err := tls.Dial("tcp", address, test.config)
		if (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
	plain, err := http.Get("http://" + address + "/healthz")
	if err != nil {
		return
	}
	defer func() { _ = plain.Body.Close() }()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered %d", plain.StatusCode)
	}
}

// Browsers use HTTP/2 over HTTPS, where a stream shares its connection with other requests.
func TestAStreamComesOverHTTP2(t *testing.T) {
	t.Parallel()
	address, roots := secure(t, func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begin(w)
			_, _ = io.WriteString(w, "event: next\n\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
	})
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+address+"/graphql",
		strings.NewReader(subscription))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "example.com"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	event := make([]byte, len(":\n\nevent: next\n\n"))
	if _, err := io.ReadFull(answer.Body, event); err != nil || answer.ProtoMajor != 2 ||
		!strings.Contains(string(event), "event: next") {
		t.Errorf("HTTP/%d: %q, %v", answer.ProtoMajor, event, err)
	}
}

// Over HTTP/2 an expired write deadline ends a stream even while nothing is written.
func TestASilentStreamIsNotTimedOutOverHTTP2(t *testing.T) {
	t.Parallel()
	const writeTime = time.Second
	p := newPortal(t, func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begin(w)
			select { // longer than the limit for a write
			case <-time.After(3 * writeTime / 2):
			case <-r.Context().Done():
			}
			_, _ = io.WriteString(w, "event: complete\n\n")
		})
	})
	httpserver.SetStreamWriteTime(p.Server, writeTime)
	server := httptest.NewUnstartedServer(p)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/graphql",
		strings.NewReader(subscription))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "portal.example"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	events, err := io.ReadAll(answer.Body)
	if err != nil || answer.ProtoMajor != 2 || !strings.Contains(string(events), "event: complete") {
		t.Errorf("HTTP/%d: %q, %v", answer.ProtoMajor, events, err)
	}
}
