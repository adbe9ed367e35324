// Package connection keeps the rows that connect a client's product to a marketplace: how one is added, changed and
// removed, what each of its moves does (move.go), how its secrets are sealed, and how its health reads at an instant.
//
//	                  Added
//	                    |
//	Entered, Installed  v           Leased          Visited
//	------------->  [ at rest ] ------------> [ leased ] ----> [ at rest ]
//	                    |  ^                      |
//	 Lost, Erased,      v  |                      v
//	 Expired         [ at rest ] <------------ Interrupted (its process has gone)
//
// Package keeper takes the leases and makes the visits; package install brings what installs give.
package connection

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	// maxPerProduct caps the marketplaces of one client product.
	maxPerProduct  = 50
	maxDescription = 200
)

// Service works on the connections of clients, each change in one transaction with its audit event.
type Service struct {
	store     *store.Store
	keys      *seal.Keyset
	providers provider.Registry
	now       func() time.Time
	live      *live.Bus
	host      func(context.Context, provider.Code) (string, error)
	settings  func(context.Context, provider.Code) (provider.Values, error)
	noteRead  func(context.Context, *ent.Marketplace)
	counts    *activity.Service

	mu    sync.Mutex
	wakes []func()
}

// Options are what a Service is made of.
type Options struct {
	Store     *store.Store
	Keys      *seal.Keyset
	Providers provider.Registry
	// Now is the clock.
	Now func() time.Time
	// Live gets an event of every change.
	Live *live.Bus
	// Host returns the host in force that the secrets of a provider's connections are sent to; empty where there is none.
	// It may be nil where no secrets are entered.
	Host func(context.Context, provider.Code) (string, error)
	// Settings returns the settings of a provider in force. It may be nil where no secrets are entered.
	Settings func(context.Context, provider.Code) (provider.Values, error)
	// NoteRead records that the access key of the context got the credentials of a marketplace. It must not block. It may
	// be nil where no credentials are handed out.
	NoteRead func(context.Context, *ent.Marketplace)
	// Counts counts the connections that break; nil counts none.
	Counts *activity.Service
}

// New returns the service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, keys: o.Keys, providers: o.Providers, now: o.Now, live: o.Live, host: o.Host,
		settings: o.Settings, noteRead: o.NoteRead, counts: o.Counts,
	}
}

// OnWake registers wake, which is called whenever a connection may have become due. wake must not block.
func (s *Service) OnWake(wake func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakes = append(s.wakes, wake)
}

// Wake calls the registered functions, as connections may have become due.
func (s *Service) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, wake := range s.wakes {
		wake()
	}
}

// AddInput is a new marketplace.
type AddInput struct {
	ClientProductID string
	Description     string
	Config          provider.Input
	// ConfigMember is the caller's name of Config, for the field of its errors.
	ConfigMember   string
	IdempotencyKey *string
}

// Add connects a client's product to a marketplace: the second step of the order. It returns a fault.List when the
// input can be mended or the first step is missing.
func (s *Service) Add(ctx context.Context, in AddInput) (*ent.Marketplace, error) {
	var bad fault.List
	description := bad.Line(in.Description, maxDescription, "description")
	draft, err := in.Config.Draft()
	if err := bad.Merge(err, "config", in.ConfigMember); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	p, err := s.providers.Get(in.Config.Provider())
	if err != nil {
		return nil, err
	}
	settings, err := encodeSettings(draft)
	if err != nil {
		return nil, err
	}
	inForce, err := s.settings(ctx, p.Code())
	if err != nil {
		return nil, err
	}
	unvisited := !provider.HasVisits(p, inForce)
	var added *ent.Marketplace
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		id := ident.New(ident.Marketplace)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "addMarketplace",
			Input: []any{in.ClientProductID, description, p.Code(), settings, s.fingerprints(draft.Secrets)},
		}, id)
		if err != nil {
			return err
		}
		owner, err := lockOwner(ctx, tx, in.ClientProductID, known != id)
		if err != nil {
			return err
		}
		if known != id {
			added, err = FindMade(ctx, tx, known, owner.ID) // it may have been removed since the first request
			return err
		}
		start, err := s.startOf(ctx, tx, Start{
			ID: id, ClientID: owner.ClientID, Description: description, Provider: p.Code(), Settings: settings,
			Health: p.Unchecked(), Unvisited: unvisited,
		}, draft)
		if err != nil {
			return err
		}
		if added, err = s.Insert(ctx, tx, owner, start, "config", in.ConfigMember); err != nil {
			return err
		}
		return audit.Append(ctx, tx, additionOf(added, draft))
	})
	if err == nil && added.NextCheckAt != nil {
		s.Wake()
	}
	return added, err
}

// lockOwner locks the client's product that gets a marketplace. A repeated request changes nothing of it.
func lockOwner(ctx context.Context, tx *ent.Tx, id string, repeated bool) (*products.Locked, error) {
	lock := products.LockAndTouch
	if repeated {
		lock = products.Lock
	}
	return lock(ctx, tx, id, products.Marketplaces, "clientProductId")
}

// additionOf returns the audit event of a connection that was added from a draft.
func additionOf(added *ent.Marketplace, draft provider.Draft) audit.Event {
	return audit.Event{
		Action: "marketplace.add", ObjectID: added.ID, ClientID: added.ClientID,
		Changes: append([]audit.Change{
			{Field: "provider", New: added.Provider},
			{Field: "description", New: added.Description},
			{Field: "settings", New: added.Settings},
		}, SecretChanges(draft.Secrets)...),
	}
}

// startOf completes the start of a connection from a draft: its account, its sealed secrets, and its health when the
// draft's shop is not the client's.
func (s *Service) startOf(ctx context.Context, tx *ent.Tx, start Start, draft provider.Draft) (Start, error) {
	start.Account, start.Document, start.New = draft.Account, draft.Document, draft.NewCredentials
	wrong, err := IsWrongShop(ctx, tx, &Row{ClientID: start.ClientID}, draft.Document)
	if err != nil {
		return Start{}, err
	}
	if wrong {
		start.Health = provider.Health{Reason: provider.WrongShop}
	}
	start.Unvisited = start.Unvisited && start.New && !wrong
	start.Secrets, err = s.sealDraft(ctx, start.ID, start.ClientID, start.Provider, draft)
	return start, err
}

// Insert stores a new connection of a client product, and publishes it. It returns a fault.List when the product has
// maxPerProduct connections, and at field when another connection has the account.
func (s *Service) Insert(
	ctx context.Context, tx *ent.Tx, owner *products.Locked, start Start, field ...string,
) (*ent.Marketplace, error) {
	if err := underLimit(owner); err != nil {
		return nil, err
	}
	start.ClientProductID, start.ClientID = owner.ID, owner.ClientID
	if start.Account != "" {
		if err := s.Free(ctx, tx, start.Provider, start.Account, start.ID, field...); err != nil {
			return nil, err
		}
	}
	row, err := s.Bind(nil, Added(start, s.now()))
	if err != nil {
		return nil, err
	}
	added, err := insert(ctx, tx, row)
	if isTaken(err) { // by a concurrent request
		return nil, fault.New(fault.AccountTaken, field...)
	}
	if err != nil {
		return nil, err
	}
	if owner.Touched {
		return added, s.publish(ctx, tx, nil, added)
	}
	return added, s.Tell(ctx, tx, nil, added)
}

// Move stores what a move changed of a row that tx has locked, and publishes it. It returns a fault.List at field when
// another connection has the account.
func (s *Service) Move(
	ctx context.Context, tx *ent.Tx, old, moved *ent.Marketplace, field ...string,
) (*ent.Marketplace, error) {
	moved, err := s.Bind(old, moved)
	if err != nil {
		return nil, err
	}
	stored, err := Update(ctx, tx, old, moved)
	if isTaken(err) {
		return nil, fault.New(fault.AccountTaken, field...)
	}
	if err != nil {
		return nil, err
	}
	s.countBreak(ctx, old, stored)
	return stored, s.Tell(ctx, tx, old, stored)
}

// countBreak counts, once the move is committed, a connection that it broke.
func (s *Service) countBreak(ctx context.Context, old, moved *Row) {
	if old.HealthReason == moved.HealthReason || !State(moved).IsDown() {
		return
	}
	code := provider.Code(moved.Provider)
	store.AfterCommit(ctx, func() {
		if !State(old).IsDown() {
			s.counts.Count(activity.Broke, code, 1)
		}
		if moved.HealthReason == string(provider.Incident) {
			s.counts.Count(activity.BrokeInIncident, code, 1)
		}
		if is := State(moved); is != State(old) && is != provider.Failing {
			s.counts.Count(activity.Refused, code, 1)
		}
	})
}

func isTaken(err error) bool {
	return store.IsUniqueViolation(err, marketplace.Table, marketplace.FieldProvider, marketplace.FieldExternalAccount)
}

func encodeSettings(draft provider.Draft) (json.RawMessage, error) {
	settings, err := json.Marshal(draft.Settings)
	if err != nil {
		return nil, fmt.Errorf("encode marketplace settings: %w", err)
	}
	return settings, nil
}

// sealDraft seals the secrets that the operator of the context typed; nil when the draft has none.
func (s *Service) sealDraft(
	ctx context.Context, id, clientID string, code provider.Code, draft provider.Draft,
) (*Sealing, error) {
	if draft.Secrets == nil {
		return nil, nil
	}
	operator, ok := principal.From(ctx).(principal.Operator)
	if !ok {
		return nil, fault.Forbidden
	}
	host, err := s.host(ctx, code)
	if err != nil {
		return nil, err
	}
	return s.Seal(id, clientID, host, draft.Secrets, draft.ExpireAt, operator.Name, nil)
}

// UpdateInput is the changes of a marketplace. A nil field stays as it is.
type UpdateInput struct {
	ID          string
	Description *string
	Config      provider.Update
	// ConfigMember is the caller's name of Config, for the field of its errors.
	ConfigMember string
	// Version is that of the marketplace as the caller has seen it; nil when the caller does not say.
	Version *int
}

// Update changes a marketplace. It returns a fault.List when the input can be mended, and an edit.Conflict when
// somebody else has saved the marketplace since the version that the caller has seen.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Marketplace, error) {
	var bad fault.List
	var description string
	if in.Description != nil {
		description = bad.Line(*in.Description, maxDescription, "description")
	}
	var changed *ent.Marketplace
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := Lock(ctx, tx, in.ID, "id")
		if err != nil {
			return err
		}
		entry := Entry{Description: old.Description, Settings: old.Settings}
		bad, changes := bad, []audit.Change(nil) // a copy, as the transaction may run again
		if in.Config != nil {
			configChanges, err := s.apply(ctx, tx, &entry, old, in)
			if err := bad.Merge(err); err != nil {
				return err
			}
			changes = append(changes, configChanges...)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if in.Description != nil && description != old.Description {
			entry.Description = description
			changes = append(changes, audit.Change{Field: "description", Old: old.Description, New: description})
		}
		if len(changes) == 0 {
			changed = old
			return nil
		}
		seen := edit.Object{ID: in.ID, Seen: in.Version, Version: old.Version, Actions: []string{"marketplace.update"}}
		if err := edit.Check(ctx, tx, seen); err != nil {
			return err
		}
		if changed, err = s.Move(ctx, tx, old, Entered(old, entry, s.now()), "config", in.ConfigMember); err != nil {
			return err
		}
		err = edit.Tell(ctx, tx, s.live, live.Event{
			ClientID: old.ClientID, ClientProductID: old.ClientProductID, ObjectID: in.ID,
		})
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.update", ObjectID: in.ID, ClientID: old.ClientID, Changes: changes,
		})
	})
	if err == nil {
		s.Wake()
	}
	return changed, err
}

// apply puts a changed configuration into entry, and returns the changes for the audit trail.
func (s *Service) apply(
	ctx context.Context, tx *ent.Tx, entry *Entry, old *ent.Marketplace, in UpdateInput,
) ([]audit.Change, error) {
	code := provider.Code(old.Provider)
	if in.Config.Provider() != code {
		return nil, fault.New(fault.ProviderMismatch, "config")
	}
	p, err := s.providers.Get(code)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	draft, err := in.Config.Apply(Record(old))
	if err := bad.Merge(err, "config", in.ConfigMember); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	settings, err := encodeSettings(draft)
	if err != nil {
		return nil, err
	}
	changes := SecretChanges(draft.Secrets)
	if !sameJSON(settings, old.Settings) {
		entry.Settings = settings
		changes = append(changes, audit.Change{Field: "settings", Old: old.Settings, New: settings})
	}
	if entry.Secrets, err = s.sealDraft(ctx, old.ID, old.ClientID, code, draft); err != nil {
		return nil, err
	}
	if entry.New = draft.NewCredentials; entry.New {
		entry.Health, entry.Account, entry.Document = p.Unchecked(), draft.Account, draft.Document
		owner := Row{ClientID: old.ClientID, ConfirmedDocument: old.ConfirmedDocument}
		wrong, err := IsWrongShop(ctx, tx, &owner, draft.Document)
		if err != nil {
			return nil, err
		}
		if wrong {
			entry.Health = provider.Health{Reason: provider.WrongShop}
		}
		if draft.Account != "" {
			if err := s.Free(ctx, tx, code, draft.Account, old.ID, "config", in.ConfigMember); err != nil {
				return nil, err
			}
		}
	}
	return changes, nil
}

// Remove removes a marketplace and destroys its credentials. It returns the id of the client's product that had it, or
// a fault.List when there is no such marketplace.
func (s *Service) Remove(ctx context.Context, id string) (clientProductID string, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := find(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		if _, err := products.Hold(ctx, tx, old.ClientProductID); err != nil {
			return err
		}
		deleted, err := Delete(ctx, tx, id)
		if err != nil {
			return err
		}
		if deleted == 0 { // a concurrent request removed it
			return fault.New(fault.NotFound, "id")
		}
		if err := s.Tell(ctx, tx, old, nil); err != nil {
			return err
		}
		clientProductID = old.ClientProductID
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.remove", ObjectID: id, ClientID: old.ClientID,
			Changes: []audit.Change{{Field: "provider", Old: old.Provider}, {Field: "description", Old: old.Description}},
		})
	})
	return clientProductID, err
}

// Config returns what the page shows of a marketplace's settings and secrets. It opens no secret.
func (s *Service) Config(m *ent.Marketplace) (provider.Config, error) {
	p, err := s.providers.Get(provider.Code(m.Provider))
	if err != nil {
		return nil, err
	}
	return p.Config(Record(m))
}

// shownToKey are the columns that an answer to a back-office is made of: what it shows, what opens the credentials and
// authenticates them, and what tells whether they have to be renewed first.
var shownToKey = []string{
	marketplace.FieldID, marketplace.FieldClientProductID, marketplace.FieldClientID, marketplace.FieldMAC,
	marketplace.FieldProvider, marketplace.FieldDescription, marketplace.FieldSettings,
	marketplace.FieldSecretsSealed, marketplace.FieldSecretsHost, marketplace.FieldSecretStates,
	marketplace.FieldExternalAccount, marketplace.FieldAccountName, marketplace.FieldAccountDocument,
	marketplace.FieldConfirmedDocument, marketplace.FieldProviderState,
	marketplace.FieldCredentialVersion, marketplace.FieldCredentialsExpireAt,
	marketplace.FieldHealthState, marketplace.FieldHealthReason, marketplace.FieldHealthSince,
	marketplace.FieldLastCheckedAt, marketplace.FieldNextCheckAt, marketplace.FieldFailures, marketplace.FieldRenewAt,
}

// ofKeyQuery reads the marketplaces of a client's product, and its version. It is written once, as each first read of a
// back-office runs it. It bypasses the privacy policies: its caller gives the product of the access key.
var ofKeyQuery = fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s = $1 ORDER BY %s LIMIT %d",
	strings.Join(shownToKey, ", "), store.VersionBeside, marketplace.Table, marketplace.FieldClientProductID,
	marketplace.FieldID, maxPerProduct)

// OfKey returns the marketplaces of the client's product that the access key of the context opens, oldest first, with
// the columns that its answer is made of. One statement reads them with the version of the shop as of then, which is
// the zero Version where there is no marketplace. It returns fault.Unauthenticated when the caller is no access key.
func (s *Service) OfKey(ctx context.Context) (found []*ent.Marketplace, asOf principal.Version, err error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return nil, asOf, fault.Unauthenticated
	}
	rows, err := s.store.DB().QueryContext(store.Reading(ctx), ofKeyQuery, key.ClientProductID)
	if err != nil {
		return nil, asOf, fmt.Errorf("ask for the marketplaces of the key: %w", err)
	}
	var numbers [3]sql.NullInt64
	found, err = ent.ScanMarketplaces(rows, shownToKey, &numbers[0], &numbers[1], &numbers[2])
	if err != nil {
		return nil, asOf, fmt.Errorf("read the marketplaces of the key: %w", err)
	}
	return found, store.VersionOf(numbers), nil
}

// Tell publishes a change of a marketplace, its credentials or its health: old is what it was, nil for a new one, and m
// what it is, nil for one that was removed. It raises the revision that back-offices poll, and stores how bad the
// client's connections are.
func (s *Service) Tell(ctx context.Context, tx *ent.Tx, old, m *ent.Marketplace) error {
	changed := cmp.Or(m, old)
	if err := products.Touch(ctx, changed.ClientProductID); err != nil {
		return err
	}
	return s.publish(ctx, tx, old, m)
}

// publish is Tell for a client product whose revision was raised.
func (s *Service) publish(ctx context.Context, tx *ent.Tx, old, m *ent.Marketplace) error {
	changed := cmp.Or(m, old)
	if troubleOf(old) != troubleOf(m) {
		if err := rankTrouble(ctx, tx, changed.ClientID); err != nil {
			return err
		}
	}
	return s.live.Publish(ctx, tx, live.Event{
		Topic: live.MarketplaceChanged, ClientID: changed.ClientID, ClientProductID: changed.ClientProductID,
		ObjectID: changed.ID,
	})
}

// noTrouble is the rank of a client without connections.
const noTrouble = "0"

// troubleOf returns how bad the state of a connection is, which may be nil.
func troubleOf(m *ent.Marketplace) string {
	if m == nil {
		return noTrouble
	}
	return State(m).Trouble()
}

// rankTrouble stores how bad a client's connections are.
func rankTrouble(ctx context.Context, tx *ent.Tx, clientID string) error {
	all, err := tx.Marketplace.Query().Where(marketplace.ClientID(clientID)).Select(marketplace.FieldHealthState).
		Strings(ctx)
	if err != nil {
		return fmt.Errorf("read the states of the client's marketplaces: %w", err)
	}
	worst := noTrouble
	for _, state := range all {
		worst = max(worst, provider.State(state).Trouble())
	}
	client, err := tx.ClientRecord.Get(ctx, clientID)
	if err != nil {
		return fmt.Errorf("find the client: %w", err)
	}
	if client.Trouble != worst {
		// The client itself has not changed: its time of change stays.
		if err := client.Update().SetTrouble(worst).SetUpdatedAt(client.UpdatedAt).Exec(ctx); err != nil {
			return fmt.Errorf("say how bad the client's connections are: %w", err)
		}
	}
	return nil
}

// OfAccount returns the connection that has an account of a provider; nil when none has.
func OfAccount(ctx context.Context, tx *ent.Tx, code provider.Code, account string) (*ent.Marketplace, error) {
	owner, err := tx.Marketplace.Query().
		Where(marketplace.Provider(string(code)), marketplace.ExternalAccount(account)).
		Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look for the account: %w", err)
	}
	return owner, nil
}

// Free returns a fault.List that names the client in the way, when another connection than id has an account of a
// provider.
func (s *Service) Free(ctx context.Context, tx *ent.Tx, code provider.Code, account, id string, field ...string) error {
	owner, err := OfAccount(ctx, tx, code, account)
	if err != nil || owner == nil || owner.ID == id {
		return err
	}
	return s.accountTaken(ctx, tx, owner, field...)
}

// accountTaken returns a fault.List that names the client of the connection in the way.
func (s *Service) accountTaken(ctx context.Context, tx *ent.Tx, owner *ent.Marketplace, field ...string) error {
	client, err := tx.ClientRecord.Get(ctx, owner.ClientID)
	if err != nil {
		return fmt.Errorf("find the client: %w", err)
	}
	return fault.List{{Code: fault.AccountTaken, Field: field, Args: []any{client.Name}, RelatedID: client.ID}}
}

// sameJSON reports whether two texts are the same JSON: PostgreSQL stores it with other blanks and another order of
// keys.
func sameJSON(a, b []byte) bool {
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && reflect.DeepEqual(left, right)
}

// Record returns what a provider's package gets of a row.
func Record(m *ent.Marketplace) provider.Record {
	r := provider.Record{Settings: m.Settings, ProviderState: m.ProviderState, States: m.SecretStates,
		ExpireAt: m.CredentialsExpireAt}
	if m.ExternalAccount != nil {
		r.ExternalAccount = *m.ExternalAccount
	}
	return r
}

// underLimit returns a fault.List when a client product has maxPerProduct marketplaces.
func underLimit(owner *products.Locked) error {
	if owner.Marketplaces >= maxPerProduct {
		return fault.List{{Code: fault.LimitReached, Field: []string{"clientProductId"}, Args: []any{maxPerProduct}}}
	}
	return nil
}

// Lock reads a marketplace, and locks its client product until tx ends.
func Lock(ctx context.Context, tx *ent.Tx, id, field string) (*ent.Marketplace, error) {
	m, err := Find(ctx, tx, id, field)
	if err != nil {
		return nil, err
	}
	if _, err := products.Lock(ctx, tx, m.ClientProductID, products.Marketplaces, field); err != nil {
		return nil, err
	}
	return Find(ctx, tx, id, field) // read again: the row may have changed before the lock
}

// Find reads a marketplace and locks its row. It returns a fault.List at a field of the input when there is none, or
// when the row was given to another client outside the program.
func Find(ctx context.Context, tx *ent.Tx, id, field string) (*ent.Marketplace, error) {
	m, err := find(ctx, tx, id, field)
	if err == nil && !store.VouchesWithin(ctx, m) {
		return nil, fault.New(fault.Altered, field)
	}
	return m, err
}

// FindMade reads the marketplace of a client product that an earlier request with the same idempotency key made. It
// returns a fault.List when it was removed, or is another product's.
func FindMade(ctx context.Context, tx *ent.Tx, id, clientProductID string) (*ent.Marketplace, error) {
	m, err := Find(ctx, tx, id, "idempotencyKey")
	if err == nil && m.ClientProductID != clientProductID {
		return nil, fault.New(fault.Altered, "idempotencyKey")
	}
	return m, err
}

// find is Find without the check of the owner, for a change that grants nothing, such as a removal.
func find(ctx context.Context, tx *ent.Tx, id, field string) (*ent.Marketplace, error) {
	m, err := tx.Marketplace.Query().Where(marketplace.ID(id), store.ForUpdate).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, field)
	}
	if err != nil {
		return nil, fmt.Errorf("find the marketplace: %w", err)
	}
	return m, nil
}
