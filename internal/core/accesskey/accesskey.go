// Package accesskey makes, finds and ends the keys that back-offices call the API with.
package accesskey

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	// maxInForce caps the keys in force per client product. Replaced keys do not count.
	maxInForce = 5
	// maxOverlap caps how long a replaced key still works, in hours.
	maxOverlap = 720
	maxName    = 200
	// maxTogether caps how many keys are revoked together with their maker.
	maxTogether = 100
)

// Status is whether a key works, a value of the GraphQL enum AccessKeyStatus.
type Status string

// The statuses; the GraphQL schema says what each means.
const (
	Active      Status = "ACTIVE"
	Overlapping Status = "OVERLAPPING"
	Expired     Status = "EXPIRED"
	Revoked     Status = "REVOKED"
	Altered     Status = "ALTERED"
)

// Status returns the status of a key. It is Altered for a key that would work, but whose row was changed outside the
// program.
func (s *Service) Status(k *ent.AccessKey) Status {
	status := StatusOf(k, s.now())
	if (status == Active || status == Overlapping) && !store.Verifies(s.store, k) {
		return Altered
	}
	return status
}

// StatusOf returns the status at now that the row states. It does not check that the program wrote the row.
func StatusOf(k *ent.AccessKey, now time.Time) Status {
	switch {
	case k.RevokedAt != nil:
		return Revoked
	case over(k.ExpiresAt, now) || over(k.OverlapEndsAt, now):
		return Expired
	case k.OverlapEndsAt != nil:
		return Overlapping
	default:
		return Active
	}
}

func over(end *time.Time, now time.Time) bool { return end != nil && !now.Before(*end) }

// InForce matches the keys that are active or overlapping at now, by the rules of StatusOf.
func InForce(now time.Time) predicate.AccessKey {
	return accesskey.And(
		accesskey.RevokedAtIsNil(),
		accesskey.Or(accesskey.ExpiresAtIsNil(), accesskey.ExpiresAtGT(now)),
		accesskey.Or(accesskey.OverlapEndsAtIsNil(), accesskey.OverlapEndsAtGT(now)),
	)
}

// Service works on access keys, each change in one transaction with its audit event.
type Service struct {
	store       *store.Store
	environment token.Environment
	live        *live.Bus
	now         func() time.Time
	proven      *proven
	notes       notes
	refusals    refusals
	brakes      Brakes
	readers     readers
	traces      traces
	spread      *spread
	counts      *activity.Service
}

// CountIn makes the service count reads and refusals. It is called before the service is used.
func (s *Service) CountIn(counts *activity.Service) { s.counts = counts }

// New returns the service over a store. It makes and accepts keys of one environment only. It publishes their use on
// bus and applies brakes; now is its clock.
func New(s *store.Store, environment token.Environment, bus *live.Bus, now func() time.Time, brakes Brakes) *Service {
	return &Service{
		store: s, environment: environment, live: bus, now: now, brakes: brakes, proven: newProven(),
		traces: traces{braked: audit.NewSeldom[string](brakeTime), spread: audit.NewSeldom[string](spreadEvery)},
		spread: newSpread(),
	}
}

// CreateInput is a new key.
type CreateInput struct {
	ClientProductID string
	Name            string
	ExpiresAt       *time.Time
	// Addresses are the addresses and networks from which the key is accepted. An empty list accepts it from anywhere.
	Addresses      []string
	IdempotencyKey *string
}

// Issued is a key with its secret text, which is shown only once. Token is nil when the request repeats an earlier one.
type Issued struct {
	Key   *ent.AccessKey
	Token *token.Token
}

// Create makes a key of a client product: the third step of the order. It returns a fault.List when the input can be
// mended or an earlier step is missing. It returns fault.Throttled when the caller makes keys for unusually many shops.
func (s *Service) Create(ctx context.Context, in CreateInput) (Issued, error) {
	var bad fault.List
	name := bad.Line(in.Name, maxName, "name")
	s.checkExpiry(&bad, in.ExpiresAt)
	addresses := Networks(&bad, in.Addresses)
	if err := bad.Err(); err != nil {
		return Issued{}, err
	}
	var issued Issued
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := s.lockMaker(ctx, tx); err != nil {
			return err
		}
		owner, err := products.Lock(ctx, tx, in.ClientProductID, products.AccessKeys, "clientProductId")
		if err != nil {
			return err
		}
		id := ident.New(ident.AccessKey)
		input := []any{in.ClientProductID, name, in.ExpiresAt}
		if len(addresses) > 0 { // without addresses the input is that of versions before this field
			input = append(input, addresses)
		}
		known, err := idempotency.Reserve(ctx, tx,
			idempotency.Request{Key: in.IdempotencyKey, Operation: "createAccessKey", Input: input}, id)
		if err != nil {
			return err
		}
		if known != id {
			issued.Key, err = tx.AccessKey.Get(ctx, known)
			return err
		}
		if err := s.requireRoom(ctx, tx, owner); err != nil {
			return err
		}
		issued, err = s.issue(ctx, tx, owner, issuing{id: id, name: name, expiresAt: in.ExpiresAt, addresses: addresses})
		if err != nil {
			return err
		}
		changes := []audit.Change{{Field: "name", New: name}, {Field: "expiresAt", New: in.ExpiresAt}}
		if len(addresses) > 0 {
			changes = append(changes, audit.Change{Field: "addresses", New: addresses})
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "access_key.create", ObjectID: id, ClientID: owner.ClientID, Changes: changes,
		})
	})
	return issued, err
}

// requireRoom returns a fault.List when a client product lacks the marketplace that must come first, or has maxInForce
// keys already.
func (s *Service) requireRoom(ctx context.Context, tx *ent.Tx, owner *products.Locked) error {
	if slices.Contains(owner.Capabilities, products.Marketplaces) {
		ready, err := tx.Marketplace.Query().Where(marketplace.ClientProductID(owner.ID)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for a marketplace: %w", err)
		}
		if !ready {
			return fault.New(fault.MarketplaceRequired, "clientProductId")
		}
	}
	inForce, err := tx.AccessKey.Query().
		Where(accesskey.ClientProductID(owner.ID), InForce(s.now()), accesskey.OverlapEndsAtIsNil()).
		Count(ctx)
	if err != nil {
		return fmt.Errorf("count the keys in force: %w", err)
	}
	if inForce >= maxInForce {
		return fault.List{{Code: fault.LimitReached, Field: []string{"clientProductId"}, Args: []any{maxInForce}}}
	}
	return nil
}

// issuing has the initial values of a new key.
type issuing struct {
	id, name  string
	expiresAt *time.Time
	addresses []netip.Prefix
}

func (s *Service) issue(ctx context.Context, tx *ent.Tx, owner *products.Locked, with issuing) (Issued, error) {
	secret, err := token.New(s.environment)
	if err != nil {
		return Issued{}, err
	}
	operator, ok := principal.From(ctx).(principal.Operator)
	if !ok {
		return Issued{}, fault.Forbidden
	}
	if err := s.brakeIssue(ctx, tx, operator, owner.ClientID); err != nil {
		return Issued{}, err
	}
	create := tx.AccessKey.Create().
		SetID(with.id).
		SetClientProductID(owner.ID).
		SetClientID(owner.ClientID).
		SetName(with.name).
		SetVisiblePart(secret.VisiblePart()).
		SetLast4(secret.Last4()).
		SetHash(secret.Hash()).
		SetCreatedBy(operator.Name).
		SetCreatedByID(operator.ID).
		SetCreatedAt(s.now()).
		SetNillableExpiresAt(with.expiresAt)
	if len(with.addresses) > 0 {
		create.SetAddresses(with.addresses)
	}
	key, err := create.Save(ctx)
	if err != nil {
		return Issued{}, fmt.Errorf("insert the access key: %w", err)
	}
	return Issued{Key: key, Token: &secret}, nil
}

// RotateInput says which key gets a successor.
type RotateInput struct {
	ID           string
	OverlapHours int
	// End is when the successor ends. Nil takes over the end of the old key.
	End            *End
	IdempotencyKey *string
}

// End is when a key stops working by itself: never when At is nil.
type End struct{ At *time.Time }

// of returns the end of the successor of a key.
func (e *End) of(old *ent.AccessKey) *time.Time {
	if e == nil {
		return old.ExpiresAt
	}
	return e.At
}

// forComparison returns the end as repeated requests are compared. A nil End gives the value of versions before this
// field.
func (e *End) forComparison() any {
	switch {
	case e == nil:
		return nil
	case e.At == nil:
		return "never"
	default:
		return e.At
	}
}

// Rotated is a successor and the key that it replaces.
type Rotated struct {
	Issued
	Replaced *ent.AccessKey
}

// Rotate makes the successor of a key, bound to the same addresses. The successor has the end of the old key unless the
// input has another. The old key works until the overlap ends, and never past its own end. It returns a fault.List when
// the input can be mended or the key is not active.
func (s *Service) Rotate(ctx context.Context, in RotateInput) (Rotated, error) {
	var bad fault.List
	if in.OverlapHours < 0 || in.OverlapHours > maxOverlap {
		bad.Add(fault.OutOfRange, []any{0, maxOverlap}, "overlapHours")
	}
	if in.End != nil {
		s.checkExpiry(&bad, in.End.At)
	}
	if err := bad.Err(); err != nil {
		return Rotated{}, err
	}
	var rotated Rotated
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := s.lockMaker(ctx, tx); err != nil {
			return err
		}
		owner, err := s.lockOwner(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		id := ident.New(ident.AccessKey)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "rotateAccessKey", Input: []any{in.ID, in.OverlapHours, in.End.forComparison()},
		}, id)
		if err != nil {
			return err
		}
		old, err := tx.AccessKey.Get(ctx, in.ID)
		if err != nil {
			return fmt.Errorf("read the access key: %w", err)
		}
		if known != id {
			rotated.Replaced = old
			rotated.Key, err = tx.AccessKey.Get(ctx, known)
			return err
		}
		rotated, err = s.replace(ctx, tx, owner, old, id, in)
		return err
	})
	return rotated, err
}

// replace issues a key with this id in place of old, and ends old with the overlap.
func (s *Service) replace(
	ctx context.Context, tx *ent.Tx, owner *products.Locked, old *ent.AccessKey, id string, in RotateInput,
) (rotated Rotated, err error) {
	now := s.now()
	// A key never changes its client. If its client product has another client, a row was altered.
	if s.Status(old) != Active || old.ClientID != owner.ClientID {
		return Rotated{}, fault.New(fault.KeyNotActive, "id")
	}
	end := now.Add(time.Duration(in.OverlapHours) * time.Hour)
	if old.ExpiresAt != nil && old.ExpiresAt.Before(end) {
		end = *old.ExpiresAt
	}
	expiresAt := in.End.of(old)
	rotated.Issued, err = s.issue(ctx, tx, owner, issuing{
		id: id, name: old.Name, expiresAt: expiresAt, addresses: old.Addresses,
	})
	if err != nil {
		return Rotated{}, err
	}
	rotated.Replaced, err = tx.AccessKey.UpdateOne(old).SetOverlapEndsAt(end).SetReplacedByID(id).Save(ctx)
	if err != nil {
		return Rotated{}, fmt.Errorf("end the replaced key: %w", err)
	}
	if err := products.Tell(ctx, tx, s.live, owner.ClientID, owner.ID); err != nil {
		return Rotated{}, err
	}
	changes := []audit.Change{{Field: "replacedBy", New: id}, {Field: "overlapEndsAt", New: end}}
	if in.End != nil {
		changes = append(changes, audit.Change{Field: "expiresAt", Old: old.ExpiresAt, New: expiresAt})
	}
	if err := publishRightsChanged(ctx, tx, s.live, old); err != nil {
		return Rotated{}, err
	}
	return rotated, audit.Append(ctx, tx, audit.Event{
		Action: "access_key.rotate", ObjectID: in.ID, ClientID: owner.ClientID, Changes: changes,
	})
}

// UpdateInput has the addresses from which a key is accepted from now on. An empty list accepts it from anywhere.
type UpdateInput struct {
	ID        string
	Addresses []string
	// Version is that of the key as the caller has seen it; nil when the caller does not say.
	Version *int
}

// Update changes the addresses from which a key is accepted. It returns a fault.List when the input can be mended or
// the key no longer works, and an edit.Conflict when somebody else has changed the addresses since the version that
// the caller has seen. A change that adds addresses lets the key read secrets from there, so it needs a proof of
// the caller. It then returns fault.Reauthenticate or fault.Forbidden as principal.Operator.Prove does.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.AccessKey, error) {
	var bad fault.List
	addresses := Networks(&bad, in.Addresses)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var updated *ent.AccessKey
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		key, err := lockKey(ctx, tx, in.ID) // of a suspended product too: its keys can be bound before they work again
		if err != nil {
			return err
		}
		if status := s.Status(key); status != Active && status != Overlapping {
			return fault.New(fault.KeyNotActive, "id")
		}
		if slices.Equal(addresses, key.Addresses) {
			updated = key
			return nil
		}
		seen := edit.Object{ID: in.ID, Seen: in.Version, Version: key.Version, Actions: []string{"access_key.update"}}
		if err := edit.Check(ctx, tx, seen); err != nil {
			return err
		}
		if by, ok := principal.From(ctx).(principal.Operator); ok && widens(key.Addresses, addresses) {
			if err := by.Prove(s.now(), principal.Keys); err != nil {
				return err
			}
		}
		update := tx.AccessKey.UpdateOne(key).AddVersion(1).
			ClearRefusedAt().ClearRefusedAddress() // the refused address may be allowed now
		if len(addresses) > 0 {
			update.SetAddresses(addresses)
		} else {
			update.ClearAddresses()
		}
		if updated, err = update.Save(ctx); err != nil {
			return fmt.Errorf("change the addresses of the access key: %w", err)
		}
		if err := publishRightsChanged(ctx, tx, s.live, key); err != nil {
			return err
		}
		err = edit.Tell(ctx, tx, s.live, live.Event{
			ClientID: key.ClientID, ClientProductID: key.ClientProductID, ObjectID: in.ID,
		})
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "access_key.update", ObjectID: in.ID, ClientID: key.ClientID,
			Changes: []audit.Change{{Field: "addresses", Old: Told(key.Addresses), New: Told(addresses)}},
		})
	})
	return updated, err
}

// Revoke ends a key at once. Revoking a revoked one changes nothing. It returns a fault.List when there is no such key.
func (s *Service) Revoke(ctx context.Context, id string) (*ent.AccessKey, error) {
	var revoked *ent.AccessKey
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		key, err := lockKey(ctx, tx, id)
		if err == nil {
			revoked, err = revoke(ctx, tx, s.live, key, s.now())
		}
		return err
	})
	return revoked, err
}

// RevokeMade revokes keys that an operator or a service token made (see MadeBy), in the transaction that ends the
// maker. It returns a fault.List when an id is not of such a key, or there are more than maxTogether.
func RevokeMade(ctx context.Context, tx *ent.Tx, bus *live.Bus, makerID string, ids []string, now time.Time) error {
	if len(ids) > maxTogether {
		return fault.List{{Code: fault.LimitReached, Field: []string{"accessKeyIds"}, Args: []any{maxTogether}}}
	}
	if len(ids) == 0 {
		return nil
	}
	made, err := tx.AccessKey.Query().Where(accesskey.IDIn(ids...), MadeBy(makerID)).All(ctx)
	if err != nil {
		return fmt.Errorf("find the keys of %s: %w", makerID, err)
	}
	var bad fault.List
	for i, id := range ids {
		if !slices.ContainsFunc(made, func(k *ent.AccessKey) bool { return k.ID == id }) {
			bad.Add(fault.NotFound, nil, "accessKeyIds", strconv.Itoa(i))
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	// One fixed order, so that two such transactions never deadlock.
	slices.SortFunc(made, func(a, b *ent.AccessKey) int { return strings.Compare(a.ClientProductID, b.ClientProductID) })
	for _, k := range made {
		key, err := lockKey(ctx, tx, k.ID)
		if err != nil {
			return err
		}
		if _, err := revoke(ctx, tx, bus, key, now); err != nil {
			return err
		}
	}
	return nil
}

// revoke ends a key that tx has locked, unless it is revoked already.
func revoke(ctx context.Context, tx *ent.Tx, bus *live.Bus, key *ent.AccessKey, now time.Time) (*ent.AccessKey, error) {
	if key.RevokedAt != nil {
		return key, nil
	}
	revoked, err := tx.AccessKey.UpdateOne(key).SetRevokedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("revoke the access key: %w", err)
	}
	if err := publishRightsChanged(ctx, tx, bus, key); err != nil {
		return nil, err
	}
	return revoked,
		audit.Append(ctx, tx, audit.Event{Action: "access_key.revoke", ObjectID: key.ID, ClientID: key.ClientID})
}

// publishRightsChanged tells the streams that are open for a key that its rights have changed.
func publishRightsChanged(ctx context.Context, tx *ent.Tx, bus *live.Bus, key *ent.AccessKey) error {
	return bus.Publish(ctx, tx, live.Event{
		Topic: live.RightsChanged, ClientID: key.ClientID, ClientProductID: key.ClientProductID, ObjectID: key.ID,
	})
}

// lockOwner locks the client's product that a key opens.
func (s *Service) lockOwner(ctx context.Context, tx *ent.Tx, id string) (*products.Locked, error) {
	key, err := find(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return products.Lock(ctx, tx, key.ClientProductID, products.AccessKeys, "id")
}

// lockKey locks the client product of a key until tx ends, whatever its state, and returns the key.
func lockKey(ctx context.Context, tx *ent.Tx, id string) (*ent.AccessKey, error) {
	key, err := find(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if _, err := products.Hold(ctx, tx, key.ClientProductID); err != nil {
		return nil, err
	}
	return find(ctx, tx, id) // read again: the row may have changed before the lock
}

func find(ctx context.Context, tx *ent.Tx, id string) (*ent.AccessKey, error) {
	key, err := tx.AccessKey.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "id")
	}
	if err != nil {
		return nil, fmt.Errorf("find the access key: %w", err)
	}
	return key, nil
}

func (s *Service) checkExpiry(bad *fault.List, expiresAt *time.Time) {
	if expiresAt != nil && !expiresAt.After(s.now()) {
		bad.Add(fault.ExpiryPast, nil, "expiresAt")
	}
}
