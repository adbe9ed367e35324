package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// bind limits a key to addresses, and returns them as the portal formats them.
func (p *portal) bind(t *testing.T, keyID string, addresses ...string) []any {
	t.Helper()
	bound := p.mustCall(t, p.operator, "updateAccessKey", "accessKey { addresses }",
		vars{"id": keyID, "addresses": append([]string{}, addresses...)})
	return bound.get("updateAccessKey.accessKey.addresses").([]any)
}

// worksFrom is works with a request from the given address.
func (p *portal) worksFrom(t *testing.T, key bearer, address string) bool {
	t.Helper()
	return p.works(t, key, "X-Forwarded-For", address)
}

// refusedFrom returns when and from where a key was refused, as an operator sees it.
func (p *portal) refusedFrom(t *testing.T, keyID string) (at, address any) {
	t.Helper()
	node := p.must(t, p.viewer, `query($id: ID!) {
		node(id: $id) { ... on AccessKey { refusedAt refusedAddress lastUsedAt } } }`, vars{"id": keyID})
	return node.get("node.refusedAt"), node.get("node.refusedAddress")
}

// Proves: 5.4
func TestAKeyIsTakenFromItsAddressesOnly(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, other := p.newShop(t, "Loja"), p.newShop(t, "Outra")
		made := p.mustCall(t, p.operator, "createAccessKey", "accessKey { addresses } token", vars{
			"clientProductId": s.clientProductID, "name": "x",
			"addresses": []string{"203.0.113.7", " 198.51.100.0/24", "2001:DB8::/32", "203.0.113.7/32"},
		})
		if got := fmt.Sprint(made.get("createAccessKey.accessKey.addresses")); got != "[203.0.113.7/32 198.51.100.0/24 "+
			"2001:db8::/32]" {
			t.Errorf("the addresses are %s", got)
		}
		key := bearer(made.text(t, "createAccessKey.token"))
		for address, want := range map[string]bool{
			"203.0.113.7": true, "::ffff:203.0.113.7": true, "198.51.100.200": true, "2001:db8:1::1": true,
			"203.0.113.8": false, "198.51.101.1": false, "2001:db9::1": false, "unknown": false,
		} {
			if got := p.worksFrom(t, key, address); got != want {
				t.Errorf("from %s it works: %t", address, got)
			}
			if !p.worksFrom(t, s.key, address) || !p.worksFrom(t, other.key, address) {
				t.Errorf("from %s a key that is bound to nothing does not work", address)
			}
		}
		if n := p.statements(t, func() { p.worksFrom(t, key, "203.0.113.8") }); n != 1 {
			t.Errorf("to refuse it costs %d statements, want 1", n)
		}
	})
}

// Proves: 5.4
func TestEveryEntryPointChecksTheAddressOfAKey(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.bind(t, s.keyID, "203.0.113.7")
		query := url.Values{"query": {`{ integration { revision } }`}}.Encode()
		send := func(address string, r *http.Request) *httptest.ResponseRecorder {
			if r.Header.Get("Authorization") == "" {
				r.Header.Set("Authorization", "Bearer "+string(s.key))
			}
			r.Header.Set("X-Forwarded-For", address)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			return w
		}
		get := func(headers ...string) func() *http.Request {
			return func() *http.Request {
				r := httptest.NewRequest(http.MethodGet, publicURL+"/graphql?"+query, nil)
				for i := 0; i < len(headers); i += 2 {
					r.Header.Set(headers[i], headers[i+1])
				}
				return r
			}
		}
		subscribe := func() *http.Request {
			r := httptest.NewRequest(http.MethodPost, publicURL+"/graphql",
				strings.NewReader(`{"query":"subscription { nothing }"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "text/event-stream")
			return r
		}
		basic := get()()
		basic.SetBasicAuth("anybody", string(s.key))
		tag := send("203.0.113.7", get()()).Header().Get("ETag")
		if tag == "" {
			t.Fatal("there is no ETag")
		}
		for name, c := range map[string]struct {
			request func() *http.Request
			within  int // the status of the answer from within the addresses
		}{
			"GET":                {get(), http.StatusOK},
			"GET, If-None-Match": {get("If-None-Match", tag), http.StatusNotModified},
			"Basic":              {get("Authorization", basic.Header.Get("Authorization")), http.StatusOK},
			"a stream":           {subscribe, http.StatusOK},
			"an export": {func() *http.Request {
				return httptest.NewRequest(http.MethodGet, publicURL+"/export/audit.csv", nil)
			}, http.StatusForbidden},
		} {
			if got := send("203.0.113.7", c.request()); got.Code != c.within {
				t.Errorf("%s from within: %d %s", name, got.Code, got.Body)
			}
			if got := send("203.0.113.8", c.request()); got.Code != http.StatusUnauthorized ||
				!strings.Contains(got.Body.String(), "UNAUTHENTICATED") ||
				strings.Contains(got.Body.String(), "203.0.113.7") ||
				!strings.Contains(got.Body.String(), `"reason":"ADDRESS_NOT_ALLOWED"`) {
				t.Errorf("%s from elsewhere: %d %s", name, got.Code, got.Body)
			}
		}
	})
}

// Proves: 5.4
func TestTheAddressesOfAKeyAreChangedAtOnceAndAudited(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for _, step := range []struct {
			addresses  []string
			here, away bool
			changes    string
		}{
			{[]string{"203.0.113.7"}, true, false, `[{"field": "addresses", "new": ["203.0.113.7/32"]}]`},
			{[]string{"203.0.113.0/24", "::1"}, true, false,
				`[{"field": "addresses", "old": ["203.0.113.7/32"], "new": ["203.0.113.0/24", "::1/128"]}]`},
			{[]string{"198.51.100.1"}, false, true,
				`[{"field": "addresses", "old": ["203.0.113.0/24", "::1/128"], "new": ["198.51.100.1/32"]}]`},
			{nil, true, true, `[{"field": "addresses", "old": ["198.51.100.1/32"]}]`},
		} {
			events := p.auditCount(t)
			p.bind(t, s.keyID, step.addresses...)
			if got := p.worksFrom(t, s.key, "203.0.113.7"); got != step.here {
				t.Errorf("%v: from 203.0.113.7 it works: %t", step.addresses, got)
			}
			if got := p.worksFrom(t, s.key, "198.51.100.1"); got != step.away {
				t.Errorf("%v: from 198.51.100.1 it works: %t", step.addresses, got)
			}
			written := p.audited(t, events)
			if len(written) != 1 || written[0].action != "access_key.update" || written[0].object != s.keyID ||
				written[0].client != s.clientID {
				t.Fatalf("%v: recorded is %+v", step.addresses, written)
			}
			if plain := func(s string) string { return strings.ReplaceAll(s, " ", "") }; plain(written[0].changes) != plain(
				step.changes) {
				t.Errorf("%v: recorded is %s, want %s", step.addresses, written[0].changes, step.changes)
			}
			before := p.snapshot(t)
			p.bind(t, s.keyID, append(step.addresses, step.addresses...)...)
			p.unchanged(t, before)
		}
		p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
		p.bind(t, s.keyID, "203.0.113.7") // while the key does not work
		p.mustCall(t, p.operator, "resumeClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
		if !p.worksFrom(t, s.key, "203.0.113.7") || p.worksFrom(t, s.key, "203.0.113.8") {
			t.Error("a key that was bound while its product was suspended is not bound")
		}
	})
}

func TestARotatedKeyPassesItsAddressesOn(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.bind(t, s.keyID, "203.0.113.7")
		_, next, _ := p.rotate(t, vars{"id": s.keyID})
		for _, key := range []bearer{s.key, next} {
			if !p.worksFrom(t, key, "203.0.113.7") || p.worksFrom(t, key, "203.0.113.8") {
				t.Error("it is not bound")
			}
		}
		p.bind(t, s.keyID, "203.0.113.8") // the old key still works, so its addresses may be changed
		if !p.worksFrom(t, s.key, "203.0.113.8") || p.worksFrom(t, next, "203.0.113.8") {
			t.Error("the old key does not have addresses of its own")
		}
	})
}

func TestAMalformedAddressIsRefusedWithItsPosition(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		ended, _ := p.newKey(t, s.clientProductID)
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": ended})
		many := slices.Repeat([]string{"203.0.113.7"}, 21)
		p.refuses(t, p.operator, "updateAccessKey", []refusal{
			{"no address", vars{"id": s.keyID, "addresses": []string{"::1", "loja.example"}},
				[]string{"ADDRESS_INVALID at addresses.1"}},
			{"an inexact network", vars{"id": s.keyID, "addresses": []string{"203.0.113.7/24", ""}},
				[]string{"NETWORK_INEXACT at addresses.0", "ADDRESS_INVALID at addresses.1"}},
			{"too many", vars{"id": s.keyID, "addresses": many}, []string{"LIMIT_REACHED at addresses"}},
			{"a revoked key", vars{"id": ended, "addresses": []string{"::1"}}, []string{"KEY_NOT_ACTIVE at id"}},
		})
		p.refuses(t, p.operator, "createAccessKey", []refusal{
			{"no address", vars{"clientProductId": s.clientProductID, "name": "", "addresses": []string{"::1", "x"}},
				[]string{"REQUIRED at name", "ADDRESS_INVALID at addresses.1"}},
			{"too many", vars{"clientProductId": s.clientProductID, "name": "x", "addresses": many},
				[]string{"LIMIT_REACHED at addresses"}},
		})
		for language, want := range map[string]string{
			"pt-BR": "A rede deste endereço é 203.0.113.0/24: digite-a assim ou, se for só o endereço, sem a barra.",
			"en":    "The network of this address is 203.0.113.0/24: type it so or, for the address alone, without the slash.",
		} {
			answer := p.call(t, p.operator, "updateAccessKey", "__typename",
				vars{"id": s.keyID, "addresses": []string{"203.0.113.7/24"}}, "Accept-Language", language)
			if got := answer.userErrors(t)[0].Message; got != want {
				t.Errorf("the sentence is %q", got)
			}
		}
	})
}

// Proves: 5.4
func TestAKeyFromAnotherAddressIsShownToOperatorsAndAuditedOnceAnHour(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.toHalfPast()
		s := p.newShop(t, "Loja")
		p.bind(t, s.keyID, "192.0.2.1")
		flushed := func() []auditRow {
			t.Helper()
			events := p.auditCount(t)
			must.Do(t, p.keys.Flush(t.Context()))
			return p.audited(t, events)
		}
		p.works(t, s.key)
		flushed()

		before, from := p.snapshot(t), p.clock.Now().Truncate(time.Millisecond) // the precision of the answers
		for range 3 {
			p.worksFrom(t, s.key, "203.0.113.7")
			p.worksFrom(t, s.key, "203.0.113.8")
		}
		p.unchanged(t, before) // a refused call does not write
		events := flushed()
		if len(events) != 2 {
			t.Fatalf("recorded is %+v", events)
		}
		for i, address := range []string{"203.0.113.7", "203.0.113.8"} {
			if e := events[i]; e.action != "access_key.refused" || e.kind != "ACCESS_KEY" || e.actor != s.keyID ||
				e.object != s.keyID || e.client != s.clientID ||
				e.address != address || e.requestID == "" || !strings.Contains(e.changes, address) {
				t.Errorf("recorded is %+v", e)
			}
		}
		at, address := p.refusedFrom(t, s.keyID)
		when, err := time.Parse(time.RFC3339Nano, fmt.Sprint(at))
		if err != nil || when.Before(from) || when.After(p.clock.Now()) || address != "203.0.113.8" {
			t.Errorf("refused at %v from %v", at, address)
		}

		p.worksFrom(t, s.key, "203.0.113.7")
		if events := flushed(); len(events) > 0 {
			t.Errorf("in the same hour: %+v", events)
		}
		p.clock.advance(time.Hour)
		for i := range 30 {
			p.worksFrom(t, s.key, fmt.Sprintf("198.51.100.%d", i))
		}
		if events := flushed(); len(events) != 10 {
			t.Errorf("of a sweep over 30 addresses %d are recorded", len(events))
		}
		if _, address := p.refusedFrom(t, s.keyID); address != "198.51.100.29" {
			t.Errorf("last refused from %v", address)
		}

		p.worksFrom(t, s.key, "203.0.113.7")
		p.bind(t, s.keyID, "203.0.113.0/24")
		if at, address := p.refusedFrom(t, s.keyID); at != nil || address != nil {
			t.Errorf("after a change it is still refused, at %v from %v", at, address)
		}
		flushed()
		if at, _ := p.refusedFrom(t, s.keyID); at != nil {
			t.Error("it is flagged for an address that it is taken from now")
		}
		if strings.Contains(p.log.String(), string(s.key)) {
			t.Error("the log has the key")
		}
	})
}

func TestARefusalByAddressIsRecordedOnlyForAKeyInForce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, revoked, erased := p.newShop(t, "Loja"), p.newShop(t, "Revogada"), p.newShop(t, "Eliminada")
		for _, id := range []string{s.keyID, revoked.keyID, erased.keyID} {
			p.bind(t, id, "203.0.113.7")
		}
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": revoked.keyID})
		p.worksFrom(t, erased.key, "198.51.100.1")
		p.admin.authorization(t)
		p.mustCall(t, p.admin, "eraseClient", "client { id }",
			vars{"id": erased.clientID, "document": p.documentOf(t, erased.clientID)})
		before := p.snapshot(t)
		p.worksFrom(t, miscopied(s.key), "198.51.100.1")
		p.worksFrom(t, revoked.key, "198.51.100.1")
		p.worksFrom(t, erased.key, "198.51.100.1")
		must.Do(t, p.keys.Flush(t.Context()))
		p.unchanged(t, before)
		for _, row := range before["access_keys"] {
			if strings.Contains(row, erased.keyID) && strings.Contains(row, "203.0.113.7") {
				t.Errorf("of the erased client is kept %s", row)
			}
		}
	})
}
