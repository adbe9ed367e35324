// Package install connects shops by an install at their provider: links for merchants, the callback, unclaimed
// installs, and webhooks.
package install

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

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
	// maxUnclaimed caps the unclaimed installations and notices that are shown.
	maxUnclaimed = 100
	// exchangeTime is the deadline of the exchange of a code, with the questions about the shop.
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
	tracer      trace.Tracer
	settle      chan struct{} // wakes Run when a demand to erase came
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
	// Live gets an event of every change.
	Live        *live.Bus
	Connections *connection.Service
	Settings    *providersettings.Service
	// Spool keeps answers that could not be saved.
	Spool *spool.Spool
	// Portal is the public address of the portal, without a slash at its end.
	Portal string
	// Meter measures calls; nil measures nothing.
	Meter provider.Meter
	// Tracer begins a span for each question whether an unclaimed installation still works; nil begins none.
	Tracer trace.Tracer
	// Strangers records the tries of callers that prove nothing; when nil, the service makes its own.
	Strangers *audit.Strangers
	Log       *slog.Logger
}

// New returns the service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, keys: o.Keys, providers: o.Providers, now: o.Now, http: o.HTTP, live: o.Live,
		connections: o.Connections, settings: o.Settings, spool: o.Spool, portal: o.Portal, meter: o.Meter,
		tracer: o.Tracer, settle: make(chan struct{}, 1),
		strangers: cmp.Or(o.Strangers, audit.NewStrangers(o.Store, o.Now, nil)), log: o.Log,
	}
}

// Started is an install that was started in a browser.
type Started struct {
	// URL is the provider's page.
	URL string
	// Slot and Browser are for a cookie of that browser: only the browser with the cookie can end the install.
	Slot      string
	Browser   seal.Secret
	ExpiresAt time.Time
}

// Slot returns the name of the cookie of the install with a state: each install of a browser has its own.
func Slot(state string) string { return hex.EncodeToString(token.HashOpaque(state)[:slotLength]) }

// slotLength is how many bytes of the hash of a state its slot has.
const slotLength = 8

// StartInstall starts an install in the operator's own browser. It returns a fault.List when the order does not allow
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

// installable returns a marketplace that an install can connect, under the lock of its client product.
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
	// Running: an earlier message with the same state is still being worked on.
	Running Ending = "running"
	// Expired: the state is unknown, used, expired or of another browser.
	Expired Ending = "expired"
	// Rejected: the provider refused the code.
	Rejected Ending = "refused"
	// Broken: the provider could not be reached; the code may be lost.
	Broken Ending = "failed"
)

// Ended is the result of an install that came back.
type Ended struct {
	Ending Ending
	// ClientID and ClientProductID are where it belongs; empty when that is unknown.
	ClientID, ClientProductID string
	// OwnerID is the client that has the shop, when it is Taken; empty otherwise.
	OwnerID string
	// ByMerchant is whether a merchant started it, by a link or in the provider's own shop, and not an operator.
	ByMerchant bool
}

// ProviderName returns what people call the provider whose addresses have slug, or "" for a slug that no provider has.
func (s *Service) ProviderName(slug string) string {
	p, ok := s.providers.BySlug(slug)
	if !ok {
		return ""
	}
	return p.Name()
}

// Callback ends an install: the browser has come back from the provider with a code. It has a state too, unless the
// merchant started in the provider's own shop. browser is the cookie of the start.
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
	var started *ent.InstallState
	end = Ended{ByMerchant: true}
	if state != "" {
		var usable bool
		if started, usable, err = s.spend(ctx, p.Code(), state, browser); err != nil {
			return Ended{}, err
		}
		if started == nil {
			return Ended{Ending: Expired, ByMerchant: true}, nil
		}
		if !isOf(started, browser) { // a caller with a stolen state must not learn whose it is
			return Ended{Ending: Expired, ByMerchant: true}, nil
		}
		m := started.Edges.Marketplace
		end = Ended{ClientID: m.ClientID, ClientProductID: m.ClientProductID, ByMerchant: started.LinkID != nil}
		if !usable {
			end.Ending, end.OwnerID = endingOf(started)
			return end, nil
		}
	}
	defer s.spool.Begin()()
	ctx = context.WithoutCancel(ctx) // a code works once: a closed browser must not lose its result
	defer func() { s.remember(ctx, started, end) }()
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
	if started != nil {
		g.MarketplaceID, g.LinkID = started.MarketplaceID, started.LinkID
	}
	if err := s.saveGrant(g, &end); err != nil {
		return Ended{}, err
	}
	return end, nil
}

// saveGrant saves a grant, and sets in end how the install ends. While the database accepts no writes, the spool has
// the grant.
func (s *Service) saveGrant(g grant, end *Ended) error {
	answer, err := g.encode()
	if err != nil {
		return err
	}
	saved := s.spool.Save(answer, func(ctx context.Context) error {
		bound, err := s.save(store.MustSave(principal.AsSystem(ctx, "install")), g)
		if err == nil && g.Granted.Outcome == provider.OK {
			end.Ending, end.OwnerID = bound.Ending, bound.OwnerID
		}
		return err
	}, nil)
	if !saved {
		end.Ending = Unclaimed // the next start saves it where it belongs
	}
	s.connections.Wake()
	return nil
}

// exchange trades a code for credentials.
func (s *Service) exchange(
	ctx context.Context, of provider.Code, authorizer provider.Authorizer, settings provider.Values, code string,
) provider.Granted {
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	granted := authorizer.Exchange(ctx, provider.Call{
		HTTP: provider.MeasureCalls(s.http, s.meter, of), Settings: settings, Now: s.now(),
	}, code)
	if granted.Outcome != provider.OK {
		s.log.WarnContext(ctx, "the provider gave no credentials for the code of an install", "provider", of,
			"reason", granted.Reason, "said", granted.Message)
	}
	return granted
}

// spend uses up a state that came back. A state works once, in the browser that started, before it expires, and while
// its link and its client product work. It returns nil for an unknown state. It records a refusal in the audit trail,
// except for a repeated message of the same browser. A state that was never issued costs a read but no lock for
// writing: anybody can invent states.
func (s *Service) spend(
	ctx context.Context, code provider.Code, state, browser string,
) (found *ent.InstallState, usable bool, err error) {
	of := installstate.Hash(token.HashOpaque(state))
	given, err := s.store.Reader().InstallState.Query().Where(of).Exist(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("look for the install state: %w", err)
	}
	if !given {
		return nil, false, s.strangers.RecordTry(ctx, audit.Event{Action: audit.InstallRefused})
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		found, usable = nil, false // the transaction may run again
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
		usable = found.SpentAt == nil && isOf(found, browser) && active && now.Before(found.ExpiresAt)
		if usable && found.LinkID != nil {
			link, err := tx.InstallLink.Query().Where(installlink.ID(*found.LinkID), LinkWorks(now)).Only(ctx)
			if err != nil && !ent.IsNotFound(err) {
				return fmt.Errorf("find the install link: %w", err)
			}
			usable = err == nil && store.Vouches(ctx, s.store, link)
		}
		if found.SpentAt == nil {
			update := tx.InstallState.UpdateOneID(found.ID).SetSpentAt(now)
			if !usable {
				update.SetEnding(string(Expired))
			}
			if err := update.Exec(ctx); err != nil {
				return fmt.Errorf("spend the install state: %w", err)
			}
		}
		if usable {
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: audit.InstallRefused, ObjectID: found.MarketplaceID, ClientID: found.Edges.Marketplace.ClientID,
		})
	})
	return found, usable, err
}

// FindEnded returns the shop of an install that a browser ended, and how it ended. It returns a fault.List unless slot
// and browser are those of its cookie.
func (s *Service) FindEnded(ctx context.Context, slot, browser string) (shop string, ending Ending, err error) {
	first, err := hex.DecodeString(slot)
	if err != nil || len(first) != slotLength {
		return "", "", fault.New(fault.NotFound)
	}
	ctx = principal.AsSystem(ctx, "install")
	rest := sha256.Size - slotLength
	rows, err := s.store.Reader().InstallState.Query().
		Where(
			installstate.HashGTE(append(slices.Clone(first), make([]byte, rest)...)),
			installstate.HashLTE(append(slices.Clone(first), bytes.Repeat([]byte{0xff}, rest)...)),
		).
		WithMarketplace(
			func(q *ent.MarketplaceQuery) { q.WithClientProduct(func(q *ent.ClientProductQuery) { q.WithClient() }) }).
		Limit(2).
		All(ctx)
	if err != nil {
		return "", "", fmt.Errorf("look for the install state: %w", err)
	}
	for _, row := range rows {
		if isOf(row, browser) && store.Vouches(ctx, s.store, row) {
			m := row.Edges.Marketplace
			ending, _ := endingOf(row)
			return shopOf(m), ending, nil
		}
	}
	return "", "", fault.New(fault.NotFound)
}

// shopOf returns the name of a connection's shop: the provider's, or the client's while that is unknown.
func shopOf(m *ent.Marketplace) string {
	if m.AccountName != nil && *m.AccountName != "" {
		return *m.AccountName
	}
	return m.Edges.ClientProduct.Edges.Client.Name
}

// isOf reports whether browser is the cookie of the browser that started an install.
func isOf(started *ent.InstallState, browser string) bool {
	return subtle.ConstantTimeCompare(token.HashOpaque(browser), started.BrowserHash) == 1
}

// endingOf returns the ending for a message that cannot end its install: that of the message before it.
func endingOf(started *ent.InstallState) (ending Ending, ownerID string) {
	switch {
	case started.SpentAt == nil:
		return Expired, ""
	case started.Ending == nil:
		return Running, ""
	case started.OwnerID != nil:
		ownerID = *started.OwnerID
	}
	return Ending(*started.Ending), ownerID
}

// remember stores how an install ended, for a repeated message. Without it a repeated message gets Running.
func (s *Service) remember(ctx context.Context, started *ent.InstallState, end Ended) {
	if started == nil || end.Ending == "" {
		return
	}
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		update := tx.InstallState.Update().Where(installstate.ID(started.ID)).SetEnding(string(end.Ending))
		if end.OwnerID != "" {
			update.SetOwnerID(end.OwnerID)
		}
		return update.Exec(ctx)
	})
	if err != nil {
		s.log.WarnContext(ctx, "the ending of an install could not be stored", "err", err)
	}
}

// bind stores a grant where it belongs. The provider keeps one token per shop, so the new token is the only one that
// works. When the shop is another client's, that client gets the token and goes on working, and bind returns its id.
func (s *Service) bind(ctx context.Context, tx *ent.Tx, g grant) (ending Ending, ownerID string, err error) {
	owner, err := connection.OfAccount(ctx, tx, g.Provider, g.Account.ID)
	if err != nil {
		return "", "", err
	}
	if owner != nil && !store.VouchesWithin(ctx, owner) {
		return Unclaimed, "", s.storeUnclaimed(ctx, tx, g)
	}
	if g.MarketplaceID == "" {
		if owner != nil {
			ending, err := s.install(ctx, tx, owner, g)
			return ending, "", err
		}
		return Unclaimed, "", s.storeUnclaimed(ctx, tx, g)
	}
	target, err := connection.Find(ctx, tx, g.MarketplaceID, "marketplaceId")
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Altered) { // removed meanwhile, or given to another client
		return Unclaimed, "", s.storeUnclaimed(ctx, tx, g)
	}
	if err != nil {
		return "", "", err
	}
	switch {
	case owner != nil && owner.ID != target.ID:
		_, err := s.install(ctx, tx, owner, g)
		return Taken, owner.ClientID, err
	case target.ExternalAccount != nil && *target.ExternalAccount != g.Account.ID:
		return Other, "", s.storeUnclaimed(ctx, tx, g)
	}
	if g.LinkID != nil {
		if err := tx.InstallLink.Update().Where(installlink.ID(*g.LinkID)).SetUsedAt(s.now()).Exec(ctx); err != nil {
			return "", "", fmt.Errorf("mark the install link: %w", err)
		}
	}
	ending, err = s.install(ctx, tx, target, g)
	return ending, "", err
}

// install gives a marketplace the credentials of a grant: its id stays, and its version rises. The ending says whether
// they are handed out, or wait because the shop is not the client's.
func (s *Service) install(ctx context.Context, tx *ent.Tx, m *ent.Marketplace, g grant) (Ending, error) {
	if _, err := products.Hold(ctx, tx, m.ClientProductID); err != nil {
		return "", err
	}
	m, err := connection.Find(ctx, tx, m.ID, "id") // read again: the row may have changed before the lock
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
