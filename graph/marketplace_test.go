package graph_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const marketplaceFields = `marketplace {
	id provider description credentialVersion health { state reason }
	config {
		... on MeuCarrinhoConfig { username password { setBy setAt expiresAt fingerprint } }
		... on NuvemshopConfig { storeUrl storeId installToken: accessToken { setBy } }
		... on Plug4MarketConfig { accessToken { setBy expiresAt fingerprint } refreshToken { setBy expiresAt fingerprint } }
		... on ShowKaseConfig { token { setBy fingerprint } }
	} }`

// Proves: 6.6
func TestOnlyTheStateOfASecretIsShown(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		add := func(config vars) response {
			t.Helper()
			return p.mustCall(t, p.operator, "addMarketplace", marketplaceFields,
				vars{"clientProductId": owner, "description": " Loja  1 ", "config": config})
		}
		first, second := add(meuCarrinho()), add(meuCarrinho())
		other := add(vars{"meuCarrinho": vars{"username": "loja@example.com", "password": "another"}})
		const config = "addMarketplace.marketplace.config."
		print := first.text(t, config+"password.fingerprint")
		if len(print) != 8 || print == second.text(t, config+"password.fingerprint") ||
			print == other.text(t, config+"password.fingerprint") {
			t.Errorf("fingerprints of two rows %s and %s, of another secret %s: one row tells of the other", print,
				second.get(config+"password.fingerprint"), other.get(config+"password.fingerprint"))
		}
		pasted := func(config vars) string {
			t.Helper()
			return p.mustCall(t, p.operator, "updateMarketplace", marketplaceFields,
				vars{"id": first.text(t, "addMarketplace.marketplace.id"), "config": config}).
				text(t, "updateMarketplace.marketplace.config.password.fingerprint")
		}
		if again, another := pasted(meuCarrinho()),
			pasted(vars{"meuCarrinho": vars{"password": "another"}}); again != print || another == print {
			t.Errorf("in one field the same secret has %s and %s, another %s", print, again, another)
		}
		if first.get(config+"username") != "loja@example.com" || first.get(config+"password.setBy") != "Otto Operador" ||
			first.get(config+"password.setAt") == nil {
			t.Errorf("config %s", first.body)
		}
		if first.get("addMarketplace.marketplace.description") != "Loja  1" {
			t.Errorf("description %v", first.get("addMarketplace.marketplace.description"))
		}
		shop := add(nuvemshop())
		if got := fmt.Sprint(shop.get("addMarketplace.marketplace.config")); got != "map[installToken:<nil> storeId:<nil> "+
			"storeUrl:https://loja.example.com]" {
			t.Errorf("Nuvemshop before the install: %s", got)
		}
	})
}

func TestTheEndOfAPlug4MarketTokenIsAHint(t *testing.T) {
	token := func(claims jwt.MapClaims) string {
		text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("theirs"))
		must.Do(t, err)
		return text
	}
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		for name, c := range map[string]struct {
			token string
			want  any
		}{
			"an opaque token":              {"planted-access", nil},
			"a JWT that ends":              {token(jwt.MapClaims{"exp": 1893456000}), "2030-01-01T00:00:00.000Z"},
			"a JWT that ended":             {token(jwt.MapClaims{"exp": 1}), "1970-01-01T00:00:01.000Z"},
			"a JWT without an end":         {token(jwt.MapClaims{"sub": "x"}), nil},
			"a JWT in milliseconds":        {token(jwt.MapClaims{"exp": 1893456000000}), nil},
			"a JWT before the common era":  {token(jwt.MapClaims{"exp": -99999999999}), nil},
			"a JWT with a text for an end": {token(jwt.MapClaims{"exp": "soon"}), nil},
			"what only looks like a JWT":   {"a.b.c", nil},
		} {
			answer := p.call(t, p.operator, "addMarketplace", marketplaceFields,
				vars{"clientProductId": owner, "description": "x",
					"config": vars{"plug4Market": vars{"accessToken": c.token, "refreshToken": "r"}}})
			if len(answer.errors) > 0 || answer.get("addMarketplace.marketplace.config.accessToken.expiresAt") != c.want {
				t.Errorf("%s: %s, want %v", name, answer.body, c.want)
			}
		}
	})
}

func TestAMarketplaceIsRefused(t *testing.T) {
	long := strings.Repeat("x", 4097)
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		add := func(config vars) vars {
			return vars{"clientProductId": s.clientProductID, "description": "x", "config": config}
		}
		mine := func(config vars) vars { return vars{"id": s.marketplaceID, "config": config} }
		p.refuses(t, p.operator, "addMarketplace", []refusal{
			{"no description", vars{"clientProductId": s.clientProductID, "description": " ", "config": showKase()},
				[]string{"REQUIRED at description"}},
			{"a description too long", vars{"clientProductId": s.clientProductID, "description": strings.Repeat("x", 201),
				"config": showKase()}, []string{"TOO_LONG at description"}},
			{"a description of two lines", vars{"clientProductId": s.clientProductID, "description": "a\nb",
				"config": showKase()}, []string{"INVALID_CHARACTERS at description"}},
			{"Meu Carrinho, nothing", add(vars{"meuCarrinho": vars{"username": " ", "password": ""}}),
				[]string{"REQUIRED at config.meuCarrinho.username", "REQUIRED at config.meuCarrinho.password"}},
			{"Meu Carrinho, too long", add(vars{"meuCarrinho": vars{"username": strings.Repeat("x", 201), "password": long}}),
				[]string{"TOO_LONG at config.meuCarrinho.username", "TOO_LONG at config.meuCarrinho.password"}},
			{"Meu Carrinho, a line break", add(vars{"meuCarrinho": vars{"username": "a", "password": "a\n"}}),
				[]string{"INVALID_CHARACTERS at config.meuCarrinho.password"}},
			{"Plug4Market, one token", add(vars{"plug4Market": vars{"accessToken": "a", "refreshToken": " "}}),
				[]string{"REQUIRED at config.plug4Market.refreshToken"}},
			{"Plug4Market, too long", add(vars{"plug4Market": vars{"accessToken": long, "refreshToken": "a"}}),
				[]string{"TOO_LONG at config.plug4Market.accessToken"}},
			{"ShowKase, no token", add(vars{"showKase": vars{"token": "\t "}}), []string{"REQUIRED at config.showKase.token"}},
			{"ShowKase, an inner break", add(vars{"showKase": vars{"token": "a\r\nb"}}),
				[]string{"TOKEN_BLANKS at config.showKase.token"}},
			{"ShowKase, the word of the header", add(vars{"showKase": vars{"token": "Bearer abc"}}),
				[]string{"TOKEN_BEARER at config.showKase.token"}},
			{"Plug4Market, what nobody sees",
				add(vars{"plug4Market": vars{"accessToken": "a\u200bb", "refreshToken": "Bearer b"}}),
				[]string{"TOKEN_BLANKS at config.plug4Market.accessToken", "TOKEN_BEARER at config.plug4Market.refreshToken"}},
			{"Nuvemshop, no scheme", add(vars{"nuvemshop": vars{"storeUrl": "loja.example.com"}}),
				[]string{"URL_INVALID at config.nuvemshop.storeUrl"}},
			{"Nuvemshop, a script", add(vars{"nuvemshop": vars{"storeUrl": "javascript:alert(1)"}}),
				[]string{"URL_INVALID at config.nuvemshop.storeUrl"}},
			{"Nuvemshop, a password", add(vars{"nuvemshop": vars{"storeUrl": "https://a:b@loja.example.com"}}),
				[]string{"URL_INVALID at config.nuvemshop.storeUrl"}},
			{"Nuvemshop, too long", add(vars{"nuvemshop": vars{"storeUrl": "https://" + strings.Repeat("x", 200)}}),
				[]string{"TOO_LONG at config.nuvemshop.storeUrl"}},
			{"everything at once",
				vars{"clientProductId": s.clientProductID, "description": "", "config": vars{"showKase": vars{"token": ""}}},
				[]string{"REQUIRED at description", "REQUIRED at config.showKase.token"}},
		})
		p.refuses(t, p.operator, "updateMarketplace", []refusal{
			{"no description", vars{"id": s.marketplaceID, "description": ""}, []string{"REQUIRED at description"}},
			{"another provider", mine(vars{"showKase": vars{"token": "planted"}}), []string{"PROVIDER_MISMATCH at config"}},
			{"another provider, nothing new", mine(vars{"nuvemshop": vars{}}), []string{"PROVIDER_MISMATCH at config"}},
			{"no user", mine(vars{"meuCarrinho": vars{"username": ""}}), []string{"REQUIRED at config.meuCarrinho.username"}},
			{"no password", mine(vars{"meuCarrinho": vars{"password": ""}}),
				[]string{"REQUIRED at config.meuCarrinho.password"}},
			{"two bad fields",
				vars{"id": s.marketplaceID, "description": "a\nb", "config": vars{"meuCarrinho": vars{"password": long}}},
				[]string{"INVALID_CHARACTERS at description", "TOO_LONG at config.meuCarrinho.password"}},
		})
		pair := p.newMarketplace(t, s.clientProductID, plug4Market())
		p.refuses(t, p.operator, "updateMarketplace", []refusal{
			{"an access token alone", vars{"id": pair, "config": vars{"plug4Market": vars{"accessToken": "new"}}},
				[]string{"PAIR_REQUIRED at config.plug4Market.refreshToken"}},
			{"a refresh token alone", vars{"id": pair, "config": vars{"plug4Market": vars{"refreshToken": "new",
				"accessToken": nil}}}, []string{"PAIR_REQUIRED at config.plug4Market.accessToken"}},
			{"an empty one of the pair", vars{"id": pair, "config": vars{"plug4Market": vars{"accessToken": "",
				"refreshToken": "new"}}}, []string{"REQUIRED at config.plug4Market.accessToken"}},
		})
	})
}

func TestAClientProductHasAtMostFiftyMarketplaces(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			for range 49 {
				err := tx.Marketplace.Create().SetClientProductID(s.clientProductID).SetClientID(s.clientID).
					SetProvider("NUVEMSHOP").
					SetDescription("Loja").SetSettings([]byte("{}")).SetHealthState("WAITING").
					SetHealthReason("WAITING_FOR_MERCHANT").Exec(ctx)
				if err != nil {
					return err
				}
			}
			return nil
		}))
		p.refuses(t, p.operator, "addMarketplace", []refusal{
			{"the fifty-first", vars{"clientProductId": s.clientProductID, "description": "x", "config": showKase()},
				[]string{"LIMIT_REACHED at clientProductId"}},
		})
	})
}

// The table has each change and its effect on the two numbers that a back-office watches: the version of the
// credentials and the revision.
func TestVersionsRiseWhenTheyShouldAndOnlyThen(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		opaque := p.newMarketplace(t, s.clientProductID, showKase())
		pair := p.newMarketplace(t, s.clientProductID, plug4Market())
		watch := func() (versions []any, revision string, credentials []any) {
			t.Helper()
			answer := p.must(t, s.key, everything, nil)
			for i := range answer.get("integration.marketplaces").([]any) {
				versions = append(versions, answer.get(fmt.Sprintf("integration.marketplaces.%d.credentialVersion", i)))
				credentials = append(credentials, answer.get(fmt.Sprintf("integration.marketplaces.%d.credentials", i)))
			}
			return versions, answer.text(t, "integration.revision"), credentials
		}
		change := func(input vars) func() {
			return func() { p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }", input) }
		}
		for _, step := range []struct {
			name             string
			do               func()
			versions         string // expected credential versions after the change
			revision, events bool   // whether the revision rises and events are added
		}{
			{"nothing", change(vars{"id": s.marketplaceID}), "[1 1 1]", false, false},
			{"the same description", change(vars{"id": s.marketplaceID, "description": " Loja "}), "[1 1 1]", false, false},
			{"the same user", change(vars{"id": s.marketplaceID,
				"config": vars{"meuCarrinho": vars{"username": "loja@example.com"}}}), "[1 1 1]", false, false},
			{"no new token", change(vars{"id": opaque, "config": vars{"showKase": vars{}}}), "[1 1 1]", false, false},
			{"no new pair", change(vars{"id": pair, "config": vars{"plug4Market": vars{"accessToken": nil}}}), "[1 1 1]",
				false, false},
			{"a description", change(vars{"id": s.marketplaceID, "description": "Outra"}), "[1 1 1]", true, true},
			{"a user", change(vars{"id": s.marketplaceID, "config": vars{"meuCarrinho": vars{"username": "new@example.com"}}}),
				"[2 1 1]", true, true},
			{"a password", change(vars{"id": s.marketplaceID, "config": vars{"meuCarrinho": vars{"password": "planted-new"}}}),
				"[3 1 1]", true, true},
			{"a token", change(vars{"id": opaque, "config": vars{"showKase": vars{"token": "planted-new"}}}), "[3 2 1]",
				true, true},
			{"a pair", change(vars{"id": pair, "config": vars{"plug4Market": vars{"accessToken": "planted-a",
				"refreshToken": "planted-b"}}}), "[3 2 2]", true, true},
			{"a refused change", func() {
				p.call(t, p.operator, "updateMarketplace", "marketplace { id }",
					vars{"id": pair, "config": vars{"showKase": vars{"token": "x"}}}).wants(t, "PROVIDER_MISMATCH at config")
			}, "[3 2 2]", false, false},
			{"a new key", func() { p.newKey(t, s.clientProductID) }, "[3 2 2]", false, true},
			// A back-office reads the key's end.
			{"a rotated key", func() { p.rotate(t, vars{"id": s.keyID}) }, "[3 2 2]", true, true},
			{"a suspension that ended", func() {
				p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
				p.mustCall(t, p.operator, "resumeClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
			}, "[3 2 2]", false, true},
			{"an addition", func() { p.newMarketplace(t, s.clientProductID, nuvemshop()) }, "[3 2 2 0]", true, true},
			{"a removal", func() {
				p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": opaque})
			}, "[3 2 0]", true, true},
		} {
			p.admin.authorization(t)
			_, before, _ := watch()
			events := p.auditCount(t)
			step.do()
			versions, after, _ := watch()
			if got := fmt.Sprint(versions); got != step.versions {
				t.Errorf("after %s the versions are %s, want %s", step.name, got, step.versions)
			}
			if (before != after) != step.revision {
				t.Errorf("after %s the revision is %s, before %s", step.name, after, before)
			}
			if (p.auditCount(t) != events) != step.events {
				t.Errorf("after %s there are %d new audit events", step.name, p.auditCount(t)-events)
			}
		}
		_, _, credentials := watch()
		if got := fmt.Sprint(credentials[0]); got != "map[__typename:MeuCarrinhoCredentials password:planted-new "+
			"username:new@example.com]" {
			t.Errorf("in the end Meu Carrinho opens %s", got)
		}
	})
}

// Proves: 6.6
func TestAnAbsentSecretStays(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": s.marketplaceID, "description": "Outra",
				"config": vars{"meuCarrinho": vars{"username": "new@example.com"}}})
		got := p.must(t, s.key, everything, nil).get("integration.marketplaces.0.credentials")
		if want := "map[__typename:MeuCarrinhoCredentials password:planted-password-1 " +
			"username:new@example.com]"; fmt.Sprint(got) != want {
			t.Errorf("%v, want %s", got, want)
		}
	})
}

func TestNewCredentialsWaitForTheirCheckAndADescriptionDoesNot(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		health := func() string {
			t.Helper()
			answer := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on Marketplace {
				health { state reason lastCheckedAt message } } } }`, vars{"id": s.marketplaceID}, "Accept-Language", "en")
			return fmt.Sprint(answer.get("node.health"))
		}
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.Update().Where(marketplace.ID(s.marketplaceID)).SetHealthState("CONNECTED").
				SetHealthReason("CHECK_PASSED").SetLastCheckedAt(time.Unix(0, 0).UTC()).Exec(ctx)
		}))
		connected := "map[lastCheckedAt:1970-01-01T00:00:00.000Z message:The last check was good. reason:CHECK_PASSED " +
			"state:CONNECTED]"
		if got := health(); got != connected {
			t.Fatalf("%s, want %s", got, connected)
		}
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": s.marketplaceID, "description": "Outra"})
		if got := health(); got != connected {
			t.Errorf("after a description: %s", got)
		}
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": s.marketplaceID, "config": vars{"meuCarrinho": vars{"password": "planted-new"}}})
		if got := health(); got != "map[lastCheckedAt:<nil> message:Saved; the connection has not been checked yet. "+
			"reason:NOT_CHECKED_YET state:WAITING]" {
			t.Errorf("after a password: %s", got)
		}
	})
}

func TestNuvemshopHandsOutWhatTheInstallWillGive(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		id := p.newMarketplace(t, owner, nuvemshop())
		updated := p.mustCall(t, p.operator, "updateMarketplace", marketplaceFields,
			vars{"id": id, "config": vars{"nuvemshop": vars{"storeUrl": ""}}})
		if updated.get("updateMarketplace.marketplace.config.storeUrl") != nil ||
			updated.get("updateMarketplace.marketplace.credentialVersion") != 0.0 {
			t.Errorf("without its address: %s", updated.body)
		}
	})
}

func TestARemovedMarketplaceIsGoneWithItsSecrets(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		kept := p.newMarketplace(t, s.clientProductID, showKase())
		removed := p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id marketplaces { id } }",
			vars{"id": s.marketplaceID})
		if got := removed.texts(t, "removeMarketplace.clientProduct.marketplaces", "id"); !slices.Equal(got, []string{kept}) {
			t.Errorf("left are %v", got)
		}
		if rows := p.snapshot(t)["marketplaces"]; len(rows) != 1 || strings.Contains(rows[0], s.marketplaceID) {
			t.Errorf("rows %q", rows)
		}
		p.call(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": s.marketplaceID}).
			wants(t, "NOT_FOUND at id")
		p.call(t, p.admin, "updateMarketplace", "marketplace { id }", vars{"id": s.marketplaceID, "description": "x"}).
			wants(t, "NOT_FOUND at id")
	})
}

// An attacker who can write the database cannot get one client's secrets sent to another.
// Proves: 6.1
func TestASealedValueOpensInItsOwnRowOnly(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		thief, victim := p.newShop(t, "Ladra"), p.newShop(t, "Vítima")
		good := p.newMarketplace(t, thief.clientProductID, showKase())
		p.exec(t,
			`UPDATE marketplaces SET secrets_sealed = (SELECT secrets_sealed FROM marketplaces WHERE id = $1) WHERE id = $2`,
			victim.marketplaceID, thief.marketplaceID)

		answer := p.post(t, thief.key, everything, nil)

		if answer.code(t) != "INTERNAL" || fmt.Sprint(answer.errors[0].Path) != "[integration marketplaces 0 credentials]" {
			t.Errorf("errors %+v", answer.errors)
		}
		if answer.get("integration.marketplaces.0.credentials") != nil ||
			answer.get("integration.marketplaces.0.description") != "Loja" {
			t.Errorf("the moved one: %s", answer.body)
		}
		if answer.get("integration.marketplaces.1.id") != good ||
			answer.get("integration.marketplaces.1.credentials.token") != "planted-token-4" {
			t.Errorf("the other is no longer fine: %s", answer.body)
		}
		if strings.Contains(answer.body, "planted-password-1") || strings.Contains(p.log.String(), "planted-") {
			t.Error("the secret got out")
		}
		if !strings.Contains(p.log.String(), thief.marketplaceID) {
			t.Error("the log does not name the row")
		}

		t.Run("nor after the row is given to another client", func(t *testing.T) {
			p.exec(t, `UPDATE marketplaces SET client_product_id = $1, client_id = $2 WHERE id = $3`, thief.clientProductID,
				thief.clientID, victim.marketplaceID)
			answer := p.post(t, thief.key, everything, nil)
			if strings.Contains(answer.body, "planted-password-1") {
				t.Errorf("it opens: %s", answer.body)
			}
		})
	})
}

// One statement raises the revision, which locks the client's product, one reads it with what the order asks, and one
// adds the marketplace. Three more write the trail: its head, the event, its head again. On PostgreSQL the last two are
// one, and there is a notification too.
func TestAnAddedMarketplaceCostsFewStatements(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		p.newMarketplace(t, owner, showKase()) // caches the caller
		want := map[string]int{dialect.SQLite: 6, dialect.Postgres: 6}[p.store.Dialect()]
		sent := storetest.Statements(t, p.store, func() { p.newMarketplace(t, owner, showKase()) })
		if len(sent) != want {
			t.Errorf("%d statements, want %d: %q", len(sent), want, sent)
		}
	})
}
