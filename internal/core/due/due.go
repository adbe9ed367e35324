// Package due lists what will need a person soon: credentials, access keys and application secrets that end, token
// pairs that were not renewed for long, and unused keys. It leaves out the connections of archived clients.
package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	keys "github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Kind is what is due, a value of the GraphQL enum DueKind.
type Kind string

// The kinds; the GraphQL schema says what each means.
const (
	CredentialsEnd       Kind = "CREDENTIALS_END"
	NotRenewed           Kind = "NOT_RENEWED"
	AccessKeyEnds        Kind = "ACCESS_KEY_ENDS"
	AccessKeyUnused      Kind = "ACCESS_KEY_UNUSED"
	ApplicationSecretEnd Kind = "APPLICATION_SECRET_ENDS"
	HouseLoginRefused    Kind = "HOUSE_LOGIN_REFUSED"
	SettingsChanged      Kind = "PROVIDER_SETTINGS_CHANGED"
	SessionMoved         Kind = "SESSION_MOVED"
	BaitUsed             Kind = "BAIT_USED"
	ManyNetworks         Kind = "KEY_FROM_MANY_NETWORKS"
	AfterSilence         Kind = "KEY_AFTER_SILENCE"
	IssueBraked          Kind = "KEYS_FOR_MANY_SHOPS"
	ReadBraked           Kind = "MANY_SHOPS_READ"
)

// traceKinds are the events of the audit trail that an administrator is to look at.
var traceKinds = []struct {
	action string
	kind   Kind
}{
	{keys.ManyNetworks, ManyNetworks},
	{keys.AfterSilence, AfterSilence},
	{keys.IssueBraked, IssueBraked},
	{keys.ReadBraked, ReadBraked},
}

// urgent are the kinds without an end that stay until a person acts.
var urgent = []Kind{HouseLoginRefused, SessionMoved, BaitUsed, ManyNetworks, AfterSilence, IssueBraked, ReadBraked}

const (
	day = 24 * time.Hour
	// maxItems caps the list, and the rows of each kind that are read for it.
	maxItems = 200
	// maxTraces caps the events that are read for traces of misuse: one key or maker may have several.
	maxTraces = 1000
	maxDays   = 365
	// unrenewedAfter is the age at which a refresh token may soon end: its users guess that it lasts a year.
	unrenewedAfter = 300 * day
	unusedAfter    = 7 * day
	// changeShown is how long the other administrators see that one has changed the settings of a provider.
	changeShown = 7 * day
	// traceShown is how long administrators see a trace of misuse.
	traceShown = 7 * day
)

// Item is something that is due.
type Item struct {
	Kind Kind
	// At is when it ends, or since when it lasts.
	At time.Time
	// WithinDays is 1, 7, 30 or 365, 0 for what is over, and nil for what has no end.
	WithinDays *int
	// ClientID, MarketplaceID, AccessKeyID, OperatorID and Provider name what it is about; those that do not apply are
	// empty.
	ClientID, MarketplaceID, AccessKeyID, OperatorID string
	Provider                                         provider.Code
	// By names the actor of SettingsChanged and IssueBraked, and the address of the other traces; empty otherwise.
	By string
}

// Service makes the list.
type Service struct {
	store     *store.Store
	providers *providersettings.Service
	now       func() time.Time
}

// New returns the service over a store; now is its clock.
func New(s *store.Store, providers *providersettings.Service, now func() time.Time) *Service {
	return &Service{store: s, providers: providers, now: now}
}

// List returns what is due within a number of days, the most urgent first. It returns a fault.BadRequest unless days is
// from 1 to 365.
func (s *Service) List(ctx context.Context, days int) ([]*Item, error) {
	if days < 1 || days > maxDays {
		return nil, fault.BadRequest{Detail: fault.DaysOutOfRange}
	}
	now := s.now()
	until := now.Add(time.Duration(days) * day)
	var items []*Item
	for _, list := range []func(context.Context, time.Time, time.Time) ([]*Item, error){
		s.credentials, s.notRenewed, s.keysEnding, s.keysUnused, s.applications, s.sessionsMoved, s.baitUsed, s.traces,
	} {
		some, err := list(ctx, now, until)
		if err != nil {
			return nil, err
		}
		items = append(items, some...)
	}
	slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Compare(urgency(a, now), urgency(b, now)) })
	return items[:min(len(items), maxItems)], nil
}

// urgency returns the time that is left, to sort by. Items without an end come last, except those of urgent kinds.
func urgency(i *Item, now time.Time) time.Duration {
	if i.WithinDays == nil && !slices.Contains(urgent, i.Kind) {
		return maxDays*day + i.At.Sub(now)
	}
	return i.At.Sub(now)
}

// window returns the smallest of 0, 1, 7, 30 and 365 days in which an end falls; 0 when it is over.
func window(end, now time.Time) *int {
	left := end.Sub(now)
	for _, days := range []int{0, 1, 7, 30} {
		if left <= time.Duration(days)*day {
			return &days
		}
	}
	beyond := maxDays
	return &beyond
}

// EndingBy matches the marketplaces of active clients whose credentials end by until, and which the portal cannot renew
// or was refused to.
func EndingBy(until time.Time) predicate.Marketplace {
	return marketplace.And(
		connection.OfActiveClient(),
		marketplace.CredentialsExpireAtLTE(until),
		marketplace.HealthReasonIn(string(provider.CredentialsEndSoon), string(provider.RenewalRefused),
			string(provider.RenewalLost)),
	)
}

// credentials returns the credentials that end and that the portal cannot renew, or was refused to.
func (s *Service) credentials(ctx context.Context, now, until time.Time) ([]*Item, error) {
	rows, err := s.store.Reader().Marketplace.Query().
		Where(EndingBy(until)).
		Order(marketplace.ByCredentialsExpireAt()).Limit(maxItems).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list credentials that end: %w", err)
	}
	return each(rows, func(m *ent.Marketplace) *Item {
		return ofMarketplace(CredentialsEnd, m, *m.CredentialsExpireAt, window(*m.CredentialsExpireAt, now))
	}), nil
}

// notRenewed returns the token pairs that the portal has not renewed for unrenewedAfter.
func (s *Service) notRenewed(ctx context.Context, now, _ time.Time) ([]*Item, error) {
	rows, err := s.store.Reader().Marketplace.Query().
		Where(connection.OfActiveClient(), marketplace.RenewedAtLTE(now.Add(-unrenewedAfter))).
		Order(marketplace.ByRenewedAt()).Limit(maxItems).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pairs that were not renewed: %w", err)
	}
	return each(rows, func(m *ent.Marketplace) *Item { return ofMarketplace(NotRenewed, m, *m.RenewedAt, nil) }), nil
}

func ofMarketplace(kind Kind, m *ent.Marketplace, at time.Time, window *int) *Item {
	return &Item{
		Kind: kind, At: at, WithinDays: window,
		ClientID: m.ClientID, MarketplaceID: m.ID, Provider: provider.Code(m.Provider),
	}
}

func (s *Service) keysEnding(ctx context.Context, now, until time.Time) ([]*Item, error) {
	rows, err := s.store.Reader().AccessKey.Query().
		Where(keys.InForce(now), accesskey.ExpiresAtLTE(until), accesskey.OverlapEndsAtIsNil()).
		Order(accesskey.ByExpiresAt()).Limit(maxItems).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list access keys that end: %w", err)
	}
	return each(rows, func(k *ent.AccessKey) *Item {
		return &Item{
			Kind: AccessKeyEnds, At: *k.ExpiresAt, WithinDays: window(*k.ExpiresAt, now),
			ClientID: k.ClientID, AccessKeyID: k.ID,
		}
	}), nil
}

func (s *Service) keysUnused(ctx context.Context, now, _ time.Time) ([]*Item, error) {
	rows, err := s.store.Reader().AccessKey.Query().
		Where(keys.InForce(now), accesskey.LastUsedAtIsNil(), accesskey.CreatedAtLTE(now.Add(-unusedAfter))).
		Order(accesskey.ByID()).Limit(maxItems).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list access keys that nobody uses: %w", err)
	}
	return each(rows, func(k *ent.AccessKey) *Item {
		return &Item{Kind: AccessKeyUnused, At: k.CreatedAt, ClientID: k.ClientID, AccessKeyID: k.ID}
	}), nil
}

// applications returns the secrets of the house's own applications at providers that end, its log-ins that were
// refused, and the settings that another administrator changed.
func (s *Service) applications(ctx context.Context, now, until time.Time) ([]*Item, error) {
	providers, err := s.providers.List(ctx)
	if err != nil {
		return nil, err
	}
	var items []*Item
	for _, p := range providers {
		if p.HouseRefusedAt != nil {
			items = append(items, &Item{Kind: HouseLoginRefused, At: *p.HouseRefusedAt, Provider: p.Provider})
		}
		if changedByOther(ctx, p, now) {
			items = append(items, &Item{Kind: SettingsChanged, At: *p.ChangedAt, Provider: p.Provider, By: p.ChangedBy})
		}
		for _, setting := range p.Settings {
			if setting.Kind != provider.Date || setting.Value == nil {
				continue
			}
			end, err := time.Parse(time.DateOnly, *setting.Value)
			if err == nil && !end.After(until) {
				items = append(items, &Item{
					Kind: ApplicationSecretEnd, At: end, WithinDays: window(end, now), Provider: p.Provider,
				})
			}
		}
	}
	return items, nil
}

// changedByOther reports whether the caller is an administrator, and another one changed the settings of a provider
// within changeShown.
func changedByOther(ctx context.Context, p *providersettings.Status, now time.Time) bool {
	me, err := principal.Only(ctx, principal.Admin)
	return err == nil && p.ChangedAt != nil && p.ChangedByID != me.ID && now.Sub(*p.ChangedAt) < changeShown
}

// sessionsMoved returns the sessions that went on in another browser and network, to administrators only.
func (s *Service) sessionsMoved(ctx context.Context, now, _ time.Time) ([]*Item, error) {
	if _, err := principal.Only(ctx, principal.Admin); err != nil {
		return nil, nil
	}
	rows, err := s.store.Reader().Session.Query().
		Where(session.MovedAtNotNil(), session.EndedAtIsNil(), session.ExpiresAtGT(now)).
		Order(session.ByMovedAt()).Limit(maxItems).All(principal.AsSystem(ctx, "due"))
	if err != nil {
		return nil, fmt.Errorf("list sessions that went on elsewhere: %w", err)
	}
	return each(rows, func(row *ent.Session) *Item {
		return &Item{Kind: SessionMoved, At: *row.MovedAt, OperatorID: row.OperatorID}
	}), nil
}

// baitUsed returns the bait keys in force that were used, to administrators only.
func (s *Service) baitUsed(ctx context.Context, now, _ time.Time) ([]*Item, error) {
	if _, err := principal.Only(ctx, principal.Admin); err != nil {
		return nil, nil
	}
	rows, err := s.store.Reader().AccessKey.Query().
		Where(keys.InForce(now), accesskey.BaitUsedAtNotNil()).
		Order(accesskey.ByBaitUsedAt()).Limit(maxItems).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list access keys that are bait and were used: %w", err)
	}
	return each(rows, func(k *ent.AccessKey) *Item {
		return &Item{Kind: BaitUsed, At: *k.BaitUsedAt, ClientID: k.ClientID, AccessKeyID: k.ID}
	}), nil
}

// traces returns the recent audit events of keys and their makers that look like misuse, to administrators only: the
// newest of each kind for each key, maker or network. Keys that no longer work are left out.
func (s *Service) traces(ctx context.Context, now, _ time.Time) ([]*Item, error) {
	if _, err := principal.Only(ctx, principal.Admin); err != nil {
		return nil, nil
	}
	since := now.Add(-traceShown)
	var items []*Item
	for _, of := range traceKinds {
		rows, err := s.store.Reader().AuditEvent.Query().
			Where(
				auditevent.Action(of.action),
				auditevent.IDGTE(ident.FirstAt(ident.AuditEvent, since)), auditevent.CreatedAtGT(since),
			).
			Order(ent.Desc(auditevent.FieldID)).Limit(maxTraces).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("list traces of misuse: %w", err)
		}
		items = append(items, newest(of.kind, rows)...)
	}
	return s.ofWorkingKeys(ctx, now, items)
}

// newest returns an item for each key, maker or network that has an event among rows, which are sorted newest first.
func newest(kind Kind, rows []*ent.AuditEvent) []*Item {
	var items []*Item
	seen := map[string]bool{}
	for _, row := range rows {
		item := &Item{Kind: kind, At: row.CreatedAt, By: row.Address}
		object := *cmp.Or(row.ObjectID, new(string))
		of := object
		if kind == IssueBraked {
			item.By = row.ActorLabel
			if ident.Prefix(object) == ident.Operator {
				item.OperatorID = object
			}
		} else {
			item.AccessKeyID, item.ClientID = object, *cmp.Or(row.ClientID, new(string))
		}
		if kind == ReadBraked {
			of = ratelimit.Network(row.Address)
		}
		if item.By == "" || seen[of] { // an event without details is of an erased client
			continue
		}
		seen[of] = true
		items = append(items, item)
	}
	return items
}

// ofWorkingKeys removes the items of keys that no longer work. An item about an address stays, whatever became of the
// key that it read with last.
func (s *Service) ofWorkingKeys(ctx context.Context, now time.Time, items []*Item) ([]*Item, error) {
	var ids []string
	for _, item := range items {
		if item.AccessKeyID != "" {
			ids = append(ids, item.AccessKeyID)
		}
	}
	if len(ids) == 0 {
		return items, nil
	}
	working, err := s.store.Reader().AccessKey.Query().Where(keys.InForce(now), accesskey.IDIn(ids...)).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for keys that work: %w", err)
	}
	return slices.DeleteFunc(items, func(item *Item) bool {
		return item.AccessKeyID != "" && item.Kind != ReadBraked && !slices.Contains(working, item.AccessKeyID)
	}), nil
}

func each[T any](rows []T, item func(T) *Item) []*Item {
	items := make([]*Item, len(rows))
	for i, row := range rows {
		items[i] = item(row)
	}
	return items
}
