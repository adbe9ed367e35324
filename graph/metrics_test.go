package graph_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/metrics/token"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/login"
)

// watch returns what the listener of the metrics answers to a path.
func (p *portal) watch(t *testing.T, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:9464"+path, nil)
	p.metrics.NewServer(token.Token{}, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// metric returns the value of a metric with its labels; "" when there is none.
func (p *portal) metric(t *testing.T, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(p.watch(t, "/metrics"))
	if found == nil {
		return ""
	}
	return found[1]
}

// rises fails unless do adds one to a metric.
func (p *portal) rises(t *testing.T, what, name string, do func()) {
	t.Helper()
	number := func() (n int) {
		_, _ = fmt.Sscan(p.metric(t, name), &n) // an absent metric is 0
		return n
	}
	before := number()
	do()
	if after := number(); after != before+1 {
		t.Errorf("%s: %s goes from %d to %d", what, name, before, after)
	}
}

func TestEachOperationIsCountedOnceByItsFirstError(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		deep := "{ node(id: \"x\") { ... on Client { products { client { products { client { products { client { products " +
			"{ client { products { client { id } } } } } } } } } } } } }"
		for _, c := range []struct {
			what       string
			as         caller
			document   string
			kind, code string
		}{
			{"a query", p.viewer, `{ viewer { id } }`, "query", "OK"},
			{"a query of a key", s.key, `{ integration { revision } }`, "query", "OK"},
			{"a mutation with a user error", p.operator,
				`mutation { createClient(input: {name: "", document: ""}) { userErrors { code } } }`, "mutation", "OK"},
			{"a mutation of somebody who may not", p.viewer,
				`mutation { createClient(input: {name: "x", document: "x"}) { userErrors { code } } }`, "mutation", "FORBIDDEN"},
			{"two errors", s.key, `{ viewer { id } clients { totalCount } }`, "query", "FORBIDDEN"},
			{"a stranger's", stranger{}, `{ clients { totalCount } }`, "query", "UNAUTHENTICATED"},
			{"no document", p.viewer, `{ viewer {`, "unknown", "GRAPHQL_PARSE_FAILED"},
			{"an unknown field", p.viewer, `{ planted }`, "query", "GRAPHQL_VALIDATION_FAILED"},
			{"too deep a document", p.viewer, deep, "query", "LIMIT_DEPTH"},
			{"a subscription without a stream", p.viewer, `subscription { changes { topic } }`, "subscription",
				"BAD_USER_INPUT"},
		} {
			name := fmt.Sprintf(`chaveiro_graphql_operations_total{code=%q,kind=%q}`, c.code, c.kind)
			c.as.authorization(t) // the harness logs in outside the measurement
			p.rises(t, c.what, name, func() { p.post(t, c.as, c.document, nil) })
		}
		p.rises(t, "a subscription that is refused",
			`chaveiro_graphql_operations_total{code="FORBIDDEN",kind="subscription"}`, func() {
				for range p.stream(t, s.key, `changes { topic }`) { // until it ends
				}
				must.WaitFor(t, 20*time.Second, "the stream is counted no more", func() bool {
					return p.metric(t, "chaveiro_event_streams") == "0"
				})
			})
		if text := p.watch(t, "/metrics"); strings.Contains(text, "planted") {
			t.Error("a name that a caller chose is among the metrics")
		}
	})
}

func TestRequestsAreCountedByRouteAndNotByPath(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.rises(t, "a link",
			`chaveiro_http_request_duration_seconds_count{route="/install/link/{link}",status="404"}`, func() {
				p.browse(t, http.MethodGet, "/install/link/planted-link", "")
			})
		p.rises(t, "a query", `chaveiro_http_request_duration_seconds_count{route="/graphql",status="200"}`,
			func() { p.must(t, p.viewer, `{ viewer { id } }`, nil) })
		p.rises(t, "a bad key", `chaveiro_authentications_total{credential="access_token",outcome="refused"}`, func() {
			p.post(t, bearer("planted-token"), `{ viewer { id } }`, nil)
		})
		if text := p.watch(t, "/metrics"); strings.Contains(text, "planted") {
			t.Error("a path or a token is among the metrics")
		}
	})
}

func TestAnOpenStreamIsCountedUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.listen(t)
		p.stream(t, p.viewer, `changes { topic }`)
		must.WaitFor(t, 20*time.Second, "the stream is counted", func() bool {
			return p.metric(t, "chaveiro_event_streams") == "1"
		})
	})
}

func TestLogInsAreCountedByTheirOutcome(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		outcome := func(o login.Outcome) string { return fmt.Sprintf(`chaveiro_logins_total{outcome=%q}`, o) }
		p.rises(t, "a right password", outcome(login.Done), func() { p.login(t, p.viewer.email, goodPassword) })
		p.rises(t, "a wrong password", outcome(login.Refused), func() { p.tryLogin(t, p.viewer.email, "wrong") })
		p.rises(t, "an unknown address", outcome(login.Refused), func() { p.tryLogin(t, "nobody@example.com", "wrong") })
		app := p.setUpApp(t, p.operator)
		var ticket string
		p.rises(t, "half a log-in", outcome(login.FactorAsked),
			func() { ticket = p.halfLogin(t, p.operator.email, goodPassword) })
		p.rises(t, "a wrong code", outcome(login.FactorRefused), func() { p.complete(t, ticket, vars{"code": "000000"}) })
		p.rises(t, "an unknown ticket", outcome(login.FactorRefused),
			func() { p.complete(t, "unknown", vars{"code": "000000"}) })
		p.rises(t, "the other half", outcome(login.Done), func() { p.complete(t, ticket, vars{"code": app.code(t, p, 1)}) })
		for range 5 {
			p.tryLogin(t, p.admin.email, "wrong")
		}
		p.tryLogin(t, p.admin.email, "wrong")
		p.rises(t, "one too many", outcome(login.Throttled), func() { p.tryLogin(t, p.admin.email, "wrong") })
	})
}

func TestCallsToProvidersAndRenewalsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const calls, renewals = "chaveiro_provider_request_duration_seconds_count", "chaveiro_renewals_total"
		_, document := p.connected(t, "Padaria")
		p.step(t)
		if p.metric(t, calls+`{outcome="2xx",provider="PLUG4MARKET"}`) == "" {
			t.Error("the check is no call")
		}
		p.rises(t, "a renewal", renewals+`{outcome="ok",provider="PLUG4MARKET"}`, func() {
			p.clock.advance(23*time.Hour + 30*time.Minute)
			p.step(t)
		})
		p.sims.Plug4Market.Revoke(document)
		p.rises(t, "a renewal that is refused", renewals+`{outcome="refused",provider="PLUG4MARKET"}`, func() {
			p.clock.advance(23*time.Hour + 30*time.Minute)
			p.step(t)
		})
		if p.metric(t, calls+`{outcome="4xx",provider="PLUG4MARKET"}`) == "" {
			t.Error("the refusal is no call")
		}
		p.metrics.Look(t.Context())
		if got := p.metric(t, `chaveiro_marketplaces{provider="PLUG4MARKET",state="NEEDS_ATTENTION"}`); got != "1" {
			t.Errorf("connections that need attention: %s", got)
		}
	})
}
