package graph_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const ofPlug4Market = `{ integration {
	marketplaces { credentials { ... on Plug4MarketCredentials { accessToken } } } } }`

// A read waits for a renewal that is running. The key was in force when the read started.
// Proves: 6.5
func TestAReadThatWaitedOpensNothingToAKeyThatWasRevokedMeanwhile(t *testing.T) {
	for what, end := range map[string]func(*testing.T, *portal, shop){
		"revoked": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		},
		"bound to other addresses": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "updateAccessKey", "accessKey { id }",
				vars{"id": s.keyID, "addresses": []string{"203.0.113.7"}})
		},
		"of an archived client": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
		},
	} {
		t.Run(what, func(t *testing.T) {
			each(t, func(t *testing.T, p *portal) {
				s, document := p.connected(t, "Padaria")
				p.step(t)
				p.clock.advance(25 * time.Hour)
				reached, release := p.sims.Plug4Market.Hold("/auth/refresh")
				read := make(chan response, 1)
				go func() { read <- p.post(t, s.key, ofPlug4Market, nil) }()
				select {
				case <-reached:
				case answer := <-read:
					t.Fatalf("the read did not wait: %s", answer.body)
				}
				end(t, p, s)
				release()
				answer := <-read
				if answer.code(t) != "UNAUTHENTICATED" ||
					strings.Contains(answer.body, p.sims.Plug4Market.CurrentAccess(document)) {
					t.Errorf("the read is answered with %s", answer.body)
				}
			})
		})
	}
}

// drain returns what a stream sends until it ends.
func drain(t *testing.T, events <-chan string) string {
	t.Helper()
	var told strings.Builder
	timeout := time.After(10 * time.Second) // shorter than the regular recheck of a stream's caller
	for {
		select {
		case event, ok := <-events:
			if !ok {
				return told.String()
			}
			told.WriteString(event)
		case <-timeout:
			t.Fatalf("the stream goes on, and tells %s", told.String())
		}
	}
}

// Proves: 6.5
func TestAStreamEndsAtOnceWhenItsCallerLosesItsRight(t *testing.T) {
	for what, end := range map[string]func(*testing.T, *portal, shop){
		"a key that is revoked": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		},
		"a key that is bound to other addresses": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "updateAccessKey", "accessKey { id }",
				vars{"id": s.keyID, "addresses": []string{"203.0.113.7"}})
		},
		"a key that is replaced at once": func(t *testing.T, p *portal, s shop) {
			p.rotate(t, vars{"id": s.keyID, "overlapHours": 0})
		},
		"a client that is archived": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
		},
		"a product that is suspended": func(t *testing.T, p *portal, s shop) {
			p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
		},
	} {
		t.Run(what, func(t *testing.T) {
			each(t, func(t *testing.T, p *portal) {
				p.listen(t)
				s := p.newShop(t, "Loja")
				p.settle(t) // or the news of the shop's creation arrives late, perhaps with the password just before the end
				events := p.stream(t, s.key,
					`integrationChanges { marketplaces { credentials { ... on MeuCarrinhoCredentials { password } } } }`)
				next(t, events, "planted-password-1")
				end(t, p, s)
				if told := drain(t, events); strings.Contains(told, "planted") {
					t.Errorf("afterwards it tells %s", told)
				}
			})
		})
	}
}

// Proves: 6.5
func TestAStreamEndsAtOnceWithItsServiceToken(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.listen(t)
		id, token := p.script(t, nil)
		events := p.stream(t, token, `changes { topic }`)
		must.WaitFor(t, 20*time.Second, "the stream is open", func() bool { return p.Streams() == 1 })
		p.mustCall(t, p.admin, "revokeServiceToken", "serviceToken { id }", vars{"id": id})
		drain(t, events)
	})
}

// Proves: 6.5
func TestAnInstallOfAnArchivedClientIsNotCompleted(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria")
		id := p.newMarketplace(t, s.clientProductID, nuvemshop())
		p.sims.Nuvemshop.AddStore(4711, simulated.Store{Name: map[string]string{"pt": "Padaria"}, BusinessID: document})
		started := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
		back, cookie := p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4711), cookieOf(t, started.header)
		p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
		if w := p.browse(t, http.MethodGet, back, cookie); !strings.HasSuffix(w.Header().Get("Location"), "install=expired") {
			t.Errorf("the install was ended: %s", w.Header().Get("Location"))
		}
	})
}

// Proves: 6.5
func TestReadsAfterARevocationAreMarked(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.read(t, s.key)
		marks := func() (ofRead, ofMarketplace any) {
			seen := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on AccessKey {
				reads { edges { node { afterRevocation } } } readMarketplaces { afterRevocation } } } }`, vars{"id": s.keyID})
			return seen.get("node.reads.edges.0.node.afterRevocation"), seen.get("node.readMarketplaces.0.afterRevocation")
		}
		if read, marketplace := marks(); read != false || marketplace != false {
			t.Errorf("with a key that works: %v, %v", read, marketplace)
		}
		p.clock.advance(time.Minute)
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		if read, marketplace := marks(); read != false || marketplace != false {
			t.Errorf("what was read before: %v, %v", read, marketplace)
		}
		// An earlier revocation makes the reads look as if an instance had not heard of it.
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.AccessKey.UpdateOneID(s.keyID).SetRevokedAt(p.clock.Now().Add(-time.Hour)).Exec(ctx)
		}))
		if read, marketplace := marks(); read != true || marketplace != true {
			t.Errorf("what was read afterwards: %v, %v", read, marketplace)
		}
	})
}
