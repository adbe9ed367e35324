package httpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/etag"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const subscription = `{"query":"subscription{tick}"}`

// streaming is a portal on the network, with api as its GraphQL layer.
type streaming struct {
	portal
	address string
	stop    func()     // stops the server
	stopped chan error // what Serve returned
}

// stream serves a portal with api until the test ends. prepare adjusts the server before it starts.
func stream(
	t *testing.T, api http.HandlerFunc, prepare func(*httpserver.Server), change ...func(*httpserver.Options),
) *streaming {
	t.Helper()
	p := newPortal(t, append(change, func(o *httpserver.Options) {
		o.PublicURL = &url.URL{Scheme: "http", Host: "portal.example"}
		o.GraphQL = api
	})...)
	if prepare != nil {
		prepare(p.Server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &streaming{portal: p, address: listener.Addr().String(), stop: stop, stopped: make(chan error, 1)}
	go func() {
		s.stopped <- p.Serve(ctx, listener)
		close(s.stopped)
	}()
	t.Cleanup(func() {
		stop()
		for err := range s.stopped {
			if err != nil {
				t.Errorf("Serve = %v", err)
			}
		}
	})
	return s
}

// ask starts a subscription. The caller closes the body.
func (s *streaming) ask(t *testing.T, ctx context.Context, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", "http://"+s.address+"/graphql", strings.NewReader(subscription))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "portal.example"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// begin starts an answer of events.
func begin(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = io.WriteString(w, ":\n\n")
	w.(http.Flusher).Flush()
}

// open is an API whose streams last until they are ended. It sends a value to ended for each that was.
func open(ended chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		<-r.Context().Done()
		_, _ = io.WriteString(w, "event: complete\n\n")
		ended <- struct{}{}
	}
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("it is waited in vain for %s", what)
	}
}

func TestAStreamOutlastsTheTimesOfOrdinaryRequests(t *testing.T) {
	t.Parallel()
	const events = 10
	s := stream(t, func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		for i := range events {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
		}
	}, func(s *httpserver.Server) {
		httpserver.SetTimeouts(s, 200*time.Millisecond, 300*time.Millisecond)
		httpserver.SetStreamWriteTime(s, 50*time.Millisecond)
	})
	for _, test := range []struct {
		accept string
		whole  bool
	}{{"text/event-stream", true}, {"application/json, text/event-stream;q=0.9", true}, {"application/json", false}} {
		answer := s.ask(t, t.Context(), "Accept", test.accept)
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if whole := err == nil && strings.Count(string(body), "data:") == events; whole != test.whole {
			t.Errorf("%s: whole: %v, %v %s", test.accept, whole, err, body)
		}
	}
}

func TestAStreamIsNeitherCachedNorBuffered(t *testing.T) {
	t.Parallel()
	stream := post(subscription, "Accept", "text/event-stream")
	runAll(t, map[string]scenario{"a stream": {request: stream, status: 200, header: map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "ETag": "",
		"Content-Encoding": "",
	}}}, func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { begin(w) })
	})
}

func TestAStreamPassesTheChecksOfAnyRequest(t *testing.T) {
	t.Parallel()
	accept := []string{"Accept", "text/event-stream"}
	scenarios := map[string]scenario{
		"another host": {request: request{method: "POST", url: "/graphql", host: "evil.example", body: query},
			status: 421},
		"a bad key": {request: post(query, append(accept, "Authorization", "Bearer "+badKey)...), status: 401,
			has: []string{`"code":"UNAUTHENTICATED"`}},
		"a large body": {request: post(`{"query":"`+strings.Repeat("x", 20<<10)+`"}`, accept...), status: 413},
		"a batch":      {request: post("["+query+"]", accept...), status: 400},
		"a form": {
			request: post("query=x", append(accept, "Content-Type", "application/x-www-form-urlencoded")...), status: 415},
		"a key in the URL": {request: request{method: "POST", url: "/graphql?key=" + goodKey, body: query,
			header: http.Header{"Accept": {accept[1]}}}, status: 400},
		"a POST that passes": {request: post(query, accept...), status: 200, has: []string{reached}},
	}
	for name, s := range scenarios {
		if s.status != 200 {
			s.hasNot = append(s.hasNot, reached)
		}
		scenarios[name] = s
	}
	runAll(t, scenarios)
}

func TestAStreamEndsWhenItsCallerDisconnects(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	s := stream(t, open(ended), nil)
	ctx, cancel := context.WithCancel(t.Context())
	answer := s.ask(t, ctx)
	cancel()
	answer.Body.Close()
	await(t, "the end", ended)
}

func TestOpenStreamsDoNotDelayTheStopOfTheServer(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	s := stream(t, open(ended), nil)
	answer := s.ask(t, t.Context())
	defer answer.Body.Close()
	began := time.Now()
	s.stop()
	await(t, "the end", ended)
	if body, err := io.ReadAll(answer.Body); err != nil || !strings.HasSuffix(string(body), "event: complete\n\n") {
		t.Errorf("the caller read %q, %v", body, err)
	}
	if err := <-s.stopped; err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("Serve = %v after %v", err, time.Since(began))
	}
}

// rights fakes keys and sessions whose state a test changes.
type rights struct {
	fakeKeys
	mu       sync.Mutex
	err      error // of every check
	operator principal.Operator
	asked    atomic.Int32
}

func (r *rights) Authenticate(ctx context.Context, key, address string) (principal.Key, error) {
	r.asked.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if address != "127.0.0.1" { // each check passes the caller's own address
		return principal.Key{}, fmt.Errorf("a key from %q", address)
	}
	if r.err != nil {
		return principal.Key{}, r.err
	}
	return r.fakeKeys.Authenticate(ctx, key, address)
}

func (r *rights) VerifyService(context.Context, string, string) (principal.Operator, error) {
	return principal.Operator{}, fault.Unauthenticated
}

func (r *rights) Verify(context.Context, string) (principal.Operator, error) {
	r.asked.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.operator, r.err
}

func (r *rights) change(fn func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn()
}

func TestAStreamEndsWhenItsCallerLosesItsRight(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token string
		end   func(*rights)
		log   string
	}{
		"a revoked key":        {goodKey, func(r *rights) { r.err = fault.Unauthenticated }, ""},
		"a session that ended": {goodJWT, func(r *rights) { r.err = fault.Unauthenticated }, ""},
		"another role":         {goodJWT, func(r *rights) { r.operator.Role = principal.Viewer }, ""},
		"another operator":     {goodJWT, func(r *rights) { r.operator.ID = "opr_2" }, ""},
		"a database that is gone": {goodKey, func(r *rights) { r.err = errors.New("the database is gone") },
			"the database is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := &rights{operator: principal.Operator{ID: "opr_1", Role: principal.Admin}}
			ended := make(chan struct{}, 1)
			s := stream(t, open(ended), nil, func(o *httpserver.Options) {
				o.Keys, o.Sessions, o.RecheckStreams = known, known, 20*time.Millisecond
				o.ServiceTokens = serviceTokens(known.VerifyService)
			})
			answer := s.ask(t, t.Context(), "Authorization", "Bearer "+test.token, "X-Request-Id", "req-5")
			defer answer.Body.Close()
			for known.asked.Load() < 5 {
				time.Sleep(time.Millisecond)
			}
			select {
			case <-ended:
				t.Fatal("the stream ended while its caller had every right")
			default:
			}
			known.change(func() { test.end(known) })
			await(t, "the end", ended)
			if body, err := io.ReadAll(answer.Body); err != nil || !strings.HasSuffix(string(body), "event: complete\n\n") {
				t.Errorf("the caller read %q, %v", body, err)
			}
			asked := known.asked.Load()
			time.Sleep(100 * time.Millisecond)
			if known.asked.Load() != asked {
				t.Error("it is asked for its right after the end")
			}
			known.fakeKeys.mu.Lock()
			defer known.fakeKeys.mu.Unlock()
			if uses := len(known.used); uses > 1 {
				t.Errorf("%d uses of the key were counted, want 1", uses)
			}
			if log := s.log.String(); strings.Contains(log, "level=ERROR") != (test.log != "") ||
				!strings.Contains(log, test.log) {
				t.Errorf("the log has %s", log)
			}
		})
	}
}

func TestACallerHasALimitOfStreams(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 2*httpserver.MaxStreamsEach)
	s := stream(t, open(ended), nil)
	key, operator := []string{"Authorization", "Bearer " + goodKey}, []string{"Authorization", "Bearer " + goodJWT}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range httpserver.MaxStreamsEach {
		defer s.ask(t, ctx, key...).Body.Close()
	}
	refused := s.ask(t, t.Context(), append(key, "Accept-Language", "en")...)
	body, err := io.ReadAll(refused.Body)
	refused.Body.Close()
	if err != nil || refused.StatusCode != http.StatusTooManyRequests || refused.Header.Get("Retry-After") == "" ||
		!strings.Contains(string(body), `"code":"BUSY"`) ||
		!strings.HasPrefix(refused.Header.Get("Content-Type"), "application/json") {
		t.Errorf("%d %v %s %v", refused.StatusCode, refused.Header, body, err)
	}
	for name, headers := range map[string][]string{"another caller": operator, "nobody": nil,
		"an ordinary request": append(key, "Accept", "application/json")} {
		other, leave := context.WithCancel(t.Context())
		answer := s.ask(t, other, headers...)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
		leave()
		answer.Body.Close()
		await(t, "the end of "+name, ended)
	}
	cancel()
	for range httpserver.MaxStreamsEach {
		await(t, "the end", ended)
	}
	must.WaitFor(t, 10*time.Second, "there is room once all have left", func() bool {
		again, leave := context.WithCancel(t.Context())
		defer leave()
		answer := s.ask(t, again, key...)
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// manySessions returns a different operator for each token.
type manySessions struct{}

func (manySessions) Verify(_ context.Context, token string) (principal.Operator, error) {
	return principal.Operator{ID: token}, nil
}

func TestTheServerHasALimitOfStreams(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	p := newPortal(t, func(o *httpserver.Options) {
		o.Sessions = manySessions{}
		o.GraphQL = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			begun <- struct{}{}
			<-finish
		})
	})
	ask := func(i int) int {
		r := httptest.NewRequest("POST", publicURL+"/graphql", strings.NewReader(subscription))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		r.Header.Set("Authorization", fmt.Sprintf("Bearer operator-%d", i))
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w.Code
	}
	var group sync.WaitGroup
	for i := range httpserver.MaxStreams {
		group.Go(func() { ask(i) })
		await(t, "a stream", begun)
	}
	if status := ask(httpserver.MaxStreams); status != http.StatusServiceUnavailable {
		t.Errorf("one more: %d", status)
	}
	close(finish)
	group.Wait()
	go func() { <-begun }()
	if status := ask(0); status != http.StatusOK {
		t.Errorf("after all have left: %d", status)
	}
}

func TestNothingIsWrittenAfterAStreamIsOver(t *testing.T) {
	t.Parallel()
	over, late := make(chan struct{}), make(chan error, 1)
	s := stream(t, func(w http.ResponseWriter, _ *http.Request) {
		begin(w)
		go func() {
			<-over
			_, err := io.WriteString(w, "too late")
			w.WriteHeader(http.StatusTeapot)
			w.(http.Flusher).Flush()
			late <- err
		}()
	}, nil)
	answer := s.ask(t, t.Context())
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	close(over)
	if got := <-late; !errors.Is(got, io.ErrClosedPipe) || err != nil || string(body) != ":\n\n" {
		t.Errorf("the late write: %v; the caller read %q, %v", got, body, err)
	}
}

// ticker is a GraphQL API whose subscription sends large events without end. running counts the active ones.
func ticker(running *atomic.Int32) http.Handler {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "type Query { a: Int } type Subscription { tick: String! }"})
	large := []byte(`{"tick":"` + strings.Repeat("x", 256<<10) + `"}`)
	server := handler.New(&graphql.ExecutableSchemaMock{
		SchemaFunc:     func() *ast.Schema { return schema },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) { return 0, false },
		ExecFunc: func(context.Context) graphql.ResponseHandler {
			return func(ctx context.Context) *graphql.Response {
				if ctx.Err() != nil {
					return nil
				}
				return &graphql.Response{Data: large}
			}
		},
	})
	server.AddTransport(transport.SSE{KeepAlivePingInterval: time.Millisecond})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Add(-1)
		r.Body = io.NopCloser(strings.NewReader(subscription)) // the body was read already
		server.ServeHTTP(w, r)
	})
}

// A caller that does not read blocks a write. gqlgen's keep-alive waits behind that write and goes on after the request
// has ended. Without the fix in stream this test does not fail: its process crashes.
func TestACallerThatNeverReadsIsCutOffAndCrashesNothing(t *testing.T) {
	t.Parallel()
	var running atomic.Int32
	s := stream(t, ticker(&running).ServeHTTP,
		func(s *httpserver.Server) { httpserver.SetStreamWriteTime(s, 200*time.Millisecond) })
	for range 6 {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil { // fills soon
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: portal.example\r\nContent-Type: application/json\r\n"+
			"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", len(subscription), subscription)
		if err != nil {
			t.Fatal(err)
		}
	}
	must.WaitFor(t, 10*time.Second, "the streams begin", func() bool { return running.Load() == 6 })
	must.WaitFor(t, 10*time.Second, "the streams end", func() bool { return running.Load() == 0 })
	time.Sleep(50 * time.Millisecond) // time for a late keep-alive

	answer := s.ask(t, t.Context())
	defer answer.Body.Close()
	events := bufio.NewReader(answer.Body)
	for range 3 {
		if line, err := events.ReadBytes('\n'); err != nil || bytes.Contains(line, []byte("complete")) {
			t.Fatalf("the next caller reads %q, %v", line, err)
		}
	}
}

// Proves: 9.2
func TestAGetWithTheETagOfTheAnswerGets304(t *testing.T) {
	t.Parallel()
	api := func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := etag.From(r.Context())
			answer.Set("v1")
			if answer.Matches("v1") {
				answer.NotModified()
			}
			_, _ = io.WriteString(w, reached)
		})
	}
	const url = "/graphql?query=%7Ba%7D"
	kept := map[string]string{"ETag": `W/"v1"`, "Cache-Control": "no-store",
		"Vary": "Authorization, Accept-Language, Accept"}
	never := map[string]string{"ETag": "", "Cache-Control": "no-store", "Vary": "Authorization, Accept-Language"}
	runAll(t, map[string]scenario{
		"a GET": {request: get(url), status: 200, has: []string{reached}, header: kept},
		"a GET of what is the same": {request: get(url, "If-None-Match", `W/"v1"`), status: 304, hasNot: []string{reached},
			header: kept},
		"a GET of what is not": {request: get(url, "If-None-Match", `W/"v0"`), status: 200, has: []string{reached},
			header: kept},
		"a POST":    {request: post(query, "If-None-Match", `W/"v1"`), status: 200, has: []string{reached}, header: never},
		"a refusal": {request: get(url, "Authorization", "x", "If-None-Match", `W/"v1"`), status: 401, header: never},
	}, api)
}

// bus tells its subscribers what a test tells it.
type bus struct {
	mu          sync.Mutex
	subscribers []subscriber
}

type subscriber struct {
	wants  func(live.Event) bool
	events chan live.Event
}

func (b *bus) Subscribe(_ context.Context, wants func(live.Event) bool) (<-chan live.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := subscriber{wants, make(chan live.Event, 1)}
	b.subscribers = append(b.subscribers, s)
	return s.events, nil
}

func (b *bus) tell(e live.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.subscribers {
		if e.Topic == live.Resync || s.wants(e) {
			s.events <- e
		}
	}
}

func TestAStreamsRightIsCheckedAsSoonAsItChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token string
		event live.Event
	}{
		"of a key": {goodKey,
			live.Event{Topic: live.RightsChanged, ClientID: "cli_1", ClientProductID: "cpr_1", ObjectID: "key_1"}},
		"of an operator":       {goodJWT, live.Event{Topic: live.RightsChanged, ObjectID: "opr_1"}},
		"of nobody knows whom": {goodKey, live.Event{Topic: live.Resync}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := &rights{operator: principal.Operator{ID: "opr_1", Role: principal.Admin}}
			ended, events := make(chan struct{}, 1), &bus{}
			s := stream(t, open(ended), nil, func(o *httpserver.Options) {
				o.Keys, o.Sessions, o.RecheckStreams, o.Live = known, known, time.Hour, events
				o.ServiceTokens = serviceTokens(known.VerifyService)
			})
			answer := s.ask(t, t.Context(), "Authorization", "Bearer "+test.token)
			defer answer.Body.Close()
			known.change(func() { known.err = fault.Unauthenticated })
			events.tell(test.event)
			await(t, "the end", ended)
		})
	}
}

func TestAChangeConcernsThoseWhoseRightsItChanges(t *testing.T) {
	t.Parallel()
	key := principal.Key{ID: "key_1", ClientID: "cli_1", ClientProductID: "cpr_1"}
	operator := principal.Operator{ID: "opr_1"}
	for name, test := range map[string]struct {
		event         live.Event
		key, operator bool
	}{
		"a key of the product": {live.Event{ClientID: "cli_1", ClientProductID: "cpr_1", ObjectID: "key_1"}, true, false},
		"the product":          {live.Event{ClientID: "cli_1", ClientProductID: "cpr_1", ObjectID: "cpr_1"}, true, false},
		"another of its client": {live.Event{ClientID: "cli_1", ClientProductID: "cpr_2", ObjectID: "cpr_2"},
			false, false},
		"its client":               {live.Event{ClientID: "cli_1", ObjectID: "cli_1"}, true, false},
		"another client":           {live.Event{ClientID: "cli_2", ObjectID: "cli_2"}, false, false},
		"the operator":             {live.Event{ObjectID: "opr_1"}, false, true},
		"another operator":         {live.Event{ObjectID: "opr_2"}, false, false},
		"whatever was not told of": {live.Event{Topic: live.Resync}, true, true},
	} {
		if got := httpserver.Concerns(test.event, key); got != test.key {
			t.Errorf("%s concerns the key: %t", name, got)
		}
		if got := httpserver.Concerns(test.event, operator); got != test.operator {
			t.Errorf("%s concerns the operator: %t", name, got)
		}
	}
}
