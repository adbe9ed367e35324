package install

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// portal is an install service with a client product.
type portal struct {
	*Service
	ctx   context.Context
	dir   string
	owned *ent.ClientProduct
}

func newPortal(t *testing.T, s *store.Store) portal {
	t.Helper()
	log, clock := slog.New(slog.DiscardHandler), func() time.Time { return now }
	keys, err := seal.NewKeyset()
	must.Do(t, err)
	p := portal{ctx: principal.AsSystem(t.Context(), "test"), dir: t.TempDir()}
	answers, err := spool.New(spool.Options{Dir: p.dir, Keys: keys, Log: log})
	must.Do(t, err)
	caller, err := outbound.New(outbound.Options{})
	must.Do(t, err)
	t.Cleanup(caller.CloseIdle)
	bus, all := live.New(s, log), providers.All()
	connections := connection.New(connection.Options{Store: s, Keys: keys, Providers: all, Now: clock, Live: bus})
	settings := providersettings.New(providersettings.Options{
		Store: s, Keys: keys, Providers: all, Now: clock, Connections: connections, Allows: caller.Allows,
		Portal: "https://portal.example",
	})
	p.Service = New(Options{
		Store: s, Keys: keys, Providers: all, Now: clock, HTTP: caller, Live: bus, Connections: connections,
		Settings: settings,
		Spool:    answers, Portal: "https://portal.example", Log: log,
	})
	must.Do(t, s.Write(p.ctx, func(ctx context.Context, tx *ent.Tx) error {
		client, err := tx.ClientRecord.Create().SetName("Loja").SetNameKey("loja").SetDocument("11222333000181").
			SetSearchText("loja").Save(ctx)
		if err != nil {
			return err
		}
		product, err := tx.Product.Create().SetCode("x").SetName("X").SetNameKey("x").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		p.owned, err = tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Save(ctx)
		return err
	}))
	return p
}

// waiting stores a connection that waits for its merchant.
func (p portal) waiting(t *testing.T) string {
	t.Helper()
	id := ident.New(ident.Marketplace)
	must.Do(t, p.store.Write(p.ctx, func(ctx context.Context, tx *ent.Tx) error {
		owner, err := products.Lock(ctx, tx, p.owned.ID, products.Marketplaces)
		must.Do(t, err)
		_, err = p.connections.Insert(ctx, tx, owner, connection.Start{
			ID: id, Description: "Loja", Provider: "NUVEMSHOP", Settings: []byte("{}"),
			Health: provider.Health{Reason: provider.WaitingForMerchant},
		})
		return err
	}))
	return id
}

func (p portal) row(t *testing.T, id string) *ent.Marketplace {
	t.Helper()
	row, err := p.store.Reader().Marketplace.Get(p.ctx, id)
	must.Do(t, err)
	return row
}

func granted(account, token string) grant {
	return grant{Provider: "NUVEMSHOP", Granted: provider.Granted{
		Result: provider.Result{Outcome: provider.OK, Account: provider.Account{ID: account, Name: "Padaria"},
			State: []byte(`{"a":1}`)},
		Secrets: provider.Secrets{"accessToken": seal.NewSecret(token)},
	}}
}

// keepInSpool spools a grant, as a process does that cannot save it.
func (p portal) keepInSpool(t *testing.T, g grant) {
	t.Helper()
	a, err := g.encode()
	must.Do(t, err)
	must.Do(t, p.spool.Keep(a))
}

func each(t *testing.T, test func(t *testing.T, p portal)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newPortal(t, s)) })
}

func (p portal) noneLeft(t *testing.T) {
	t.Helper()
	if n, err := spool.Files(p.dir); n != 0 || err != nil {
		t.Errorf("%d answers are still in the spool (%v)", n, err)
	}
}

func TestASpooledInstallGoesToTheConnectionThatItWasStartedFor(t *testing.T) {
	each(t, func(t *testing.T, p portal) {
		id := p.waiting(t)
		g := granted("4711", "token-of-the-shop")
		g.MarketplaceID = id
		p.keepInSpool(t, g)
		must.Do(t, p.TakeUp(t.Context()))
		row := p.row(t, id)
		secrets, err := p.connections.Open(t.Context(), row)
		must.Do(t, err)
		if row.HealthReason != string(provider.CheckPassed) || row.ExternalAccount == nil || *row.ExternalAccount != "4711" ||
			secrets["accessToken"].Reveal() != "token-of-the-shop" || row.NextCheckAt == nil || !row.NextCheckAt.Equal(now) {
			t.Errorf("it is %s with the account %v, visited at %v", row.HealthReason, row.ExternalAccount, row.NextCheckAt)
		}
		p.noneLeft(t)
		must.Do(t, p.TakeUp(t.Context()))
		if again := p.row(t, id); again.CredentialVersion != row.CredentialVersion {
			t.Errorf("it is taken up twice: version %d after %d", again.CredentialVersion, row.CredentialVersion)
		}
	})
}

func TestASpooledInstallWithoutAConnectionWaitsForAnOperator(t *testing.T) {
	each(t, func(t *testing.T, p portal) {
		p.keepInSpool(t, granted("4711", "token-of-the-shop"))
		gone := granted("4712", "another")
		gone.MarketplaceID = ident.New(ident.Marketplace) // it was removed meanwhile
		p.keepInSpool(t, gone)
		must.Do(t, p.TakeUp(t.Context()))
		unclaimed, err := p.UnclaimedInstallations(p.ctx)
		must.Do(t, err)
		if len(unclaimed) != 2 {
			t.Errorf("%d installs wait", len(unclaimed))
		}
		p.noneLeft(t)
	})
}

func TestASpooledInstallOfAKnownShopGivesItTheNewToken(t *testing.T) {
	each(t, func(t *testing.T, p portal) {
		id := p.waiting(t)
		first := granted("4711", "first")
		first.MarketplaceID = id
		p.keepInSpool(t, first)
		must.Do(t, p.TakeUp(t.Context()))
		p.keepInSpool(t, granted("4711", "second")) // begun at the provider: the first token is dead
		must.Do(t, p.TakeUp(t.Context()))
		secrets, err := p.connections.Open(t.Context(), p.row(t, id))
		must.Do(t, err)
		if got := secrets["accessToken"].Reveal(); got != "second" {
			t.Error("it has not the token of the last install")
		}
		p.noneLeft(t)
	})
}

func TestAnUnreadableSpooledAnswerIsKeptForAPerson(t *testing.T) {
	each(t, func(t *testing.T, p portal) {
		id := p.waiting(t)
		g := grant{Provider: "NUVEMSHOP", MarketplaceID: id, Granted: provider.Granted{
			Result: provider.Result{Outcome: provider.Transient}, Unread: seal.NewSecret("what nobody can read"),
		}}
		p.keepInSpool(t, g)
		g.MarketplaceID = ident.New(ident.Marketplace)
		p.keepInSpool(t, g)
		must.Do(t, p.TakeUp(t.Context()))
		row := p.row(t, id)
		if len(row.UnreadSealed) == 0 || strings.Contains(string(row.UnreadSealed), "nobody") {
			t.Errorf("%d bytes are kept", len(row.UnreadSealed))
		}
		if row.UnreadUntil == nil || !row.UnreadUntil.Equal(now.Add(24*time.Hour)) ||
			row.HealthReason != string(provider.WaitingForMerchant) {
			t.Errorf("it is %s, and the answer kept until %v", row.HealthReason, row.UnreadUntil)
		}
		p.noneLeft(t)
	})
}

func TestASpooledGrantDecodesAsItWasEncoded(t *testing.T) {
	t.Parallel()
	link := "lnk_1"
	g := granted("4711", "token-of-the-shop")
	g.MarketplaceID, g.LinkID = "mkt_1", &link
	a, err := g.encode()
	must.Do(t, err)
	got, err := decodeGrant(a.Plain)
	must.Do(t, err)
	if got.Provider != g.Provider || got.MarketplaceID != "mkt_1" || got.LinkID == nil || *got.LinkID != link ||
		got.Account != g.Account || got.Outcome != g.Outcome || string(got.State) != string(g.State) ||
		got.Secrets["accessToken"].Reveal() != "token-of-the-shop" {
		t.Errorf("%+v came back as %+v", g, got)
	}
	if _, err := decodeGrant([]byte(`{"secrets":"token-of-the-shop"`)); err == nil ||
		strings.Contains(err.Error(), "token") {
		t.Errorf("what is no grant: %v", err)
	}
}
