// Package install connects shops by an install at their provider: links for merchants, the callback, installs that
// nobody has claimed, and what providers send by themselves.
package install

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/installstate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	linkLife  = 7 * 24 * time.Hour
	stateLife = 10 * time.Minute
	// maxUnclaimed is how many unclaimed installations and notices are shown.
	maxUnclaimed = 100
	// exchangeTime bounds the exchange of a code and what is asked about the shop with it.
	exchangeTime = 25 * time.Second
)

// Service makes installs, each change in one transaction with its audit event.
type Service struct {
	store       *store.Store
	keys        *seal.Keyset
	providers   provider.Registry
	now         func() time.Time
	http        *outbound.Client
	live        *live.Bus
	connections *connection.Service
	settings    *providersettings.Service
	spool       *spool.Spool
	portal      string
	meter       provider.Meter
	settle      chan struct{} // poked when a demand to erase came
	strangers   *audit.Strangers
	log         *slog.Logger
}

// Options are what a Service is made of.
type Options struct {
	Store     *store.Store
	Keys      *seal.Keyset
	Providers provider.Registry
	// Now is the clock.
	Now func() time.Time
	// HTTP calls the providers.
	HTTP *outbound.Client
	// Live is told of every change.
	Live        *live.Bus
	Connections *connection.Service
	Settings    *providersettings.Service
	// Spool keeps what was answered and could not be saved.
	Spool *spool.Spool
	// Portal is the public address of the portal, without a slash at its end.
	Portal string
	// Meter is told of calls; nil tells nobody.
	Meter provider.Meter
	// Strangers records what callers who prove nothing try; nil is one of the service's own.
	Strangers *audit.Strangers
	Log       *slog.Logger
}

// New returns the service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, keys: o.Keys, providers: o.Providers, now: o.Now, http: o.HTTP, live: o.Live,
		connections: o.Connections, settings: o.Settings, spool: o.Spool, portal: o.Portal, meter: o.Meter,
		settle:    make(chan struct{}, 1),
		strangers: cmp.Or(o.Strangers, audit.NewStrangers(o.Store, o.Now, nil)), log: o.Log,
	}
}

// Started is an install that was begun in a browser.
type Started struct {
	// URL is the provider's page.
	URL string
	// Slot and Browser are for a cookie of the browser that began: without it nobody ends the install.
	Slot      string
	Browser   seal.Secret
	ExpiresAt time.Time
}

// Slot names the cookie of the install with a state: each install of a browser has its own.
func Slot(state string) string { return hex.EncodeToString(token.HashOpaque(state)[:8]) }

// StartInstall begins an install in the operator's own browser. It returns a fault.List when the order does not allow
// it, or the provider has no installs or is not configured.
func (s *Service) StartInstall(ctx context.Context, id string) (Started, error) {
	operator, err := principal.Changer(ctx, principal.Admin, principal.Editor)
	if err != nil {
		return Started{}, err
	}
	return s.start(ctx, id, "", operator.ID)
}

func (s *Service) start(ctx context.Context, id, linkID, operatorID string) (Started, error) {
	started := Started{ExpiresAt: s.now().Add(stateLife)}
	state, stateHash := token.NewOpaque()
	browser, browserHash := token.NewOpaque()
	started.Slot, started.Browser = Slot(state), seal.NewSecret(browser)
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		m, authorizer, settings, err := s.installable(ctx, tx, id)
		if err != nil {
			return err
		}
		started.URL = authorizer.AuthorizeURL(settings, state)
		create := tx.InstallState.Create().
			SetMarketplaceID(m.ID).SetHash(stateHash).SetBrowserHash(browserHash).SetExpiresAt(started.ExpiresAt)
		if linkID != "" {
			create.SetLinkID(linkID)
		}
		if operatorID != "" {
			create.SetOperatorID(operatorID)
		}
		if err := create.Exec(principal.AsSystem(ctx, "install")); err != nil {
			return fmt.Errorf("insert the install state: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{Action: "install.start", ObjectID: m.ID, ClientID: m.ClientID})
	})
	return started, err
}

// installable returns a marketplace that can be connected by an install, under the lock of its client's product.
func (s *Service) installable(
	ctx context.Context, tx *ent.Tx, id string,
) (*ent.Marketplace, provider.Authorizer, provider.Values, error) {
	m, err := connection.Lock(ctx, tx, id, "marketplaceId")
	if err != nil {
		return nil, nil, nil, err
	}
	authorizer, ok := s.providers[provider.Code(m.Provider)].(provider.Authorizer)
	if !ok {
		return nil, nil, nil, fault.New(fault.NotInstallable, "marketplaceId")
	}
	settings, err := s.settings.InForce(ctx, provider.Code(m.Provider))
	if err != nil {
		return nil, nil, nil, err
	}
	if !authorizer.Configured(settings) {
		return nil, nil, nil, fault.New(fault.ProviderNotReady, "marketplaceId")
	}
	return m, authorizer, settings, nil
}

// Ending is how an install ended.
type Ending string

// The endings.
const (
	// Done: the marketplace has the credentials.
	Done Ending = "done"
	// Unclaimed: the install waits for an operator to say whose it is.
	Unclaimed Ending = "unclaimed"
	// Taken: the shop belongs to another client, which keeps it.
	Taken Ending = "taken"
	// Other: the marketplace is of another shop; the install waits for an operator.
	Other Ending = "other"
	// WrongShop: the shop is not the client's, which an operator has to confirm.
	WrongShop Ending = "wrong-shop"
	// Running: the same message came before and is still being worked on.
	Running Ending = "running"
	// Expired: the state is unknown, used, over or of another browser.
	Expired Ending = "expired"
	// Rejected: the provider refused the code.
	Rejected Ending = "refused"
	// Broken: the provider could not be reached; the code may be lost.
	Broken Ending = "failed"
)

// Ended is an install that came back.
type Ended struct {
	Ending Ending
	// ClientID and ClientProductID are where it belongs; empty when that is not known.
	ClientID, ClientProductID string
	// OwnerID is the client that has the shop, when it is Taken; empty otherwise.
	OwnerID string
	// ByMerchant is whether it was begun by a link or in the provider's own shop, and not by an operator.
	ByMerchant bool
}

// Callback ends an install: the browser has come back from the provider with a code and, unless the merchant began in
// the provider's own shop, a state. browser is the cookie that the install was begun with.
func (s *Service) Callback(
	ctx context.Context, providerSlug, code, state, browser string,
) (end Ended, err error) {
	p, ok := s.providers.BySlug(providerSlug)
	authorizer, can := p.(provider.Authorizer)
	if !ok || !can || code == "" || len(code) > 1000 {
		return Ended{Ending: Expired, ByMerchant: true}, nil
	}
	ctx = principal.AsSystem(ctx, "install")
	settings, err := s.settings.InForce(ctx, p.Code())
	if err != nil {
		return Ended{}, err
	}
	if !authorizer.Configured(settings) {
		return Ended{Ending: Rejected, ByMerchant: true}, nil
	}
	var begun *ent.InstallState
	end = Ended{ByMerchant: true}
	if state != "" {
		var good bool
		if begun, good, err = s.spend(ctx, p.Code(), state, browser); err != nil {
			return Ended{}, err
		}
		if begun == nil {
			return Ended{Ending: Expired, ByMerchant: true}, nil
		}
		if !isOf(begun, browser) { // whoever has come by a state is not told whose it is
			return Ended{Ending: Expired, ByMerchant: true}, nil
		}
		m := begun.Edges.Marketplace
		end = Ended{ClientID: m.ClientID, ClientProductID: m.ClientProductID, ByMerchant: begun.LinkID != nil}
		if !good {
			end.Ending, end.OwnerID = endingOf(begun)
			return end, nil
		}
	}
	defer s.spool.Begin()()
	ctx = context.WithoutCancel(ctx) // the code is good once: what it gives must not be lost to a closed browser
	defer func() { s.remember(ctx, begun, end) }()
	granted := s.exchange(ctx, p.Code(), authorizer, settings, code)
	if granted.Outcome != provider.OK {
		if end.Ending = Broken; granted.Outcome == provider.Refused {
			end.Ending = Rejected
		}
		if granted.Unread.Reveal() == "" {
			return end, nil
		}
	}
	g := grant{
		Provider: p.Code(), Host: provider.Host(p.Settings(), settings, provider.OfConnection), Granted: granted,
	}
	if begun != nil {
		g.MarketplaceID, g.LinkID = begun.MarketplaceID, begun.LinkID
	}
	if err := s.saveGrant(g, &end); err != nil {
		return Ended{}, err
	}
	return end, nil
}

// saveGrant saves what a code gave, and says in end how the install ends. While the database takes no changes, the
// spool has the grant.
func (s *Service) saveGrant(g grant, end *Ended) error {
	answer, err := g.encode()
	if err != nil {
		return err
	}
	saved := s.spool.Save(answer, func(ctx context.Context) error {
		bound, err := s.save(principal.AsSystem(ctx, "install"), g)
		if err == nil && g.Granted.Outcome == provider.OK {
			end.Ending, end.OwnerID = bound.Ending, bound.OwnerID
		}
		return err
	}, nil)
	if !saved {
		end.Ending = Unclaimed // the next start says where it belongs
	}
	s.connections.Wake()
	return nil
}

// exchange gets what a code is good for.
func (s *Service) exchange(
	ctx context.Context, of provider.Code, authorizer provider.Authorizer, settings provider.Values, code string,
) provider.Granted {
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	granted := authorizer.Exchange(ctx, provider.Call{
		HTTP: provider.MeasureCalls(s.http, s.meter, of), Settings: settings, Now: s.now(),
	}, code)
	if granted.Outcome != provider.OK {
		s.log.WarnContext(ctx, "an install could not be ended", "provider", of, "reason", granted.Reason, "said",
			granted.Message)
	}
	return granted
}

// spend takes a state that came back: it is good once, in the browser that began, in time and while its link and its
// client's product work. It returns nil for one that is unknown. The audit trail says what was refused, but for the
// same message again. One that was never given costs a look, and no turn to write: anybody can invent them.
func (s *Service) spend(
	ctx context.Context, code provider.Code, state, browser string,
) (found *ent.InstallState, good bool, err error) {
	of := installstate.Hash(token.HashOpaque(state))
	given, err := s.store.Reader().InstallState.Query().Where(of).Exist(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("look for the install state: %w", err)
	}
	if !given {
		return nil, false, s.strangers.RecordTry(ctx, audit.Event{Action: audit.InstallRefused})
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		found, good = nil, false // this may run again
		row, err := tx.InstallState.Query().Where(of, store.ForUpdate).
			WithMarketplace(func(q *ent.MarketplaceQuery) {
				q.WithClientProduct(func(q *ent.ClientProductQuery) { q.WithClient() })
			}).
			Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("find the install state: %w", err)
		}
		now := s.now()
		if err == nil && provider.Code(row.Edges.Marketplace.Provider) == code && store.Vouches(ctx, s.store, row) {
			found = row
		}
		if found == nil {
			return audit.Append(ctx, tx, audit.Event{Action: audit.InstallRefused})
		}
		if found.SpentAt != nil && isOf(found, browser) {
			return nil
		}
		owner := found.Edges.Marketplace.Edges.ClientProduct
		active := owner.SuspendedAt == nil && owner.Edges.Client.ArchivedAt == nil
		good = found.SpentAt == nil && isOf(found, browser) && active && now.Before(found.ExpiresAt)
		if good && found.LinkID != nil {
			link, err := tx.InstallLink.Query().Where(installlink.ID(*found.LinkID), LinkWorks(now)).Only(ctx)
			if err != nil && !ent.IsNotFound(err) {
				return fmt.Errorf("find the install link: %w", err)
			}
			good = err == nil && store.Vouches(ctx, s.store, link)
		}
		if found.SpentAt == nil {
			update := tx.InstallState.UpdateOneID(found.ID).SetSpentAt(now)
			if !good {
				update.SetEnding(string(Expired))
			}
			if err := update.Exec(ctx); err != nil {
				return fmt.Errorf("spend the install state: %w", err)
			}
		}
		if good {
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: audit.InstallRefused, ObjectID: found.MarketplaceID, ClientID: found.Edges.Marketplace.ClientID,
		})
	})
	return found, good, err
}

// isOf reports whether a browser is the one that began an install.
func isOf(begun *ent.InstallState, browser string) bool {
	return subtle.ConstantTimeCompare(token.HashOpaque(browser), begun.BrowserHash) == 1
}

// endingOf returns what a message is told that cannot end its install: how the one before it ended.
func endingOf(begun *ent.InstallState) (ending Ending, ownerID string) {
	switch {
	case begun.SpentAt == nil:
		return Expired, ""
	case begun.Ending == nil:
		return Running, ""
	case begun.OwnerID != nil:
		ownerID = *begun.OwnerID
	}
	return Ending(*begun.Ending), ownerID
}

// remember keeps how an install ended, for the same message when it comes again. Without it that is told that the
// install is still running.
func (s *Service) remember(ctx context.Context, begun *ent.InstallState, end Ended) {
	if begun == nil || end.Ending == "" {
		return
	}
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		update := tx.InstallState.Update().Where(installstate.ID(begun.ID)).SetEnding(string(end.Ending))
		if end.OwnerID != "" {
			update.SetOwnerID(end.OwnerID)
		}
		return update.Exec(ctx)
	})
	if err != nil {
		s.log.WarnContext(ctx, "how an install ended could not be kept", "err", err)
	}
}

// bind puts what an install gave where it belongs. The provider keeps one token a shop, so that the one just given is
// the only one that works: when the shop is another client's, that client gets it and goes on working, and is returned.
func (s *Service) bind(ctx context.Context, tx *ent.Tx, g grant) (ending Ending, ownerID string, err error) {
	owner, err := connection.OfAccount(ctx, tx, g.Provider, g.Account.ID)
	if err != nil {
		return "", "", err
	}
	if owner != nil && !store.VouchesWithin(ctx, owner) {
		return Unclaimed, "", s.keep(ctx, tx, g)
	}
	if g.MarketplaceID == "" {
		if owner != nil {
			ending, err := s.install(ctx, tx, owner, g)
			return ending, "", err
		}
		return Unclaimed, "", s.keep(ctx, tx, g)
	}
	target, err := connection.Find(ctx, tx, g.MarketplaceID, "marketplaceId")
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Altered) { // removed meanwhile, or given to another client
		return Unclaimed, "", s.keep(ctx, tx, g)
	}
	if err != nil {
		return "", "", err
	}
	switch {
	case owner != nil && owner.ID != target.ID:
		_, err := s.install(ctx, tx, owner, g)
		return Taken, owner.ClientID, err
	case target.ExternalAccount != nil && *target.ExternalAccount != g.Account.ID:
		return Other, "", s.keep(ctx, tx, g)
	}
	if g.LinkID != nil {
		if err := tx.InstallLink.Update().Where(installlink.ID(*g.LinkID)).SetUsedAt(s.now()).Exec(ctx); err != nil {
			return "", "", fmt.Errorf("mark the install link: %w", err)
		}
	}
	ending, err = s.install(ctx, tx, target, g)
	return ending, "", err
}

// install gives a marketplace the credentials of an install: it keeps its id, and its version rises. The ending says
// whether they are handed out, or wait as the shop is another's than the client's.
func (s *Service) install(ctx context.Context, tx *ent.Tx, m *ent.Marketplace, g grant) (Ending, error) {
	if _, err := products.Hold(ctx, tx, m.ClientProductID); err != nil {
		return "", err
	}
	m, err := connection.Find(ctx, tx, m.ID, "id") // what was read before the lock may be old
	if err != nil {
		return "", err
	}
	wrong, err := connection.IsWrongShop(ctx, tx, m, g.Account.Document)
	if err != nil {
		return "", err
	}
	sealed, err := s.connections.Seal(m.ID, m.ClientID, g.Host, g.Secrets, nil, "Chaveiro", nil)
	if err != nil {
		return "", err
	}
	got := connection.Installation{Secrets: sealed, Account: g.Account, State: g.State, WrongShop: wrong}
	if _, err := s.connections.Move(ctx, tx, m, connection.Installed(m, got, s.now()), "id"); err != nil {
		return "", err
	}
	ending := Done
	if wrong {
		ending = WrongShop
	}
	return ending, audit.Append(ctx, tx, audit.Event{
		Action: "marketplace.install", ObjectID: m.ID, ClientID: m.ClientID, Changes: append([]audit.Change{
			{Field: "account", New: g.Account.ID},
		}, connection.SecretChanges(g.Secrets)...),
	})
}
