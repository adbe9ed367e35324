package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

// never is a rate that does not refill while a test runs.
func never(burst int) ratelimit.Rate { return ratelimit.Rate{PerSecond: 1e-6, Burst: burst} }

func scarce(o *httpserver.Options) {
	o.Rates = ratelimit.Rates{Key: never(3), Operator: never(2), Stranger: never(1), LookUp: never(1),
		KeyPoints: never(100), Webhook: never(2)}
}

// Proves: 5.6
func TestACallerThatAsksTooOftenHasToWait(t *testing.T) {
	t.Parallel()
	from := func(r request, address string) request {
		r.address = address
		return r
	}
	key, operator := post(query, "Authorization", "Bearer "+goodKey), post(query, "Authorization", "Bearer "+goodJWT)
	for name, test := range map[string]struct {
		first, last request // last is refused after n times first
		n           int
		refused     bool
	}{
		"a key":                      {key, key, 3, true},
		"a key from another address": {key, from(key, "198.51.100.7:1"), 3, true},
		"a key that is within it":    {key, key, 2, false},
		"an operator":                {operator, operator, 2, true},
		"an operator after a key":    {key, operator, 3, false},
		"a stranger":                 {post(query), post(query), 1, true},
		"a bad key":                  {post(query, "Authorization", "Bearer "+badKey), post(query), 1, true},
		"a bad session": {post(query, "Authorization", "Bearer "+badJWT),
			post(query, "Authorization", "Bearer "+badKey), 1, true},
		"a stranger, then a key":    {post(query), key, 1, false},
		"a stranger from elsewhere": {post(query), from(post(query), "198.51.100.7:1"), 1, false},
		"a stranger in the same /64": {from(post(query), "[2001:db8::1]:1"),
			from(post(query), "[2001:db8::ffff:1]:1"), 1, true},
		"a stranger in another /64": {from(post(query), "[2001:db8::1]:1"),
			from(post(query), "[2001:db8:0:1::1]:1"), 1, false},
		"a stranger on the page":      {post(query), get("/"), 1, false},
		"a stranger who asks for GET": {get("/graphql?query=%7Ba%7D"), get("/graphql?query=%7Ba%7D"), 1, true},
		"a stream of a stranger":      {post(query, "Accept", "text/event-stream"), post(query), 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, scarce)
			for i := range test.n {
				if answer, _ := p.send(t, test.first); answer.StatusCode == http.StatusTooManyRequests {
					t.Fatalf("request %d is refused", i+1)
				}
			}
			answer, body := p.send(t, test.last)
			if (answer.StatusCode == http.StatusTooManyRequests) != test.refused {
				t.Fatalf("status %d: %s", answer.StatusCode, body)
			}
			if test.refused && (!strings.Contains(body, `"code":"RATE_LIMITED"`) || answer.Header.Get("Retry-After") == "" ||
				strings.Contains(body, reached)) {
				t.Errorf("%v: %s", answer.Header, body)
			}
		})
	}
}

func TestARefusedCallIsNotRecordedAsAUseOfAKey(t *testing.T) {
	t.Parallel()
	p := newPortal(t, scarce)
	for range 5 {
		p.send(t, post(query, "Authorization", "Bearer "+goodKey))
	}
	if len(p.keys.used) != 3 {
		t.Errorf("%d uses of 3", len(p.keys.used))
	}
}

func TestAnAnswerSaysHowManyRequestsAreLeft(t *testing.T) {
	t.Parallel()
	p := newPortal(t, scarce)
	for _, want := range []string{"2", "1", "0", "0"} {
		answer, _ := p.send(t, post(query, "Authorization", "Bearer "+goodKey))
		if limit, left := answer.Header.Get("RateLimit-Limit"), answer.Header.Get("RateLimit-Remaining"); limit != "3" ||
			left != want {
			t.Errorf("%s of %s is left, want %s of 3", left, limit, want)
		}
	}
	answer, _ := newPortal(t).send(t, post(query, "Authorization", "Bearer "+goodKey))
	if got := answer.Header.Get("RateLimit-Limit") + " " + answer.Header.Get("RateLimit-Remaining") + " " +
		answer.Header.Get("RateLimit-Reset"); got != "50 49 1" {
		t.Errorf("without rates of its own a portal says %s", got)
	}
}

// The handler that knows the complexity of a document deducts it from the key's points; here a fake does.
func TestTheComplexityOfADocumentIsDeductedFromTheKeysPoints(t *testing.T) {
	t.Parallel()
	p := newPortal(t, scarce, func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, ratelimit.Spend(r.Context(), 60).OK)
		})
	})
	for caller, want := range map[string]string{goodKey: "true false", goodJWT: "true true"} {
		var got []string
		for range 2 {
			_, body := p.send(t, post(query, "Authorization", "Bearer "+caller))
			got = append(got, body)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%.10s…: %v, want %s", caller, got, want)
		}
	}
}

// Proves: 4.3
func TestOnlyTheListedOriginsMayCall(t *testing.T) {
	t.Parallel()
	const listed = "https://erp.example:8443"
	open := func(o *httpserver.Options) { o.CORSOrigins = []string{listed, "https://b.example"} }
	preflight := func(origin string) request {
		return request{method: "OPTIONS", url: "/graphql", header: http.Header{
			"Origin": {origin}, "Access-Control-Request-Method": {"POST"},
			"Access-Control-Request-Headers": {"authorization,content-type"}}}
	}
	const vary = "Authorization, Accept-Language; Origin"
	allowed := map[string]string{"Access-Control-Allow-Origin": listed, "Access-Control-Allow-Credentials": "",
		"Vary": vary}
	none := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "",
		"Access-Control-Allow-Methods": "", "Vary": vary}
	scenarios := map[string]scenario{
		"a preflight": {request: preflight(listed), status: 204, header: map[string]string{
			"Access-Control-Allow-Origin": listed, "Access-Control-Allow-Methods": "POST, GET", "Access-Control-Max-Age": "600",
			"Access-Control-Allow-Headers":     "Authorization, Content-Type, If-None-Match, X-Request-Id",
			"Access-Control-Allow-Credentials": "", "Vary": vary}},
		"a call": {request: post(query, "Origin", listed, "Authorization", "Bearer "+goodKey),
			status: 200, header: allowed},
		"a refusal": {request: post(query, "Origin", listed, "Authorization", "x"), status: 401,
			header: allowed},
		"OPTIONS that is none": {
			request: request{method: "OPTIONS", url: "/graphql", header: http.Header{"Origin": {listed}}}, status: 405},
		"a program, without a origin": {request: post(query), status: 200, header: none},
	}
	for name, origin := range map[string]string{
		"another": "https://evil.example", "another port": "https://erp.example", "another scheme": "http://erp.example:8443",
		"null":               "null",
		"one that begins so": listed + ".evil.example", "one that ends so": "https://evil-erp.example:8443",
		"in capitals": "https://ERP.example:8443",
		"two":         listed + ", https://b.example", "a star": "*", "with a path": listed + "/",
	} {
		scenarios["a preflight of "+name] = scenario{request: preflight(origin), status: 405, header: none}
		scenarios["a call of "+name] = scenario{request: post(query, "Origin", origin), status: 200, header: none}
	}
	runAll(t, scenarios, open)
	runAll(t, map[string]scenario{
		"the pages stay closed": {request: get("/", "Origin", listed), status: 200,
			header: map[string]string{"Access-Control-Allow-Origin": ""}},
	}, open)
	runAll(t, map[string]scenario{
		"without a list, a call": {request: post(query, "Origin", listed), status: 200,
			header: map[string]string{"Access-Control-Allow-Origin": "", "Vary": "Authorization, Accept-Language"}},
		"without a list, a preflight": {request: preflight(listed), status: 405},
	})
}

// Proves: 4.3
func TestTheAdminPageMayCallFromTheListedOrigins(t *testing.T) {
	t.Parallel()
	const admin, partner = "https://admin.portal.example", "https://erp.example"
	open := func(o *httpserver.Options) {
		o.AdminOrigins, o.CORSOrigins = []string{admin, "https://portal.example:8443"}, []string{partner}
	}
	preflight := func(url, origin string) request {
		return request{method: "OPTIONS", url: url, header: http.Header{
			"Origin": {origin}, "Access-Control-Request-Method": {"POST"},
			"Access-Control-Request-Headers": {"authorization,content-type,x-chaveiro-csrf"}}}
	}
	const vary = "Authorization, Accept-Language; Origin"
	const export = "/export/audit.csv"
	const exposed = "ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id"
	allowed := map[string]string{"Access-Control-Allow-Origin": admin, "Access-Control-Allow-Credentials": "true",
		"Access-Control-Expose-Headers": exposed, "Vary": vary}
	asked := map[string]string{"Access-Control-Allow-Origin": admin, "Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods": "POST, GET",
		"Access-Control-Allow-Headers": "Authorization, Content-Type, X-Chaveiro-CSRF", "Access-Control-Max-Age": "600",
		"Vary": vary}
	none := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "",
		"Access-Control-Allow-Methods": "",
		"Access-Control-Allow-Headers": "", "Access-Control-Expose-Headers": "", "Vary": vary}
	scenarios := map[string]scenario{
		"a preflight":               {request: preflight("/graphql", admin), status: 204, header: asked},
		"a preflight of the export": {request: preflight(export, admin), status: 204, header: asked},
		"a call": {request: post(query, "Origin", admin, "Authorization", "Bearer "+goodJWT), status: 200,
			header: allowed},
		"a refusal": {request: post(query, "Origin", admin, "Authorization", "x"), status: 401,
			header: allowed},
		"a refused export": {request: get(export, "Origin", admin), status: 401, header: allowed},
		"a program":        {request: post(query), status: 200, header: none},
		"the public URL":   {request: post(query, "Origin", publicURL), status: 200, header: none},
		"a page": {request: get("/", "Origin", admin), status: 200,
			header: map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": ""}},
		"a partner": {request: post(query, "Origin", partner), status: 200, header: map[string]string{
			"Access-Control-Allow-Origin": partner, "Access-Control-Allow-Credentials": "", "Vary": vary}},
		"OPTIONS that is none": {
			request: request{method: "OPTIONS", url: export, header: http.Header{"Origin": {admin}}}, status: 405},
		"a partner's export":        {request: get(export, "Origin", partner), status: 401, header: none},
		"a preflight of its export": {request: preflight(export, partner), status: 405, header: none},
		"a preflight of a partner": {request: preflight("/graphql", partner), status: 204,
			header: map[string]string{"Access-Control-Allow-Origin": partner,
				"Access-Control-Allow-Credentials": "",
				"Access-Control-Allow-Headers":     "Authorization, Content-Type, If-None-Match, X-Request-Id"}},
	}
	for name, origin := range map[string]string{
		"another host": "https://other.portal.example", "another port": admin + ":8443",
		"another scheme": "http://admin.portal.example", "null": "null",
		"one that begins so": admin + ".evil.example", "one that ends so": "https://evil-admin.portal.example",
		"in capitals": "https://ADMIN.portal.example",
		"two":         admin + ", https://portal.example:8443", "a star": "*", "with a path": admin + "/",
	} {
		scenarios["a preflight of "+name] = scenario{request: preflight("/graphql", origin), status: 405, header: none}
		scenarios["a call of "+name] = scenario{request: post(query, "Origin", origin), status: 200, header: none}
		scenarios["an export of "+name] = scenario{request: get(export, "Origin", origin), status: 401, header: none}
	}
	runAll(t, scenarios, open)
}

// Proves: 4.3
func TestOnlyTheAdminPageMayUseThePasskeysOfThePortal(t *testing.T) {
	t.Parallel()
	const path = "/.well-known/webauthn"
	listed := func(o *httpserver.Options) {
		o.AdminOrigins, o.CORSOrigins = []string{"https://admin.portal.example", "https://b.portal.example"},
			[]string{"https://erp.example"}
	}
	runAll(t, map[string]scenario{
		"asked by a browser": {request: get(path), status: 200,
			has:    []string{`{"origins":["https://admin.portal.example","https://b.portal.example"]}`},
			hasNot: []string{"erp"},
			header: map[string]string{"Content-Type": "application/json", "Location": "", "Set-Cookie": ""}},
		"another verb":        {request: request{method: "POST", url: path}, status: 404},
		"on another host":     {request: request{url: path, host: "evil.example"}, status: 421, hasNot: []string{"admin"}},
		"a neighbouring path": {request: get("/.well-known/x"), status: 404},
	}, listed)
	runAll(t, map[string]scenario{
		"without such pages": {request: get(path), status: 404, hasNot: []string{"origins"}},
	}, func(o *httpserver.Options) { o.CORSOrigins = []string{"https://erp.example"} })
}

// serveBounded accepts connections until the test ends, keeps them open, and writes "taken" to each.
func serveBounded(t *testing.T, most, mostEach int, trusted ...netip.Prefix) (address string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := httpserver.NewBoundedListener(inner, most, mostEach, trusted...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.WriteString(conn, "taken\n")
				_, _ = io.Copy(io.Discard, conn) // until the other side closes
				_ = conn.Close()
			}()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return inner.Addr().String()
}

// connect opens a connection and reports whether the listener accepted it.
func connect(t *testing.T, address string) (net.Conn, bool) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return conn, line == "taken\n"
}

// Proves: 8.5
func TestConnectionsBeyondTheLimitAreClosedAtOnce(t *testing.T) {
	t.Parallel()
	if httpserver.MaxConnections != 4096 || httpserver.MaxConnectionsEach != 100 {
		t.Errorf("%d and %d connections", httpserver.MaxConnections, httpserver.MaxConnectionsEach)
	}
	for name, test := range map[string]struct {
		most, each int
		trusted    []netip.Prefix
		taken      int // of 5
	}{
		"of one address":  {most: 100, each: 2, taken: 4}, // the last two serve only good credentials
		"in all":          {most: 2, each: 100, taken: 2},
		"of a proxy":      {most: 100, each: 1, trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, taken: 5},
		"of a proxy, all": {most: 4, each: 1, trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, taken: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serveBounded(t, test.most, test.each, test.trusted...)
			taken := 0
			for range 5 {
				if _, ok := connect(t, address); ok {
					taken++
				}
			}
			if taken != test.taken {
				t.Errorf("%d of 5 are taken, want %d", taken, test.taken)
			}
		})
	}
}

func TestAClosedConnectionMakesRoom(t *testing.T) {
	t.Parallel()
	address := serveBounded(t, 100, 1)
	first, ok := connect(t, address)
	if !ok {
		t.Fatal("the first is not taken")
	}
	if _, ok := connect(t, address); !ok {
		t.Fatal("the second, for a good credential, is not taken")
	}
	if _, ok := connect(t, address); ok {
		t.Fatal("the third is taken")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for range 500 { // the server needs a moment to see the close
		if _, ok := connect(t, address); ok {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("no room is made")
}

// Proves: 8.5
func TestGoodKeysOfACrowdedAddressAreServedAndOthersAreToldWhyNot(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = httpserver.ServeBounded(p.Server, httpserver.NewBoundedListener(inner, 100, 3), 3)
	}()
	t.Cleanup(func() { _ = inner.Close(); <-served })

	// open sends a request on its own connection, which it leaves open, and returns the answer.
	open := func(authorization string) (*http.Response, string) {
		t.Helper()
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if authorization != "" {
			authorization = "Authorization: Bearer " + authorization + "\r\n"
		}
		if _, err := fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: portal.example\r\nContent-Type: "+
			"application/json\r\n%sContent-Length: %d\r\n\r\n%s",
			authorization, len(query), query); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(body)
	}
	for i, step := range []struct {
		what, authorization string
		status              int
		closed              bool
	}{
		{"a shop", goodKey, 200, false},
		{"its second", goodKey, 200, false},
		{"its third, as many as a caller may have", goodKey, 200, false},
		{"a stranger, as the shop's do not count for the address", "", 200, false},
		{"another", "", 200, false},
		{"a stranger, the last that the address may have", "", 200, false},
		{"a stranger for whom there is no room", "", 503, true},
		{"an operator, for whom there is room as for any good credential", goodJWT, 200, false},
		{"a bad key", badKey, 401, true},
		{"the shop that has too many", goodKey, 503, true},
	} {
		answer, body := open(step.authorization)
		if answer.StatusCode != step.status || answer.Close != step.closed {
			t.Errorf("step %d, %s: %d, closed %t: %s", i+1, step.what, answer.StatusCode, answer.Close, body)
		}
		if step.status == 503 && (!strings.Contains(body, `"code":"BUSY"`) || answer.Header.Get("Retry-After") == "") {
			t.Errorf("step %d: %v %s", i+1, answer.Header, body)
		}
	}
	if log := p.log.String(); strings.Count(log, "status=503") != 2 {
		t.Errorf("the log has %s", log)
	}
}

// The test shortens the limits of 15 and 30 seconds.
// Proves: 8.5
func TestASlowSenderIsCutOffWhileOthersAreServed(t *testing.T) {
	t.Parallel()
	s := stream(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, reached) },
		func(server *httpserver.Server) { httpserver.SetTimeouts(server, 300*time.Millisecond, 10*time.Second) })
	slow, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Close() }()
	if _, err := fmt.Fprintf(slow, "POST /graphql HTTP/1.1\r\nHost: portal.example\r\nContent-Type: "+
		"application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	if answer := s.ask(t, t.Context(), "Accept", "application/json"); answer.StatusCode != http.StatusOK {
		t.Errorf("beside it another gets %d", answer.StatusCode)
	} else {
		_ = answer.Body.Close()
	}
	_ = slow.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := http.ReadResponse(bufio.NewReader(slow), nil)
	if err != nil {
		return // cut off without an answer, which is allowed too
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("the slow one gets %d", answer.StatusCode)
	}
}

func TestTheTimesOfAServerAreBounded(t *testing.T) {
	t.Parallel()
	header, read, write, idle, size := httpserver.Times(newPortal(t).Server)
	if header != 5*time.Second || read != 15*time.Second || write != 30*time.Second || idle != 120*time.Second ||
		size != 16<<10 {
		t.Error(header, read, write, idle, size)
	}
}

func TestAStreamEndsAfterItsTime(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	s := stream(t, open(ended), func(server *httpserver.Server) { httpserver.SetStreamTime(server, 100*time.Millisecond) })
	answer := s.ask(t, context.Background(), "Authorization", "Bearer "+goodKey)
	defer func() { _ = answer.Body.Close() }()
	events, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(events), "event: complete") {
		t.Errorf("the stream ends with %q, %v", events, err)
	}
	await(t, "the end of the stream", ended)
}
