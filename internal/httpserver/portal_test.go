package httpserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/graphqlhttp"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/i18n/i18ntest"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

const (
	publicURL        = "https://portal.example"
	goodKey          = "chv_live_0aB1cD2eF3gH_0123456789012345678901234567890123456789012345678"
	badKey           = "chv_live_XXXXXXXXXXXX_0123456789012345678901234567890123456789012345678"
	goodServiceToken = "chv_serv_0aB1cD2eF3gH_0000000000000000000000000000000000000000000000000"
	goodJWT          = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJvcHIifQ.good"
	badJWT           = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJvcHIifQ.bad"
)

// portal is a server over fakes, with what they recorded.
type portal struct {
	*httpserver.Server
	log  *logBuffer
	keys *fakeKeys
}

// newPortal returns a portal whose GraphQL layer answers with the principal and the query. change adjusts its options.
func newPortal(t *testing.T, change ...func(*httpserver.Options)) portal {
	t.Helper()
	public, err := url.Parse(publicURL)
	if err != nil {
		t.Fatal(err)
	}
	log, keys := &logBuffer{}, &fakeKeys{}
	options := httpserver.Options{
		PublicURL: public,
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "reached GraphQL: %+v %s", principal.From(r.Context()), graphqlhttp.From(r.Context()).Query)
		}),
		Frontend: builtPages(),
		Keys:     keys,
		Sessions: fakeSessions{}, ServiceTokens: serviceTokens(verifyService),
		Ready: func(context.Context) error { return nil },
		Log:   slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, change := range change {
		change(&options)
	}
	return portal{httpserver.New(options), log, keys}
}

func builtPages() fs.FS {
	return fstest.MapFS{
		"index.html":           {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__">the app`)},
		"graphiql.html":        {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__">GraphiQL`)},
		"favicon.svg":          {Data: []byte(`<svg/>`)},
		"assets/app-1a2b3c.js": {Data: []byte(strings.Repeat("console.log(1);", 100))},
		"assets/.hidden":       {Data: []byte("concealed")},
		".vite/manifest.json":  {Data: []byte("concealed")},
	}
}

type fakeKeys struct {
	mu      sync.Mutex
	used    []string
	exposed []string
}

func (*fakeKeys) Authenticate(_ context.Context, key, _ string) (principal.Key, error) {
	switch key {
	case goodKey:
		return principal.Key{ID: "key_1", ClientID: "cli_1", ClientProductID: "cpr_1"}, nil
	case "chv_broken":
		return principal.Key{}, errors.New("select: database is gone")
	default:
		return principal.Key{}, fmt.Errorf("find: %w", fault.Unauthenticated)
	}
}

func (k *fakeKeys) NoteUse(key principal.Key, address string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used = append(k.used, key.ID+" from "+address)
}

func (*fakeKeys) HandOutAgain(context.Context, []remember.Read) error { return nil }

func (*fakeKeys) ShopVersion(context.Context, string) (principal.Version, error) {
	return principal.Version{}, nil
}

func (k *fakeKeys) FlagExposed(_ context.Context, key, where string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.exposed = append(k.exposed, key+" in "+where)
	if key == badKey {
		return errors.New("update: database is gone")
	}
	return nil
}

type fakeSessions struct{}

func (fakeSessions) Verify(_ context.Context, token string) (principal.Operator, error) {
	switch token {
	case goodJWT:
		return principal.Operator{ID: "opr_1", Role: principal.Admin}, nil
	case "busy":
		return principal.Operator{}, fault.Busy
	default:
		return principal.Operator{}, fault.Unauthenticated
	}
}

// serviceTokens implements the check of service tokens by a function.
type serviceTokens func(ctx context.Context, token, address string) (principal.Operator, error)

func (verify serviceTokens) Verify(ctx context.Context, token, address string) (principal.Operator, error) {
	return verify(ctx, token, address)
}

func verifyService(_ context.Context, token, _ string) (principal.Operator, error) {
	if token == goodServiceToken {
		return principal.Operator{ID: "svt_1", Role: principal.Viewer}, nil
	}
	return principal.Operator{}, fault.Unauthenticated
}

// logBuffer is a buffer that a test may read while the server writes.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// request is a request in a table of scenarios.
type request struct {
	method  string // GET if empty
	url     string // path and query
	host    string // the portal's if empty
	body    string
	header  http.Header
	address string // of the peer
}

// post is a GraphQL request with a body and headers, given as name, value, name, value.
func post(body string, headers ...string) request {
	header := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Content-Type" {
			header.Del("Content-Type")
		}
		header.Add(headers[i], headers[i+1])
	}
	return request{method: "POST", url: "/graphql", body: body, header: header}
}

func get(url string, headers ...string) request {
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Add(headers[i], headers[i+1])
	}
	return request{url: url, header: header}
}

// visit is what a browser sends for a page.
func visit(url string, headers ...string) request {
	return get(url,
		append([]string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, headers...)...)
}

// send returns the answer to a request and its body.
func (p portal) send(t *testing.T, req request) (*http.Response, string) {
	t.Helper()
	return p.sendIn(t.Context(), t, req)
}

// sendIn is send for a caller that waits until ctx ends.
func (p portal) sendIn(ctx context.Context, t *testing.T, req request) (*http.Response, string) {
	t.Helper()
	method := req.method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(ctx, method, publicURL+req.url, strings.NewReader(req.body))
	if req.header != nil {
		r.Header = req.header.Clone()
	}
	if req.host != "" {
		r.Host = req.host
	}
	if req.address != "" {
		r.RemoteAddr = req.address
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

// scenario is a request and what its answer must and must not contain.
type scenario struct {
	request request
	status  int
	header  map[string]string // "" for a header that must not be there
	has     []string          // in the body
	why     string            // reason of a 401; "" for any
	message i18n.Lang         // language of the message; "" for any
	hasNot  []string          // neither in the body nor in the log
}

func (s scenario) run(t *testing.T, p portal) {
	t.Helper()
	answer, body := p.send(t, s.request)
	if answer.StatusCode != s.status {
		t.Errorf("status %d, want %d", answer.StatusCode, s.status)
	}
	for name, want := range s.header {
		if got := strings.Join(answer.Header.Values(name), "; "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if want := `"reason":"` + s.why + `"`; s.why != "" && !strings.Contains(body, want) {
		t.Errorf("the answer lacks %s", want)
	}
	if word := i18ntest.Foreign(s.message, body); word != "" {
		t.Errorf("in %s is said %q", s.message, word)
	}
	for _, want := range s.has {
		if !strings.Contains(body, want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
	for _, unwanted := range s.hasNot {
		if strings.Contains(body, unwanted) {
			t.Errorf("the answer has %q", unwanted)
		}
		if strings.Contains(p.log.String(), unwanted) {
			t.Errorf("the log has %q", unwanted)
		}
	}
	if t.Failed() {
		t.Logf("answer: %v\n%s\nlog: %s", answer.Header, body, p.log)
	}
}

func runAll(t *testing.T, scenarios map[string]scenario, change ...func(*httpserver.Options)) {
	t.Helper()
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario.run(t, newPortal(t, change...))
		})
	}
}
