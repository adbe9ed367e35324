package accesskey

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/recent"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// rightQuery reads a key, everything that decides whether it is accepted, and what it shows of its client. It is one
// statement, as every call of a back-office may run it; the drivers keep it prepared. It bypasses the privacy policies:
// it reads one row by a unique column, before there is a principal.
const rightQuery = `
SELECT k.id, k.name, k.visible_part, k.hash, k.mac, k.client_id, k.client_product_id, k.revoked_at, k.expires_at,
	k.overlap_ends_at, k.addresses, p.suspended_at, c.archived_at, c.name, c.document, ` + store.VersionColumns + `
FROM access_keys k
JOIN client_products p ON p.id = k.client_product_id
JOIN clients c ON c.id = k.client_id
` + store.VersionTables + `
WHERE k.visible_part = $1`

// Shop is what an access key opens.
type Shop struct {
	// Client is the key's client: its id, name and document, and no other column.
	Client *ent.ClientRecord
	// Key is the key itself, without the columns that decide nothing.
	Key *ent.AccessKey
	// Revision is what back-offices poll.
	Revision int64
}

// OwnShop returns the shop of the access key of the context, if the key may open it now from the address of the
// request. It decides anew: since the key was authenticated, the request may have waited or its stream stayed open. It
// returns fault.Unauthenticated for a key that no longer may.
func (s *Service) OwnShop(ctx context.Context) (Shop, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return Shop{}, fault.Forbidden
	}
	asOf, err := s.store.ShopVersion(ctx, key.ClientProductID)
	if err != nil {
		return Shop{}, fmt.Errorf("ask for the right of an access key: %w", err)
	}
	return s.OwnShopAsOf(ctx, asOf)
}

// OwnShopAsOf is OwnShop for a caller who has just read the version of the shop, which is not read again. For the zero
// Version, that of no shop, it reads the right of the key anew.
func (s *Service) OwnShopAsOf(ctx context.Context, asOf principal.Version) (Shop, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return Shop{}, fault.Forbidden
	}
	is, err := s.rightOf(ctx, key, asOf)
	if errors.Is(err, sql.ErrNoRows) {
		return Shop{}, fault.Unauthenticated
	}
	if err != nil {
		return Shop{}, fmt.Errorf("ask for the right of an access key: %w", err)
	}
	if is.key.ID != key.ID || !is.works(s.now()) || !Allows(is.key.Addresses, audit.OriginFrom(ctx).Address) {
		return Shop{}, fault.Unauthenticated
	}
	client := &ent.ClientRecord{ID: is.key.ClientID, Name: is.name, Document: is.document}
	return Shop{Client: client, Key: &is.key, Revision: is.asOf.Revision}, nil
}

// rightOf returns the right of an authenticated key as it is now, at a version of its shop. It returns sql.ErrNoRows
// when the key is gone, and when its row was changed outside the program.
func (s *Service) rightOf(ctx context.Context, key principal.Key, now principal.Version) (right, error) {
	if known, ok := s.proven.Get(key.VisiblePart); ok && known.asOf == now {
		return known, nil
	}
	is, err := s.readRight(ctx, key.VisiblePart)
	if err == nil && !store.Vouches(ctx, s.store, &is.key) {
		err = sql.ErrNoRows
	}
	return is, err
}

// MayOpen returns nil while the access key of the context, whose OwnShop was read, may open its shop's secrets. It
// returns fault.Throttled when one address reads unusually many shops.
func (s *Service) MayOpen(ctx context.Context) error {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return fault.Forbidden
	}
	return s.brakeRead(ctx, key)
}

// right is a key with everything that decides whether it may open secrets.
type right struct {
	key             ent.AccessKey
	suspended, gone *time.Time
	// name and document are those of the client.
	name, document string
	// asOf is the version of the shop that the row was read with.
	asOf principal.Version
}

// readRight reads the right of the key with this visible part. It returns sql.ErrNoRows when there is none.
func (s *Service) readRight(ctx context.Context, visiblePart string) (right, error) {
	var (
		is      right
		bound   []byte
		numbers [3]sql.NullInt64
		k       = &is.key
	)
	keep := s.store.BeforeVersion(ctx)
	err := s.store.DB().QueryRowContext(store.Reading(ctx), rightQuery, visiblePart).
		Scan(&k.ID, &k.Name, &k.VisiblePart, &k.Hash, &k.MAC, &k.ClientID, &k.ClientProductID, &k.RevokedAt, &k.ExpiresAt,
			&k.OverlapEndsAt, &bound, &is.suspended, &is.gone, &is.name, &is.document, &numbers[0], &numbers[1], &numbers[2])
	is.asOf = store.VersionOf(numbers)
	if err == nil && len(bound) > 0 {
		err = json.Unmarshal(bound, &k.Addresses)
	}
	if err == nil && is.asOf.IsKnown() {
		keep(k.ClientProductID, is.asOf)
	}
	return is, err
}

// works reports whether the key works at now, whatever address it comes from.
func (r *right) works(now time.Time) bool { return r.reasonOfEnd(now).Reason == "" }

// reasonOfEnd returns why the key does not work at now, and since when. The reason is empty for a key that works.
func (r *right) reasonOfEnd(now time.Time) fault.Unproven {
	at := func(end *time.Time) *time.Time {
		if over(end, now) {
			return end
		}
		return nil
	}
	for _, why := range []struct {
		since  *time.Time
		reason fault.Reason
	}{
		{r.key.RevokedAt, fault.Revoked},
		{at(r.key.ExpiresAt), fault.Expired},
		{at(r.key.OverlapEndsAt), fault.Replaced},
		{r.gone, fault.ArchivedClient},
		{r.suspended, fault.SuspendedProduct},
	} {
		if why.since != nil {
			return fault.Unproven{Reason: why.reason, Since: *why.since}
		}
	}
	return fault.Unproven{}
}

// Authenticate returns the principal of a key that came from a network address. It returns a fault.Unproven for a key
// that is malformed, unknown, of another environment, revoked, expired or replaced. So it does when the client is
// archived, the product is suspended, or the row was changed outside the program. It does so too for a key that is
// bound to other addresses, and notes that for the operators. A caller without the whole key learns only that it is
// unknown. A malformed key costs no query, and one that was found good before only that of its shop's version, as long
// as this is the same.
func (s *Service) Authenticate(ctx context.Context, text, address string) (principal.Key, error) {
	key, err := s.authenticate(ctx, text, address)
	if err != nil && errors.Is(err, fault.Unauthenticated) {
		s.counts.Count(activity.KeysRefused, "", 1)
	}
	return key, err
}

func (s *Service) authenticate(ctx context.Context, text, address string) (principal.Key, error) {
	secret, err := token.ParseFor(s.environment, text)
	if err != nil {
		return principal.Key{}, err
	}
	is, err := s.prove(ctx, secret)
	if err != nil {
		return principal.Key{}, err
	}
	now := s.now()
	if why := is.reasonOfEnd(now); why.Reason != "" {
		return principal.Key{}, why
	}
	key := principal.Key{
		ID: is.key.ID, Name: is.key.Name, VisiblePart: is.key.VisiblePart,
		ClientID: is.key.ClientID, ClientProductID: is.key.ClientProductID,
		Bound: len(is.key.Addresses) > 0, AsOf: is.asOf,
	}
	if !Allows(is.key.Addresses, address) {
		s.refusals.note(key, audit.Origin{Address: address, RequestID: audit.OriginFrom(ctx).RequestID}, now)
		return principal.Key{}, fault.Unproven{Reason: fault.AddressNotAllowed, About: address}
	}
	return key, nil
}

// maxProven caps the keys that are remembered as proven.
const maxProven = 20_000

// proven are the rights of keys that were found good, by their visible part. Each holds while the version of its shop
// is the same.
type proven = lru.Cache[string, right]

func newProven() *proven { return recent.New[string, right](maxProven) }

// prove returns the right of a key, whether or not it still works. It returns a fault.Unproven for a key that is
// unknown, and for one whose row was changed outside the program.
func (s *Service) prove(ctx context.Context, secret token.Token) (right, error) {
	if known, ok := s.proven.Get(secret.VisiblePart()); ok && secret.Matches(known.key.Hash) {
		now, err := s.store.ShopVersion(ctx, known.key.ClientProductID)
		if err != nil {
			return right{}, err
		}
		if known.asOf == now {
			return known, nil
		}
	}
	is, err := s.readRight(ctx, secret.VisiblePart())
	if errors.Is(err, sql.ErrNoRows) {
		is.key.Hash = make([]byte, sha256.Size) // compared too, so that an unknown key takes as long as a known one
	} else if err != nil {
		return right{}, fmt.Errorf("look up the access key: %w", err)
	}
	if !secret.Matches(is.key.Hash) || !store.Vouches(ctx, s.store, &is.key) {
		return right{}, fault.Unproven{Reason: fault.Unknown}
	}
	if is.asOf.IsKnown() {
		s.proven.Add(is.key.VisiblePart, is)
	}
	return is, nil
}

// ShopVersion returns the version of all that the answers to a client's product can depend on.
func (s *Service) ShopVersion(ctx context.Context, clientProductID string) (principal.Version, error) {
	return s.store.ShopVersion(ctx, clientProductID)
}
