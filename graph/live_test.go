package graph_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// stream sends a subscription over a real connection, and returns its events (the data lines of Server-Sent Events).
// The stream ends with the test.
func (p *portal) stream(t *testing.T, as caller, document string) <-chan string {
	t.Helper()
	server := httptest.NewServer(p.Server)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { cancel(); server.CloseClientConnections(); server.Close() })
	body := strings.NewReader(`{"query":"subscription { ` + document + ` }"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/graphql", body)
	must.Do(t, err)
	r.Host = "portal.example"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	if authorization := as.authorization(t); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultClient.Do(r)
	must.Do(t, err)
	events := make(chan string, 100)
	go func() {
		defer close(events)
		defer func() { _ = answer.Body.Close() }()
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && data != "" {
				events <- data
			}
		}
	}()
	return events
}

// next returns the next event that contains a text.
func next(t *testing.T, events <-chan string, text string) string {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case event, ok := <-events:
			if !ok {
				t.Fatalf("the stream ended before %q", text)
			}
			if strings.Contains(event, text) {
				return event
			}
		case <-timeout:
			t.Fatalf("no event with %q in 20 s", text)
		}
	}
}

func TestChangesAreSentAsTheyHappen(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.listen(t)
		s, _ := p.connected(t, "Padaria")
		other, _ := p.connected(t, "Outra")
		page := p.stream(t, p.viewer,
			`changes(clientProductId: \"`+s.clientProductID+`\") { topic clientId clientProductId objectId }`)
		backOffice := p.stream(t, s.key,
			`integrationChanges { revision marketplaces { id health { state } credentials { ... on Plug4MarketCredentials { accessToken } } } }`)
		if first := next(t, backOffice, `"state":"WAITING"`); strings.Contains(first, other.marketplaceID) {
			t.Errorf("it is told of another client: %s", first)
		}
		// The page's stream is subscribed once an event reaches it.
		must.WaitFor(t, 20*time.Second, "an event reaches the page", func() bool {
			p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
				vars{"id": s.marketplaceID, "description": "Hub " + time.Now().String()})
			select {
			case event := <-page:
				return strings.Contains(event, s.marketplaceID)
			case <-time.After(200 * time.Millisecond):
				return false
			}
		})
		must.Do(t, p.keys.Flush(t.Context())) // the back-office's stream was a use of its key
		if used := next(t, page, `"topic":"ACCESS_KEY_USED"`); !strings.Contains(used, s.keyID) {
			t.Errorf("the page is told %s", used)
		}
		p.step(t)
		next(t, backOffice, `"state":"CONNECTED"`)
		event := next(t, page, `"topic":"MARKETPLACE"`)
		if !strings.Contains(event, s.clientID) || strings.Contains(event, other.marketplaceID) {
			t.Errorf("the page is told %s", event)
		}
		select {
		case event := <-page:
			if strings.Contains(event, other.marketplaceID) {
				t.Errorf("the page is told of another client's product: %s", event)
			}
		default:
		}
	})
}

func TestABackOfficeIsNotifiedOfEachChangeOfWhatItReads(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.listen(t)
		s := p.newShop(t, "Loja")
		revision := func() string {
			return p.must(t, s.key, `{ integration { revision } }`, nil).text(t, "integration.revision")
		}
		backOffice := p.stream(t, s.key, `integrationChanges { client { name document } accessKey { overlapEndsAt } }`)
		next(t, backOffice, `"name":"Loja"`)
		document := p.document(t)
		for _, step := range []struct {
			what, told string
			change     func()
		}{
			{"another name", `"name":"Loja nova"`, func() {
				p.mustCall(t, p.operator, "updateClient", "client { id }", vars{"id": s.clientID, "name": "Loja nova"})
			}},
			{"another document", `"document":"` + document + `"`, func() {
				p.mustCall(t, p.operator, "updateClient", "client { id }", vars{"id": s.clientID, "document": document})
			}},
			{"a rotation", `"overlapEndsAt":"2`, func() { p.rotate(t, vars{"id": s.keyID, "overlapHours": 24}) }},
		} {
			before := revision()
			step.change()
			if now := revision(); now == before {
				t.Errorf("%s leaves the revision %s", step.what, now)
			}
			next(t, backOffice, step.told)
		}
	})
}

func TestASubscriptionServesOnlyItsAllowedCallersAndOnlyOverAStream(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for name, sc := range map[string]struct {
			as       caller
			document string
			code     string
		}{
			"a key asks for the page's":      {s.key, `changes { topic }`, "FORBIDDEN"},
			"an operator asks for the key's": {p.operator, `integrationChanges { revision }`, "FORBIDDEN"},
		} {
			if got := next(t, p.stream(t, sc.as, sc.document), `"errors"`); !strings.Contains(got, sc.code) {
				t.Errorf("%s: %s", name, got)
			}
		}
		p.post(t, p.operator, `subscription { changes { topic } }`, nil).refused(t, "BAD_USER_INPUT")
		p.post(t, stranger{}, `subscription { changes { topic } }`, nil).refused(t, "UNAUTHENTICATED")
	})
}

// Proves: 3.5, 9.2, 9.3
func TestNoSecretIsAnywhereButInCredentials(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.connected(t, "Padaria")
		p.sims.MeuCarrinho.AddUser("loja", "planted-secret-9", simulatedMerchant(document))
		p.newMarketplace(t, s.clientProductID, vars{"meuCarrinho": vars{"username": "loja", "password": "planted-secret-9"}})
		nuvem := p.newMarketplace(t, s.clientProductID, nuvemshop())
		p.sims.Nuvemshop.AddStore(4720, simulatedStore(document))
		started := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": nuvem})
		p.browse(t, http.MethodGet, p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4720),
			cookieOf(t, started.header))
		secrets := []string{"planted-secret-9", p.sims.Plug4Market.CurrentAccess(document),
			p.sims.Plug4Market.CurrentRefresh(document), p.sims.Nuvemshop.Token(4720)}
		p.step(t)
		p.clock.advance(23*time.Hour + 30*time.Minute)
		p.sims.MeuCarrinho.SetPassword("loja", "other") // refusals must be logged and shown too
		p.step(t)
		p.sims.Plug4Market.Revoke(document)
		p.sims.Nuvemshop.Uninstall(4720)
		p.clock.advance(2 * time.Hour)
		p.step(t)
		secrets = append(secrets, p.sims.Plug4Market.CurrentAccess(document), p.sims.Plug4Market.CurrentRefresh(document))

		answers := p.must(t, p.admin, `{ clients { edges { node { products { marketplaces { id description providerMessage `+
			itsHealth+` config { __typename
			... on MeuCarrinhoConfig { username password { setAt setBy fingerprint } } ... on Plug4MarketConfig { accessToken { fingerprint } refreshToken { fingerprint } } } } } } } }
			due { message } providers { settings { name value } } }`, nil).body
		places := map[string]string{"the answers to an administrator": answers, "the log": p.log.String(),
			"the metrics": p.watch(t, "/metrics"), "the profile of goroutines": p.watch(t, "/debug/pprof/goroutine?debug=2")}
		for table, rows := range p.snapshot(t) {
			places["table "+table] = strings.Join(rows, "\n")
		}
		for place, text := range places {
			for _, secret := range secrets {
				if secret != "" && strings.Contains(text, secret) {
					t.Errorf("a secret is in %s", place)
				}
			}
		}
	})
}
