package httpserver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

func newRequest(t *testing.T, method, target string, body io.Reader) (*http.Request, *httptest.ResponseRecorder) {
	t.Helper()
	return httptest.NewRequest(method, publicURL+target, body), httptest.NewRecorder()
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// Proves: 4.4
func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Frame-Options":              "DENY",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
		"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
		"Server":                       "",
	}
	runAll(t, map[string]scenario{
		"a page":           {request: get("/"), status: 200, header: want},
		"an asset":         {request: get("/assets/app-1a2b3c.js"), status: 200, header: want},
		"health":           {request: get("/healthz"), status: 200, header: want},
		"GraphQL":          {request: post(query), status: 200, header: want},
		"a refusal":        {request: post(query, "Authorization", "x"), status: 401, header: want},
		"what is not here": {request: get("/assets/missing.js"), status: 404, header: want},
		"another verb":     {request: request{method: "POST", url: "/clients"}, status: 404, header: want},
		"another host":     {request: request{url: "/", host: "evil.example"}, status: 421, header: want},
	})
	t.Run("plain HTTP asks for no HTTPS", func(t *testing.T) {
		t.Parallel()
		plain := func(o *httpserver.Options) { o.PublicURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} }
		scenario{request: request{url: "/", host: "127.0.0.1:8080"}, status: 200,
			header: map[string]string{"Strict-Transport-Security": ""}}.run(t, newPortal(t, plain))
	})
}

// Proves: 12.1
func TestARequestForAnotherHostIsRefused(t *testing.T) {
	t.Parallel()
	refused := []string{reached, "the app"}
	runAll(t, map[string]scenario{
		"in capitals":           {request: request{url: "/", host: "PORTAL.example"}, status: 200},
		"with the implied port": {request: request{url: "/", host: "portal.example:443"}, status: 200},
		"with another port":     {request: request{url: "/", host: "portal.example:8443"}, status: 421, hasNot: refused},
		"another, on a page": {request: request{url: "/", host: "evil.example"}, status: 421, has: []string{publicURL},
			hasNot: append(refused, "evil")},
		"another, on GraphQL": {request: request{url: "/graphql?query=%7Ba%7D", host: "evil.example"}, status: 421,
			hasNot: refused},
		"another, on an asset": {request: request{url: "/assets/app-1a2b3c.js", host: "evil.example"}, status: 421,
			hasNot: []string{"console"}},
		"another, as forwarded": {request: request{url: "/", host: "evil.example",
			header: http.Header{"X-Forwarded-Host": {"portal.example"}}}, status: 421, hasNot: refused},
		"another, on a probe":     {request: request{url: "/healthz", host: "10.0.0.7:8080"}, status: 200},
		"another, on a readiness": {request: request{url: "/readyz", host: "10.0.0.7:8080"}, status: 200},
	})
}

// Proves: 9.3
func TestHealthzAlwaysAnswersAndReadyzOnlyWithADatabase(t *testing.T) {
	t.Parallel()
	gone := func(o *httpserver.Options) {
		o.Ready = func(context.Context) error { return errors.New("postgres at 10.0.0.7 is gone") }
	}
	runAll(t, map[string]scenario{
		"alive": {request: get("/healthz"), status: 200, has: []string{"ok"}},
		"ready": {request: get("/readyz"), status: 200, has: []string{"ok"}},
		"HEAD":  {request: request{method: "HEAD", url: "/healthz"}, status: 200},
	})
	t.Run("without a database", func(t *testing.T) {
		runAll(t, map[string]scenario{
			"alive": {request: get("/healthz"), status: 200, has: []string{"ok"}},
		}, gone)
		p := newPortal(t, gone)
		answer, body := p.send(t, get("/readyz"))
		if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" ||
			body != "not ready\n" {
			t.Errorf("status %d: %q", answer.StatusCode, body)
		}
		if log := p.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "10.0.0.7 is gone") {
			t.Errorf("the log does not say why: %s", log)
		}
	})
}

// originOf returns the origin of a request as the GraphQL layer sees it.
func originOf(t *testing.T, req request, trusted ...string) (audit.Origin, *http.Response) {
	t.Helper()
	var origin audit.Origin
	p := newPortal(t, func(o *httpserver.Options) {
		for _, cidr := range trusted {
			o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(cidr))
		}
		o.GraphQL = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { origin = audit.OriginFrom(r.Context()) })
	})
	answer, _ := p.send(t, req)
	return origin, answer
}

// Proves: 12.1
func TestOnlyTrustedProxiesMayReportTheCallersAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		peer      string
		trusted   []string
		forwarded []string
		standard  []string // the header Forwarded
		want      string
	}{
		"no proxy":     {peer: "192.0.2.1:1000", want: "192.0.2.1"},
		"IPv6":         {peer: "[2001:db8::1]:1000", want: "2001:db8::1"},
		"IPv4 in IPv6": {peer: "[::ffff:192.0.2.1]:1000", want: "192.0.2.1"},
		"a header that nobody vouches for": {peer: "192.0.2.1:1000", forwarded: []string{"198.51.100.9"},
			want: "192.0.2.1"},
		"a header of an untrusted peer": {peer: "192.0.2.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"198.51.100.9"}, want: "192.0.2.1"},
		"behind a proxy": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"198.51.100.9"}, want: "198.51.100.9"},
		"what the caller wrote before it": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"127.0.0.1, 198.51.100.9"}, want: "198.51.100.9"},
		"behind two proxies": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8", "192.0.2.0/24"},
			forwarded: []string{"203.0.113.5, 198.51.100.9", "192.0.2.8"}, want: "198.51.100.9"},
		"trusted ones only": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"10.0.0.3, 10.0.0.2"}, want: "10.0.0.3"},
		"a proxy that forwards nothing": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"}, want: "10.0.0.1"},
		"a proxy that forwards no address": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"198.51.100.9, unknown"}, want: "10.0.0.1"},
		"with a port, as IIS writes it": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"198.51.100.9:50123"}, want: "198.51.100.9"},
		"IPv6 with a port": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"[2001:db8::7]:50123"}, want: "2001:db8::7"},
		"IPv6 in brackets": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"[2001:db8::7]"}, want: "2001:db8::7"},
		"blanks around": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{" 203.0.113.5 ,\t198.51.100.9 "}, want: "198.51.100.9"},
		"Forwarded": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			standard: []string{"for=203.0.113.5, by=10.0.0.1;For=198.51.100.9;proto=https"}, want: "198.51.100.9"},
		"Forwarded, IPv6 with a port": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			standard: []string{"for=203.0.113.5", `for="[2001:db8::7]:4711"`}, want: "2001:db8::7"},
		"Forwarded of somebody": {peer: "192.0.2.1:1000", trusted: []string{"10.0.0.0/8"},
			standard: []string{"for=198.51.100.9"}, want: "192.0.2.1"},
		"Forwarded by a hidden one": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			standard: []string{"for=198.51.100.9, for=_hidden"}, want: "10.0.0.1"},
		"a quote that the caller left open": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			standard: []string{`for="203.0.113.5, for=198.51.100.9`}, want: "198.51.100.9"},
		"both headers": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"198.51.100.9"}, standard: []string{"for=203.0.113.5"}, want: "198.51.100.9"},
		"IPv4 in IPv6 from the proxy": {peer: "10.0.0.1:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"::ffff:198.51.100.9"}, want: "198.51.100.9"},
		"a proxy whose peer is IPv4 in IPv6": {peer: "[::ffff:10.0.0.1]:1000", trusted: []string{"10.0.0.0/8"},
			forwarded: []string{"198.51.100.9"}, want: "198.51.100.9"},
		"a zone, which is nobody else's word": {peer: "[fe80::1%eth0]:1000", want: "fe80::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := post(query)
			req.address = test.peer
			req.header["X-Forwarded-For"] = test.forwarded
			req.header["Forwarded"] = test.standard
			if got, _ := originOf(t, req, test.trusted...); got.Address != test.want {
				t.Errorf("the address is %q, want %q", got.Address, test.want)
			}
		})
	}
}

// Proves: 12.1
func TestAnAddressThatCannotBeReadIsLoggedOnceAndReportedEachTime(t *testing.T) {
	t.Parallel()
	var told []string
	p := newPortal(t, func(o *httpserver.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		o.Misread = func(shape string) { told = append(told, shape) }
	})
	for _, forwarded := range []string{"198.51.100.9, planted.example:80", "_x7", "198.51.100.9",
		"a\x01é" + strings.Repeat("x", 100)} {
		req := post(query, "X-Forwarded-For", forwarded)
		req.address = "10.0.0.1:1"
		p.send(t, req)
	}
	if got := strings.Join(told, "|"); got != " aaaaaaa.aaaaaaa:99|_a9|a?"+strings.Repeat("a", 58) {
		t.Errorf("told: %s", got)
	}
	log := p.log.String()
	if n := strings.Count(log, "cannot be read"); n != 1 || strings.Contains(log, "planted") {
		t.Errorf("%d lines: %s", n, log)
	}
	stranger := post(query, "X-Forwarded-For", "nonsense") // its header is not read
	stranger.address = "192.0.2.1:1"
	if p.send(t, stranger); len(told) != 3 {
		t.Errorf("told: %q", told)
	}
}

// Proves: 9.2
func TestThePortalChoosesTheIDOfARequestAndLogsTheCallersIDBesideIt(t *testing.T) {
	t.Parallel()
	for id, kept := range map[string]string{
		"req-42":                "req-42",
		"1-67e5:a/b.c_d+e":      "1-67e5:a/b.c_d+e",
		strings.Repeat("a", 65): strings.Repeat("a", 64),
		"":                      "",
		"a b":                   "a?b",
		"a\nrequest_id=b":       "a?request_id?b",
		`a="b"`:                 "a??b?",
		"ação":                  "a??o",
	} {
		origin, answer := originOf(t, post(query, "X-Request-Id", id))
		if origin.RequestID == id || len(origin.RequestID) != 26 || origin.CallerRequestID != kept {
			t.Errorf("%q: the request is called %q, by its caller %q", id, origin.RequestID, origin.CallerRequestID)
		}
		if echo := answer.Header.Get("X-Request-Id"); echo != origin.RequestID {
			t.Errorf("%q: the answer says %q, the log %q", id, echo, origin.RequestID)
		}
	}
}

func TestTheAccessLogHasALineForEachRequest(t *testing.T) {
	t.Parallel()
	op := `{"query":"query Pull($p: String) {a}","operationName":"Pull","variables":{"p":"` + planted + `"}}`
	long := "/" + strings.Repeat("a", 1000)
	for name, test := range map[string]struct {
		request request
		has     []string
		hasNot  []string
	}{
		"a key": {post(op, "Authorization", "Bearer "+goodKey),
			[]string{"method=POST", "path=/graphql", "status=200", "duration=", "request_id=", "address=192.0.2.1",
				"principal=access_key", "principal_id=key_1", "operation=Pull"},
			[]string{planted, goodKey, "Bearer", "query Pull"}},
		"an operator": {post(query, "Authorization", "Bearer "+goodJWT),
			[]string{"principal=operator", "principal_id=opr_1"}, []string{goodJWT, "operation="}},
		"nobody": {post(query), []string{"status=200", "bytes="},
			[]string{"principal", "caller_request_id"}},
		"a caller that names it": {post(query, "X-Request-Id", "req-1"), []string{" caller_request_id=req-1"},
			[]string{" request_id=req-1"}},
		"a query string": {visit("/clients?search=" + planted), []string{"path=/clients", "status=200"},
			[]string{planted, "search"}},
		"a GET of GraphQL": {get("/graphql?operationName=Pull&query=" + planted), []string{"operation=Pull"},
			[]string{planted}},
		"a refusal": {post(query, "Authorization", "Bearer "+badJWT), []string{"status=401"},
			[]string{badJWT, "principal"}},
		"a name that is none": {post(`{"operationName":"a b\n` + planted + `"}`), []string{"status=200"},
			[]string{planted, "operation="}},
		"a path of any length": {get(long), []string{"path=/" + strings.Repeat("a", 255) + " "}, []string{long}},
		"a cookie": {post(query, "Cookie", "__Host-chaveiro_rt="+planted), []string{"status=200"},
			[]string{planted}},
		"a probe, at a lower level":  {get("/healthz"), []string{"level=DEBUG", "path=/healthz"}, nil},
		"a page, at the usual level": {get("/"), []string{"level=INFO", "path=/"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t)
			p.send(t, test.request)
			log := p.log.String()
			if strings.Count(log, "\n") != 1 {
				t.Errorf("the log has not one line: %s", log)
			}
			for _, want := range test.has {
				if !strings.Contains(log, want) {
					t.Errorf("the log lacks %q: %s", want, log)
				}
			}
			for _, unwanted := range test.hasNot {
				if strings.Contains(log, unwanted) {
					t.Errorf("the log has %q: %s", unwanted, log)
				}
			}
		})
	}
}

// Proves: 9.1
func TestAPanicIsAnsweredAndLoggedOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken at " + planted) })
	})
	answer, body := p.send(t, post(query, "X-Request-Id", "req-9", "Accept-Language", "en"))
	id := answer.Header.Get("X-Request-Id")
	if answer.StatusCode != 500 || !strings.Contains(body, `"code":"INTERNAL","requestId":"`+id+`"`) {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
	for _, inside := range []string{planted, "panic", "goroutine", ".go"} {
		if strings.Contains(body, inside) {
			t.Errorf("the caller learns %q: %s", inside, body)
		}
	}
	log := p.log.String()
	if strings.Count(log, "[running]") != 1 || strings.Count(log, " request_id="+id) != 2 ||
		strings.Count(log, " caller_request_id=req-9") != 1 || !strings.Contains(log, "status=500") {
		t.Errorf("the log has %s", log)
	}
}

func TestAPanicHalfWayThroughAnAnswerCutsItOff(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(o *httpserver.Options) {
		o.PublicURL = &url.URL{Scheme: "http", Host: "portal.example"}
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"data":`)
			panic("half way")
		})
	})
	server := httptest.NewServer(p)
	defer server.Close()
	req, _ := http.NewRequest("POST", server.URL+"/graphql", strings.NewReader(query))
	req.Host = "portal.example"
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("the answer looks whole")
	}
}

func TestEachAnswerIsMeasuredByItsRouteButStreamsAreNot(t *testing.T) {
	t.Parallel()
	var told []string
	p := newPortal(t, func(o *httpserver.Options) {
		o.Measure = func(route string, status int, _ time.Duration) { told = append(told, fmt.Sprint(route, " ", status)) }
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") == "text/event-stream" {
				begin(w)
				return
			}
			panic("planted")
		})
	})
	for _, test := range []struct {
		request request
		want    []string
	}{
		{get("/healthz"), []string{"/healthz 200"}},
		{visit("/clients/cli_1?q=planted"), []string{"/* 200"}},
		{get("/assets/missing.js"), []string{"/assets/* 404"}},
		{request{url: "/", host: "evil.example"}, []string{"/* 421"}},
		{request{method: "POST", url: "/clients/cli_1"}, []string{" 404"}},
		{request{method: "DELETE", url: "/healthz"}, []string{" 404"}},
		{post(query, "Authorization", "Bearer "+badKey), []string{"/graphql 401"}},
		{post(query), []string{"/graphql 500"}},
		{post(subscription, "Accept", "text/event-stream"), nil},
	} {
		told = nil
		p.send(t, test.request)
		if !slices.Equal(told, test.want) {
			t.Errorf("%s %s: told %q, want %q", test.request.method, test.request.url, told, test.want)
		}
	}
}

// Proves: 12.4
func TestServeFinishesRunningRequestsBeforeItStops(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	p := newPortal(t, func(o *httpserver.Options) {
		o.PublicURL = &url.URL{Scheme: "http", Host: "portal.example"}
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			<-finish
			if r.Context().Err() == nil {
				_, _ = io.WriteString(w, "finished")
			}
		})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, listener) }()

	answered := make(chan string, 1)
	go func() {
		req, _ := http.NewRequest("GET", "http://"+listener.Addr().String()+"/graphql", nil)
		req.Host = "portal.example"
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		answered <- string(body)
	}()

	<-begun
	stop()
	select {
	case err := <-served:
		t.Fatalf("Serve returned %v with a request under way", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(finish)
	if got := <-answered; got != "finished" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

// Proves: 12.4
func TestAServerThatStopsSaysSoWhileItStillServes(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(o *httpserver.Options) {
		o.PublicURL = &url.URL{Scheme: "http", Host: "portal.example"}
		o.StopDelay = time.Hour // the listener is closed below
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	statusOf := func(path string) int {
		answer, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, listener) }()
	if status := statusOf("/readyz"); status != http.StatusOK {
		t.Errorf("before the stop /readyz answers %d", status)
	}
	stop()
	for statusOf("/readyz") == http.StatusOK { // until the server has noticed
		time.Sleep(time.Millisecond)
	}
	if status := statusOf("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("while it stops /readyz answers %d", status)
	}
	if status := statusOf("/healthz"); status != http.StatusOK {
		t.Errorf("while it stops /healthz answers %d", status)
	}
	log := p.log.String()
	if !strings.Contains(log, "stopping: not ready any more") || strings.Contains(log, "level=WARN") {
		t.Errorf("the log: %s", log)
	}
	listener.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve = %v", err)
	}
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := newPortal(t).Serve(context.Background(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve = %v, want net.ErrClosed", err)
	}
}

func TestHeadersBeyond16KiBAreRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	p := newPortal(t)
	go func() { served <- p.Serve(ctx, listener) }()
	req, _ := http.NewRequest("GET", "http://"+listener.Addr().String()+"/healthz", nil)
	req.Header.Set("X-Padding", strings.Repeat("x", 32<<10))
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d, want 431", answer.StatusCode)
	}
	stop()
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
}
