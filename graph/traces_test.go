package graph_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	wire "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/chaveiro/chaveiro/graph"
	composed "github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/app/traces/tracestest"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const (
	readTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	waitTrace = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	aSpan     = "00f067aa0ba902b7"
)

const readPair = `{ integration { marketplaces { plantedAlias: credentials {
	... on Plug4MarketCredentials { accessToken } } } } }`

// eachTraced runs test over portals whose traces reach a collector at the latest by done.
func eachTraced(t *testing.T, test func(t *testing.T, p *portal, done func() *tracestest.Collector)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		collector := tracestest.New(t)
		p := newPortal(t, s, graph.NewHandler, func(o *composed.Options) {
			o.Settings.TracesTo, o.Settings.TraceShare = collector.URL, 1
		})
		t.Cleanup(p.whole.Traces.Close)
		test(t, p, func() *tracestest.Collector {
			p.whole.Traces.Close()
			return collector
		})
	})
}

// inTrace returns the names of the spans in a trace, each with those that it is inside of, sorted.
func inTrace(c *tracestest.Collector, trace string) (paths []string) {
	byID := map[string]*wire.Span{}
	for _, s := range c.Spans() {
		byID[string(s.SpanId)] = s
	}
	for _, s := range c.Spans() {
		if hex.EncodeToString(s.TraceId) != trace {
			continue
		}
		path := s.Name
		for around := byID[string(s.ParentSpanId)]; around != nil; around = byID[string(around.ParentSpanId)] {
			path = around.Name + " > " + path
		}
		if root := strings.Split(path, " > ")[0]; root == s.Name && hex.EncodeToString(s.ParentSpanId) == aSpan {
			path = "caller > " + path
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

func TestAReadIsATraceInsideThatOfItsCaller(t *testing.T) {
	eachTraced(t, func(t *testing.T, p *portal, done func() *tracestest.Collector) {
		s, _ := p.connected(t, "Padaria")
		p.must(t, s.key, readPair, nil, "Traceparent", "00-"+readTrace+"-"+aSpan+"-01")
		p.clock.advance(25 * time.Hour) // the pair has ended: the next read waits for its renewal
		p.must(t, s.key, readPair, nil, "Traceparent", "00-"+waitTrace+"-"+aSpan+"-01")
		c := done()

		const request, operation = "caller > POST /graphql", "POST /graphql > answer operation"
		want := []string{operation, operation + " > ask database", "POST /graphql > ask database", request}
		if got := slices.Compact(inTrace(c, readTrace)); !slices.Equal(got, want) {
			t.Errorf("a read is %q, want %q", got, want)
		}
		got := inTrace(c, waitTrace)
		for _, want := range []string{
			request, operation, operation + " > renew credentials", operation + " > renew credentials > call provider",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("in a read that waits for a renewal there is no %s: %q", want, got)
			}
		}
		if log := p.log.String(); !strings.Contains(log, `"trace_id":"`+readTrace+`"`) {
			t.Error("the log does not name the trace of the caller")
		}
	})
}

// Proves: 9.4
func TestTracesTellWhatTheManualSaysAndNoSecretOrTextOfACaller(t *testing.T) {
	eachTraced(t, func(t *testing.T, p *portal, done func() *tracestest.Collector) {
		s, document := p.connected(t, "Padaria Plantada")
		p.newMarketplace(t, s.clientProductID, meuCarrinho())
		var secrets []string
		read := func() {
			body := p.must(t, s.key, readPair, nil, "Tracestate", "vendor=planted-state", "User-Agent", "planted-agent").body
			for _, pair := range regexp.MustCompile(`"accessToken":"([^"]+)"`).FindAllStringSubmatch(body, -1) {
				secrets = append(secrets, pair[1])
			}
		}
		read()
		read() // is remembered
		p.post(t, p.viewer, `query plantedName($s: String) { clients(search: $s) { totalCount } }`, vars{"s": "planted search"})
		p.post(t, p.viewer, `{ plantedField clients(search: "planted literal") { totalCount } }`, nil)
		p.post(t, bearer("planted-token"), `{ viewer { id } }`, nil)
		p.tryLogin(t, "planted@example.com", "planted password")
		p.step(t)
		p.clock.advance(25 * time.Hour)
		p.step(t)
		read()
		p.sims.Plug4Market.Revoke(document)
		p.clock.advance(25 * time.Hour)
		p.step(t)
		c := done()

		secrets = append(secrets, string(s.key), p.viewer.token, goodPassword, document, "Padaria", "Plantada",
			"loja@example.com", "192.0.2.1", p.viewer.email, "Loja", publicURL, "planted")
		for _, secret := range secrets {
			if secret == "" || strings.Contains(c.Raw(), secret) {
				t.Errorf("%q is in what the collector got", secret)
			}
		}
		if len(secrets) < 13 {
			t.Errorf("only %d secrets were planted", len(secrets))
		}

		manual, err := os.ReadFile("../docs/operations.md")
		must.Do(t, err)
		documented := map[string]bool{}
		for _, row := range regexp.MustCompile("(?m)^\\| `((?:http|graphql|chaveiro)\\.[a-z_.]+)` \\|").
			FindAllStringSubmatch(string(manual), -1) {
			documented[row[1]] = true
		}
		shown := map[string]bool{}
		for _, s := range c.Spans() {
			for _, a := range s.Attributes {
				shown[a.Key] = true
				if !documented[a.Key] {
					t.Errorf("%s of %s is not in the manual", a.Key, s.Name)
				}
			}
			if s.Name != "POST /graphql" && !strings.Contains(string(manual), "| `"+s.Name+"` |") {
				t.Errorf("the manual has no span %s", s.Name)
			}
		}
		for key := range documented {
			if !shown[key] {
				t.Errorf("%s is in the manual, and no span has it", key)
			}
		}
		if len(documented) < 10 {
			t.Errorf("the manual has %d attributes", len(documented))
		}
	})
}

func TestAnOperationShowsItsKindItsRootFieldsAndItsFirstError(t *testing.T) {
	eachTraced(t, func(t *testing.T, p *portal, done func() *tracestest.Collector) {
		s := p.newShop(t, "Loja")
		cases := []struct {
			as                     caller
			document               string
			kind, fields, code, by string
		}{
			{p.viewer, `{ viewer { id } first: clients { totalCount } ...F } fragment F on Query { products { totalCount } }`,
				"query", "viewer,clients", "OK", "operator"},
			{p.viewer, `mutation { createClient(input: {name: "x", document: "x"}) { userErrors { code } } }`, "mutation",
				"createClient", "FORBIDDEN", "operator"},
			{p.viewer, `{ planted viewer { id } }`, "query", "viewer", "GRAPHQL_VALIDATION_FAILED", "operator"},
			{p.viewer, `{ viewer {`, "unknown", "", "GRAPHQL_PARSE_FAILED", "operator"},
			{s.key, `{ __typename integration { revision } }`, "query", "integration", "OK", "access_key"},
			{stranger{}, `{ clients { totalCount } }`, "query", "clients", "UNAUTHENTICATED", "none"},
		}
		traceOf := func(i int) string { return fmt.Sprintf("%032x", i+1) }
		for i, c := range cases {
			p.post(t, c.as, c.document, nil, "Traceparent", "00-"+traceOf(i)+"-"+aSpan+"-01")
		}
		collector := done()
		for i, c := range cases {
			told := map[string]string{}
			for _, s := range collector.Spans("POST /graphql", "answer operation") {
				if hex.EncodeToString(s.TraceId) != traceOf(i) {
					continue
				}
				for _, a := range s.Attributes {
					told[a.Key], _ = tracestest.Attribute(s, a.Key)
				}
			}
			for key, want := range map[string]string{
				"graphql.operation.type": c.kind, "chaveiro.root_fields": c.fields, "chaveiro.code": c.code,
				"chaveiro.caller": c.by,
			} {
				if told[key] != want {
					t.Errorf("%s: %s is %q, want %q", c.document, key, told[key], want)
				}
			}
		}
	})
}
