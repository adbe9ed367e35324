package graph_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// Proves: 10.7
func TestThePageCannotChangeTheHostThatSecretsAreSentTo(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const settings = "provider { settings { name value source } }"
		evil := func(name string) vars {
			return vars{"provider": "SHOWKASE", "settings": []vars{{"name": name, "value": "https://evil.example/check"}}}
		}
		p.call(t, p.admin, "updateProviderSettings", settings, evil("checkUrl")).wants(t, "SETTING_HOST at settings.0.value")
		for _, of := range []string{"MEU_CARRINHO", "NUVEMSHOP", "PLUG4MARKET"} {
			got := p.call(t, p.admin, "updateProviderSettings", settings,
				vars{"provider": of, "settings": []vars{{"name": "url", "value": "https://evil.example"}}})
			got.wants(t, "SETTING_FIXED at settings.0.value") // the tests' environment sets it
		}

		// A change of the row in the database has no effect either.
		p.mustCall(t, p.admin, "updateProviderSettings", settings,
			vars{"provider": "SHOWKASE", "settings": []vars{{"name": "checkRefusedText", "value": "x"}}})
		p.exec(t,
			`UPDATE provider_settings SET "values" = '{"checkUrl":"https://evil.example/check"}' WHERE provider = 'SHOWKASE'`)
		p.clock.advance(time.Minute)
		if host, err := p.whole.ProviderSettings.Host(p.system(t), "SHOWKASE"); err != nil || host != "" {
			t.Errorf("tokens go to %q: %v", host, err)
		}

		_, script := p.newServiceToken(t, "ADMIN")
		change := `mutation { updateProviderSettings(input: {provider: SHOWKASE, settings: []}) { provider { provider } } }`
		p.post(t, script, change, nil).refused(t, "FORBIDDEN")
		me := p.login(t, p.admin.email, goodPassword)
		p.clock.advance(3 * time.Minute)
		me = in(p.call(t, me, "reauthenticate", sessionFields, vars{"password": goodPassword}), "reauthenticate")
		p.clock.advance(5*time.Minute + time.Second) // the token outlives the recent log-in a little
		p.post(t, me, change, nil).refused(t, "REAUTH_REQUIRED")
	})
}

// Proves: 10.7
func TestTheOtherAdministratorsAreNotifiedOfChangedSettings(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		other := p.hire(t, "Bia Outra", "ADMIN")
		p.mustCall(t, p.admin, "updateProviderSettings", "provider { provider }",
			vars{"provider": "PLUG4MARKET", "settings": []vars{{"name": "leadMinutes", "value": "90"}}})
		const ask = `{ due { kind provider message } }`
		told := p.must(t, other, ask, nil)
		if told.text(t, "due.0.kind") != "PROVIDER_SETTINGS_CHANGED" ||
			!strings.Contains(told.text(t, "due.0.message"), p.admin.name) {
			t.Errorf("the other administrator is told %s", told.body)
		}
		for _, who := range []*person{p.admin, p.operator, p.viewer} {
			if got := p.must(t, who, ask, nil).texts(t, "due", "kind"); len(got) != 0 {
				t.Errorf("%s is told %v", who.name, got)
			}
		}
		p.clock.advance(8 * 24 * time.Hour)
		if got := p.must(t, other, ask, nil).texts(t, "due", "kind"); len(got) != 0 {
			t.Errorf("a week later still due are %v", got)
		}
	})
}

// The test makes the rows that a version without bound hosts left.
// Proves: 6.1, 10.7
func TestAnUpgradeBindsSecretsToTheirHosts(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		mine, _ := p.connected(t, "Minha")
		wrong, _ := p.connected(t, "Trocada")
		p.step(t)
		p.wantHealth(t, mine.marketplaceID, "CONNECTED CHECK_PASSED")
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			rows, err := tx.Marketplace.Query().All(ctx)
			if err != nil {
				return err
			}
			for _, m := range rows {
				secrets, err := p.whole.Connections.Open(t.Context(), m)
				if err != nil {
					return err
				}
				plain, err := provider.EncodeSecrets(secrets)
				if err != nil {
					return err
				}
				sealed, err := p.keyset.Seal(seal.Place{
					Table: "marketplaces", Column: "secrets_sealed", RowID: m.ID, ClientID: m.ClientID,
				}, plain)
				if err != nil {
					return err
				}
				if err := m.Update().SetSecretsSealed(sealed).ClearSecretsHost().Exec(ctx); err != nil {
					return err
				}
			}
			return tx.Marketplace.UpdateOneID(wrong.marketplaceID).SetAccountDocument("12ABC34501DE35").Exec(ctx)
		}))

		for range 2 { // the second start finds nothing to do
			must.Do(t, p.whole.BindHosts(t.Context()))
		}
		host, err := p.whole.ProviderSettings.Host(p.system(t), "PLUG4MARKET")
		must.Do(t, err)
		if n := p.count(t, fmt.Sprintf(`SELECT COUNT(*) FROM marketplaces WHERE secrets_host = '%s'`, host)); n != 2 ||
			host == "" {
			t.Errorf("%d connections are bound to %q, want 2", n, host)
		}
		p.clock.advance(2 * time.Hour)
		p.step(t)
		p.wantHealth(t, mine.marketplaceID, "CONNECTED CHECK_PASSED")
		p.wantHealth(t, wrong.marketplaceID, "NEEDS_ATTENTION WRONG_SHOP")
		if p.accessTokenOf(t, mine) == "" {
			t.Error("the credentials are not handed out any more")
		}

		// The sealed value is bound to the host in the column, so it does not open for another.
		p.exec(t, `UPDATE marketplaces SET secrets_host = 'evil.example'`)
		m, err := p.store.Reader().Marketplace.Get(p.system(t), mine.marketplaceID)
		must.Do(t, err)
		if _, err := p.whole.Connections.Open(t.Context(), m); err == nil {
			t.Error("the secrets open for another host")
		}
	})
}

// Proves: 10.8
func TestTheShopOfAnotherCNPJWaitsUntilAnOperatorConfirmsIt(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.merchant(t, "Padaria")
		const document = "12ABC34501DE35" // another root than those that p.document makes
		p.sims.MeuCarrinho.AddUser("loja", "senha-da-loja", simulatedMerchant(document))
		id := p.newMarketplace(t, s.clientProductID,
			vars{"meuCarrinho": vars{"username": "loja", "password": "senha-da-loja"}})
		_, key := p.newKey(t, s.clientProductID)
		p.step(t)
		p.wantHealth(t, id, "NEEDS_ATTENTION WRONG_SHOP")
		const ask = `{ integration { marketplaces { health { reason } credentialVersion account { document matchesClient isBranch }
			credentials { ... on MeuCarrinhoCredentials { password } } } } }`
		held := p.must(t, key, ask, nil)
		if held.get("integration.marketplaces.0.credentials") != nil ||
			held.get("integration.marketplaces.0.account.matchesClient") != false ||
			held.text(t, "integration.marketplaces.0.account.document") != document {
			t.Errorf("the back-office is told %s", held.body)
		}
		narrow := func(wrong bool) []string {
			return p.must(t, p.viewer, `query($w: Boolean) { clients(filter: {hasWrongShop: $w}) { edges { node { name } } } }`,
				vars{"w": wrong}).texts(t, "clients.edges", "node.name")
		}
		if got := narrow(true); len(got) != 1 || got[0] != "Padaria" {
			t.Errorf("clients with a wrong shop: %v", got)
		}
		if got := narrow(false); len(got) != 0 {
			t.Errorf("clients without one: %v", got)
		}

		confirm := func(who caller, name string) response {
			return p.call(t, who, "confirmMarketplaceShop", "marketplace { "+itsHealth+" }", vars{"id": id, "shopName": name})
		}
		confirm(p.operator, "Outra").wants(t, "SHOP_NAME at shopName")
		confirm(p.operator, " padaria ").wants(t)
		if n := p.count(t, `SELECT COUNT(*) FROM audit_events WHERE action = 'marketplace.confirm_shop'`); n != 1 {
			t.Errorf("%d events", n)
		}
		p.step(t)
		p.wantHealth(t, id, "CONNECTED CHECK_PASSED")
		given := p.must(t, key, ask, nil)
		if given.text(t, "integration.marketplaces.0.credentials.password") != "senha-da-loja" ||
			given.get("integration.marketplaces.0.credentialVersion") != 2.0 {
			t.Errorf("the back-office is given %s", given.body)
		}
	})
}

// Proves: 10.3
func TestTwoInstallsInTwoTabsOfOneBrowserBothSucceed(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		var backs, cookies, wants []string
		for i := range 2 {
			s, document := p.merchant(t, fmt.Sprintf("Loja %d", i))
			id := p.newMarketplace(t, s.clientProductID, nuvemshop())
			store := int64(5000 + i)
			p.sims.Nuvemshop.AddStore(store, simulatedStore(document))
			started := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
			backs = append(backs, p.consent(t, started.text(t, "startInstall.authorizeUrl"), store))
			cookies = append(cookies, cookieOf(t, started.header))
			wants = append(wants, "/clientes/"+s.clientID+"/produtos/"+s.clientProductID+"?install=done")
		}
		jar := strings.Join(cookies, "; ")
		for i, back := range backs {
			if w := p.browse(t, "GET", back, jar); w.Header().Get("Location") != wants[i] {
				t.Errorf("tab %d is sent to %s, want %s", i, w.Header().Get("Location"), wants[i])
			}
		}
	})
}

// Proves: 10.9
func TestAnErasureOfAnEarlierInstallationSparesTheCurrentOne(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		install := func(store int64) {
			p.browse(t, "GET", "/install/nuvemshop/callback?code="+p.sims.Nuvemshop.Authorize(store), "")
		}
		redact := func(store int64, signed bool) {
			p.deliver(t,
				p.sims.Nuvemshop.Redact(simulated.StoreRedact, store, publicURL+"/webhooks/nuvemshop/store-redact", signed))
			must.Do(t, p.whole.Installs.Settle(t.Context()))
		}
		waiting := func() int { return p.count(t, `SELECT COUNT(*) FROM unclaimed_installations`) }
		p.sims.Nuvemshop.AddStore(6000, simulatedStore(p.document(t)))
		install(6000)
		p.sims.Nuvemshop.Uninstall(6000)
		install(6000) // before the erasure request, which Nuvemshop sends two days after the uninstall
		redact(6000, true)
		if waiting() != 1 {
			t.Error("the installation that lives was deleted")
		}
		p.sims.Nuvemshop.Uninstall(6000)
		redact(6000, false)
		if waiting() != 1 {
			t.Error("a demand that nobody has proven has deleted an installation")
		}
		redact(6000, true)
		if waiting() != 0 {
			t.Error("the installation whose token is dead was kept")
		}
		if n := p.count(t, `SELECT COUNT(*) FROM provider_notices WHERE closed_at IS NULL`); n != 0 {
			t.Errorf("%d notices are open", n)
		}
	})
}

func TestAStartReadsNoMarketplaceToFindThatNoneIsOfAnOldVersion(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), graph.NewHandler)
	p.newShop(t, "Loja")
	looks := 0
	for _, statement := range storetest.Statements(t, p.store, func() { must.Do(t, p.whole.BindHosts(t.Context())) }) {
		if !strings.Contains(statement, "FROM `marketplaces`") {
			continue
		}
		looks++
		plan := p.planOf(t, statement)
		if !strings.Contains(plan, "marketplaces_without_host") {
			t.Errorf("%s\nis answered by\n%s", statement, plan)
		}
	}
	if looks != 3 { // for fingerprints, for shops of others and for hosts
		t.Errorf("it looks %d times, want 3", looks)
	}
}

// planOf returns how SQLite answers a statement.
func (p *portal) planOf(t *testing.T, statement string) string {
	t.Helper()
	rows, err := p.store.DB().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement,
		make([]any, strings.Count(statement, "?"))...)
	must.Do(t, err)
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		must.Do(t, rows.Scan(&id, &parent, &unused, &step))
		plan = append(plan, step)
	}
	must.Do(t, rows.Err())
	return strings.Join(plan, "\n")
}
