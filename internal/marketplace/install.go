package marketplace

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/installstate"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/providernotice"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/live"
	"github.com/chaveiro/chaveiro/internal/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	linkLife  = 7 * 24 * time.Hour
	stateLife = 10 * time.Minute
	// maxUnclaimed is how many unclaimed installations and notices are shown.
	maxUnclaimed = 100
	// exchangeTime bounds the exchange of a code and what is asked about the shop with it.
	exchangeTime = 25 * time.Second
)

// slug is a provider's name in an address.
func slug(code provider.Code) string {
	return strings.ReplaceAll(strings.ToLower(string(code)), "_", "-")
}

func callbackPath(code provider.Code) string { return "/install/" + slug(code) + "/callback" }
func webhookPath(code provider.Code) string  { return "/webhooks/" + slug(code) }

// bySlug returns the provider that an address names.
func (s *Service) bySlug(name string) (provider.Provider, bool) {
	for code, p := range s.providers {
		if slug(code) == name {
			return p, true
		}
	}
	return nil, false
}

func (s *Service) webhookURL(code provider.Code) string {
	if _, ok := s.providers[code].(provider.WebhookReceiver); !ok || !s.reachable {
		return ""
	}
	return s.portal + webhookPath(code)
}

// nonce returns 256 random bits as text, and what is stored of them.
func nonce() (text string, hash []byte) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // it never fails
	text = base64.RawURLEncoding.EncodeToString(random)
	return text, hashed(text)
}

func hashed(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Started is an install that was begun in a browser.
type Started struct {
	// URL is the provider's page.
	URL string
	// Browser is for a cookie of the browser that began: without it nobody ends the install.
	Browser   seal.Secret
	ExpiresAt time.Time
}

// StartInstall begins an install in the operator's own browser. It returns a fault.List when the order does not allow
// it, or the provider has no installs or is not configured.
func (s *Service) StartInstall(ctx context.Context, id string) (Started, error) {
	operator, err := only(ctx, principal.Admin, principal.Editor)
	if err != nil {
		return Started{}, err
	}
	return s.start(ctx, id, "", operator.ID)
}

func (s *Service) start(ctx context.Context, id, linkID, operatorID string) (Started, error) {
	started := Started{ExpiresAt: s.now().Add(stateLife)}
	state, stateHash := nonce()
	browser, browserHash := nonce()
	started.Browser = seal.NewSecret(browser)
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
func (s *Service) installable(ctx context.Context, tx *ent.Tx, id string) (*ent.Marketplace, provider.Authorizer, provider.Values, error) {
	m, err := lock(ctx, tx, id, "marketplaceId")
	if err != nil {
		return nil, nil, nil, err
	}
	authorizer, ok := s.providers[provider.Code(m.Provider)].(provider.Authorizer)
	if !ok {
		return nil, nil, nil, fault.New(fault.NotInstallable, "marketplaceId")
	}
	settings, err := s.settings(ctx, provider.Code(m.Provider))
	if err != nil {
		return nil, nil, nil, err
	}
	if !authorizer.Configured(settings) {
		return nil, nil, nil, fault.New(fault.ProviderNotReady, "marketplaceId")
	}
	return m, authorizer, settings, nil
}

// CreateLink makes a link for the merchant, in place of an earlier one. It returns the whole link, which is told this
// once, or a fault.List as StartInstall does.
func (s *Service) CreateLink(ctx context.Context, id string) (link string, m *ent.Marketplace, err error) {
	operator, err := only(ctx, principal.Admin, principal.Editor)
	if err != nil {
		return "", nil, err
	}
	text, hash := nonce()
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if m, _, _, err = s.installable(ctx, tx, id); err != nil {
			return err
		}
		system := principal.AsSystem(ctx, "install")
		if err := s.revokeLinks(system, tx, id); err != nil {
			return err
		}
		err := tx.InstallLink.Create().
			SetMarketplaceID(id).SetHash(hash).SetCreatedBy(operator.Name).SetExpiresAt(s.now().Add(linkLife)).
			Exec(system)
		if err != nil {
			return fmt.Errorf("insert the install link: %w", err)
		}
		return s.installEvent(ctx, tx, "install_link.create", m)
	})
	return s.portal + "/install/link/" + text, m, err
}

// RevokeLink makes the link of a marketplace stop working. It returns a fault.List when there is no such marketplace.
func (s *Service) RevokeLink(ctx context.Context, id string) (m *ent.Marketplace, err error) {
	if _, err := only(ctx, principal.Admin, principal.Editor); err != nil {
		return nil, err
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if m, err = find(ctx, tx, id, "marketplaceId"); err != nil {
			return err
		}
		system := principal.AsSystem(ctx, "install")
		some, err := tx.InstallLink.Query().Where(linkOf(id, s.now())).Exist(system)
		if err != nil || !some {
			return err
		}
		if err := s.revokeLinks(system, tx, id); err != nil {
			return err
		}
		return s.installEvent(ctx, tx, "install_link.revoke", m)
	})
	return m, err
}

func (s *Service) revokeLinks(system context.Context, tx *ent.Tx, id string) error {
	err := tx.InstallLink.Update().Where(linkOf(id, s.now())).SetRevokedAt(s.now()).Exec(system)
	if err != nil {
		return fmt.Errorf("revoke the install links: %w", err)
	}
	return nil
}

// installEvent writes what happened to a link, and tells the page.
func (s *Service) installEvent(ctx context.Context, tx *ent.Tx, action string, m *ent.Marketplace) error {
	err := s.live.Publish(ctx, tx, live.Event{Topic: live.MarketplaceChanged, ClientID: m.ClientID, ClientProductID: m.ClientProductID, ObjectID: m.ID})
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Event{Action: action, ObjectID: m.ID, ClientID: m.ClientID})
}

// linkOf asks for the link of a marketplace that works.
func linkOf(id string, now time.Time) predicate.InstallLink {
	return installlink.And(installlink.MarketplaceID(id), linkWorks(now))
}

func linkWorks(now time.Time) predicate.InstallLink {
	return installlink.And(installlink.UsedAtIsNil(), installlink.RevokedAtIsNil(), installlink.ExpiresAtGT(now))
}

func stateOver(now time.Time) predicate.InstallState { return installstate.ExpiresAtLTE(now) }

// Link returns the link of a marketplace that works; nil when there is none.
func (s *Service) Link(ctx context.Context, id string) (*ent.InstallLink, error) {
	link, err := s.store.Reader().InstallLink.Query().Where(linkOf(id, s.now())).Order(ent.Desc(installlink.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return link, err
}

// Invitation is what the page behind a link says.
type Invitation struct {
	Client, Description string
	Provider            provider.Code
	ExpiresAt           time.Time
}

// Invited returns what a link is for. It returns fault.NotFound for one that is unknown, used, revoked or over.
func (s *Service) Invited(ctx context.Context, text string) (Invitation, error) {
	link, err := s.linkByText(ctx, text)
	if err != nil {
		return Invitation{}, err
	}
	m := link.Edges.Marketplace
	return Invitation{
		Client: m.Edges.ClientProduct.Edges.Client.Name, Description: m.Description,
		Provider: provider.Code(m.Provider), ExpiresAt: link.ExpiresAt,
	}, nil
}

func (s *Service) linkByText(ctx context.Context, text string) (*ent.InstallLink, error) {
	ctx = principal.AsSystem(ctx, "install link")
	link, err := s.store.Reader().InstallLink.Query().
		Where(installlink.Hash(hashed(text)), linkWorks(s.now())).
		WithMarketplace(func(q *ent.MarketplaceQuery) { q.WithClientProduct(withClient) }).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("find the install link: %w", err)
	}
	return link, nil
}

// StartByLink begins an install in the browser of a merchant who came by a link. It returns a fault.List when the link
// does not work, or as StartInstall does.
func (s *Service) StartByLink(ctx context.Context, text string) (Started, error) {
	link, err := s.linkByText(ctx, text)
	if err != nil {
		return Started{}, err
	}
	return s.start(principal.AsSystem(ctx, "install link"), link.MarketplaceID, link.ID, "")
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
func (s *Service) Callback(ctx context.Context, providerSlug, code, state, browser string) (Ended, error) {
	p, ok := s.bySlug(providerSlug)
	authorizer, can := p.(provider.Authorizer)
	if !ok || !can || code == "" || len(code) > 1000 {
		return Ended{Ending: Expired, ByMerchant: true}, nil
	}
	ctx = principal.AsSystem(ctx, "install")
	settings, err := s.settings(ctx, p.Code())
	if err != nil {
		return Ended{}, err
	}
	if !authorizer.Configured(settings) {
		return Ended{Ending: Rejected, ByMerchant: true}, nil
	}
	end, begun := Ended{ByMerchant: true}, (*ent.InstallState)(nil)
	if state != "" {
		if begun, err = s.spend(ctx, p.Code(), state, browser); err != nil {
			return Ended{}, err
		}
		if begun == nil {
			return Ended{Ending: Expired, ByMerchant: true}, nil
		}
		m := begun.Edges.Marketplace
		end = Ended{ClientID: m.ClientID, ClientProductID: m.ClientProductID, ByMerchant: begun.LinkID != nil}
	}
	bounded, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	granted := authorizer.Exchange(bounded, provider.Call{HTTP: s.lanes[p.Code()].http, Settings: settings, Now: s.now()}, code)
	if granted.Outcome != provider.OK {
		s.log.WarnContext(ctx, "an install could not be ended", "provider", p.Code(), "reason", granted.Reason, "said", granted.Message)
		if end.Ending = Broken; granted.Outcome == provider.Refused {
			end.Ending = Rejected
		}
		return end, nil
	}
	ctx = context.WithoutCancel(ctx) // the code is spent: what it gave must not be lost to a closed browser
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		end.Ending, end.OwnerID, err = s.bind(ctx, tx, p.Code(), begun, granted)
		return err
	})
	if err != nil {
		return Ended{}, err
	}
	s.wake()
	return end, nil
}

// spend takes a state out of the store: it is good once. It returns nil for one that is wrong, which the audit trail
// says.
func (s *Service) spend(ctx context.Context, code provider.Code, state, browser string) (*ent.InstallState, error) {
	var good *ent.InstallState
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		good = nil
		found, err := tx.InstallState.Query().Where(installstate.Hash(hashed(state))).WithMarketplace().Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("find the install state: %w", err)
		}
		now := s.now()
		if found != nil {
			deleted, err := tx.InstallState.Delete().Where(installstate.ID(found.ID)).Exec(ctx)
			if err != nil {
				return fmt.Errorf("delete the install state: %w", err)
			}
			sameBrowser := subtle.ConstantTimeCompare(hashed(browser), found.BrowserHash) == 1
			if deleted == 1 && sameBrowser && now.Before(found.ExpiresAt) && provider.Code(found.Edges.Marketplace.Provider) == code {
				good = found
			}
		}
		if good != nil && good.LinkID != nil {
			works, err := tx.InstallLink.Query().Where(installlink.ID(*good.LinkID), linkWorks(now)).Exist(ctx)
			if err != nil {
				return fmt.Errorf("find the install link: %w", err)
			}
			if !works {
				good = nil
			}
		}
		if good != nil {
			return nil
		}
		refused := audit.Event{Action: "install.refuse"}
		if found != nil {
			refused.ObjectID, refused.ClientID = found.MarketplaceID, found.Edges.Marketplace.ClientID
		}
		return audit.Append(ctx, tx, refused)
	})
	return good, err
}

// bind puts what an install gave where it belongs. The provider keeps one token a shop, so that the one just given is
// the only one that works: when the shop is another client's, that client gets it and goes on working, and is returned.
func (s *Service) bind(ctx context.Context, tx *ent.Tx, code provider.Code, begun *ent.InstallState, g provider.Granted) (ending Ending, ownerID string, err error) {
	owner, err := ofAccount(ctx, tx, code, g.Account.ID)
	if err != nil {
		return "", "", err
	}
	if begun == nil {
		if owner != nil {
			return Done, "", s.install(ctx, tx, owner, g)
		}
		return Unclaimed, "", s.keep(ctx, tx, code, g)
	}
	target, err := find(ctx, tx, begun.MarketplaceID, "marketplaceId")
	if fault.Is(err, fault.NotFound) { // removed meanwhile
		return Unclaimed, "", s.keep(ctx, tx, code, g)
	}
	if err != nil {
		return "", "", err
	}
	switch {
	case owner != nil && owner.ID != target.ID:
		return Taken, owner.ClientID, s.install(ctx, tx, owner, g)
	case target.ExternalAccount != nil && *target.ExternalAccount != g.Account.ID:
		return Other, "", s.keep(ctx, tx, code, g)
	}
	if begun.LinkID != nil {
		err := tx.InstallLink.Update().Where(installlink.ID(*begun.LinkID)).SetUsedAt(s.now()).Exec(ctx)
		if err != nil {
			return "", "", fmt.Errorf("mark the install link: %w", err)
		}
	}
	return Done, "", s.install(ctx, tx, target, g)
}

// install gives a marketplace the credentials of an install: it keeps its id, and its version rises.
func (s *Service) install(ctx context.Context, tx *ent.Tx, m *ent.Marketplace, g provider.Granted) error {
	if _, err := products.Hold(ctx, tx, m.ClientProductID); err != nil {
		return err
	}
	sealed, states, err := s.seal(m.ID, m.ClientID, g.Secrets, nil, "Chaveiro", nil)
	if err != nil {
		return err
	}
	now := s.now()
	update := tx.Marketplace.UpdateOne(m).
		SetSecretsSealed(sealed).SetSecretStates(states).ClearCredentialsExpireAt().
		SetExternalAccount(g.Account.ID).
		AddCredentialVersion(1).SetUpdatedAt(now).
		SetHealthState(string(provider.Connected)).SetHealthReason(string(provider.CheckPassed)).
		SetLastCheckedAt(now).SetNextCheckAt(now). // a check at once: it registers the webhooks
		SetFailures(0).ClearProviderMessage().
		ClearLeaseUntil().ClearLeaseBy().ClearRenewalBegunAt()
	if provider.State(m.HealthState) != provider.Connected {
		update.SetHealthSince(now)
	}
	if g.State != nil {
		update.SetProviderState(g.State)
	} else {
		update.ClearProviderState()
	}
	if g.Account.Name != "" {
		update.SetAccountName(g.Account.Name)
	}
	if g.Account.Document != "" {
		update.SetAccountDocument(g.Account.Document)
	}
	installed, err := update.Save(ctx)
	if store.IsUniqueViolation(err, marketplace.Table, marketplace.FieldProvider, marketplace.FieldExternalAccount) {
		return fault.New(fault.AccountTaken, "id")
	}
	if err != nil {
		return fmt.Errorf("update the marketplace: %w", err)
	}
	if err := s.changed(ctx, tx, installed); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Event{Action: "marketplace.install", ObjectID: m.ID, ClientID: m.ClientID, Changes: append([]audit.Change{
		{Field: "account", New: g.Account.ID},
	}, secretChanges(g.Secrets)...)})
}

// keep seals an install that nobody has claimed, in place of an earlier one of the same shop.
func (s *Service) keep(ctx context.Context, tx *ent.Tx, code provider.Code, g provider.Granted) error {
	_, err := tx.UnclaimedInstallation.Delete().
		Where(unclaimedinstallation.Provider(string(code)), unclaimedinstallation.ExternalAccount(g.Account.ID)).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("replace the unclaimed installation: %w", err)
	}
	id := ident.New(ident.UnclaimedInstallation)
	encoded, err := encode(g.Secrets)
	if err != nil {
		return err
	}
	sealed, err := s.keys.Seal(unclaimedPlace(id), encoded)
	if err != nil {
		return fmt.Errorf("seal the unclaimed installation: %w", err)
	}
	create := tx.UnclaimedInstallation.Create().
		SetID(id).SetProvider(string(code)).SetExternalAccount(g.Account.ID).SetSecretsSealed(sealed)
	if g.State != nil {
		create.SetProviderState(g.State)
	}
	if g.Account.Name != "" {
		create.SetAccountName(g.Account.Name)
	}
	if g.Account.Document != "" {
		create.SetAccountDocument(g.Account.Document)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("insert the unclaimed installation: %w", err)
	}
	if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: id}); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Event{Action: "installation.keep", ObjectID: id, Changes: []audit.Change{{Field: "account", New: g.Account.ID}}})
}

func unclaimedPlace(id string) seal.Place {
	return seal.Place{Table: unclaimedinstallation.Table, Column: unclaimedinstallation.FieldSecretsSealed, RowID: id}
}

// UnclaimedInstallations returns the installs that nobody has claimed, latest first.
func (s *Service) UnclaimedInstallations(ctx context.Context) ([]*ent.UnclaimedInstallation, error) {
	found, err := s.store.Reader().UnclaimedInstallation.Query().
		Order(ent.Desc(unclaimedinstallation.FieldID)).Limit(maxUnclaimed).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the unclaimed installations: %w", err)
	}
	return found, nil
}

// AttachInput says where an unclaimed installation goes: just one of the two.
type AttachInput struct {
	ID                             string
	MarketplaceID, ClientProductID *string
}

// Attach gives an unclaimed installation to a marketplace that waits, or to a new one. It returns a fault.List when the
// input can be mended.
func (s *Service) Attach(ctx context.Context, in AttachInput) (*ent.Marketplace, error) {
	if _, err := only(ctx, principal.Admin, principal.Editor); err != nil {
		return nil, err
	}
	if (in.MarketplaceID == nil) == (in.ClientProductID == nil) {
		return nil, fault.New(fault.OneOf)
	}
	var attached *ent.Marketplace
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		system := principal.AsSystem(ctx, "install")
		u, err := tx.UnclaimedInstallation.Get(system, in.ID)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return fmt.Errorf("find the unclaimed installation: %w", err)
		}
		target, err := s.attachTo(ctx, tx, in, u)
		if err != nil {
			return err
		}
		plain, err := s.keys.Open(unclaimedPlace(u.ID), u.SecretsSealed)
		if err != nil {
			return fmt.Errorf("open the unclaimed installation %s: %w", u.ID, err)
		}
		secrets, err := decode(plain)
		if err != nil {
			return err
		}
		if err := s.free(ctx, tx, provider.Code(u.Provider), u.ExternalAccount, target.ID, "id"); err != nil {
			return err
		}
		g := provider.Granted{Secrets: secrets, Result: provider.Result{State: u.ProviderState, Account: provider.Account{ID: u.ExternalAccount}}}
		if u.AccountName != nil {
			g.Account.Name = *u.AccountName
		}
		if u.AccountDocument != nil {
			g.Account.Document = *u.AccountDocument
		}
		if err := s.install(ctx, tx, target, g); err != nil {
			return err
		}
		if err := tx.UnclaimedInstallation.DeleteOne(u).Exec(system); err != nil {
			return fmt.Errorf("delete the unclaimed installation: %w", err)
		}
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: u.ID}); err != nil {
			return err
		}
		attached, err = find(ctx, tx, target.ID, "marketplaceId")
		return err
	})
	if err == nil {
		s.wake()
	}
	return attached, err
}

// attachTo returns the marketplace that an installation goes to; a new one is made where that is asked for.
func (s *Service) attachTo(ctx context.Context, tx *ent.Tx, in AttachInput, u *ent.UnclaimedInstallation) (*ent.Marketplace, error) {
	if in.MarketplaceID != nil {
		m, err := lock(ctx, tx, *in.MarketplaceID, "marketplaceId")
		switch {
		case err != nil:
			return nil, err
		case m.Provider != u.Provider:
			return nil, fault.New(fault.ProviderMismatch, "marketplaceId")
		case m.ExternalAccount != nil && *m.ExternalAccount != u.ExternalAccount:
			return nil, fault.New(fault.AccountOther, "marketplaceId")
		}
		return m, nil
	}
	owner, err := products.Lock(ctx, tx, *in.ClientProductID, products.Marketplaces, "clientProductId")
	if err != nil {
		return nil, err
	}
	if err := underLimit(ctx, tx, owner.ID); err != nil {
		return nil, err
	}
	description := u.ExternalAccount
	if u.AccountName != nil {
		description = *u.AccountName
	}
	health := s.providers[provider.Code(u.Provider)].Unchecked()
	made, err := tx.Marketplace.Create().
		SetClientProductID(owner.ID).SetClientID(owner.ClientID).
		SetProvider(u.Provider).SetDescription(description).SetSettings([]byte("{}")).
		SetHealthState(string(health.State())).SetHealthReason(string(health.Reason)).SetHealthSince(s.now()).
		Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("insert the marketplace: %w", err)
	}
	return made, nil
}

// Discard throws an unclaimed installation away. It returns a fault.List when there is none.
func (s *Service) Discard(ctx context.Context, id string) error {
	if _, err := only(ctx, principal.Admin); err != nil {
		return err
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		deleted, err := tx.UnclaimedInstallation.Delete().
			Where(unclaimedinstallation.ID(id)).
			Exec(principal.AsSystem(ctx, "install"))
		if err != nil {
			return fmt.Errorf("delete the unclaimed installation: %w", err)
		}
		if deleted == 0 {
			return fault.New(fault.NotFound, "id")
		}
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: id}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "installation.discard", ObjectID: id})
	})
}

// Webhook takes a delivery of a provider. It returns false for one that is not the provider's, and does no more than
// take note: the sender waits.
func (s *Service) Webhook(ctx context.Context, providerSlug, topic string, header http.Header, body []byte) (bool, error) {
	p, ok := s.bySlug(providerSlug)
	receiver, can := p.(provider.WebhookReceiver)
	if !ok || !can {
		return false, nil
	}
	code := p.Code()
	ctx = principal.AsSystem(ctx, "webhook")
	settings, err := s.settings(ctx, code)
	if err != nil {
		return false, err
	}
	notice, ok := receiver.Receive(settings, topic, header, body)
	if !ok {
		return false, nil
	}
	s.log.InfoContext(ctx, "a provider sent a webhook", "provider", code, "topic", notice.Topic, "account", notice.Account, "signed", notice.Signed)
	if !notice.Check && !notice.Erase {
		return true, nil // the portal keeps no data of a shop's customers: there is nothing to give and nothing to delete
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		m, err := ofAccount(ctx, tx, code, notice.Account)
		if err != nil {
			return err
		}
		if notice.Check && m != nil {
			if err := tx.Marketplace.UpdateOne(m).SetNextCheckAt(s.now()).Exec(ctx); err != nil {
				return fmt.Errorf("plan the check: %w", err)
			}
		}
		if notice.Erase {
			return s.erase(ctx, tx, code, m, notice)
		}
		return nil
	})
	if err == nil {
		s.wake()
	}
	return true, err
}

// erase deletes what is kept of a shop, as far as the portal can be sure: its provider has signed, and its token is
// known to be dead. The rest is a notice for a person. An unsigned delivery about a shop that nobody knows is nothing.
func (s *Service) erase(ctx context.Context, tx *ent.Tx, code provider.Code, m *ent.Marketplace, n provider.Notice) error {
	unclaimed := unclaimedinstallation.And(
		unclaimedinstallation.Provider(string(code)), unclaimedinstallation.ExternalAccount(n.Account))
	waits, err := tx.UnclaimedInstallation.Query().Where(unclaimed).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the unclaimed installation: %w", err)
	}
	if m == nil && !waits {
		return nil
	}
	if n.Signed && waits {
		if _, err := tx.UnclaimedInstallation.Delete().Where(unclaimed).Exec(ctx); err != nil {
			return fmt.Errorf("delete the unclaimed installation: %w", err)
		}
		err := audit.Append(ctx, tx, audit.Event{Action: "installation.erase", Changes: []audit.Change{{Field: "account", Old: n.Account}}})
		if err != nil || m == nil {
			return errors.Join(err, s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged}))
		}
	}
	if n.Signed && m != nil && provider.Reason(m.HealthReason) == provider.AccessRevoked {
		erased, err := tx.Marketplace.UpdateOne(m).
			ClearSecretsSealed().ClearSecretStates().ClearCredentialsExpireAt().ClearProviderState().
			ClearExternalAccount().ClearAccountName().ClearAccountDocument().ClearProviderMessage().
			AddCredentialVersion(1).SetUpdatedAt(s.now()).
			SetHealthState(string(provider.Waiting)).SetHealthReason(string(provider.WaitingForMerchant)).SetHealthSince(s.now()).
			ClearNextCheckAt().
			Save(ctx)
		if err != nil {
			return fmt.Errorf("erase the shop: %w", err)
		}
		if err := s.changed(ctx, tx, erased); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "marketplace.erase", ObjectID: m.ID, ClientID: m.ClientID})
	}
	open, err := tx.ProviderNotice.Query().
		Where(providernotice.Provider(string(code)), providernotice.Topic(n.Topic), providernotice.ExternalAccount(n.Account), providernotice.ClosedAtIsNil()).
		Exist(ctx)
	if err != nil || open {
		return err
	}
	made, err := tx.ProviderNotice.Create().SetProvider(string(code)).SetTopic(n.Topic).SetExternalAccount(n.Account).Save(ctx)
	if err != nil {
		return fmt.Errorf("insert the notice: %w", err)
	}
	return audit.Append(ctx, tx, audit.Event{Action: "notice.receive", ObjectID: made.ID, Changes: []audit.Change{{Field: "topic", New: n.Topic}}})
}

// Notices returns what providers asked by law and nobody has seen to, oldest first.
func (s *Service) Notices(ctx context.Context) ([]*ent.ProviderNotice, error) {
	found, err := s.store.Reader().ProviderNotice.Query().
		Where(providernotice.ClosedAtIsNil()).Order(ent.Asc(providernotice.FieldID)).Limit(maxUnclaimed).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the notices: %w", err)
	}
	return found, nil
}

// CloseNotice takes a notice off the list. It returns a fault.List when there is no such open notice.
func (s *Service) CloseNotice(ctx context.Context, id string) error {
	if _, err := only(ctx, principal.Admin); err != nil {
		return err
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		closed, err := tx.ProviderNotice.Update().
			Where(providernotice.ID(id), providernotice.ClosedAtIsNil()).SetClosedAt(s.now()).
			Save(principal.AsSystem(ctx, "notices"))
		if err != nil {
			return fmt.Errorf("close the notice: %w", err)
		}
		if closed == 0 {
			return fault.New(fault.NotFound, "id")
		}
		return audit.Append(ctx, tx, audit.Event{Action: "notice.close", ObjectID: id})
	})
}
