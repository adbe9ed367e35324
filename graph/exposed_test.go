package graph_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/token"
)

// exposedAt returns when a key was flagged, as an operator sees it; nil when it was not.
func (p *portal) exposedAt(t *testing.T, keyID string) any {
	t.Helper()
	return p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on AccessKey { exposedAt } } }`, vars{"id": keyID}).
		get("node.exposedAt")
}

// Proves: 5.5
func TestAnExposedKeyIsFlaggedOnceAndAudited(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for where, send := range map[string]func(key string){
			"body": func(key string) {
				p.post(t, p.viewer, `query($s: String) { accessKeys(search: $s) { totalCount } }`, vars{"s": key})
			},
			"URL": func(key string) {
				p.ServeHTTP(httptest.NewRecorder(),
					httptest.NewRequest(http.MethodGet, publicURL+"/graphql?key="+url.QueryEscape(key), nil))
			},
			"cookie": func(key string) { p.post(t, stranger{}, "{ setupRequired }", nil, "Cookie", "key="+key) },
		} {
			s := p.newShop(t, "Loja "+where)
			if at := p.exposedAt(t, s.keyID); at != nil {
				t.Fatalf("%s: flagged at %v", where, at)
			}
			before := p.auditCount(t)

			send(string(s.key))
			flagged := p.exposedAt(t, s.keyID)
			if flagged == nil {
				t.Errorf("%s: the key is not flagged", where)
			}
			p.clock.advance(time.Minute)
			send(string(s.key))

			if again := p.exposedAt(t, s.keyID); again != flagged {
				t.Errorf("%s: flagged at %v, and again at %v", where, flagged, again)
			}
			events := p.audited(t, before)
			if len(events) != 1 || events[0].action != "access_key.exposed" || events[0].object != s.keyID ||
				events[0].client != s.clientID ||
				events[0].address == "" || !strings.Contains(events[0].changes, where) {
				t.Errorf("%s: recorded is %+v", where, events)
			}
			if strings.Contains(p.log.String(), string(s.key)) {
				t.Errorf("%s: the log has the key", where)
			}
			p.works(t, s.key) // flagged, not revoked, so that the shop goes on selling until its key is replaced
		}
	})
}

// Proves: 5.5
func TestAnExposedServiceTokenIsRefusedAndFlaggedOnceAndAudited(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		exposedAt := func(id string) any {
			t.Helper()
			for _, edge := range p.must(t, p.admin, `{ serviceTokens { edges { node { id exposedAt } } } }`, nil).
				get("serviceTokens.edges").([]any) {
				if node := edge.(map[string]any)["node"].(map[string]any); node["id"] == id {
					return node["exposedAt"]
				}
			}
			t.Fatalf("%s is not in the list", id)
			return nil
		}
		for where, send := range map[string]func(token string){
			"body": func(token string) {
				p.post(t, p.viewer, `query($s: String) { accessKeys(search: $s) { totalCount } }`, vars{"s": token})
			},
			"URL": func(token string) {
				p.ServeHTTP(httptest.NewRecorder(),
					httptest.NewRequest(http.MethodGet, publicURL+"/graphql?key="+url.QueryEscape(token), nil))
			},
			"cookie": func(token string) { p.post(t, stranger{}, "{ setupRequired }", nil, "Cookie", "key="+token) },
		} {
			id, script := p.newServiceToken(t, "VIEWER")
			p.must(t, p.viewer, `{ viewer { id } }`, nil) // logs in, which adds an event too
			before := p.auditCount(t)
			other, err := token.New(token.Script)
			must.Do(t, err)
			send(other.Reveal()) // of another portal
			if at := exposedAt(id); at != nil || p.auditCount(t) != before {
				t.Errorf("%s: flagged at %v by another", where, at)
			}
			send(string(script))
			flagged := exposedAt(id)
			if flagged == nil {
				t.Errorf("%s: it is not flagged", where)
			}
			p.clock.advance(time.Minute)
			send(string(script))
			if again := exposedAt(id); again != flagged {
				t.Errorf("%s: flagged at %v, and again at %v", where, flagged, again)
			}
			events := p.audited(t, before)
			if len(events) != 1 || events[0].action != "service_token.exposed" || events[0].object != id ||
				events[0].client != "" || !strings.Contains(events[0].changes, where) {
				t.Errorf("%s: recorded is %+v", where, events)
			}
			if strings.Contains(p.log.String(), string(script)) {
				t.Errorf("%s: the log has the token", where)
			}
			p.must(t, script, `{ clients { totalCount } }`, nil) // flagged, not revoked
		}
	})
}

func TestOnlyTheWholeKeyIsFlagged(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		before := p.snapshot(t)
		unknown, err := token.New(token.Live)
		must.Do(t, err)
		forged := string(s.key[:22]) + unknown.Reveal()[22:] // well-formed, with a wrong checksum
		for _, text := range []string{unknown.Reveal(), forged, string(s.key[:70]) + "!", ""} {
			must.Do(t, p.keys.FlagExposed(t.Context(), text, "URL"))
		}
		p.unchanged(t, before)
		if at := p.exposedAt(t, s.keyID); at != nil {
			t.Errorf("flagged at %v", at)
		}
	})
}
