package graph_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/graph"
	composed "github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/plug4market"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// house is Plug4Market with a house whose log-in (Enter) and pair requests (Mint) return what a test sets.
type house struct {
	plug4market.Provider
	pair func(document string) (access, refresh string)

	hold func() // called by Mint before it returns a pair, unless nil

	mu              sync.Mutex
	entered, minted provider.Result
	mints           []string // the documents that Mint got
}

func (h *house) CanMint(provider.Values) bool { return true }

func (h *house) Enter(context.Context, provider.Call) provider.Entered {
	h.mu.Lock()
	defer h.mu.Unlock()
	return provider.Entered{Result: h.entered, Session: seal.NewSecret("planted-session")}
}

func (h *house) Mint(_ context.Context, c provider.Call, _ seal.Secret, document string) provider.Renewed {
	if h.hold != nil {
		h.hold()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mints = append(h.mints, document)
	if h.minted.Outcome != provider.OK {
		return provider.Renewed{Result: h.minted}
	}
	access, refresh := h.pair(document)
	end := c.Now.Add(24 * time.Hour)
	return provider.Renewed{
		Result: provider.Result{
			Outcome: provider.OK, Reason: provider.CheckPassed, Account: provider.Account{ID: document, Document: document},
		},
		Secrets:  provider.Secrets{"accessToken": seal.NewSecret(access), "refreshToken": seal.NewSecret(refresh)},
		ExpireAt: map[string]time.Time{"accessToken": end},
	}
}

// answer sets the results of Enter and Mint.
func (h *house) answer(entered, minted provider.Result) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entered, h.minted = entered, minted
}

func (h *house) asked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.mints)
}

// eachWithHouse runs test over portals whose Plug4Market has a house that grants everything.
func eachWithHouse(t *testing.T, test func(t *testing.T, p *portal, h *house)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := &house{}
		h.answer(provider.Result{Outcome: provider.OK}, provider.Result{Outcome: provider.OK})
		p := newPortal(t, s, graph.NewHandler, func(o *composed.Options) {
			o.Providers = providers.All()
			o.Providers["PLUG4MARKET"] = h
		})
		h.pair = func(document string) (string, string) {
			return p.sims.Plug4Market.AddStore(document, "11222333000181")
		}
		test(t, p, h)
	})
}

const connected = "marketplace { id provider description credentialVersion health { state reason } }"

func (p *portal) connectInput(s shop) vars {
	return vars{"clientProductId": s.clientProductID, "description": " Hub ", "provider": "PLUG4MARKET"}
}

func TestAConnectionIsMadeWithTheHousesLogInAlone(t *testing.T) {
	eachWithHouse(t, func(t *testing.T, p *portal, h *house) {
		s := p.newShop(t, "Loja")
		input := p.connectInput(s)
		input["idempotencyKey"] = "once"
		made := p.mustCall(t, p.operator, "connectMarketplace", connected, input)
		id := made.text(t, "connectMarketplace.marketplace.id")
		const at = "connectMarketplace.marketplace."
		if made.get(at+"description") != "Hub" || made.get(at+"credentialVersion") != 1.0 {
			t.Errorf("made is %s", made.body)
		}
		p.step(t) // the check that is due at once
		answer := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on Marketplace { health { state } } }
			providers { provider mintable } }`, vars{"id": id})
		if answer.get("node.health.state") != "CONNECTED" {
			t.Errorf("after the check it is %v", answer.get("node.health.state"))
		}
		again := p.mustCall(t, p.operator, "connectMarketplace", connected, input)
		if got := again.text(t, "connectMarketplace.marketplace.id"); got != id {
			t.Errorf("a repetition made %s", got)
		}
		input["description"] = "Outro"
		p.call(t, p.operator, "connectMarketplace", connected, input).wants(t, "IDEMPOTENCY_MISMATCH at idempotencyKey")
		if asked := h.asked(); !slices.Equal(asked, []string{p.documentOf(t, s.clientID)}) {
			t.Errorf("pairs were asked for %v", asked)
		}
		changes := p.must(t, p.admin, `{ auditEvents(first: 1, filter: {action: "marketplace.add"}) {
			edges { node { changes { field new } } } } }`, nil)
		if !strings.Contains(changes.body, `{"field":"by","new":"minted"}`) {
			t.Errorf("the trail says %s", changes.body)
		}
	})
}

func TestAConnectionThatCannotBeMadeSaysWhyAndSavesNothing(t *testing.T) {
	eachWithHouse(t, func(t *testing.T, p *portal, h *house) {
		s := p.newShop(t, "Loja")
		ok := provider.Result{Outcome: provider.OK}
		input := p.connectInput(s)
		with := func(name string, value any) vars {
			changed := vars{}
			for k, v := range input {
				changed[k] = v
			}
			changed[name] = value
			return changed
		}
		for _, c := range []struct {
			name            string
			input           vars
			entered, minted provider.Result
			want            string
			asked           bool
		}{
			{"a provider without a house", with("provider", "SHOWKASE"), ok, ok, "PROVIDER_NOT_CONFIGURED at provider", false},
			{"no description", with("description", " "), ok, ok, "REQUIRED at description", false},
			{"a product that is not there", with("clientProductId", "cpr_x"), ok, ok,
				"PRODUCT_REQUIRED at clientProductId", false},
			{"a store that the provider does not know", input, ok,
				provider.Result{Outcome: provider.Refused, Reason: provider.StoreUnknown}, "STORE_UNKNOWN at provider", true},
			{"a fault of the provider", input, ok,
				provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault},
				"PROVIDER_IN_TROUBLE at provider", true},
			// This case is last, because a refused log-in is never sent again.
			{"a refused log-in", input, provider.Result{Outcome: provider.Refused, Reason: provider.HouseLoginRefused}, ok,
				"HOUSE_LOGIN_REFUSED at provider", false},
		} {
			h.answer(c.entered, c.minted)
			if c.entered.Outcome != provider.OK { // ends the cached session
				h.answer(c.entered, provider.Result{Outcome: provider.Refused, Reason: provider.SessionEnded})
			}
			before, asked := p.count(t, "SELECT count(*) FROM marketplaces"), len(h.asked())
			p.call(t, p.operator, "connectMarketplace", "__typename", c.input).wants(t, c.want)
			if p.count(t, "SELECT count(*) FROM marketplaces") != before {
				t.Errorf("%s: something was saved", c.name)
			}
			if c.entered.Outcome == provider.OK && (len(h.asked()) > asked) != c.asked {
				t.Errorf("%s: asked the provider: %v, want %v", c.name, !c.asked, c.asked)
			}
		}
		status := p.must(t, p.viewer, `{ providers { provider mintable } }`, nil)
		if !strings.Contains(status.body, `{"provider":"PLUG4MARKET","mintable":false}`) {
			t.Errorf("after a refused log-in: %s", status.body)
		}
		h.answer(ok, ok)
		asked := len(h.asked())
		p.call(t, p.operator, "connectMarketplace", "__typename", input).wants(t, "HOUSE_LOGIN_REFUSED at provider")
		if len(h.asked()) != asked {
			t.Error("a refused log-in was used again")
		}
		p.call(t, p.viewer, "connectMarketplace", "__typename", input).refused(t, "FORBIDDEN")
	})
}

func TestNoPairIsRequestedForAShopThatIsConnected(t *testing.T) {
	eachWithHouse(t, func(t *testing.T, p *portal, h *house) {
		s := p.newShop(t, "Loja")
		p.mustCall(t, p.operator, "connectMarketplace", connected, p.connectInput(s))
		p.call(t, p.operator, "connectMarketplace", connected, p.connectInput(s)).wants(t, "ACCOUNT_TAKEN at clientProductId")
		if asked := h.asked(); len(asked) != 1 {
			t.Errorf("pairs were asked for %v: the second may have ended the first", asked)
		}
	})
}

func TestAConnectionIsMadeEvenIfItsCallerDisconnects(t *testing.T) {
	eachWithHouse(t, func(t *testing.T, p *portal, h *house) {
		s := p.newShop(t, "Loja")
		asked, granted := make(chan struct{}), make(chan struct{})
		h.hold = func() { close(asked); <-granted }
		key := "once"
		input := keeper.ConnectInput{
			ClientProductID: s.clientProductID, Description: "Hub", Provider: "PLUG4MARKET", IdempotencyKey: &key,
		}
		operator := principal.With(t.Context(),
			principal.Operator{ID: p.operator.id, Name: p.operator.name, Role: principal.Editor, SessionID: "ses_1"})
		gone, leave := context.WithCancel(operator)
		left := make(chan error)
		go func() {
			_, err := p.whole.Keeper.Connect(gone, input)
			left <- err
		}()
		select {
		case <-asked:
		case err := <-left:
			t.Fatalf("nothing was asked: %v", err)
		}
		leave()
		if err := <-left; !errors.Is(err, fault.Busy) {
			t.Errorf("who leaves gets %v", err)
		}
		close(granted)
		made, err := p.whole.Keeper.Connect(operator, input)
		must.Do(t, err)
		if made.Provider != "PLUG4MARKET" || len(h.asked()) != 1 {
			t.Errorf("the same request again: %s, after %d pairs", made.Provider, len(h.asked()))
		}
		if n := p.count(t, `SELECT COUNT(*) FROM marketplaces WHERE provider = 'PLUG4MARKET'`); n != 1 {
			t.Errorf("there are %d connections", n)
		}
	})
}

func TestAConnectionIsNotMadeDuringAnIncident(t *testing.T) {
	eachWithHouse(t, func(t *testing.T, p *portal, h *house) {
		s := p.newShop(t, "Loja")
		p.newIncident(t, "PLUG4MARKET", nil)
		p.step(t) // step detects the incident
		p.call(t, p.operator, "connectMarketplace", "__typename", p.connectInput(s)).
			wants(t, "PROVIDER_IN_TROUBLE at provider")
		if asked := h.asked(); len(asked) != 0 {
			t.Errorf("pairs were asked for %v", asked)
		}
	})
}

func TestAnAnswerThatCouldNotBeReadIsShownUntilItExpires(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		s := p.newShop(t, "Loja")
		until := p.clock.Now().Add(24 * time.Hour)
		row, err := p.store.Reader().Marketplace.Get(p.system(t), s.marketplaceID)
		must.Do(t, err)
		sealed, err := p.whole.Connections.SealUnread(row, seal.NewSecret("planted-answer"))
		must.Do(t, err)
		told := func() any {
			return p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on Marketplace { unreadAnswerUntil } } }`,
				vars{"id": s.marketplaceID}).get("node.unreadAnswerUntil")
		}
		if got := told(); got != nil {
			t.Errorf("without an answer: %v", got)
		}
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.Update().Where(marketplace.ID(s.marketplaceID)).
				SetUnreadSealed(sealed).SetUnreadUntil(until).Exec(ctx)
		}))
		if got := told(); got != instant.Text(until) {
			t.Errorf("with an answer: %v, want %s", got, instant.Text(until))
		}
		shown, err := p.whole.Connections.ShowUnread(t.Context(), s.marketplaceID)
		must.Do(t, err)
		if shown.Reveal() != "planted-answer" {
			t.Error("another answer is shown")
		}
		if got := p.events(t, p.admin, vars{"action": "marketplace.unread_show"}); len(got) != 1 {
			t.Errorf("the trail has %v", got)
		}
		p.clock.advance(24 * time.Hour)
		if got := told(); got != nil {
			t.Errorf("after its time: %v", got)
		}
		if _, err := p.whole.Connections.ShowUnread(t.Context(), s.marketplaceID); err == nil {
			t.Error("an answer is shown after its time")
		}
	})
}
