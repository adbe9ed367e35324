package graph_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func TestExpiredCredentialsAreNeverShownAsConnectedEvenBeforeACheck(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.connected(t, "Padaria")
		p.step(t)
		p.wantHealth(t, s.marketplaceID, "CONNECTED CHECK_PASSED")
		const query = `{ integration { marketplaces { health { state reason since } } } }`
		poll := func(tag string) *http.Response {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
				publicURL+"/graphql?query="+url.QueryEscape(query), nil)
			r.Header.Set("Authorization", s.key.authorization(t))
			r.Header.Set("If-None-Match", tag)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			return w.Result()
		}
		tag := poll("").Header.Get("ETag")
		if answer := poll(tag); answer.StatusCode != http.StatusNotModified {
			t.Fatalf("a poll of what is the same answers %d", answer.StatusCode)
		}

		p.sims.Plug4Market.Always(simulated.Status(503))
		p.clock.advance(23*time.Hour + 30*time.Minute)
		p.wantHealth(t, s.marketplaceID, "EXPIRING RENEWAL_DELAYED")
		if answer := poll(tag); answer.StatusCode != http.StatusOK {
			t.Errorf("a poll while the renewal is late answers %d", answer.StatusCode)
		}
		p.clock.advance(time.Hour)
		p.wantHealth(t, s.marketplaceID, "FAILING CREDENTIALS_EXPIRED")
		answer := p.must(t, s.key, query, nil) // waits for a renewal that fails
		if state := answer.text(t, "integration.marketplaces.0.health.state"); state != "FAILING" {
			t.Errorf("the back-office is told %s", state)
		}
		p.step(t) // step writes into the row what the answer has already shown
		stored := p.must(t, p.admin, `{ clients(filter: {hasProblem: true}) { totalCount } }`, nil)
		if stored.get("clients.totalCount") != 1.0 {
			t.Errorf("the list of clients in trouble has %v", stored.get("clients.totalCount"))
		}
	})
}
