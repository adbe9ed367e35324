package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// script makes a service token of an operator's role and returns its id and the token itself.
func (p *portal) script(t *testing.T, input vars) (id string, token bearer) {
	t.Helper()
	all := vars{"name": "Script", "role": "OPERATOR", "expiresAt": p.clock.Now().Add(24 * time.Hour)}
	for name, value := range input {
		all[name] = value
	}
	made := p.mustCall(t, p.admin, "createServiceToken", "serviceToken { id } token", all)
	return made.text(t, "createServiceToken.serviceToken.id"), bearer(made.text(t, "createServiceToken.token"))
}

// An open session or a stolen token must not be enough to issue a key for each shop and read all passwords.
// Proves: 2.8
func TestIssuingAKeyNeedsARecentLogIn(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		s := p.newShop(t, "Loja")
		nuvem := p.newMarketplace(t, s.clientProductID, nuvemshop())
		p.mustCall(t, p.operator, "updateAccessKey", "accessKey { id }",
			vars{"id": s.keyID, "addresses": []string{"203.0.113.0/24"}})
		me := p.login(t, p.operator.email, goodPassword)
		p.clock.advance(3 * time.Minute)
		me = in(p.call(t, me, "reauthenticate", sessionFields, vars{"password": goodPassword}), "reauthenticate")
		p.clock.advance(4*time.Minute + 59*time.Second)
		p.mustCall(t, me, "createAccessKey", "accessKey { id }",
			vars{"clientProductId": s.clientProductID, "name": "Caixa 2"})
		p.clock.advance(2 * time.Second) // the token outlives the recent log-in a little

		before := p.snapshot(t)
		for name, input := range map[string]vars{
			"createAccessKey":    {"clientProductId": s.clientProductID, "name": "Caixa 3"},
			"rotateAccessKey":    {"id": s.keyID},
			"updateAccessKey":    {"id": s.keyID, "addresses": []string{}},
			"createInstallLink":  {"marketplaceId": nuvem},
			"attachInstallation": {"id": "uin_x", "clientProductId": s.clientProductID},
		} {
			p.call(t, me, name, "userErrors { code }", input).refused(t, "REAUTH_REQUIRED")
		}
		p.unchanged(t, before)
		p.mustCall(t, me, "updateAccessKey", "accessKey { id }", vars{"id": s.keyID, "addresses": []string{"203.0.113.7"}})
		p.mustCall(t, me, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		p.mustCall(t, me, "startInstall", "authorizeUrl", vars{"marketplaceId": nuvem}) // reveals no secret
	})
}

// Proves: 2.8
func TestAServiceTokenDoesWhatItsScopesSay(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		nuvem := p.newMarketplace(t, s.clientProductID, nuvemshop())
		p.mustCall(t, p.operator, "updateAccessKey", "accessKey { id }",
			vars{"id": s.keyID, "addresses": []string{"203.0.113.0/24"}})
		_, reads := p.script(t, vars{"scopes": []string{}})
		_, writes := p.script(t, nil)
		_, makesKeys := p.script(t, vars{"scopes": []string{"KEYS", "WRITE"}})
		for _, sc := range []struct {
			name   string
			input  vars
			writes bool // whether the scope WRITE is enough
		}{
			{"updateAccessKey", vars{"id": s.keyID, "addresses": []string{"203.0.113.7"}}, true},
			{"updateAccessKey", vars{"id": s.keyID, "addresses": []string{"203.0.113.7", "198.51.100.0/24"}}, false},
			{"createAccessKey", vars{"clientProductId": s.clientProductID, "name": "Caixa 2"}, false},
			{"rotateAccessKey", vars{"id": s.keyID}, false},
			{"createInstallLink", vars{"marketplaceId": nuvem}, false},
			{"revokeAccessKey", vars{"id": s.keyID}, true},
		} {
			p.call(t, reads, sc.name, "userErrors { code }", sc.input).refused(t, "FORBIDDEN")
			if answer := p.call(t, writes, sc.name, "userErrors { code field message relatedId }", sc.input); sc.writes {
				answer.wants(t)
			} else {
				answer.refused(t, "FORBIDDEN")
			}
			p.call(t, makesKeys, sc.name, "userErrors { code field message relatedId }", sc.input).wants(t)
		}
		p.must(t, reads, `{ clients { totalCount } }`, nil)
		shown := p.must(t, p.admin, `{ serviceTokens { edges { node { scopes } } } }`, nil)
		if got := fmt.Sprint(shown.get("serviceTokens.edges")); !strings.Contains(got, "[WRITE KEYS]") ||
			!strings.Contains(got, "scopes:[]") {
			t.Errorf("the scopes are shown as %s", got)
		}
	})
}

// Without the directives the services and the privacy policies check the scopes.
// Proves: 2.8
func TestTheScopesOfAServiceTokenAreCheckedByTheSecondLayerToo(t *testing.T) {
	eachWith(t, graph.NewHandlerWithoutDirectives, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		_, reads := p.script(t, vars{"role": "ADMIN", "scopes": []string{}})
		_, makesKeys := p.script(t, vars{"role": "ADMIN", "scopes": []string{"KEYS"}})
		_, writes := p.script(t, vars{"role": "ADMIN", "scopes": []string{"WRITE"}})
		for _, sc := range []struct {
			name, input string
			by          bearer
		}{
			{"createClient", `{name: "Outra", document: "` + p.document(t) + `"}`, writes},
			{"archiveClient", fmt.Sprintf(`{id: %q}`, s.clientID), writes},
			{"restoreClient", fmt.Sprintf(`{id: %q}`, s.clientID), writes},
			{"setBait", fmt.Sprintf(`{id: %q, bait: true}`, s.clientID), writes},
			{"testMarketplace", fmt.Sprintf(`{id: %q}`, s.marketplaceID), writes},
			{"createAccessKey", fmt.Sprintf(`{clientProductId: %q, name: "Caixa 2"}`, s.clientProductID), makesKeys},
			{"rotateAccessKey", fmt.Sprintf(`{id: %q}`, s.keyID), makesKeys},
		} {
			document := fmt.Sprintf(`mutation { %s(input: %s) { userErrors { code field message relatedId } } }`,
				sc.name, sc.input)
			for _, as := range []bearer{reads, makesKeys, writes} {
				if as == sc.by {
					continue
				}
				before := p.snapshot(t)
				if answer := p.post(t, as, document, nil); answer.code(t) != "FORBIDDEN" {
					t.Errorf("%s: %s", sc.name, answer.body)
				}
				p.unchanged(t, before)
			}
			p.must(t, sc.by, document, nil)
		}
	})
}

// Proves: 2.8
func TestAServiceTokenIsTakenFromItsAddressesOnly(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		_, token := p.script(t, vars{"addresses": []string{"203.0.113.0/24"}})
		const document = `{ clients { totalCount } }`
		p.must(t, token, document, nil, "X-Forwarded-For", "203.0.113.9")
		p.post(t, token, document, nil, "X-Forwarded-For", "198.51.100.1").refused(t, "UNAUTHENTICATED")
		p.post(t, token, document, nil).refused(t, "UNAUTHENTICATED")
	})
}

// keysMadeBy returns the ids of the working keys that an operator or token issued.
func (p *portal) keysMadeBy(t *testing.T, id string) []string {
	t.Helper()
	made := p.must(t, p.admin, `query($by: ID!) {
		accessKeys(filter: {createdById: $by, inForce: true}) { edges { node { id } } } }`, vars{"by": id})
	return made.texts(t, "accessKeys.edges", "node.id")
}

// Proves: 5.4
func TestTheKeysThatATokenMadeAreListedAndRevokedWithIt(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, other := p.newShop(t, "Loja"), p.newShop(t, "Outra")
		id, token := p.script(t, vars{"scopes": []string{"WRITE", "KEYS"}})
		made := p.mustCall(t, token, "createAccessKey", "accessKey { id } token",
			vars{"clientProductId": s.clientProductID, "name": "Roubada"})
		stolen, stolenID := bearer(made.text(t, "createAccessKey.token")), made.text(t, "createAccessKey.accessKey.id")
		rotated := p.mustCall(t, token, "rotateAccessKey", "accessKey { id }", vars{"id": other.keyID})
		keptID := rotated.text(t, "rotateAccessKey.accessKey.id")
		if got := p.keysMadeBy(t, id); len(got) != 2 || got[0] != keptID || got[1] != stolenID {
			t.Fatalf("it made %v, want %s and %s", got, keptID, stolenID)
		}
		if got := p.keysMadeBy(t, p.admin.id); len(got) != 2 {
			t.Errorf("through the token the administrator made %v", got)
		}

		before := p.snapshot(t)
		p.call(t, p.admin, "revokeServiceToken", "serviceToken { id }",
			vars{"id": id, "accessKeyIds": []string{stolenID, s.keyID}}).
			wants(t, "NOT_FOUND at accessKeyIds.1")
		p.call(t, p.admin, "revokeServiceToken", "serviceToken { id }", vars{"id": id, "accessKeyIds": make([]string, 101)}).
			wants(t, "LIMIT_REACHED at accessKeyIds")
		p.unchanged(t, before)
		p.mustCall(t, p.admin, "revokeServiceToken", "serviceToken { id }",
			vars{"id": id, "accessKeyIds": []string{stolenID}})
		if p.works(t, stolen) || !p.works(t, s.key) {
			t.Error("the key of the revoked token works, or another does not")
		}
		if got := p.keysMadeBy(t, id); len(got) != 1 || got[0] != keptID {
			t.Errorf("of its keys go on %v, want %s", got, keptID)
		}
		// The keys of a token that is already revoked can be revoked too.
		p.mustCall(t, p.admin, "revokeServiceToken", "serviceToken { id }", vars{"id": id, "accessKeyIds": []string{keptID}})
		if got := p.keysMadeBy(t, id); len(got) != 0 {
			t.Errorf("of its keys go on %v", got)
		}
	})
}

// Proves: 5.4, 6.5
func TestDisablingAnOperatorEndsTheirInstallsAndLinks(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria")
		id := p.newMarketplace(t, s.clientProductID, nuvemshop())
		bia := p.hire(t, "Bia Segunda", principal.Editor)
		made := p.mustCall(t, bia, "createAccessKey", "accessKey { id } token",
			vars{"clientProductId": s.clientProductID, "name": "Dela"})
		p.sims.Nuvemshop.AddStore(4711,
			simulated.Store{Name: map[string]string{"pt": "Padaria na Nuvem"}, BusinessID: document})
		started := p.call(t, bia, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
		back, cookie := p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4711), cookieOf(t, started.header)
		linked := p.call(t, bia, "createInstallLink", "url", vars{"marketplaceId": id})
		link := strings.TrimPrefix(linked.text(t, "createInstallLink.url"), publicURL)

		p.mustCall(t, p.admin, "disableOperator", "operator { id }",
			vars{"id": bia.id, "accessKeyIds": []string{made.text(t, "createAccessKey.accessKey.id")}})

		if p.works(t, bearer(made.text(t, "createAccessKey.token"))) {
			t.Error("the key that was revoked together works")
		}
		if w := p.browse(t, http.MethodGet, back, cookie); !strings.HasSuffix(w.Header().Get("Location"), "install=expired") {
			t.Errorf("a disabled operator ended an install: %s", w.Header().Get("Location"))
		}
		if w := p.browse(t, http.MethodPost, link, ""); w.Code != http.StatusNotFound {
			t.Errorf("the link of a disabled operator answers %d", w.Code)
		}
		p.wantHealth(t, id, "WAITING WAITING_FOR_MERCHANT")
	})
}
