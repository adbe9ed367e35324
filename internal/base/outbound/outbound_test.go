package outbound_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

// Proves: 10.1
func TestAnAddressThatIsNotPublicIsRefusedUnsent(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	for name, host := range map[string]string{
		"a name of this machine":        "localhost",
		"loopback":                      "127.0.0.1",
		"another loopback":              "127.8.8.8",
		"no address":                    "0.0.0.0",
		"private, 10/8":                 "10.1.2.3",
		"private, 172.16/12":            "172.31.0.1",
		"private, 192.168/16":           "192.168.0.10",
		"the metadata service":          "169.254.169.254",
		"shared by a carrier":           "100.64.0.1",
		"multicast":                     "224.0.0.1",
		"reserved":                      "240.0.0.1",
		"IPv6 loopback":                 "[::1]",
		"IPv6 of no address":            "[::]",
		"IPv6 private":                  "[fd00::1]",
		"IPv6 link-local":               "[fe80::1]",
		"IPv6 multicast":                "[ff02::1]",
		"loopback mapped to IPv6":       "[::ffff:127.0.0.1]",
		"private mapped to IPv6":        "[::ffff:10.0.0.1]",
		"loopback behind NAT64":         "[64:ff9b::7f00:1]",
		"loopback behind 6to4":          "[2002:7f00:1::1]",
		"documentation":                 "[2001:db8::1]",
		"loopback written as one":       "2130706433",
		"loopback written in base 16":   "0x7f000001",
		"loopback with a part left out": "127.1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(host, "[") && !hasIPv6() {
				t.Skip("this machine cannot open an IPv6 socket")
			}
			_, err := client.Do(t.Context(), outbound.Request{Method: "POST", URL: "https://" + host + "/"})
			failure := failed(t, err)
			// The last forms are addresses to some resolvers only, to others no names.
			odd := net.ParseIP(strings.Trim(host, "[]")) == nil && host != "localhost"
			if failure.Kind != outbound.Refused && (!odd || failure.Kind != outbound.Unreachable) {
				t.Errorf("kind = %s, want %s: %v", failure.Kind, outbound.Refused, err)
			}
			if failure.Sent {
				t.Errorf("Sent is true: %v", err)
			}
		})
	}
}

// Proves: 10.1
func TestAURLThatIsNotHTTPSOnPort443IsRefused(t *testing.T) {
	t.Parallel()
	client := newClient(t, "localhost:8081", "[::1]:8082", "Provider.Test:80")
	tests := []struct {
		url     string
		allowed bool
	}{
		{"https://api.example.com", true},
		{"https://api.example.com:443/base", true},
		{"https://10.0.0.1", true}, // what it resolves to is checked when it is dialled
		{"http://api.example.com", false},
		{"http://api.example.com:443", false},
		{"https://api.example.com:8443", false},
		{"https://api.example.com:80", false},
		{"https://api.example.com:0443", false},
		{"https://user@api.example.com", false},
		{"https://user:password@api.example.com", false},
		{"ftp://api.example.com", false},
		{"file:///etc/passwd", false},
		{"https:api.example.com", false},
		{"//api.example.com", false},
		{"https://", false},
		{"https://:443", false},
		{"", false},

		{"http://localhost:8081", true},
		{"https://localhost:8081", true},
		{"http://LOCALHOST:8081", true},
		{"http://user@localhost:8081", false},
		{"gopher://localhost:8081", false},
		{"http://localhost", false},
		{"http://localhost:8082", false},
		{"http://localhost.:8081", false},
		{"http://127.0.0.1:8081", false},
		{"http://[::1]:8082", true},
		{"http://[::1]:8081", false},
		{"http://provider.test", true},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatalf("Parse(%q): %v", tt.url, err)
		}
		if got := client.Allows(u); got != tt.allowed {
			t.Errorf("Allows(%q) = %t, want %t", tt.url, got, tt.allowed)
		}
		if tt.allowed {
			continue
		}
		_, err = client.Do(t.Context(), outbound.Request{URL: tt.url})
		if failure := failed(t, err); failure.Kind != outbound.Refused || failure.Sent {
			t.Errorf("Do(%q): %+v, want it refused and unsent", tt.url, failure)
		}
	}
}

func TestNewRefusesWhatIsNoHostAndPort(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"", "localhost", ":8081", "localhost:", "localhost:http", "localhost:0",
		"localhost:65536", "http://localhost:8081", "::1:80"} {
		if _, err := outbound.New(outbound.Options{AllowPrivate: []string{entry}}); err == nil {
			t.Errorf("New with %q succeeded", entry)
		}
	}
	if _, err := outbound.New(outbound.Options{UserAgent: "a\nb"}); err == nil {
		t.Error("New with a line break in the user agent succeeded")
	}
}

// Proves: 10.2
func TestANameOnTheListMayBeThisMachineButItsAddressMayNot(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	named := strings.Replace(server, "127.0.0.1", "localhost", 1)
	client := newClient(t, named)

	got, err := client.Do(t.Context(), outbound.Request{URL: "http://" + named + "/"})
	if err != nil || got.Status != 200 || string(got.Body) != "hello" {
		t.Errorf("by the name on the list: %d %q, %v", got.Status, got.Body, err)
	}
	_, err = client.Do(t.Context(), outbound.Request{URL: "http://" + server + "/"})
	if failure := failed(t, err); failure.Kind != outbound.Refused || failure.Sent {
		t.Errorf("by the address: %+v, want it refused and unsent", failure)
	}
}

func TestTheRequestArrivesAndTheAnswerComesBack(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("X-Asked")+" "+string(body))
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "answer")
	})
	header := http.Header{"X-Asked": {"yes"}}
	got, err := newClient(t, server).Do(t.Context(), outbound.Request{
		Method: "PUT", URL: "http://" + server + "/a/b?c=d", Header: header, Body: []byte("body"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen := got.Header.Get("X-Seen"); got.Status != http.StatusTeapot || string(got.Body) != "answer" ||
		seen != "PUT /a/b?c=d yes body" {
		t.Errorf("Do = %d %q, provider saw %q", got.Status, got.Body, seen)
	}
	if len(header) != 1 {
		t.Errorf("the caller's header was changed: %v", header)
	}
}

func TestARequestAlwaysSaysWhoCalls(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.UserAgent()) })
	for _, tt := range []struct{ option, header, want string }{
		{"", "", "Chaveiro"},
		{"Chaveiro (shop@example.com)", "", "Chaveiro (shop@example.com)"},
		{"Chaveiro", "App (https://app.example.com)", "App (https://app.example.com)"},
	} {
		client, err := outbound.New(outbound.Options{UserAgent: tt.option, AllowPrivate: []string{server}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.CloseIdle)
		got, err := client.Do(t.Context(),
			outbound.Request{URL: "http://" + server, Header: http.Header{"User-Agent": {tt.header}}})
		if err != nil || string(got.Body) != tt.want {
			t.Errorf("option %q, header %q: provider saw %q, %v", tt.option, tt.header, got.Body, err)
		}
	}
}

// Proves: 10.1
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	for _, method := range []string{"GET", "POST"} {
		got, err := newClient(t, server).Do(t.Context(), outbound.Request{Method: method, URL: "http://" + server})
		if err != nil || got.Status != http.StatusTemporaryRedirect || got.Header.Get("Location") != "/elsewhere" {
			t.Errorf("%s: Do = %d to %q, %v", method, got.Status, got.Header.Get("Location"), err)
		}
	}
	if calls.Load() != 2 {
		t.Errorf("the provider was called %d times, want once for each method", calls.Load())
	}
}

func TestNoCookieIsKept(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		_, _ = io.WriteString(w, r.Header.Get("Cookie"))
	})
	client := newClient(t, server)
	for range 2 {
		got, err := client.Do(t.Context(), outbound.Request{URL: "http://" + server})
		if err != nil || len(got.Body) > 0 {
			t.Errorf("the provider saw the cookie %q, %v", got.Body, err)
		}
	}
}

// net/http sends no call to this machine through a proxy, so this test cannot use one.
func TestThereIsNoProxyAndNoOldTLS(t *testing.T) {
	t.Parallel()
	for _, transport := range newClient(t).Transports() {
		if transport.Proxy != nil {
			t.Error("a transport has a proxy")
		}
		if got := transport.TLSClientConfig; got.MinVersion < tls.VersionTLS12 || got.InsecureSkipVerify {
			t.Errorf("a transport takes TLS from version %#x on, unverified: %t", got.MinVersion, got.InsecureSkipVerify)
		}
	}
}

func TestACallThatFailsSaysHowAndWhetherItWasSent(t *testing.T) {
	t.Parallel()
	const soon = 100 * time.Millisecond
	never := make(chan struct{})
	t.Cleanup(func() { close(never) }) // before the servers close, which wait for their calls
	wait := func(r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-never:
		}
	}
	tests := []struct {
		name    string
		server  func(t *testing.T) (base string, roots *x509.CertPool)
		timeout time.Duration
		kind    outbound.Kind
		sent    bool
		says    string
	}{
		{"a port where nobody listens", closedPort, 0, outbound.Unreachable, false, "connection refused"},
		{"a certificate nobody signed", untrusted, 0, outbound.Unreachable, false, "certificate not trusted"},
		{"a TLS version of the past", oldTLS, 0, outbound.Unreachable, false, ""},
		{"no TLS at all", noTLS, 0, outbound.Unreachable, false, ""},
		{"TLS that is not answered", raw("https", 0, "", wait), soon, outbound.TimedOut, false, ""},
		{"a slow head", handle(func(_ http.ResponseWriter, r *http.Request) { wait(r) }), soon, outbound.TimedOut, true,
			"deadline"},
		{"a slow body", handle(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			wait(r)
		}), soon, outbound.TimedOut, true, "deadline"},
		{"a body that is too large", handle(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 1<<20+1))
		}), 0, outbound.TooLarge, true, "1 MiB"},
		{"a body without end", handle(func(w http.ResponseWriter, _ *http.Request) {
			for piece := make([]byte, 64<<10); ; {
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		}), 0, outbound.TooLarge, true, "1 MiB"},
		{"a head that is too large", handle(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}), 0, outbound.Unreachable, true, ""},
		{"cut before the answer", raw("http", 1, "", nil), 0, outbound.Unreachable, true, "connection cut"},
		{"cut in the answer's head", raw("http", 1, "HTTP/1.1 200 OK\r\nServer: x\r\n", nil), 0, outbound.Unreachable, true,
			"connection cut"},
		{"cut in the answer's body", raw("http", 1, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", nil), 0,
			outbound.Unreachable, true, "connection cut"},
		{"an answer that is not HTTP", raw("http", 1, "220 mail ready\r\n\r\n", nil), 0, outbound.Unreachable, true, ""},
	}
	causes := map[string]outbound.Cause{ // for a person; where a test is missing here, there is no better one
		"a port where nobody listens": outbound.ConnectionRefused,
		"a certificate nobody signed": outbound.CertificateNotTrusted,
		"no TLS at all":               outbound.EncryptionFailed,
		"TLS that is not answered":    outbound.NoTime,
		"a slow head":                 outbound.NoTime,
		"a slow body":                 outbound.NoTime,
		"a body that is too large":    outbound.AnswerTooLarge,
		"a body without end":          outbound.AnswerTooLarge,
		"cut before the answer":       outbound.ConnectionCut,
		"cut in the answer's head":    outbound.ConnectionCut,
		"cut in the answer's body":    outbound.ConnectionCut,
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base, roots := tt.server(t)
			client := newClient(t, strings.TrimPrefix(strings.TrimPrefix(base, "https://"), "http://"))
			if roots != nil {
				client.Trust(roots)
			}
			for _, method := range []string{"GET", "POST"} {
				_, err := client.Do(t.Context(), outbound.Request{Method: method, URL: base, Timeout: tt.timeout})
				failure := failed(t, err)
				if failure.Kind != tt.kind || failure.Sent != tt.sent {
					t.Errorf("%s: kind %s, sent %t; want %s, %t (%v)", method, failure.Kind, failure.Sent, tt.kind, tt.sent, err)
				}
				if want := cmp.Or(causes[tt.name], outbound.NoAnswer); failure.Cause != want {
					t.Errorf("%s: the cause is %s, want %s", method, failure.Cause, want)
				}
				if !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), method+" "+base) {
					t.Errorf("%s: the error says %q", method, err)
				}
			}
		})
	}
}

func TestANameThatDoesNotResolveIsUnreachable(t *testing.T) {
	t.Parallel()
	_, err := newClient(t).Do(t.Context(), outbound.Request{URL: "https://provider.invalid/"})
	if failure := failed(t, err); failure.Kind != outbound.Unreachable && failure.Kind != outbound.TimedOut ||
		failure.Sent {
		t.Errorf("Do: %+v, want it unreachable and unsent", failure)
	}
}

func TestAnAnswerOfJustTheSizeIsRead(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	got, err := newClient(t, server).Do(t.Context(), outbound.Request{URL: "http://" + server})
	if err != nil || len(got.Body) != 1<<20 {
		t.Errorf("Do read %d bytes, %v", len(got.Body), err)
	}
}

func TestACallerMayGiveUp(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	client := newClient(t, server)
	_, err := client.Do(ctx, outbound.Request{Method: "POST", URL: "http://" + server})
	if failure := failed(t, err); failure.Kind != outbound.Canceled || !failure.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("during the call: %+v", failure)
	}
	_, err = client.Do(ctx, outbound.Request{Method: "POST", URL: "http://" + server})
	if failure := failed(t, err); failure.Kind != outbound.Canceled || failure.Sent {
		t.Errorf("before the call: %+v", failure)
	}
}

func TestARequestThatIsNotValidHTTPIsRefusedUnsent(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the provider was called") })
	client := newClient(t, server)
	for name, request := range map[string]outbound.Request{
		"header": {Header: http.Header{"Authorization": {"Bearer pasted\ntwice"}}},
		"method": {Method: "GET IT"},
	} {
		request.URL = "http://" + server
		_, err := client.Do(t.Context(), request)
		if failure := failed(t, err); failure.Kind != outbound.Refused || failure.Sent {
			t.Errorf("%s: %+v, want it refused and unsent", name, failure)
		}
	}
}

// The provider here closes every connection upon its second request, unanswered:
// to net/http that looks like a connection that it should no longer have used.
func TestAPOSTIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	var posts, connections atomic.Int32
	server := listen(t, func(conn net.Conn) {
		connections.Add(1)
		reader := bufio.NewReader(conn)
		for first := true; ; first = false {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			if request.Method == "POST" {
				posts.Add(1)
			}
			if !first {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	client := newClient(t, server)
	do := func(method string) {
		t.Helper()
		_, err := client.Do(t.Context(), outbound.Request{
			Method: method, URL: "http://" + server, Body: []byte(`{"refreshToken":"1"}`),
			Header: http.Header{"Idempotency-Key": {"1"}}, // with it net/http would dare
		})
		if err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	for range 3 {
		do("GET") // leaves a connection that a POST would fail on
		do("POST")
	}
	if posts.Load() != 3 {
		t.Errorf("the provider saw %d POSTs, want 3", posts.Load())
	}
}

func TestGETsShareAConnection(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := listen(t, func(conn net.Conn) {
		connections.Add(1)
		for reader := bufio.NewReader(conn); ; {
			if _, err := http.ReadRequest(reader); err != nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	client := newClient(t, server)
	for range 5 {
		if _, err := client.Do(t.Context(), outbound.Request{URL: "http://" + server}); err != nil {
			t.Fatal(err)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("5 calls made %d connections, want 1", connections.Load())
	}
}

func TestNoErrorHoldsWhatWasSentOrCameBack(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	echo := listen(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, secret+" "+secret+" "+secret+"\r\n\r\n")
		}
	})
	client := newClient(t, echo)
	for _, base := range []string{
		"http://" + echo + "/v1/",
		"https://" + echo + "/v1/",
		"https://10.0.0.1/v1/",
		"https://provider.invalid/v1/",
		"https://user:" + secret + "@provider.invalid/v1/",
		"ftp://provider.invalid/v1/",
		"https://provider.invalid/%zz/",
		"https://provider invalid/",
		"https://provider.invalid:" + secret + "/",
	} {
		for _, value := range []string{secret, secret + "\n"} {
			_, err := client.Do(t.Context(), outbound.Request{
				Method: "POST", URL: base + secret + "?token=" + secret + "#" + secret,
				Header: http.Header{"Authorization": {value}}, Body: []byte(secret), Timeout: 5 * time.Second,
			})
			for ; err != nil; err = errors.Unwrap(err) {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the error says %q", base, err)
				}
			}
		}
	}
}

func TestAnObserverIsToldHowEachCallEnded(t *testing.T) {
	t.Parallel()
	host := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	client := newClient(t, host)
	var told []string
	observed := client.WithObserver(func(_ context.Context, method string, status int, err error, took time.Duration) {
		if e, ok := outbound.AsError(err); ok {
			told = append(told, string(e.Kind))
		} else {
			told = append(told, method+" "+http.StatusText(status))
		}
		if took <= 0 {
			t.Errorf("a call took %s", took)
		}
	})
	for _, url := range []string{"http://" + host + "/", "https://127.0.0.1/"} {
		seen, seenErr := observed.Do(t.Context(), outbound.Request{URL: url})
		plain, plainErr := client.Do(t.Context(), outbound.Request{URL: url})
		if seen.Status != plain.Status || (seenErr == nil) != (plainErr == nil) {
			t.Errorf("%s: observed %v, %v; otherwise %v, %v", url, seen, seenErr, plain, plainErr)
		}
	}
	if got := strings.Join(told, ", "); got != "GET "+http.StatusText(http.StatusTeapot)+", "+string(outbound.Refused) {
		t.Errorf("the observer was told %s", got)
	}
}

// newClient returns a client that may call these places wherever they are.
func newClient(t *testing.T, private ...string) *outbound.Client {
	t.Helper()
	client, err := outbound.New(outbound.Options{AllowPrivate: private})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(client.CloseIdle)
	return client
}

// failed returns the error of a call, which must have failed.
func failed(t *testing.T, err error) *outbound.Error {
	t.Helper()
	failure, ok := outbound.AsError(err)
	if !ok {
		t.Fatalf("Do returned %v, want an *outbound.Error", err)
	}
	return failure
}

// serve runs a provider of plain HTTP and returns its host:port.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// listen runs a provider that is given each connection, closed when it returns,
// and returns its host:port.
func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

type provider = func(t *testing.T) (base string, roots *x509.CertPool)

// handle is a provider of plain HTTP.
func handle(handler http.HandlerFunc) provider {
	return func(t *testing.T) (string, *x509.CertPool) { return "http://" + serve(t, handler), nil }
}

// raw is a provider that reads so many requests of a connection, says one thing
// and closes it, after waiting if it is given something to wait for.
func raw(scheme string, requests int, says string, wait func(*http.Request)) provider {
	return func(t *testing.T) (string, *x509.CertPool) {
		return scheme + "://" + listen(t, func(conn net.Conn) {
			reader := bufio.NewReader(conn)
			for range requests {
				if _, err := http.ReadRequest(reader); err != nil {
					return
				}
			}
			_, _ = io.WriteString(conn, says)
			if wait != nil {
				wait(httptest.NewRequest("GET", "/", nil))
			}
		}), nil
	}
}

func closedPort(t *testing.T) (string, *x509.CertPool) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return "http://" + listener.Addr().String(), nil
}

func untrusted(t *testing.T) (string, *x509.CertPool) {
	return secure(t, nil).URL, nil
}

func oldTLS(t *testing.T) (string, *x509.CertPool) {
	server := secure(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server.URL, roots
}

func noTLS(t *testing.T) (string, *x509.CertPool) {
	return "https://" + serve(t, func(http.ResponseWriter, *http.Request) {}), nil
}

func secure(t *testing.T, config *tls.Config) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the failures are wanted
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestATrustedCertificateIsTrusted(t *testing.T) {
	t.Parallel()
	server := secure(t, nil)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client := newClient(t, server.Listener.Addr().String())
	client.Trust(roots)
	if got, err := client.Do(t.Context(), outbound.Request{Method: "POST", URL: server.URL}); err != nil ||
		got.Status != 200 {
		t.Errorf("Do = %d, %v", got.Status, err)
	}
}

func hasIPv6() bool {
	socket, err := syscall.Socket(syscall.AF_INET6, syscall.SOCK_STREAM, 0)
	if err != nil {
		return false
	}
	_ = syscall.Close(socket)
	return true
}
