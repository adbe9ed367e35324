package marketplace

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/idempotency"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/live"
	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// maxPerProduct is how many marketplaces one client's product may have.
	maxPerProduct  = 50
	maxDescription = 200
)

// Service works on the marketplaces of clients, each change in one transaction with its audit event, and keeps them
// working: see Run.
type Service struct {
	store      *store.Store
	keys       *seal.Keyset
	providers  provider.Registry
	now        func() time.Time
	http       *outbound.Client
	live       *live.Bus
	fixed      Fixed
	portal     string
	reachable  bool
	checkEvery time.Duration
	meter      provider.Meter
	log        *slog.Logger

	instance string // names this process in leases
	lanes    map[provider.Code]*lane
	tests    *rate.Limiter
	base     context.Context // of what goes on without a request
	stop     context.CancelFunc
	working  sync.WaitGroup

	mu        sync.Mutex
	errands   map[string]*errand                // by marketplace
	inForce   map[provider.Code]provider.Values // settings, as they were
	inForceAt time.Time
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
	Live *live.Bus
	// Fixed are the settings from the environment.
	Fixed Fixed
	// Portal is the public address of the portal, without a slash at its end.
	Portal string
	// Reachable is whether providers can send webhooks to it.
	Reachable bool
	// CheckEvery is how long after a good check the next one is; an hour when it is 0.
	CheckEvery time.Duration
	// Meter is told of calls and renewals; nil tells nobody.
	Meter provider.Meter
	Log   *slog.Logger
}

// New returns the service. Whoever made it runs Run, or calls Close.
func New(o Options) *Service {
	s := &Service{
		store: o.Store, keys: o.Keys, providers: o.Providers, now: o.Now, http: o.HTTP, live: o.Live, fixed: o.Fixed,
		portal: o.Portal, reachable: o.Reachable, checkEvery: cmp.Or(o.CheckEvery, time.Hour), meter: o.Meter, log: o.Log,
		instance: ident.New(ident.Instance),
		lanes:    map[provider.Code]*lane{},
		tests:    rate.NewLimiter(rate.Every(time.Minute/maxTests), maxTests),
		errands:  map[string]*errand{},
	}
	s.base, s.stop = context.WithCancel(context.Background())
	for code, p := range o.Providers {
		s.lanes[code] = newLane(p, provider.Measured(o.HTTP, o.Meter, code))
	}
	return s
}

// Close ends what is under way, for a service that was never run.
func (s *Service) Close() {
	s.stop()
	s.working.Wait()
}

// AddInput is a new marketplace.
type AddInput struct {
	ClientProductID string
	Description     string
	Config          provider.Input
	// ConfigMember is what the caller calls Config: where in config the errors are.
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
	p, err := s.provider(in.Config.Provider())
	if err != nil {
		return nil, err
	}
	settings, err := json.Marshal(draft.Settings)
	if err != nil {
		return nil, fmt.Errorf("encode marketplace settings: %w", err)
	}
	var added *ent.Marketplace
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		owner, err := products.Lock(ctx, tx, in.ClientProductID, products.Marketplaces, "clientProductId")
		if err != nil {
			return err
		}
		id := ident.New(ident.Marketplace)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "addMarketplace",
			Input: []any{in.ClientProductID, description, p.Code(), settings, s.fingerprints(draft.Secrets)},
		}, id)
		if err != nil {
			return err
		}
		if known != id {
			added, err = tx.Marketplace.Get(ctx, known)
			if ent.IsNotFound(err) { // it was removed since
				return fault.New(fault.NotFound, "idempotencyKey")
			}
			return err
		}
		if err := underLimit(ctx, tx, owner.ID); err != nil {
			return err
		}
		health := p.Unchecked()
		create := tx.Marketplace.Create().
			SetID(id).
			SetClientProductID(owner.ID).
			SetClientID(owner.ClientID).
			SetProvider(string(p.Code())).
			SetDescription(description).
			SetSettings(settings).
			SetHealthState(string(health.State())).
			SetHealthReason(string(health.Reason)).
			SetHealthSince(s.now()).
			SetUpdatedAt(s.now())
		if draft.Secrets != nil {
			operator, ok := principal.From(ctx).(principal.Operator)
			if !ok {
				return fault.Forbidden
			}
			sealed, states, err := s.seal(id, owner.ClientID, draft.Secrets, draft.ExpireAt, operator.Name, nil)
			if err != nil {
				return err
			}
			create.SetSecretsSealed(sealed).SetSecretStates(states).SetNillableCredentialsExpireAt(earliest(states))
		}
		if draft.NewCredentials {
			create.SetCredentialVersion(1).SetNextCheckAt(s.now())
		}
		if draft.Account != "" {
			if err := s.free(ctx, tx, p.Code(), draft.Account, id, "config", in.ConfigMember); err != nil {
				return err
			}
			create.SetExternalAccount(draft.Account)
		}
		if added, err = create.Save(ctx); err != nil {
			if store.IsUniqueViolation(err, marketplace.Table, marketplace.FieldProvider, marketplace.FieldExternalAccount) { // another operator was faster
				return fault.New(fault.AccountTaken, "config", in.ConfigMember)
			}
			return fmt.Errorf("insert the marketplace: %w", err)
		}
		if err := s.changed(ctx, tx, added); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.add", ObjectID: id, ClientID: owner.ClientID,
			Changes: append([]audit.Change{
				{Field: "provider", New: p.Code()},
				{Field: "description", New: description},
				{Field: "settings", New: json.RawMessage(settings)},
			}, secretChanges(draft.Secrets)...),
		})
	})
	if err == nil {
		s.wake()
	}
	return added, err
}

// UpdateInput is what changes in a marketplace; nil stays as it is.
type UpdateInput struct {
	ID          string
	Description *string
	Config      provider.Update
	// ConfigMember is what the caller calls Config: where in config the errors are.
	ConfigMember string
}

// Update changes a marketplace. It returns a fault.List when the input can be mended.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Marketplace, error) {
	var bad fault.List
	var description string
	if in.Description != nil {
		description = bad.Line(*in.Description, maxDescription, "description")
	}
	var changed *ent.Marketplace
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := lock(ctx, tx, in.ID, "id")
		if err != nil {
			return err
		}
		update := tx.Marketplace.UpdateOne(old)
		bad, changes := bad, []audit.Change(nil) // a list of its own, as this may run again
		if in.Config != nil {
			configChanges, err := s.apply(ctx, tx, update, old, in)
			if err := bad.Merge(err); err != nil {
				return err
			}
			changes = append(changes, configChanges...)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if in.Description != nil && description != old.Description {
			update.SetDescription(description)
			changes = append(changes, audit.Change{Field: "description", Old: old.Description, New: description})
		}
		if len(changes) == 0 {
			changed = old
			return nil
		}
		if changed, err = update.SetUpdatedAt(s.now()).Save(ctx); err != nil {
			return fmt.Errorf("update the marketplace: %w", err)
		}
		if err := s.changed(ctx, tx, changed); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.update", ObjectID: in.ID, ClientID: old.ClientID, Changes: changes,
		})
	})
	if err == nil {
		s.wake()
	}
	return changed, err
}

// apply puts a changed configuration into update and returns what it changes.
func (s *Service) apply(ctx context.Context, tx *ent.Tx, update *ent.MarketplaceUpdateOne, old *ent.Marketplace, in UpdateInput) ([]audit.Change, error) {
	if in.Config.Provider() != provider.Code(old.Provider) {
		return nil, fault.New(fault.ProviderMismatch, "config")
	}
	p, err := s.provider(in.Config.Provider())
	if err != nil {
		return nil, err
	}
	var bad fault.List
	draft, err := in.Config.Apply(record(old))
	if err := bad.Merge(err, "config", in.ConfigMember); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	settings, err := json.Marshal(draft.Settings)
	if err != nil {
		return nil, fmt.Errorf("encode marketplace settings: %w", err)
	}
	changes := secretChanges(draft.Secrets)
	if !sameJSON(settings, old.Settings) {
		update.SetSettings(settings)
		changes = append(changes, audit.Change{Field: "settings", Old: old.Settings, New: json.RawMessage(settings)})
	}
	if draft.Secrets != nil {
		operator, ok := principal.From(ctx).(principal.Operator)
		if !ok {
			return nil, fault.Forbidden
		}
		sealed, states, err := s.seal(old.ID, old.ClientID, draft.Secrets, draft.ExpireAt, operator.Name, nil)
		if err != nil {
			return nil, err
		}
		update.SetSecretsSealed(sealed).SetSecretStates(states)
		if end := earliest(states); end != nil {
			update.SetCredentialsExpireAt(*end)
		} else {
			update.ClearCredentialsExpireAt()
		}
	}
	if draft.NewCredentials {
		// What was known of the old ones is no longer: who they are, whether they work, and what renews them. A call with
		// them that is under way finds its lease gone.
		health := p.Unchecked()
		update.AddCredentialVersion(1).
			SetHealthState(string(health.State())).
			SetHealthReason(string(health.Reason)).
			SetHealthSince(s.now()).
			SetNextCheckAt(s.now()).
			SetFailures(0).
			ClearLastCheckedAt().
			ClearAccountName().ClearAccountDocument().
			ClearProviderState().ClearProviderMessage().
			ClearLeaseUntil().ClearLeaseBy().
			ClearRenewalBegunAt().ClearRenewedAt().ClearPreviousSealed().ClearPreviousUntil()
		if draft.Account != "" {
			if err := s.free(ctx, tx, p.Code(), draft.Account, old.ID, "config", in.ConfigMember); err != nil {
				return nil, err
			}
			update.SetExternalAccount(draft.Account)
		} else { // not cleared before: PostgreSQL takes one value a column
			update.ClearExternalAccount()
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
		if err := tx.Marketplace.DeleteOneID(id).Exec(ctx); err != nil {
			if ent.IsNotFound(err) { // somebody else was faster
				return fault.New(fault.NotFound, "id")
			}
			return fmt.Errorf("delete the marketplace: %w", err)
		}
		if err := s.changed(ctx, tx, old); err != nil {
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

// Config returns what the page shows of a marketplace's settings and secrets. It opens nothing.
func (s *Service) Config(m *ent.Marketplace) (provider.Config, error) {
	p, err := s.provider(provider.Code(m.Provider))
	if err != nil {
		return nil, err
	}
	return p.Config(record(m))
}

// OfKey returns the marketplaces of the client's product that the access key of the context opens, oldest first.
// It returns fault.Unauthenticated when the caller is no access key.
func (s *Service) OfKey(ctx context.Context) ([]*ent.Marketplace, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return nil, fault.Unauthenticated
	}
	found, err := s.store.Reader().Marketplace.Query().
		Where(marketplace.ClientProductID(key.ClientProductID)).
		Order(marketplace.ByID()).
		Limit(maxPerProduct).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the marketplaces of the key: %w", err)
	}
	return found, nil
}

// Credentials opens what a back-office calls the marketplace with; nil while there is nothing to give. It is the only
// way out for a secret, and it is open to an access key of the very client's product alone: everybody else gets
// fault.Forbidden.
func (s *Service) Credentials(ctx context.Context, m *ent.Marketplace) (provider.Credentials, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok || key.ClientProductID != m.ClientProductID || key.ClientID != m.ClientID {
		return nil, fault.Forbidden
	}
	p, err := s.provider(provider.Code(m.Provider))
	if err != nil {
		return nil, err
	}
	settings, err := s.settings(ctx, provider.Code(m.Provider))
	if err != nil {
		return nil, err
	}
	secrets, err := s.open(m)
	if err != nil {
		return nil, err
	}
	if secrets == nil {
		return nil, nil
	}
	return p.Credentials(record(m), secrets, settings)
}

// open opens the secrets of a marketplace; nil when there are none.
func (s *Service) open(m *ent.Marketplace) (provider.Secrets, error) {
	if len(m.SecretsSealed) == 0 {
		return nil, nil
	}
	plain, err := s.keys.Open(place(m.ID, m.ClientID), m.SecretsSealed)
	if err != nil {
		return nil, fmt.Errorf("open the secrets of marketplace %s: %w", m.ID, err)
	}
	return decode(plain)
}

// changed tells of a change of a marketplace, its credentials or its health: the revision that back-offices poll, how
// bad the client's connections are, and who listens.
func (s *Service) changed(ctx context.Context, tx *ent.Tx, m *ent.Marketplace) error {
	if err := products.Touch(ctx, tx, m.ClientProductID); err != nil {
		return err
	}
	all, err := tx.Marketplace.Query().Where(marketplace.ClientID(m.ClientID)).Select(marketplace.FieldHealthState).Strings(ctx)
	if err != nil {
		return fmt.Errorf("read the states of the client's marketplaces: %w", err)
	}
	worst := "0"
	for _, state := range all {
		worst = max(worst, provider.State(state).Trouble())
	}
	client, err := tx.ClientRecord.Get(ctx, m.ClientID)
	if err != nil {
		return fmt.Errorf("find the client: %w", err)
	}
	if client.Trouble != worst {
		// The client itself has not changed: its time of change stays.
		if err := client.Update().SetTrouble(worst).SetUpdatedAt(client.UpdatedAt).Exec(ctx); err != nil {
			return fmt.Errorf("say how bad the client's connections are: %w", err)
		}
	}
	return s.live.Publish(ctx, tx, live.Event{
		Topic: live.MarketplaceChanged, ClientID: m.ClientID, ClientProductID: m.ClientProductID, ObjectID: m.ID,
	})
}

// ofAccount returns the connection that has an account of a provider; nil when none has.
func ofAccount(ctx context.Context, tx *ent.Tx, code provider.Code, account string) (*ent.Marketplace, error) {
	owner, err := tx.Marketplace.Query().
		Where(marketplace.Provider(string(code)), marketplace.ExternalAccount(account)).
		Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look for the account: %w", err)
	}
	return owner, nil
}

// free returns a fault.List with the client in the way when another connection than id has an account of a provider.
func (s *Service) free(ctx context.Context, tx *ent.Tx, code provider.Code, account, id string, field ...string) error {
	owner, err := ofAccount(ctx, tx, code, account)
	if err != nil || owner == nil || owner.ID == id {
		return err
	}
	client, err := tx.ClientRecord.Get(ctx, owner.ClientID)
	if err != nil {
		return fmt.Errorf("find the client: %w", err)
	}
	return fault.List{{Code: fault.AccountTaken, Field: field, Args: []any{client.Name}, RelatedID: client.ID}}
}

func (s *Service) provider(code provider.Code) (provider.Provider, error) {
	p, ok := s.providers[code]
	if !ok {
		return nil, fmt.Errorf("provider %q is not registered", code)
	}
	return p, nil
}

// seal seals all secrets of the row with this id, and says of each what may be told. A secret that is the same as before
// keeps what was told of it.
func (s *Service) seal(id, clientID string, secrets provider.Secrets, expireAt map[string]time.Time, by string, before map[string]secretstate.State) ([]byte, map[string]secretstate.State, error) {
	states := make(map[string]secretstate.State, len(secrets))
	for name, secret := range secrets {
		state := secretstate.State{SetAt: s.now(), SetBy: by, Fingerprint: s.keys.Fingerprint(secret.Reveal())}
		if end, ok := expireAt[name]; ok {
			state.ExpiresAt = &end
		}
		if old, ok := before[name]; ok && old.Fingerprint == state.Fingerprint {
			state.SetAt, state.SetBy = old.SetAt, old.SetBy
		}
		states[name] = state
	}
	encoded, err := encode(secrets)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := s.keys.Seal(place(id, clientID), encoded)
	if err != nil {
		return nil, nil, fmt.Errorf("seal the secrets of marketplace %s: %w", id, err)
	}
	return sealed, states, nil
}

// decode reads opened secrets.
func decode(plain []byte) (provider.Secrets, error) {
	var texts map[string]string
	if err := json.Unmarshal(plain, &texts); err != nil {
		return nil, fmt.Errorf("decode marketplace secrets: %w", err)
	}
	secrets := make(provider.Secrets, len(texts))
	for name, text := range texts {
		secrets[name] = seal.NewSecret(text)
	}
	return secrets, nil
}

// place is where the secrets of a marketplace are: they open nowhere else.
func place(id, clientID string) seal.Place {
	return seal.Place{Table: marketplace.Table, Column: marketplace.FieldSecretsSealed, RowID: id, ClientID: clientID}
}

func (s *Service) fingerprints(secrets provider.Secrets) map[string]string {
	prints := make(map[string]string, len(secrets))
	for name, secret := range secrets {
		prints[name] = s.keys.Fingerprint(secret.Reveal())
	}
	return prints
}

// secretChanges names the secrets that were set, and nothing else of them.
func secretChanges(secrets provider.Secrets) []audit.Change {
	changes := make([]audit.Change, 0, len(secrets))
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		changes = append(changes, audit.Change{Field: name})
	}
	return changes
}

// earliest returns when the first of the secrets ends; nil when none is known to.
func earliest(states map[string]secretstate.State) *time.Time {
	var first *time.Time
	for _, state := range states {
		if state.ExpiresAt != nil && (first == nil || state.ExpiresAt.Before(*first)) {
			first = state.ExpiresAt
		}
	}
	return first
}

// sameJSON reports whether two texts are the same JSON: PostgreSQL keeps it with other blanks and in another order.
func sameJSON(a, b []byte) bool {
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && reflect.DeepEqual(left, right)
}

func record(m *ent.Marketplace) provider.Record {
	r := provider.Record{Settings: m.Settings, ProviderState: m.ProviderState, States: m.SecretStates, ExpireAt: m.CredentialsExpireAt}
	if m.ExternalAccount != nil {
		r.ExternalAccount = *m.ExternalAccount
	}
	return r
}

// underLimit returns a fault.List when a client's product has all the marketplaces that it may have.
func underLimit(ctx context.Context, tx *ent.Tx, clientProductID string) error {
	count, err := tx.Marketplace.Query().Where(marketplace.ClientProductID(clientProductID)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the marketplaces: %w", err)
	}
	if count >= maxPerProduct {
		return fault.List{{Code: fault.LimitReached, Field: []string{"clientProductId"}, Args: []any{maxPerProduct}}}
	}
	return nil
}

// lock reads a marketplace whose client's product nobody else changes until tx ends.
func lock(ctx context.Context, tx *ent.Tx, id, field string) (*ent.Marketplace, error) {
	m, err := find(ctx, tx, id, field)
	if err != nil {
		return nil, err
	}
	if _, err := products.Lock(ctx, tx, m.ClientProductID, products.Marketplaces, field); err != nil {
		return nil, err
	}
	return find(ctx, tx, id, field) // again: what was read before the lock may be old
}

// find reads a marketplace. It returns a fault.List at a field of the input when there is none.
func find(ctx context.Context, tx *ent.Tx, id, field string) (*ent.Marketplace, error) {
	m, err := tx.Marketplace.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, field)
	}
	if err != nil {
		return nil, fmt.Errorf("find the marketplace: %w", err)
	}
	return m, nil
}
