package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// way is one kind of request to the portal.
type way struct {
	method, path, body string
	headers            []string
	// status is the status of the answer while the database is up.
	status int
	// plain is true if the answer is not GraphQL.
	plain bool
}

func (w way) ask(p *portal) *httptest.ResponseRecorder {
	r := httptest.NewRequest(w.method, publicURL+w.path, strings.NewReader(w.body))
	for i := 0; i < len(w.headers); i += 2 {
		r.Header.Set(w.headers[i], w.headers[i+1])
	}
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, r)
	return answer
}

func query(document string) string {
	text, _ := json.Marshal(map[string]string{"query": document})
	return string(text)
}

// ways returns every kind of request that needs the database.
func (p *portal) ways(t *testing.T) map[string]way {
	t.Helper()
	s := p.newShop(t, "Padaria")
	_, script := p.newServiceToken(t, "VIEWER")
	const integration = `{ integration { client { name } } }`
	const pull = `{ integration { marketplaces { credentials { __typename } } } }`
	const mine = `{ clients { totalCount } }`
	typed := func(headers ...string) []string {
		return append([]string{"Content-Type", "application/json", "Accept", "application/json"}, headers...)
	}
	key, person := "Bearer "+string(s.key), p.admin.authorization(t)
	basic := httptest.NewRequest(http.MethodGet, "/", nil)
	basic.SetBasicAuth("caixa", string(s.key))

	tab := &browser{portal: p}
	tab.login(t, p.viewer.email, goodPassword)
	redact := p.sims.Nuvemshop.Redact(simulated.StoreRedact, 4711, publicURL+"/webhooks/nuvemshop/store-redact", true)
	var signed []string
	for name := range redact.Header {
		signed = append(signed, name, redact.Header.Get(name))
	}
	createClient := fmt.Sprintf(`mutation { createClient(input: {name: "Nova", document: %q}) { userErrors { code } } }`,
		p.document(t))
	login := fmt.Sprintf(`mutation { login(input: {email: %q, password: %q}) { userErrors { code } } }`, p.operator.email,
		goodPassword)
	return map[string]way{
		"a pull of credentials": {method: "POST", path: "/graphql", body: query(pull),
			headers: typed("Authorization", key), status: 200},
		"a key by GET": {method: "GET", path: "/graphql?query=" + url.QueryEscape(integration),
			headers: []string{"Authorization", key}, status: 200},
		"a key as a password": {method: "POST", path: "/graphql", body: query(integration),
			headers: typed("Authorization", basic.Header.Get("Authorization")), status: 200},
		"a service token": {method: "POST", path: "/graphql", body: query(mine),
			headers: typed("Authorization", "Bearer "+string(script)), status: 200},
		"a query of an operator": {method: "POST", path: "/graphql", body: query(mine),
			headers: typed("Authorization", person), status: 200},
		"a mutation of an operator": {method: "POST", path: "/graphql", body: query(createClient),
			headers: typed("Authorization", person), status: 200},
		"a log-in": {method: "POST", path: "/graphql", body: query(login),
			headers: typed("X-Chaveiro-CSRF", "1", "Sec-Fetch-Site", "same-origin"), status: 200},
		"a refresh": {method: "POST", path: "/graphql", body: query(refresh), headers: typed("Cookie",
			cookieName+"="+tab.cookie, "X-Chaveiro-CSRF", "1", "Sec-Fetch-Site", "same-origin"), status: 200},
		"an event stream": {method: "POST", path: "/graphql", body: query(`subscription { noSuchField }`),
			headers: []string{"Content-Type", "application/json", "Accept", "text/event-stream", "Authorization", key},
			status:  200},
		"an export of the audit trail": {method: "GET", path: "/export/audit.csv",
			headers: []string{"Authorization", person}, status: 200},
		"whether it is ready":           {method: "GET", path: "/readyz", status: 200, plain: true},
		"a link of a merchant":          {method: "GET", path: "/install/link/nowhere", status: 404, plain: true},
		"a link of a merchant, entered": {method: "POST", path: "/install/link/nowhere", status: 404, plain: true},
		"a webhook": {method: "POST", path: "/webhooks/nuvemshop/store-redact", body: string(redact.Body),
			headers: signed, status: 204, plain: true},
	}
}

// Proves: 12.4
func TestEveryRequestIsAnswered503WhileTheDatabaseIsGoneAndServedAfterwards(t *testing.T) {
	t.Parallel()
	s, proxy := storetest.Proxied(t)
	p := newPortal(t, s, graph.NewHandler)
	ways := p.ways(t)
	proxy.Down()
	for name, way := range ways {
		answer := way.ask(p)
		body := answer.Body.String()
		if answer.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d, want 503: %s", name, answer.Code, body)
		}
		if seconds, err := strconv.Atoi(answer.Header().Get("Retry-After")); err != nil || seconds < 1 {
			t.Errorf("%s: Retry-After is %q", name, answer.Header().Get("Retry-After"))
		}
		if !way.plain && !strings.Contains(body, `"code":"BUSY"`) {
			t.Errorf("%s: there is no BUSY in %s", name, body)
		}
		if !p.warned(answer.Header().Get("X-Request-Id")) {
			t.Errorf("%s: the log does not say why", name)
		}
	}
	if alive := (way{method: "GET", path: "/healthz"}).ask(p); alive.Code != http.StatusOK {
		t.Errorf("the process is alive, and says %d", alive.Code)
	}
	proxy.Resume()
	for name, way := range ways {
		if answer := way.ask(p); answer.Code != way.status || strings.Contains(answer.Body.String(), "BUSY") {
			t.Errorf("%s, when the database is back: status %d, want %d: %s", name, answer.Code, way.status, answer.Body)
		}
	}
}

// warned reports whether the log has a warning of a request with an error in it.
func (p *portal) warned(requestID string) bool {
	for line := range strings.SplitSeq(p.log.String(), "\n") {
		if strings.Contains(line, `"level":"WARN"`) && strings.Contains(line, `"err":"`) &&
			strings.Contains(line, `"request_id":"`+requestID+`"`) {
			return requestID != ""
		}
	}
	return false
}

func TestAFullDiskIsReportedInAPlainSentenceAndReadsStillWork(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), graph.NewHandler)
	p.newShop(t, "Padaria")
	writer := p.store.Pools()["writes"]
	var pages int
	must.Do(t, writer.QueryRow("PRAGMA page_count").Scan(&pages))
	_, err := writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	must.Do(t, err)
	for lang, sentence := range map[string]string{"pt-BR": "não consegue gravar agora", "en": "cannot save now"} {
		var refused response
		for range 500 { // until the pages are full
			refused = p.call(t, p.operator, "createClient", "client { id }",
				vars{"name": strings.Repeat("Loja ", 30), "document": p.document(t)}, "Accept-Language", lang)
			if refused.status != http.StatusOK {
				break
			}
		}
		if refused.status != http.StatusServiceUnavailable || refused.code(t) != "BUSY" ||
			!strings.Contains(refused.body, sentence) {
			t.Errorf("%s: status %d: %s", lang, refused.status, refused.body)
		}
		if !p.warned(refused.header.Get("X-Request-Id")) || !strings.Contains(p.log.String(), "database or disk is full") {
			t.Errorf("%s: the log does not say why", lang)
		}
	}
	if p.store.RefusedWrites()[store.Full] == 0 {
		t.Error("a full disk is not counted")
	}
	p.must(t, p.viewer, `{ clients { totalCount } }`, nil)
}
