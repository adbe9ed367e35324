package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	entmarketplace "github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/graph"
	composed "github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const (
	tested    = `result { outcome message providerMessage identityWarning account { id name document matchesClient } }`
	itsHealth = `health { state reason message since lastCheckedAt nextCheckAt } credentialVersion providerMessage account { id name document matchesClient } renewedAt`
)

// merchant makes a client with a CNPJ, its product, and a key.
func (p *portal) merchant(t *testing.T, name string) (s shop, document string) {
	t.Helper()
	document = p.document(t)
	s.clientID = p.mustCall(t, p.operator, "createClient", "client { id }", vars{"name": name, "document": document}).
		text(t, "createClient.client.id")
	s.clientProductID = p.newClientProduct(t, s.clientID)
	return s, document
}

// connected adds a Plug4Market connection, with a pair of the simulated provider, and a key.
func (p *portal) connected(t *testing.T, name string) (s shop, document string) {
	t.Helper()
	s, document = p.merchant(t, name)
	access, refresh := p.sims.Plug4Market.AddStore(document, "16727230000197")
	s.marketplaceID = p.newMarketplace(t, s.clientProductID,
		vars{"plug4Market": vars{"accessToken": access, "refreshToken": refresh}})
	s.keyID, s.key = p.newKey(t, s.clientProductID)
	return s, document
}

// health returns the state and the reason of a marketplace.
func (p *portal) health(t *testing.T, id string) string {
	t.Helper()
	answer := p.must(t, p.admin, `query($id: ID!) { node(id: $id) { ... on Marketplace { `+itsHealth+` } } }`,
		vars{"id": id})
	return answer.text(t, "node.health.state") + " " + answer.text(t, "node.health.reason")
}

func (p *portal) wantHealth(t *testing.T, id, want string) {
	t.Helper()
	if got := p.health(t, id); got != want {
		t.Errorf("it stands at %s, want %s", got, want)
	}
}

func (p *portal) accessTokenOf(t *testing.T, s shop) string {
	t.Helper()
	answer := p.must(t, s.key,
		`{ integration { marketplaces { credentials { ... on Plug4MarketCredentials { accessToken } } } } }`, nil)
	return answer.text(t, "integration.marketplaces.0.credentials.accessToken")
}

func TestCredentialsAreTestedBeforeTheyAreSavedAndNothingIsStored(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria")
		p.sims.MeuCarrinho.AddUser("loja", "planted-right",
			simulated.Merchant{Name: "Padaria no Meu Carrinho", CNPJ: document})
		p.sims.MeuCarrinho.AddUser("outra", "planted-other", simulated.Merchant{Name: "Outra loja", CNPJ: "16727230000197"})
		access, refresh := p.sims.Plug4Market.AddStore(document, "16727230000197")
		userAndPassword := func(user, password string) vars {
			return vars{"meuCarrinho": vars{"username": user, "password": password}}
		}
		scenarios := []struct {
			name, outcome string
			config        vars
			fault         func()
			warns         bool
		}{
			{"right", "OK", userAndPassword("loja", "planted-right"), nil, false},
			{"wrong password", "REFUSED", userAndPassword("loja", "planted-wrong"), nil, false},
			{"another shop", "OK", userAndPassword("outra", "planted-other"), nil, true},
			{"provider down", "UNREACHABLE", userAndPassword("loja", "planted-right"),
				func() { p.sims.MeuCarrinho.Script(simulated.Status(503)) }, false},
			{"HTML", "UNREACHABLE", userAndPassword("loja", "planted-right"),
				func() { p.sims.MeuCarrinho.Script(simulated.HTML()) }, false},
			{"cut", "UNREACHABLE", userAndPassword("loja", "planted-right"),
				func() { p.sims.MeuCarrinho.Script(simulated.CutBefore()) }, false},
			{"pair", "OK", vars{"plug4Market": vars{"accessToken": access, "refreshToken": refresh}}, nil, false},
			{"no test", "NOT_TESTABLE", showKase(), nil, false},
			{"waits for the merchant", "NOT_TESTABLE", nuvemshop(), nil, false},
		}
		before := p.snapshot(t)
		for _, sc := range scenarios {
			if sc.fault != nil {
				sc.fault()
			}
			answer := p.mustCall(t, p.operator, "testMarketplaceConfig", tested,
				vars{"clientProductId": s.clientProductID, "config": sc.config})
			if got := answer.text(t, "testMarketplaceConfig.result.outcome"); got != sc.outcome {
				t.Errorf("%s: %s, want %s: %s", sc.name, got, sc.outcome, answer.body)
			}
			if warned := answer.get("testMarketplaceConfig.result.identityWarning") != nil; warned != sc.warns {
				t.Errorf("%s: warned %v, want %v", sc.name, warned, sc.warns)
			}
			if strings.Contains(answer.body, "planted-") || strings.Contains(answer.body, access) {
				t.Errorf("%s: a secret came back: %s", sc.name, answer.body)
			}
		}
		p.unchanged(t, before)
		if got := p.sims.Plug4Market.Refreshes(document); got != 0 {
			t.Errorf("a test spent the pair: %d renewals", got)
		}
		p.call(t, p.operator, "testMarketplaceConfig", tested, vars{"clientProductId": "cpr_0", "config": showKase()}).
			wants(t, "NOT_FOUND at clientProductId")
		p.call(t, p.operator, "testMarketplaceConfig", tested, vars{"clientProductId": s.clientProductID, "config": vars{}}).
			wants(t, "ONE_OF at config")
	})
}

func TestARefusedPasswordIsTriedOnceAndThenOnlyByAPerson(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria")
		p.sims.MeuCarrinho.AddUser("loja", "planted-new", simulated.Merchant{Name: "Padaria", CNPJ: document})
		id := p.newMarketplace(t, s.clientProductID, vars{"meuCarrinho": vars{"username": "loja", "password": "planted-old"}})
		_, key := p.newKey(t, s.clientProductID)
		p.wantHealth(t, id, "WAITING NOT_CHECKED_YET")
		for range 5 {
			p.step(t)
			p.clock.advance(time.Hour)
			p.mustCall(t, key, "reportMarketplaceFailure", "newCredentials",
				vars{"marketplaceId": id, "credentialVersion": 1, "status": 401})
		}
		p.wantHealth(t, id, "NEEDS_ATTENTION PASSWORD_REFUSED")
		if got := p.sims.MeuCarrinho.Logins("loja"); got != 1 {
			t.Errorf("the refused password was sent %d times, want once", got)
		}
		answer := p.mustCall(t, p.operator, "testMarketplace", tested+" marketplace { "+itsHealth+" }", vars{"id": id})
		if answer.text(t, "testMarketplace.result.outcome") != "REFUSED" || p.sims.MeuCarrinho.Logins("loja") != 2 {
			t.Errorf("a person's test: %s, %d log-ins", answer.body, p.sims.MeuCarrinho.Logins("loja"))
		}
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": id, "config": vars{"meuCarrinho": vars{"password": "planted-new"}}})
		p.wantHealth(t, id, "WAITING NOT_CHECKED_YET")
		p.step(t)
		p.wantHealth(t, id, "CONNECTED CHECK_PASSED")
	})
}

func TestAConnectionFailsAndRecoversByItselfAndBothAreEvents(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.connected(t, "Padaria")
		p.step(t)
		p.wantHealth(t, s.marketplaceID, "CONNECTED CHECK_PASSED")
		before := p.must(t, s.key, `{ integration { revision } }`, nil).text(t, "integration.revision")

		p.sims.Plug4Market.SetDown(true)
		for range 8 {
			p.clock.advance(70 * time.Minute)
			p.step(t)
		}
		p.wantHealth(t, s.marketplaceID, "FAILING PROVIDER_FAULT")
		troubled := p.must(t, p.viewer, `{ clients(filter: {hasProblem: true}) { totalCount } clientsByTrouble:
			clients(first: 1, orderBy: {field: TROUBLE, direction: DESC}) { edges { node { id } } } }`, nil)
		if troubled.get("clients.totalCount") != 1.0 || troubled.text(t, "clientsByTrouble.edges.0.node.id") != s.clientID {
			t.Errorf("the client is not found by its trouble: %s", troubled.body)
		}
		p.sims.Plug4Market.SetDown(false)
		p.clock.advance(70 * time.Minute)
		p.step(t)
		p.wantHealth(t, s.marketplaceID, "CONNECTED CHECK_PASSED")
		if after := p.must(t, s.key, `{ integration { revision } }`, nil).text(t, "integration.revision"); after == before {
			t.Error("the revision says that nothing has changed")
		}
		if got := p.count(t, `SELECT COUNT(*) FROM audit_events WHERE action = 'marketplace.health' AND object_id =
			'`+s.marketplaceID+`'`); got != 3 {
			t.Errorf("%d events of its health, want 3: connected, failing, recovered", got)
		}
	})
}

func TestAPairIsRenewedBeforeItExpiresAndTheOldOneIsDeletedADayLater(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.connected(t, "Padaria")
		p.step(t)
		old := p.accessTokenOf(t, s)
		p.clock.advance(21*time.Hour + 30*time.Minute)
		p.step(t)
		if got := p.sims.Plug4Market.Refreshes(document); got != 0 {
			t.Fatalf("renewed %d times with more than two hours left", got)
		}
		p.clock.advance(time.Hour + 45*time.Minute)
		p.step(t)
		if got := p.accessTokenOf(t, s); got == old || got != p.sims.Plug4Market.CurrentAccess(document) {
			t.Error("the back-office does not have the new token")
		}
		answer := p.must(t, s.key, `{ integration { marketplaces { credentialVersion } } }`, nil)
		if answer.get("integration.marketplaces.0.credentialVersion") != 2.0 {
			t.Errorf("the version did not rise: %s", answer.body)
		}
		kept := `SELECT COUNT(*) FROM marketplaces WHERE previous_sealed IS NOT NULL`
		if p.count(t, kept) != 1 {
			t.Error("the pair from before is not kept")
		}
		p.sims.Plug4Market.SetDown(true) // so that the next renewal does not replace it
		p.clock.advance(24*time.Hour + time.Minute)
		p.step(t)
		if p.count(t, kept) != 0 {
			t.Error("the pair from before is still kept a day later")
		}
	})
}

func TestARenewalFallsBackToThePreviousPairWhileThatIsStored(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.sims.Plug4Market.SetRotation(simulated.Lenient)
		s, document := p.connected(t, "Padaria")
		p.step(t)
		for range 2 { // the first renewal leaves a previous pair; in the second the provider refuses the newer pair
			p.clock.advance(23*time.Hour + 30*time.Minute)
			if p.sims.Plug4Market.Refreshes(document) == 1 {
				p.sims.Plug4Market.Script(simulated.Status(http.StatusUnauthorized).On("/auth/refresh"))
			}
			p.step(t)
		}
		p.wantHealth(t, s.marketplaceID, "CONNECTED CHECK_PASSED")
		if got := p.sims.Plug4Market.Calls().Counts["POST /auth/refresh"]; got != 3 {
			t.Errorf("%d renewals were sent, want 3: one, one refused, one with the pair from before", got)
		}
		if p.accessTokenOf(t, s) != p.sims.Plug4Market.CurrentAccess(document) {
			t.Error("the back-office has another token than the provider")
		}
	})
}

func TestTheOutcomeOfARenewalDoesNotTouchAPairThatWasReplacedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.connected(t, "Padaria")
		p.step(t)
		p.clock.advance(23*time.Hour + 30*time.Minute)
		reached, release := p.sims.Plug4Market.Hold("/auth/refresh")
		p.sims.Plug4Market.Script(simulated.Status(http.StatusUnauthorized).On("/auth/refresh"))
		stepped := make(chan error, 1)
		go func() {
			_, err := p.whole.Keeper.Step(t.Context())
			stepped <- err
		}()
		select {
		case <-reached:
		case <-time.After(20 * time.Second):
			t.Fatal("no renewal was begun")
		}
		access, refresh := p.sims.Plug4Market.NewPair(document)
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": s.marketplaceID, "config": vars{"plug4Market": vars{"accessToken": access, "refreshToken": refresh}}})
		release()
		must.Do(t, <-stepped)
		p.step(t)
		p.wantHealth(t, s.marketplaceID, "CONNECTED CHECK_PASSED")
		if got := p.accessTokenOf(t, s); got != access {
			t.Error("the back-office does not have the pair that the operator typed")
		}
	})
}

func TestASessionOfMeuCarrinhoIsKeptFreshWhereThatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPortal(t, s, graph.NewHandler, func(o *composed.Options) { o.Fixed["MEU_CARRINHO"]["sessionToken"] = "ON" })
		owner, document := p.merchant(t, "Padaria")
		p.sims.MeuCarrinho.AddUser("loja", "planted-right", simulated.Merchant{Name: "Padaria", CNPJ: document})
		p.newMarketplace(t, owner.clientProductID, vars{"meuCarrinho": vars{"username": "loja", "password": "planted-right"}})
		_, key := p.newKey(t, owner.clientProductID)
		session := func() (token string, end time.Time) {
			answer := p.must(t, key, `{ integration { marketplaces {
				credentials { ... on MeuCarrinhoCredentials { password sessionToken sessionExpiresAt } } } } }`, nil)
			at := "integration.marketplaces.0.credentials."
			end, err := time.Parse(time.RFC3339, answer.text(t, at+"sessionExpiresAt"))
			must.Do(t, err)
			if answer.text(t, at+"password") != "planted-right" {
				t.Errorf("the password is gone: %s", answer.body)
			}
			return answer.text(t, at+"sessionToken"), end
		}
		p.step(t)
		first, _ := session()
		for range 12 {
			p.clock.advance(time.Hour)
			p.step(t)
			if _, end := session(); !end.After(p.clock.Now()) {
				t.Fatalf("the session ended at %s, and it is %s", end, p.clock.Now())
			}
		}
		if last, _ := session(); last == first {
			t.Error("the session is the one of twelve hours ago")
		}
	})
}

func TestALostAnswerToARenewalIsRetriedWithTheOldPair(t *testing.T) {
	scenarios := []struct {
		name     string
		rotation simulated.Rotation
		want     string
		reuses   int
	}{
		{"with a provider that still takes the old token", simulated.Lenient, "CONNECTED CHECK_PASSED", 0},
		{"with one that does not", simulated.Strict, "NEEDS_ATTENTION RENEWAL_LOST", 1},
	}
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			each(t, func(t *testing.T, p *portal) {
				p.sims.Plug4Market.SetRotation(sc.rotation)
				s, _ := p.connected(t, "Padaria")
				other, _ := p.connected(t, "Outra")
				p.step(t)
				p.clock.advance(23*time.Hour + 30*time.Minute)
				p.sims.Plug4Market.Script(simulated.CutAfter().On("/auth/refresh"))
				p.step(t)
				p.clock.advance(10 * time.Minute)
				p.step(t)
				healths := p.health(t, s.marketplaceID) + ", " + p.health(t, other.marketplaceID)
				want, swapped := sc.want+", CONNECTED CHECK_PASSED", "CONNECTED CHECK_PASSED, "+sc.want
				if healths != want && healths != swapped { // either of the two connections may meet the fault
					t.Errorf("they stand at %s, want %s", healths, want)
				}
				if got := p.sims.Plug4Market.Reuses(); got != sc.reuses {
					t.Errorf("a spent refresh token was sent %d times, want %d", got, sc.reuses)
				}
			})
		})
	}
}

func TestAFailureReportOfABackOfficeIsCheckedAtOnceButNotTooOften(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.connected(t, "Padaria")
		foreign, _ := p.connected(t, "Outra")
		p.step(t)
		report := func(as caller, id string, version int) response {
			return p.call(t, as, "reportMarketplaceFailure",
				"newCredentials checked marketplace { credentialVersion health { state reason } }",
				vars{"marketplaceId": id, "credentialVersion": version, "status": 401})
		}
		calls := p.sims.Plug4Market.Calls().Counts["GET /orders"]
		early := report(s.key, s.marketplaceID, 1)
		if got := p.sims.Plug4Market.Calls().Counts["GET /orders"]; got != calls ||
			early.get("reportMarketplaceFailure.checked") != false {
			t.Errorf("a report within a minute of a check: %d more calls, %s", got-calls, early.body)
		}
		p.clock.advance(2 * time.Minute)
		answer := report(s.key, s.marketplaceID, 1)
		if got := p.sims.Plug4Market.Calls().Counts["GET /orders"]; got != calls+1 ||
			answer.get("reportMarketplaceFailure.newCredentials") != false ||
			answer.get("reportMarketplaceFailure.checked") != true {
			t.Errorf("it was not checked at once: %d calls, %s", got-calls, answer.body)
		}
		p.sims.Plug4Market.Suspend(document)
		p.clock.advance(2 * time.Minute)
		if answer := report(s.key, s.marketplaceID, 1); answer.text(t,
			"reportMarketplaceFailure.marketplace.health.state") != "NEEDS_ATTENTION" {
			t.Errorf("a refusal is not told: %s", answer.body)
		}
		p.clock.advance(23 * time.Hour)
		p.step(t)
		if answer := report(foreign.key, foreign.marketplaceID,
			1); answer.get("reportMarketplaceFailure.newCredentials") != true {
			t.Errorf("newer credentials are not told of: %s", answer.body)
		}
		if answer := report(foreign.key, foreign.marketplaceID, 1); answer.get("reportMarketplaceFailure.checked") != false {
			t.Errorf("credentials that are replaced are said to be checked: %s", answer.body)
		}
		report(s.key, foreign.marketplaceID, 1).wants(t, "NOT_FOUND at marketplaceId")
		calls = p.sims.Plug4Market.Calls().Counts["GET /orders"]
		for _, never := range []int{-1, 0, 3, 1 << 40} {
			report(s.key, s.marketplaceID, never).wants(t, "VERSION_UNKNOWN at credentialVersion")
		}
		if got := p.sims.Plug4Market.Calls().Counts["GET /orders"]; got != calls {
			t.Error("a version that never was caused a check")
		}
		p.call(t, s.key, "reportMarketplaceFailure", "newCredentials",
			vars{"marketplaceId": s.marketplaceID, "credentialVersion": 1, "status": 7}).wants(t, "OUT_OF_RANGE at status")
	})
}

func TestOneShopIsConnectedToOneClientOnly(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		_, document := p.connected(t, "Primeira loja")
		second, _ := p.merchant(t, "Segunda loja")
		access, refresh := p.sims.Plug4Market.NewPair(document)
		pair := vars{"plug4Market": vars{"accessToken": access, "refreshToken": refresh}}
		answer := p.call(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": second.clientProductID, "description": "Hub", "config": pair})
		answer.wants(t, "ACCOUNT_TAKEN at config.plug4Market")
		if !strings.Contains(answer.body, "Primeira loja") {
			t.Errorf("the refusal does not name the client that has it: %s", answer.body)
		}
		warned := p.mustCall(t, p.operator, "testMarketplaceConfig", tested,
			vars{"clientProductId": second.clientProductID, "config": pair})
		if !strings.Contains(warned.text(t, "testMarketplaceConfig.result.identityWarning"), "Primeira loja") {
			t.Errorf("the test does not warn: %s", warned.body)
		}
	})
}

// browse sends a browser's request to the portal.
func (p *portal) browse(t *testing.T, method, path, cookies string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, publicURL+path, nil)
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// consent lets the merchant of a store agree at Nuvemshop, and returns the redirect to the portal.
func (p *portal) consent(t *testing.T, authorizeURL string, store int64) string {
	t.Helper()
	u, err := url.Parse(authorizeURL)
	must.Do(t, err)
	return "/install/nuvemshop/callback?" + url.Values{"code": {p.sims.Nuvemshop.Authorize(store)},
		"state": {u.Query().Get("state")}}.Encode()
}

func cookieOf(t *testing.T, header http.Header) string {
	t.Helper()
	found := regexp.MustCompile(`__Host-chaveiro_install_[0-9a-f]{16}=[^;]+`).FindString(header.Get("Set-Cookie"))
	if found == "" {
		t.Fatalf("the browser got no cookie: %q", header.Get("Set-Cookie"))
	}
	return found
}

// Proves: 10.3
func TestNuvemshopIsInstalledInTheOperatorsOwnBrowser(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria")
		id := p.newMarketplace(t, s.clientProductID, nuvemshop())
		_, key := p.newKey(t, s.clientProductID)
		p.sims.Nuvemshop.AddStore(4711,
			simulated.Store{Name: map[string]string{"pt": "Padaria na Nuvem"}, BusinessID: document})
		p.wantHealth(t, id, "WAITING WAITING_FOR_MERCHANT")

		started := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
		back := p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4711)
		cookie := cookieOf(t, started.header)

		if to := p.browse(t, http.MethodGet, back, "").Header().Get("Location"); to != "/install/end?install=expired" {
			t.Errorf("another browser ended the install, or is told whose it is: %s", to)
		}
		p.wantHealth(t, id, "WAITING WAITING_FOR_MERCHANT")
		if w := p.browse(t, http.MethodGet, back, cookie); !strings.HasSuffix(w.Header().Get("Location"), "install=expired") {
			t.Errorf("a state that was tried by another browser is good again: %s", w.Header().Get("Location"))
		}

		started = p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
		back, cookie = p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4711), cookieOf(t, started.header)
		w := p.browse(t, http.MethodGet, back, cookie)
		if want := "/clientes/" + s.clientID + "/produtos/" + s.clientProductID + "?install=done"; w.Header().
			Get("Location") != want || w.Code != http.StatusSeeOther {
			t.Fatalf("the browser is sent to %s, want %s", w.Header().Get("Location"), want)
		}
		p.wantHealth(t, id, "CONNECTED CHECK_PASSED")
		exchanged := p.sims.Nuvemshop.Token(4711)
		if again := p.browse(t, http.MethodGet, back, cookie); again.Header().Get("Location") != w.Header().Get("Location") {
			t.Errorf("the same message again is told %s", again.Header().Get("Location"))
		}
		if w := p.browse(t, http.MethodGet, back, ""); !strings.HasSuffix(w.Header().Get("Location"), "install=expired") {
			t.Errorf("a used state is told another browser: %s", w.Header().Get("Location"))
		}
		if p.sims.Nuvemshop.Token(4711) != exchanged {
			t.Error("a used state is good again")
		}
		answer := p.must(t, key, `{ integration { marketplaces { credentialVersion
			credentials { ... on NuvemshopCredentials { storeId accessToken headerName headerValue } } } } }`, nil)
		if got := answer.text(t, "integration.marketplaces.0.credentials.accessToken"); got != p.sims.Nuvemshop.Token(4711) ||
			answer.text(t, "integration.marketplaces.0.credentials.storeId") != "4711" {
			t.Errorf("the back-office has other credentials: %s", answer.body)
		}
		account := p.must(t, p.viewer,
			`query($id: ID!) { node(id: $id) { ... on Marketplace { account { name matchesClient } } } }`, vars{"id": id})
		if account.text(t, "node.account.name") != "Padaria na Nuvem" || account.get("node.account.matchesClient") != true {
			t.Errorf("the shop is not known: %s", account.body)
		}

		late := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
		back, cookie = p.consent(t, late.text(t, "startInstall.authorizeUrl"), 4711), cookieOf(t, late.header)
		p.clock.advance(10 * time.Minute)
		where := "/clientes/" + s.clientID + "/produtos/" + s.clientProductID + "?install=expired"
		if w := p.browse(t, http.MethodGet, back, cookie); w.Header().Get("Location") != where {
			t.Errorf("who comes after 10 minutes is sent to %s, want %s", w.Header().Get("Location"), where)
		}
		p.browse(t, http.MethodGet, "/install/nuvemshop/callback?code=x&state=made-up", cookie)
		if got := p.count(t, `SELECT COUNT(*) FROM audit_events WHERE action = 'install.refuse'`); got < 4 {
			t.Errorf("%d refusals in the audit trail, want all", got)
		}
	})
}

// Proves: 10.3
func TestNuvemshopIsInstalledByALinkThatWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria São João")
		id := p.newMarketplace(t, s.clientProductID, nuvemshop())
		p.sims.Nuvemshop.AddStore(4712, simulated.Store{Name: map[string]string{"pt": "Padaria"}, BusinessID: document})
		link := func() string {
			made := p.mustCall(t, p.operator, "createInstallLink", "url", vars{"marketplaceId": id})
			return strings.TrimPrefix(made.text(t, "createInstallLink.url"), publicURL)
		}
		revoked := link()
		first := link() // replaces the earlier link
		if w := p.browse(t, http.MethodGet, revoked, ""); w.Code != http.StatusNotFound {
			t.Errorf("a link that was replaced answers %d", w.Code)
		}
		for range 2 { // opening the page does not use the link up
			w := p.browse(t, http.MethodGet, first, "")
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Padaria São João") ||
				!strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
				t.Fatalf("the page of the link: %d %s", w.Code, w.Body)
			}
		}
		begun := p.browse(t, http.MethodPost, first, "")
		back, cookie := p.consent(t, begun.Header().Get("Location"), 4712), cookieOf(t, begun.Header())
		end := p.browse(t, http.MethodGet, back, cookie).Header().Get("Location")
		if !strings.HasPrefix(end, "/install/end?install=done&") {
			t.Fatalf("the merchant is sent to %s", end)
		}
		const named = "a loja Padaria está conectada"
		if w := p.browse(t, http.MethodGet, end, cookie); w.Code != http.StatusOK ||
			!strings.Contains(w.Body.String(), named) {
			t.Errorf("the merchant reads %d %s", w.Code, w.Body)
		}
		for _, other := range []string{"", cookie + "x"} {
			if w := p.browse(t, http.MethodGet, end, other); w.Code != http.StatusOK ||
				strings.Contains(w.Body.String(), named) || !strings.Contains(w.Body.String(), "a sua loja está conectada") {
				t.Errorf("another browser reads %d %s", w.Code, w.Body)
			}
		}
		if w := p.browse(t, http.MethodGet, strings.Replace(end, "=done", "=wrong-shop", 1), cookie); strings.Contains(
			w.Body.String(), "loja Padaria") {
			t.Errorf("an ending that was not reads %s", w.Body)
		}
		if w := p.browse(t, http.MethodGet, first, ""); w.Code != http.StatusNotFound ||
			!strings.Contains(w.Body.String(), "já foi usado para conectar a loja Padaria São João") {
			t.Errorf("the page of a used link: %d %s", w.Code, w.Body)
		}
		p.wantHealth(t, id, "CONNECTED CHECK_PASSED")
		if w := p.browse(t, http.MethodPost, first, ""); w.Code != http.StatusNotFound {
			t.Errorf("a used link answers %d", w.Code)
		}
		second := link()
		p.mustCall(t, p.operator, "revokeInstallLink", "marketplace { installLink { id } }", vars{"marketplaceId": id})
		if w := p.browse(t, http.MethodGet, second, ""); w.Code != http.StatusNotFound {
			t.Errorf("a revoked link answers %d", w.Code)
		}
		third := link()
		p.clock.advance(7 * 24 * time.Hour)
		if w := p.browse(t, http.MethodGet, third, ""); w.Code != http.StatusNotFound ||
			!strings.Contains(w.Body.String(), "expirou em") || strings.Contains(w.Body.String(), "Padaria") {
			t.Errorf("the page of a link after 7 days: %d %s", w.Code, w.Body)
		}
		if strings.Contains(p.log.String(), strings.TrimPrefix(first, "/install/link/")) {
			t.Error("the link is in the log")
		}
	})
}

func TestThePortalsOwnErrorIsNotToldAsTheProvidersWords(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.merchant(t, "Padaria São João")
		id := p.newMarketplace(t, s.clientProductID, showKase())
		const line = "POST https://api.example/auth: unreachable: connection refused"
		p.exec(t, "UPDATE marketplaces SET health_state = 'FAILING', health_reason = 'UNREACHABLE', "+
			"call_cause = 'CONNECTION_REFUSED', call_detail = $1 WHERE id = $2", line, id)
		for _, c := range []struct {
			as   caller
			want any
		}{{p.admin, line}, {p.operator, nil}, {p.viewer, nil}} {
			got := p.must(t, c.as, `query($id: ID!) { node(id: $id) { ... on Marketplace { providerMessage technicalDetail
				health { message } } } }`, vars{"id": id})
			if got.get("node.providerMessage") != nil || got.get("node.technicalDetail") != c.want ||
				got.text(t, "node.health.message") !=
					"Não foi possível chegar ao endereço do marketplace: conexão recusada. O portal tenta de novo sozinho." {
				t.Errorf("%v reads %s", c.as, got.body)
			}
		}
	})
}

func TestAMerchantWhoDoesNotKnowTheRequestEndsTheLink(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.merchant(t, "Padaria São João")
		id := p.newMarketplace(t, s.clientProductID, nuvemshop())
		made := p.mustCall(t, p.operator, "createInstallLink", "url", vars{"marketplaceId": id})
		link := strings.TrimPrefix(made.text(t, "createInstallLink.url"), publicURL)
		if w := p.browse(t, http.MethodGet, link, ""); !strings.Contains(w.Body.String(), `action="`+link+`/decline"`) {
			t.Fatalf("the page offers no way to decline: %s", w.Body)
		}
		if w := p.browse(t, http.MethodPost, link+"/decline", ""); w.Code != http.StatusOK ||
			!strings.Contains(w.Body.String(), "Pedido cancelado") {
			t.Errorf("declined: %d %s", w.Code, w.Body)
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if w := p.browse(t, method, link, ""); w.Code != http.StatusNotFound {
				t.Errorf("%s of a declined link answers %d", method, w.Code)
			}
		}
		if w := p.browse(t, http.MethodPost, link+"/decline", ""); w.Code != http.StatusNotFound {
			t.Errorf("declined again: %d", w.Code)
		}
		if w := p.browse(t, http.MethodPost, "/install/link/made-up/decline", ""); w.Code != http.StatusNotFound {
			t.Errorf("a made-up link is declined: %d", w.Code)
		}
		if got := p.count(t, `SELECT COUNT(*) FROM audit_events WHERE action = 'install_link.decline'`); got != 1 {
			t.Errorf("%d events in the audit trail, want 1", got)
		}
		shown := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on Marketplace { installLink { id } } } }`,
			vars{"id": id})
		if shown.get("node.installLink") != nil {
			t.Errorf("the page still shows the link: %s", shown.body)
		}
	})
}

func TestAShopOfAnotherClientIsRefusedAndGoesOnWorkingThere(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner, document := p.merchant(t, "Dona da loja")
		other, _ := p.merchant(t, "Outro cliente")
		p.sims.Nuvemshop.AddStore(4713, simulated.Store{Name: map[string]string{"pt": "Loja"}, BusinessID: document})
		install := func(id string) string {
			started := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": id})
			return p.browse(t, http.MethodGet, p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4713),
				cookieOf(t, started.header)).Header().Get("Location")
		}
		mine := p.newMarketplace(t, owner.clientProductID, nuvemshop())
		install(mine)
		_, key := p.newKey(t, owner.clientProductID)
		theirs := p.newMarketplace(t, other.clientProductID, nuvemshop())
		if got := install(theirs); !strings.HasSuffix(got, "install=taken&owner="+owner.clientID) { // the page shows its name
			t.Errorf("the browser is sent to %s", got)
		}
		p.wantHealth(t, theirs, "WAITING WAITING_FOR_MERCHANT")
		answer := p.must(t, key, `{ integration {
			marketplaces { credentialVersion credentials { ... on NuvemshopCredentials { accessToken } } } } }`, nil)
		if answer.text(t, "integration.marketplaces.0.credentials.accessToken") != p.sims.Nuvemshop.Token(4713) ||
			answer.get("integration.marketplaces.0.credentialVersion") != 2.0 {
			t.Errorf("the owner does not have the token that counts now: %s", answer.body)
		}
	})
}

func TestAnInstallFromNuvemshopsOwnStoreWaitsForAnOperator(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, document := p.merchant(t, "Padaria")
		p.sims.Nuvemshop.SetSpelling(simulated.Authorization) // not the spelling tried first
		p.sims.Nuvemshop.AddStore(4714,
			simulated.Store{Name: map[string]string{"pt": "Padaria na Nuvem"}, BusinessID: document})
		w := p.browse(t, http.MethodGet, "/install/nuvemshop/callback?code="+p.sims.Nuvemshop.Authorize(4714), "")
		if w.Header().Get("Location") != "/install/end?install=unclaimed&at=nuvemshop" {
			t.Fatalf("the merchant is sent to %s", w.Header().Get("Location"))
		}
		list := p.must(t, p.viewer,
			`{ unclaimedInstallations { id account { id name document } suggestedClient { id } } }`, nil)
		if list.text(t, "unclaimedInstallations.0.suggestedClient.id") != s.clientID ||
			list.text(t, "unclaimedInstallations.0.account.id") != "4714" {
			t.Fatalf("the client is not proposed: %s", list.body)
		}
		attached := p.mustCall(t, p.operator, "attachInstallation", "marketplace { id "+itsHealth+" }",
			vars{"id": list.text(t, "unclaimedInstallations.0.id"), "clientProductId": s.clientProductID})
		id := attached.text(t, "attachInstallation.marketplace.id")
		p.wantHealth(t, id, "CONNECTED CHECK_PASSED")
		p.step(t) // the check after an install registers the webhooks

		again := p.browse(t, http.MethodGet, "/install/nuvemshop/callback?code="+p.sims.Nuvemshop.Authorize(4714), "")
		if again.Header().Get("Location") != "/install/end?install=done&at=nuvemshop" {
			t.Errorf("a re-install is sent to %s", again.Header().Get("Location"))
		}
		version := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on Marketplace { credentialVersion } }
			unclaimedInstallations { id } }`, vars{"id": id})
		if version.get("node.credentialVersion") != 2.0 || version.get("unclaimedInstallations.0") != nil {
			t.Errorf("a re-install: %s", version.body)
		}

		uninstalled := p.sims.Nuvemshop.Uninstall(4714)
		if len(uninstalled) == 0 {
			t.Fatal("no webhook was registered")
		}
		for _, delivery := range uninstalled {
			if status := p.deliver(t, delivery); status != http.StatusNoContent {
				t.Errorf("the webhook is answered %d", status)
			}
			delivery.Header.Set("X-Linkedstore-Hmac-Sha256", strings.Repeat("0", 64))
			if status := p.deliver(t, delivery); status != http.StatusUnauthorized {
				t.Errorf("a forged webhook is answered %d", status)
			}
		}
		p.step(t)
		p.wantHealth(t, id, "NEEDS_ATTENTION ACCESS_REVOKED")

		redact := p.sims.Nuvemshop.Redact(simulated.StoreRedact, 4714, publicURL+"/webhooks/nuvemshop/store-redact", true)
		if status := p.deliver(t, redact); status != http.StatusNoContent {
			t.Errorf("store/redact is answered %d", status)
		}
		p.wantHealth(t, id, "WAITING WAITING_FOR_MERCHANT")
		if p.count(t, `SELECT COUNT(*) FROM marketplaces WHERE secrets_sealed IS NOT NULL`) != 0 {
			t.Error("the token was not destroyed")
		}
	})
}

// deliver sends a webhook to the portal and returns the status.
func (p *portal) deliver(t *testing.T, d simulated.Delivery) int {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, d.URL, strings.NewReader(string(d.Body)))
	for name, values := range d.Header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Code
}

// Proves: 10.5
func TestAnUnsignedErasureIsANoticeForAPerson(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		id := p.unclaimed(t)
		list := p.must(t, p.viewer, `{ unclaimedInstallations { account { id } } }`, nil)
		store, err := strconv.ParseInt(list.text(t, "unclaimedInstallations.0.account.id"), 10, 64)
		must.Do(t, err)
		unsigned := p.sims.Nuvemshop.Redact(simulated.StoreRedact, store, publicURL+"/webhooks/nuvemshop/store-redact", false)
		for range 3 {
			p.deliver(t, unsigned)
		}
		// This erasure is for an unknown shop.
		p.deliver(t, p.sims.Nuvemshop.Redact(simulated.StoreRedact, 99, publicURL+"/webhooks/nuvemshop/store-redact", false))
		p.deliver(t,
			p.sims.Nuvemshop.Redact(simulated.CustomersRedact, store, publicURL+"/webhooks/nuvemshop/customers-redact", true))
		notices := p.must(t, p.admin, `{ providerNotices { id topic accountId } unclaimedInstallations { id } }`, nil)
		if got := notices.texts(t, "providerNotices", "topic"); len(got) != 1 || got[0] != "store/redact" {
			t.Errorf("notices %v, want one", got)
		}
		if notices.text(t, "unclaimedInstallations.0.id") != id {
			t.Error("an unsigned delivery deleted an installation")
		}
	})
}

func TestPollingWithIfNoneMatchOpensNoSecretWhileNothingHasChanged(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, _ := p.connected(t, "Padaria")
		p.step(t)
		get := func(tag string) *httptest.ResponseRecorder {
			query := url.Values{"query": {
				`{ integration { revision marketplaces { credentials { ... on Plug4MarketCredentials { accessToken } } } } }`}}
			r := httptest.NewRequest(http.MethodGet, publicURL+"/graphql?"+query.Encode(), nil)
			r.Header.Set("Authorization", s.key.authorization(t))
			if tag != "" {
				r.Header.Set("If-None-Match", tag)
			}
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			return w
		}
		first := get("")
		tag := first.Header().Get("ETag")
		if first.Code != http.StatusOK || tag == "" {
			t.Fatalf("%d, ETag %q: %s", first.Code, tag, first.Body)
		}
		if second := get(tag); second.Code != http.StatusNotModified || second.Body.Len() > 0 {
			t.Errorf("unchanged: %d %s", second.Code, second.Body)
		}
		p.clock.advance(23*time.Hour + 30*time.Minute)
		p.step(t)
		if third := get(tag); third.Code != http.StatusOK || third.Header().Get("ETag") == tag {
			t.Errorf("after a renewal: %d, ETag %q", third.Code, third.Header().Get("ETag"))
		}
	})
}

func TestWhatIsDueIsListedByUrgency(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		soon := p.clock.Now().Add(36 * time.Hour).Format(time.RFC3339)
		p.mustCall(t, p.operator, "createAccessKey", "accessKey { id }",
			vars{"clientProductId": s.clientProductID, "name": "Vence", "expiresAt": soon})
		p.mustCall(t, p.admin, "updateProviderSettings", "provider { provider }",
			vars{"provider": "NUVEMSHOP", "settings": []vars{
				{"name": "appSecretEndsOn", "value": p.clock.Now().Add(20 * 24 * time.Hour).Format(time.DateOnly)},
			}})
		p.clock.advance(8 * 24 * time.Hour)
		due := p.must(t, p.viewer, `{ due { kind withinDays message client { name } accessKey { name } provider } }`, nil)
		if got := strings.Join(due.texts(t, "due", "kind"), " "); got != "APPLICATION_SECRET_ENDS ACCESS_KEY_UNUSED" {
			t.Errorf("due: %s", got)
		}
		p.post(t, p.viewer, `{ due(withinDays: 0) { kind } }`, nil).refused(t, "BAD_USER_INPUT")
		fresh := p.newShop(t, "Nova")
		p.mustCall(t, p.operator, "createAccessKey", "accessKey { id }", vars{"clientProductId": fresh.clientProductID,
			"name": "Vence", "expiresAt": p.clock.Now().Add(12 * time.Hour).Format(time.RFC3339)})
		due = p.must(t, p.viewer, `{ due { kind withinDays client { name } } }`, nil)
		if due.text(t, "due.0.kind") != "ACCESS_KEY_ENDS" || due.get("due.0.withinDays") != 1.0 ||
			due.text(t, "due.0.client.name") != "Nova" {
			t.Errorf("the most urgent is not first: %s", due.body)
		}
	})
}

func TestPairsThatEndOrWereNotRenewedForLongAreDue(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		refused, document := p.connected(t, "Recusada")
		old, _ := p.connected(t, "Antiga")
		p.step(t)
		p.sims.Plug4Market.Revoke(document)
		p.clock.advance(2 * time.Hour)
		p.step(t)
		p.wantHealth(t, refused.marketplaceID, "NEEDS_ATTENTION RENEWAL_REFUSED")
		p.exec(t, fmt.Sprintf(`UPDATE marketplaces SET renewed_at = '%s' WHERE id = '%s'`,
			p.clock.Now().Add(-301*24*time.Hour).Format("2006-01-02 15:04:05.999999999-07:00"), old.marketplaceID))
		due := p.must(t, p.viewer, `{ due { kind withinDays marketplace { id } client { name } } }`, nil)
		if due.text(t, "due.0.kind") != "CREDENTIALS_END" || due.get("due.0.withinDays") != 1.0 ||
			due.text(t, "due.0.client.name") != "Recusada" {
			t.Errorf("the pair that ends: %s", due.body)
		}
		if due.text(t, "due.1.kind") != "NOT_RENEWED" || due.text(t, "due.1.marketplace.id") != old.marketplaceID {
			t.Errorf("the pair that was not renewed: %s", due.body)
		}

		for _, s := range []shop{refused, old} {
			p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
		}
		due = p.must(t, p.viewer, `{ due { kind client { name } } }`, nil)
		if left := due.texts(t, "due", "kind"); slices.Contains(left, "CREDENTIALS_END") ||
			slices.Contains(left, "NOT_RENEWED") {
			t.Errorf("pairs of archived clients are due: %s", due.body)
		}
	})
}

func TestSettingsOfAProviderAreCheckedSealedAndFixedByTheEnvironment(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var fixed providersettings.Fixed
		p := newPortal(t, s, graph.NewHandler, func(o *composed.Options) { fixed = o.Fixed })
		set := func(provider, name, value string) response {
			return p.call(t, p.admin, "updateProviderSettings",
				"provider { configured settings { name value source secret { fingerprint } } }",
				vars{"provider": provider, "settings": []vars{{"name": name, "value": value}}})
		}
		for value, code := range map[string]string{
			"https://example.com": "SETTING_HOST", "http://example.com": "SETTING_URL",
			"https://user@example.com": "SETTING_URL", "https://10.0.0.1:8443": "SETTING_URL", "nonsense": "SETTING_URL",
		} {
			set("SHOWKASE", "checkUrl", value).wants(t, code+" at settings.0.value")
		}
		set("NUVEMSHOP", "appId", "5").wants(t, "SETTING_FIXED at settings.0.value")
		set("NUVEMSHOP", "header", "OTHER").wants(t, "SETTING_CHOICE at settings.0.value")
		set("NUVEMSHOP", "appSecretEndsOn", "24/11/2026").wants(t, "SETTING_DATE at settings.0.value")
		set("PLUG4MARKET", "refreshesPerMinute", "x").wants(t, "SETTING_NUMBER at settings.0.value")
		set("PLUG4MARKET", "refreshesPerMinute", "0").wants(t, "OUT_OF_RANGE at settings.0.value")
		set("PLUG4MARKET", "unknown", "0").wants(t, "NOT_FOUND at settings.0.name")

		owner := p.newShop(t, "Loja")
		id := p.newMarketplace(t, owner.clientProductID, showKase())
		p.step(t)
		p.wantHealth(t, id, "NOT_TESTABLE NO_TEST_AVAILABLE")
		p.sims.ShowKase.AddShop("Loja", "planted-token-4")
		fixed["SHOWKASE"] = provider.Values{"checkUrl": p.showKaseURL} // as a restart with another environment
		p.clock.advance(time.Minute)
		set("SHOWKASE", "checkRefusedStatuses", "401").wants(t)
		p.step(t)
		p.wantHealth(t, id, "NOT_TESTABLE NO_TEST_AVAILABLE") // the token was entered for no host
		if _, moved, err := p.whole.MoveHost(t.Context(), "SHOWKASE", ""); err != nil || moved != 1 {
			t.Fatalf("%d connections were moved: %v", moved, err)
		}
		p.step(t)
		p.wantHealth(t, id, "CONNECTED CHECK_PASSED")
		p.sims.ShowKase.Revoke("planted-token-4")
		p.clock.advance(2 * time.Hour)
		p.step(t)
		p.wantHealth(t, id, "NEEDS_ATTENTION TOKEN_REFUSED")

		known := p.must(t, p.viewer, `{ providers { provider configured settings { name } } }`, nil)
		if known.get("providers.0.settings") != nil {
			t.Errorf("a viewer reads the settings: %s", known.body)
		}
	})
}

// This simulates a week of 1000 pairs in which 5 % of the provider's answers are faults. It checks what the portal
// promises to back-offices and to the provider.
func TestAWeekOfAThousandPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("a week takes a minute")
	}
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), graph.NewHandler, func(o *composed.Options) {
		o.Settings.CheckEvery = 1000 * time.Hour
		o.Fixed["PLUG4MARKET"]["refreshesPerMinute"] = "5" // below the default
	})
	const pairs, days, perProduct = 1000, 7, 50
	var owner shop
	var documents []string
	for i := range pairs {
		if i%perProduct == 0 {
			owner, _ = p.merchant(t, "Loja")
		}
		document := p.document(t)
		documents = append(documents, document)
		access, refresh := p.sims.Plug4Market.AddStore(document, "16727230000197")
		p.newMarketplace(t, owner.clientProductID, vars{"plug4Market": vars{"accessToken": access, "refreshToken": refresh}})
		p.clock.advance(24 * time.Hour / pairs) // their ends spread over a day, because their starts do
		if i%50 == 49 || i > pairs*9/10 {       // the first become due before the last are made
			p.step(t)
		}
	}
	made := 0 // renewals during the set-up
	for _, document := range documents {
		made += p.sims.Plug4Market.Refreshes(document)
	}
	p.sims.Plug4Market.Rate(0.05, 1)
	const step = 2 * time.Minute
	for range days * 24 * time.Hour / step {
		p.clock.advance(step)
		p.step(t)
		expired, err := p.store.Reader().Marketplace.Query().Where(entmarketplace.CredentialsExpireAtLTE(p.clock.Now())).
			Count(p.system(t))
		must.Do(t, err)
		if expired > 0 {
			t.Fatalf("%d readers would get an expired token at %s", expired, p.clock.Now())
		}
	}
	var renewals []time.Time
	for _, call := range p.sims.Plug4Market.Calls().List {
		if call.Pattern == "POST /auth/refresh" {
			renewals = append(renewals, call.Time)
		}
	}
	for i := range renewals[5:] {
		if gap := renewals[i+5].Sub(renewals[i]); gap < time.Minute {
			t.Fatalf("six renewals in %s, want at most 5 a minute", gap)
		}
	}
	total := -made
	for _, document := range documents {
		total += p.sims.Plug4Market.Refreshes(document)
	}
	least := float64(pairs) * days // a token of 24 hours needs at least one renewal a day
	if float64(total) > least*1.10 {
		t.Errorf("%d renewals in a week, want at most a tenth over %v", total, least)
	}
	attention, err := p.store.Reader().Marketplace.Query().Where(entmarketplace.HealthState("NEEDS_ATTENTION")).
		Count(p.system(t))
	must.Do(t, err)
	t.Logf("%d renewals, %d least; %d connections need attention; %d reuses", total, int(least), attention,
		p.sims.Plug4Market.Reuses())
	if attention > 0 {
		t.Errorf("transient faults brought %d connections to NEEDS_ATTENTION", attention)
	}
}

// count returns the number that a statement selects.
func (p *portal) count(t *testing.T, statement string) int {
	t.Helper()
	var n int
	must.Do(t, p.store.DB().QueryRowContext(t.Context(), statement).Scan(&n))
	return n
}
