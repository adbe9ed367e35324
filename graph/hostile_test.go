package graph_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// endless is a body of n bytes that needs no memory.
func endless(n int64) io.Reader { return io.LimitReader(zeros{}, n) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// hostile is a request that would cost more than its size suggests.
type hostile struct {
	as     caller
	body   func() io.Reader
	header []string
	status int
	code   string
}

// ofDocument is a hostile document of an operator.
func (p *portal) ofDocument(document, code string) hostile {
	return hostile{as: p.viewer, status: http.StatusBadRequest, code: code, body: func() io.Reader {
		return strings.NewReader(fmt.Sprintf(`{"query":%q}`, document))
	}}
}

// twice returns a document with n fragments, each of which spreads the next one twice: it asks for 2^n fields.
func twice(n int) string {
	document := "{viewer{...F0}}"
	for i := range n {
		document += fmt.Sprintf("fragment F%d on Operator{...F%d ...F%d}", i, i+1, i+1)
	}
	return document + fmt.Sprintf("fragment F%d on Operator{id}", n)
}

// allocated returns how many bytes are allocated while fn runs. No other test may run at the same time.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Without limits each of these requests stops a server for seconds, days or for ever. None may allocate more than a few
// times the largest body, and the next caller must be served. The test is not parallel because it measures allocations.
// Proves: 8.1
func TestHostileRequestsAreAnsweredByTheirLimits(t *testing.T) {
	const mostBytes = 8 << 20
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) { outlives(t, newPortal(t, open(t), graph.NewHandler), mostBytes) })
	}
}

// outlives sends the hostile requests to a portal.
func outlives(t *testing.T, p *portal, mostBytes uint64) {
	t.Helper()
	s := p.newShop(t, "Loja")
	var squeezed bytes.Buffer
	packer := gzip.NewWriter(&squeezed)
	_, err := io.Copy(packer, endless(10<<20))
	must.Do(t, err)
	must.Do(t, packer.Close())
	raw := func(as caller, body string, status int) hostile {
		return hostile{as: as, status: status, code: "BAD_USER_INPUT",
			body: func() io.Reader { return strings.NewReader(body) }}
	}
	requests := map[string]hostile{
		"40 nested fragments":    p.ofDocument(twice(40), "LIMIT_FRAGMENTS"),
		"20 nested fragments":    p.ofDocument(twice(19), "LIMIT_SAME_FIELD"),
		"10,000 repeated fields": p.ofDocument("{viewer{"+times(10_000, "id ")+"}}", "LIMIT_TOKENS"),
		"900 repeated fields":    p.ofDocument("{viewer{"+times(900, "id ")+"}}", "LIMIT_SAME_FIELD"),
		"1,000 aliases":          p.ofDocument("{viewer{"+times(1000, "a%d:id ")+"}}", "LIMIT_TOKENS"),
		"300 aliases":            p.ofDocument("{viewer{"+times(300, "a%d:id ")+"}}", "LIMIT_ALIASES"),
		"300 directives":         p.ofDocument("{viewer{id "+times(300, "@a ")+"}}", "LIMIT_DIRECTIVES"),
		"deep fields":            p.ofDocument("{"+times(300, "viewer{")+"id"+times(300, "}")+"}", "LIMIT_DEPTH"),
		"deep values": p.ofDocument(`{node(id:`+times(10_000, "[")+times(10_000, "]")+"){id}}",
			"LIMIT_TOKENS"),
		"lists in lists": p.ofDocument(
			`{clients(first:100){edges{node{products{accessKeys(first:100){replacedBy{id} id}}}}}}`, "LIMIT_COMPLEXITY"),
		"introspection that goes on": p.ofDocument("{__schema{types{"+times(7, "fields{type{")+"name"+times(7, "}}")+"}}}",
			"LIMIT_DEPTH"),
		"a long text":       p.ofDocument(`{node(id:"`+times(200_000, "x")+`"){id}}`, "LIMIT_TEXT"),
		"deep JSON":         raw(p.viewer, `{"variables":`+times(100_000, "[")+times(100_000, "]")+"}", 400),
		"33 levels of JSON": raw(p.viewer, `{"variables":`+times(33, "[")+times(33, "]")+"}", 400),
		"JSON of many names": raw(p.viewer,
			`{"variables":{`+strings.TrimSuffix(times(10_000, `"a%d":0,`), ",")+"}}", 400),
		"JSON with a name twice": raw(p.viewer, `{"query":"{viewer{id}}","query":"{viewer{name}}"}`, 400),
		"a batch": raw(p.viewer,
			"["+strings.TrimSuffix(times(1000, `{"query":"{viewer{id}}"},`), ",")+"]", 400),
		"a body of 100 MB": {as: p.viewer, status: 413, code: "BAD_USER_INPUT",
			body: func() io.Reader { return endless(100 << 20) }},
		"a body of 100 MB, of a key": {as: s.key, status: 413, code: "BAD_USER_INPUT",
			body: func() io.Reader { return endless(100 << 20) }},
		"a body of 100 MB, of nobody": {as: stranger{}, status: 413, code: "BAD_USER_INPUT",
			body: func() io.Reader { return endless(100 << 20) }},
		"a body that grows when opened": {as: p.viewer, status: 415, code: "BAD_USER_INPUT",
			header: []string{"Content-Encoding", "gzip"}, body: func() io.Reader { return bytes.NewReader(squeezed.Bytes()) }},
	}
	for name, request := range requests {
		t.Run(name, func(t *testing.T) {
			authorization, body := request.as.authorization(t), request.body()
			var w *httptest.ResponseRecorder
			bytes := allocated(func() {
				r := httptest.NewRequest(http.MethodPost, publicURL+"/graphql", body)
				r.Header.Set("Content-Type", "application/json")
				if authorization != "" {
					r.Header.Set("Authorization", authorization)
				}
				for i := 0; i < len(request.header); i += 2 {
					r.Header.Set(request.header[i], request.header[i+1])
				}
				w = httptest.NewRecorder()
				p.ServeHTTP(w, r)
			})
			if w.Code != request.status || !strings.Contains(w.Body.String(), `"code":"`+request.code+`"`) {
				t.Errorf("answered %d: %.300s", w.Code, w.Body)
			}
			if bytes > mostBytes {
				t.Errorf("%d bytes are allocated for it, at most %d may be", bytes, mostBytes)
			}
			p.must(t, p.viewer, "{ viewer { id } }", nil)
			p.must(t, s.key, "{ integration { revision } }", nil)
		})
	}
}
