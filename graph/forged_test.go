package graph_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// hexOf returns bytes as an SQL literal.
func (p *portal) hexOf(b []byte) string {
	if p.store.Dialect() == dialect.Postgres {
		return `'\x` + hex.EncodeToString(b) + `'::bytea`
	}
	return "x'" + hex.EncodeToString(b) + "'"
}

// insertLike inserts a copy of a row with some columns replaced by SQL expressions.
func (p *portal) insertLike(t *testing.T, table, id string, but map[string]string) {
	t.Helper()
	var columns, values []string
	for _, all := range tables.Tables {
		if all.Name != table {
			continue
		}
		for _, column := range all.Columns {
			value, changed := but[column.Name]
			if !changed {
				value = column.Name
			}
			columns, values = append(columns, column.Name), append(values, value)
		}
	}
	p.exec(t, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %[1]s WHERE id = '%[4]s'",
		table, strings.Join(columns, ", "), strings.Join(values, ", "), id))
}

// An attacker with write access to the database (a leaked backup password, another hole) must not move keys, make
// accounts or read shops.
//
// Proves: 6.9
func TestAForgedRowLetsNoCallerIn(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		mine, theirs := p.newShop(t, "Minha"), p.newShop(t, "Deles")
		stolen := sha256Of("um token meu")
		tokenOf := func(environment token.Environment) (token.Token, map[string]string) {
			secret, err := token.New(environment)
			must.Do(t, err)
			return secret, map[string]string{
				"visible_part": "'" + secret.VisiblePart() + "'", "hash": p.hexOf(secret.Hash()),
				"last4": "'" + secret.Last4() + "'",
			}
		}
		hash, err := password.ForTesting(t).Hash(t.Context(), otherPassword)
		must.Do(t, err)
		refreshes := func(b *browser) bool { return b.refresh(t).get("refreshSession.accessToken") != nil }
		row := func(statement string) (id string) {
			must.Do(t, p.store.DB().QueryRowContext(t.Context(), statement).Scan(&id))
			return id
		}
		for _, attack := range []struct {
			name, table string
			// opens performs the attack, and reports whether it let a caller in.
			opens func(t *testing.T) bool
		}{
			{"a key is moved to another client", "access_keys", func(t *testing.T) bool {
				id, key := p.newKey(t, mine.clientProductID)
				p.exec(t, "UPDATE access_keys SET client_id = $1, client_product_id = $2 WHERE id = $3", theirs.clientID,
					theirs.clientProductID, id)
				return p.works(t, key)
			}},
			{"a key of one's own is inserted", "access_keys", func(t *testing.T) bool {
				secret, columns := tokenOf(token.Live)
				columns["id"] = "'key_forged'"
				p.insertLike(t, "access_keys", theirs.keyID, columns)
				return p.works(t, bearer(secret.Reveal()))
			}},
			{"a key is taken from everywhere", "access_keys", func(t *testing.T) bool {
				id, key := p.newKey(t, mine.clientProductID)
				p.bind(t, id, "203.0.113.0/24")
				p.exec(t, "UPDATE access_keys SET addresses = NULL WHERE id = $1", id)
				return p.works(t, key)
			}},
			{"a revoked key works again", "access_keys", func(t *testing.T) bool {
				id, key := p.newKey(t, mine.clientProductID)
				p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": id})
				p.exec(t, "UPDATE access_keys SET revoked_at = NULL WHERE id = $1", id)
				return p.works(t, key)
			}},
			{"a forged key is rotated through the program", "access_keys", func(t *testing.T) bool {
				id, key := p.newKey(t, mine.clientProductID)
				p.bind(t, id, "203.0.113.0/24")
				p.exec(t, "UPDATE access_keys SET addresses = NULL WHERE id = $1", id)
				answer := p.call(t, p.operator, "rotateAccessKey", "token userErrors { code }", vars{"id": id, "overlapHours": 0})
				return answer.get("rotateAccessKey.token") != nil || p.works(t, key)
			}},
			{"a key is rotated while its product stands under another client", "", func(t *testing.T) bool {
				third := p.newShop(t, "Terceira")
				p.exec(t, "DELETE FROM marketplaces WHERE client_id = $1", third.clientID)
				p.exec(t, "DELETE FROM access_keys WHERE client_id = $1", third.clientID)
				p.exec(t, "DELETE FROM client_products WHERE client_id = $1", third.clientID)
				p.exec(t, "UPDATE client_products SET client_id = $1 WHERE id = $2", third.clientID, mine.clientProductID)
				answer := p.call(t, p.operator, "rotateAccessKey", "token userErrors { code }",
					vars{"id": mine.keyID, "overlapHours": 0})
				p.exec(t, "UPDATE client_products SET client_id = $1 WHERE id = $2", mine.clientID, mine.clientProductID)
				return answer.get("rotateAccessKey.token") != nil
			}},
			{"a key is made while its product stands under another client", "client_products", func(t *testing.T) bool {
				third := p.newClient(t, "Quarta")
				p.exec(t, "UPDATE client_products SET client_id = $1 WHERE id = $2", third, mine.clientProductID)
				answer := p.call(t, p.operator, "createAccessKey", "token userErrors { code }",
					vars{"clientProductId": mine.clientProductID, "name": "PDV"})
				p.exec(t, "UPDATE client_products SET client_id = $1 WHERE id = $2", mine.clientID, mine.clientProductID)
				return answer.text(t, "createAccessKey.userErrors.0.code") != "ALTERED"
			}},
			{"credentials are entered while their connection stands under another client", "marketplaces",
				func(t *testing.T) bool {
					id := p.newMarketplace(t, mine.clientProductID, nuvemshop())
					p.exec(t, "UPDATE marketplaces SET client_id = $1, client_product_id = $2 WHERE id = $3", theirs.clientID,
						theirs.clientProductID, id)
					answer := p.call(t, p.operator, "updateMarketplace", "userErrors { code }", vars{"id": id, "description": "x"})
					p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": id})
					return answer.text(t, "updateMarketplace.userErrors.0.code") != "ALTERED"
				}},
			{"a connection is given to another product of its client", "marketplaces", func(t *testing.T) bool {
				s := p.newShop(t, "Com dois produtos")
				product := p.mustCall(t, p.admin, "createProduct", "product { id }", vars{
					"code": "SEGUNDO", "name": "Segundo", "capabilities": []string{"MARKETPLACES", "ACCESS_KEYS"},
				}).text(t, "createProduct.product.id")
				second := p.mustCall(t, p.operator, "addClientProduct", "clientProduct { id }",
					vars{"clientId": s.clientID, "productId": product}).
					text(t, "addClientProduct.clientProduct.id")
				p.newMarketplace(t, second, nuvemshop())
				_, key := p.newKey(t, second)
				p.exec(t, "UPDATE marketplaces SET client_product_id = $1 WHERE id = $2", second, s.marketplaceID)
				answer := p.post(t, key,
					`{ integration { marketplaces { credentials { ... on MeuCarrinhoCredentials { password } } } } }`, nil)
				return strings.Contains(answer.body, "planted-password")
			}},
			{"the shop of an install that is under way is said to be one's own", "marketplaces", func(t *testing.T) bool {
				victim, document := p.merchant(t, "Vítima")
				p.sims.Nuvemshop.AddStore(4790, simulated.Store{Name: map[string]string{"pt": "Loja"}, BusinessID: document})
				claiming := p.newMarketplace(t, theirs.clientProductID, nuvemshop())
				p.exec(t, "UPDATE marketplaces SET external_account = '4790' WHERE id = $1", claiming)
				started := p.call(t, p.operator, "startInstall", "authorizeUrl",
					vars{"marketplaceId": p.newMarketplace(t, victim.clientProductID, nuvemshop())})
				end := p.browse(t, http.MethodGet, p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4790),
					cookieOf(t, started.header))
				if got := end.Header().Get("Location"); !strings.HasSuffix(got, "install=unclaimed") {
					t.Errorf("the merchant is sent to %s", got)
				}
				answer := p.post(t, theirs.key,
					`{ integration { marketplaces { credentials { ... on NuvemshopCredentials { accessToken } } } } }`, nil)
				return strings.Contains(answer.body, p.sims.Nuvemshop.Token(4790))
			}},
			{"a repeated request is answered with another client's product", "", func(t *testing.T) bool {
				client := p.newClient(t, "Com repetição")
				in := vars{"clientId": client, "productId": p.productID, "idempotencyKey": "repetida-1"}
				p.mustCall(t, p.operator, "addClientProduct", "clientProduct { id }", in)
				p.exec(t, "UPDATE idempotent_requests SET object_id = $1 WHERE object_id IN (SELECT id FROM client_products "+
					"WHERE client_id = $2)",
					mine.clientProductID, client)
				answer := p.call(t, p.operator, "addClientProduct", "clientProduct { id } userErrors { code }", in)
				return answer.get("addClientProduct.clientProduct.id") != nil
			}},
			{"a shop of another is handed out without a person's word", "marketplaces", func(t *testing.T) bool {
				s := p.newShop(t, "Loja errada")
				p.exec(t, "UPDATE marketplaces SET confirmed_document = '33000167000101' WHERE id = $1", s.marketplaceID)
				answer := p.post(t, s.key,
					`{ integration { marketplaces { credentials { ... on MeuCarrinhoCredentials { password } } } } }`, nil)
				return strings.Contains(answer.body, "planted-password")
			}},
			{"a client gets the document of another", "clients", func(t *testing.T) bool {
				third := p.newShop(t, "Quinta")
				p.exec(t, "UPDATE clients SET document = '99888777000100' WHERE id = $1", third.clientID)
				answer := p.call(t, p.operator, "createAccessKey", "token userErrors { code }",
					vars{"clientProductId": third.clientProductID, "name": "PDV"})
				return answer.text(t, "createAccessKey.userErrors.0.code") != "ALTERED"
			}},
			{"a service token is raised", "service_tokens", func(t *testing.T) bool {
				id, token := p.newServiceToken(t, "VIEWER")
				p.exec(t, "UPDATE service_tokens SET role = 'ADMIN', scopes = 'WRITE KEYS' WHERE id = $1", id)
				return p.known(t, string(token))
			}},
			{"a service token of one's own is inserted", "service_tokens", func(t *testing.T) bool {
				id, _ := p.newServiceToken(t, "VIEWER")
				secret, columns := tokenOf(token.Script)
				maps.Copy(columns, map[string]string{"id": "'svt_forged'", "role": "'ADMIN'"})
				p.insertLike(t, "service_tokens", id, columns)
				return p.known(t, secret.Reveal())
			}},
			{"a password is replaced", "operators", func(t *testing.T) bool {
				who := p.hire(t, "Paula", principal.Editor)
				p.exec(t, "UPDATE operators SET password_hash = $1 WHERE id = $2", hash, who.id)
				return p.tryLogin(t, who.email, otherPassword).get("login.accessToken") != nil
			}},
			{"an account of one's own is inserted", "operators", func(t *testing.T) bool {
				p.insertLike(t, "operators", p.admin.id,
					map[string]string{"id": "'opr_forged'", "email": "'eva@example.com'", "password_hash": "'" + hash + "'"})
				return p.tryLogin(t, "eva@example.com", otherPassword).get("login.accessToken") != nil
			}},
			{"a role is raised in a session that goes on", "operators", func(t *testing.T) bool {
				who := p.hire(t, "Rita", principal.Viewer)
				token := p.login(t, who.email, goodPassword)
				p.exec(t, "UPDATE operators SET role = 'ADMIN' WHERE id = $1", who.id)
				p.clock.advance(6 * time.Second) // longer than the session cache holds an entry
				return p.known(t, string(token))
			}},
			{"a disabled operator comes back", "operators", func(t *testing.T) bool {
				who := p.hire(t, "Dora", principal.Editor)
				p.mustCall(t, p.admin, "disableOperator", "operator { id }", vars{"id": who.id})
				p.exec(t, "UPDATE operators SET disabled_at = NULL WHERE id = $1", who.id)
				return p.tryLogin(t, who.email, goodPassword).get("login.accessToken") != nil
			}},
			{"a second factor is taken away", "operators", func(t *testing.T) bool {
				who := p.hire(t, "Fabi", principal.Editor)
				p.setUpApp(t, p.present(t, who, goodPassword))
				p.exec(t, "UPDATE operators SET second_factor = $1 WHERE id = $2", false, who.id)
				return p.tryLogin(t, who.email, goodPassword).get("login.accessToken") != nil
			}},
			{"a session goes to another operator", "sessions", func(t *testing.T) bool {
				b := &browser{portal: p, agent: "Firefox"}
				b.login(t, p.viewer.email, goodPassword)
				id := row("SELECT max(id) FROM sessions")
				p.exec(t, "UPDATE sessions SET operator_id = $1 WHERE id = $2", p.admin.id, id)
				return refreshes(b)
			}},
			{"an ended session goes on", "sessions", func(t *testing.T) bool {
				b := &browser{portal: p, agent: "Firefox"}
				b.login(t, p.viewer.email, goodPassword)
				id := row("SELECT max(id) FROM sessions")
				cookie := b.cookie
				b.post(t, `mutation { logout { userErrors { code } } }`, nil)
				b.cookie = cookie
				p.exec(t, "UPDATE sessions SET ended_at = NULL WHERE id = $1", id)
				return refreshes(b)
			}},
			{"a refresh token goes to another session", "refresh_tokens", func(t *testing.T) bool {
				p.login(t, p.admin.email, goodPassword)
				theirs := row("SELECT max(id) FROM sessions")
				b := &browser{portal: p, agent: "harness"}
				b.login(t, p.viewer.email, goodPassword)
				p.exec(t, "UPDATE refresh_tokens SET session_id = $1 WHERE id = $2", theirs,
					row("SELECT max(id) FROM refresh_tokens"))
				return refreshes(b)
			}},
			{"a refresh token of one's own is inserted", "refresh_tokens", func(t *testing.T) bool {
				p.login(t, p.admin.email, goodPassword)
				p.insertLike(t, "refresh_tokens", row("SELECT max(id) FROM refresh_tokens"),
					map[string]string{"id": "'rft_forged'", "hash": p.hexOf(stolen)})
				return refreshes(&browser{portal: p, agent: "harness", cookie: "um token meu"})
			}},
			{"a link for a password is inserted", "one_time_tokens", func(t *testing.T) bool {
				p.mustCall(t, p.admin, "createPasswordLink", "link", vars{"id": p.viewer.id})
				p.insertLike(t, "one_time_tokens", row("SELECT max(id) FROM one_time_tokens"),
					map[string]string{"id": "'ott_forged'", "hash": p.hexOf(stolen), "operator_id": "'" + p.admin.id + "'"})
				return p.post(t, stranger{}, `{ passwordLink(link: "um token meu") { email } }`, nil).get("passwordLink") != nil
			}},
			{"a link for a merchant is inserted", "install_links", func(t *testing.T) bool {
				nuvem := p.newMarketplace(t, theirs.clientProductID, nuvemshop())
				p.mustCall(t, p.operator, "createInstallLink", "url", vars{"marketplaceId": nuvem})
				p.insertLike(t, "install_links", row("SELECT max(id) FROM install_links"),
					map[string]string{"id": "'inl_forged'", "hash": p.hexOf(stolen)})
				_, err := p.whole.Installs.FindInvitation(t.Context(), "um token meu")
				return err == nil
			}},
		} {
			t.Run(attack.name, func(t *testing.T) {
				refused := p.store.RefusedGrants()[attack.table]
				if attack.opens(t) {
					t.Error("it lets in")
				}
				if attack.table != "" && p.store.RefusedGrants()[attack.table] == refused {
					t.Error("it was refused for another reason")
				}
			})
		}
		if got := p.watch(t, "/metrics"); !strings.Contains(got, `chaveiro_grants_refused_total{table="sessions"} `) {
			t.Error("the metrics do not count it")
		}
	})
}

func sha256Of(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// An operator who is on the phone with the shop sees why its key is refused.
func TestAnAlteredKeyIsShownAsSuchUntilItIsRevoked(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		status := func() string {
			return p.must(t, p.operator, `query($id: ID!) { node(id: $id) { ... on AccessKey { status } } }`,
				vars{"id": s.keyID}).text(t, "node.status")
		}
		p.exec(t, "UPDATE access_keys SET expires_at = '2040-01-02 03:04:05+00:00' WHERE id = $1", s.keyID)
		if got := status(); got != "ALTERED" {
			t.Errorf("its status is %s", got)
		}
		p.call(t, p.operator, "updateAccessKey", "userErrors { code }",
			vars{"id": s.keyID, "addresses": []string{"203.0.113.7"}}).
			wants(t, "KEY_NOT_ACTIVE at id")
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		if got := status(); got != "REVOKED" {
			t.Errorf("revoked, its status is %s", got)
		}
	})
}

func TestAnAlteredConnectionThatIsTakenWorksFromItsNextCheckOn(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.connected(t, "Padaria")
		p.step(t)
		p.exec(t, "UPDATE marketplaces SET account_document = '00000000000191' WHERE id = $1", s.marketplaceID)
		p.clock.advance(25 * time.Hour)
		p.step(t)
		reason := func() any {
			return p.must(t, p.operator, `query($id: ID!) { node(id: $id) { ... on Marketplace { health { state reason } } } }`,
				vars{"id": s.marketplaceID}).get("node.health.reason")
		}
		if got := reason(); got != "SECRETS_LOST" {
			t.Fatalf("altered, it is %v", got)
		}
		if now := p.post(t, s.key, ofPlug4Market, nil); strings.Contains(now.body, "accessToken") {
			t.Errorf("altered, it hands out %s", now.body)
		}
		must.Do(t, keyring.AdoptGrant(t.Context(), p.store, s.marketplaceID))
		p.mustCall(t, p.operator, "testMarketplace", "marketplace { id }", vars{"id": s.marketplaceID})
		if got := reason(); got != "CHECK_PASSED" && got != "RENEWED" {
			t.Errorf("taken and checked, it is %v", got)
		}
	})
}

// The database holds a sealed signing key beside the public key that verifies tokens.
// Proves: 6.9
func TestAForgedPublicKeyVerifiesNoAccessToken(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		token := p.login(t, p.admin.email, goodPassword)
		var claims jwt.MapClaims
		parsed, _, err := jwt.NewParser().ParseUnverified(string(token), &claims)
		must.Do(t, err)
		public, private, err := ed25519.GenerateKey(nil)
		must.Do(t, err)
		p.exec(t, "UPDATE signing_keys SET public_key = "+p.hexOf(public))
		if err := p.staff.Signing.Load(t.Context()); err == nil {
			t.Error("the key is taken")
		}
		forged := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
		forged.Header = parsed.Header
		text, err := forged.SignedString(private)
		must.Do(t, err)
		if p.known(t, text) {
			t.Error("a token that it signed is taken")
		}
	})
}

// An operator once known to have a second factor cannot log in with less when the rows of the factor are gone.
// Proves: 6.9
func TestASecondFactorWhoseRowsWereDeletedIsStillRequired(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		who := p.hire(t, "Paula", principal.Editor)
		p.addPasskey(t, p.login(t, who.email, goodPassword), newPasskey(who.id)).wants(t)
		p.exec(t, "DELETE FROM passkeys")
		p.exec(t, "DELETE FROM recovery_codes")
		answer := p.tryLogin(t, who.email, goodPassword)
		if answer.get("login.accessToken") != nil || answer.get("login.secondFactor") == nil {
			t.Errorf("%s", answer.body)
		}
	})
}

// A request that waits, or has opened a secret before, reads the row again where the secret is opened.
// Proves: 6.9
func TestAKeyThatIsAlteredWhileItsRequestRunsOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		key, err := p.keys.Authenticate(t.Context(), string(s.key), "192.0.2.1")
		must.Do(t, err)
		ctx := principal.With(t.Context(), key)
		_, err = p.keys.OwnShop(ctx)
		must.Do(t, err)
		p.exec(t, "UPDATE access_keys SET expires_at = '2040-01-02 03:04:05+00:00' WHERE id = $1", s.keyID)
		if _, err := p.keys.OwnShop(ctx); err == nil {
			t.Error("it may open")
		}
	})
}

// Proves: 5.9
func TestTheMarketplacesOfAKeyBringTheVersionByWhichItsEndIsSeen(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		key, err := p.keys.Authenticate(t.Context(), string(s.key), "192.0.2.1")
		must.Do(t, err)
		ctx := principal.With(t.Context(), key)
		for _, of := range []struct {
			change string
			works  bool
		}{
			{"UPDATE marketplaces SET description = 'Outra'", true},
			{"UPDATE access_keys SET revoked_at = '2026-01-02 03:04:05+00:00'", false},
		} {
			p.exec(t, of.change)
			found, asOf, err := p.whole.Connections.OfKey(ctx)
			must.Do(t, err)
			now, err := p.store.ShopVersion(ctx, s.clientProductID)
			must.Do(t, err)
			if len(found) != 1 || !asOf.IsKnown() || asOf != now {
				t.Errorf("after %s %d marketplaces bring the version %v, want %v", of.change, len(found), asOf, now)
			}
			if shop, err := p.keys.OwnShopAsOf(ctx, asOf); (err == nil) != of.works {
				t.Errorf("after %s it opens %v, %v", of.change, shop, err)
			}
		}
		p.exec(t, "DELETE FROM marketplaces")
		if _, asOf, err := p.whole.Connections.OfKey(ctx); err != nil || asOf.IsKnown() {
			t.Errorf("no marketplace brings the version %v, %v", asOf, err)
		}
		if _, err := p.keys.OwnShopAsOf(ctx, principal.Version{}); err == nil {
			t.Error("without a version the key is not read anew")
		}
	})
}

// Secrets are bound to the version of the credentials, so older ones that are put back do not open.
// Proves: 6.1
func TestOlderSecretsThatArePutBackDoNotOpen(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		const read = `{ integration {
			marketplaces { credentialVersion credentials { ... on MeuCarrinhoCredentials { password } } } } }`
		before := p.must(t, s.key, read, nil)
		if got := before.text(t, "integration.marketplaces.0.credentials.password"); got != "planted-password-1" {
			t.Fatalf("handed out is %q", got)
		}
		p.exec(t, "CREATE TABLE kept AS SELECT * FROM marketplaces")
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }", vars{"id": s.marketplaceID, "config": vars{
			"meuCarrinho": vars{"username": "loja@example.com", "password": "planted-password-9"},
		}})
		if got := p.must(t, s.key, read, nil).
			text(t, "integration.marketplaces.0.credentials.password"); got != "planted-password-9" {
			t.Fatalf("handed out is %q", got)
		}
		p.exec(t, "UPDATE marketplaces SET secrets_sealed = (SELECT secrets_sealed FROM kept)")
		answer := p.post(t, s.key, read, nil)
		if strings.Contains(answer.body, "planted-password") || len(answer.errors) != 1 ||
			answer.errors[0].Extensions.Code != "INTERNAL" {
			t.Errorf("%s", answer.body)
		}
		p.exec(t, "UPDATE marketplaces SET next_check_at = (SELECT created_at FROM kept)")
		p.step(t)
		p.wantHealth(t, s.marketplaceID, "NEEDS_ATTENTION SECRETS_LOST")
		p.exec(t, "DROP TABLE kept")
	})
}
