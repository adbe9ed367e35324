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
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// rightColumns are the columns of a right, and keyTables their tables.
const (
	rightColumns = `k.id, k.name, k.visible_part, k.hash, k.mac, k.client_id, k.client_product_id, k.revoked_at, k.expires_at,
	k.overlap_ends_at, k.addresses, p.suspended_at, c.archived_at, ` + store.VersionColumns
	keyTables = `access_keys k
JOIN client_products p ON p.id = k.client_product_id
JOIN clients c ON c.id = k.client_id
` + store.VersionTables
)

// keyQuery reads a key and everything that decides whether it is accepted. It is one statement, as every call of a
// back-office runs it; the drivers keep it prepared. It bypasses the privacy policies: it reads one row by a unique
// column, before there is a principal.
const keyQuery = `
SELECT ` + rightColumns + `
FROM ` + keyTables + `
WHERE k.visible_part = $1`

// shopQuery reads the same of a key that was authenticated before, and what it shows of its client.
const shopQuery = `
SELECT ` + rightColumns + `, c.name, c.document
FROM ` + keyTables + `
WHERE k.id = $1`

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
// returns fault.Unauthenticated for a key that no longer may. The statement bypasses the privacy policies: it reads the
// rows of this key alone.
func (s *Service) OwnShop(ctx context.Context) (Shop, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return Shop{}, fault.Forbidden
	}
	client := &ent.ClientRecord{}
	is, err := s.readRight(ctx, shopQuery, key.ID, &client.Name, &client.Document)
	if errors.Is(err, sql.ErrNoRows) {
		return Shop{}, fault.Unauthenticated
	}
	if err != nil {
		return Shop{}, fmt.Errorf("ask for the right of an access key: %w", err)
	}
	if !store.Vouches(ctx, s.store, &is.key) || !is.works(s.now()) ||
		!Allows(is.key.Addresses, audit.OriginFrom(ctx).Address) {
		return Shop{}, fault.Unauthenticated
	}
	client.ID = is.key.ClientID
	return Shop{Client: client, Key: &is.key, Revision: is.asOf.Revision}, nil
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
	// asOf is the version of the shop that the row was read with.
	asOf principal.Version
}

// readRight reads a key by one of the queries above, and the columns after those of a right into more. It returns
// sql.ErrNoRows when there is none.
func (s *Service) readRight(ctx context.Context, query, what string, more ...any) (right, error) {
	var (
		is      right
		bound   []byte
		numbers [3]sql.NullInt64
		k       = &is.key
	)
	err := s.store.DB().QueryRowContext(store.Reading(ctx), query, what).
		Scan(append([]any{&k.ID, &k.Name, &k.VisiblePart, &k.Hash, &k.MAC, &k.ClientID,
			&k.ClientProductID, &k.RevokedAt, &k.ExpiresAt, &k.OverlapEndsAt, &bound, &is.suspended, &is.gone,
			&numbers[0], &numbers[1], &numbers[2]}, more...)...)
	is.asOf = store.VersionOf(numbers)
	if err == nil && len(bound) > 0 {
		err = json.Unmarshal(bound, &k.Addresses)
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
		ID: is.key.ID, Name: is.key.Name, ClientID: is.key.ClientID, ClientProductID: is.key.ClientProductID,
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

// proven are the rights of keys that were found good, by the hash of the whole key. Each holds while the version of its
// shop is the same.
type proven = lru.Cache[[sha256.Size]byte, right]

func newProven() *proven {
	cache, err := lru.New[[sha256.Size]byte, right](maxProven)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return cache
}

// prove returns the right of a key, whether or not it still works. It returns a fault.Unproven for a key that is
// unknown, and for one whose row was changed outside the program.
func (s *Service) prove(ctx context.Context, secret token.Token) (right, error) {
	hash := [sha256.Size]byte(secret.Hash())
	if known, ok := s.proven.Get(hash); ok {
		asOf, err := s.store.ShopVersion(ctx, known.key.ClientProductID)
		if err != nil {
			return right{}, err
		}
		if asOf == known.asOf {
			return known, nil
		}
		s.proven.Remove(hash)
	}
	is, err := s.readRight(ctx, keyQuery, secret.VisiblePart())
	if errors.Is(err, sql.ErrNoRows) {
		is.key.Hash = make([]byte, sha256.Size) // compared too, so that an unknown key takes as long as a known one
	} else if err != nil {
		return right{}, fmt.Errorf("look up the access key: %w", err)
	}
	if !secret.Matches(is.key.Hash) || !store.Vouches(ctx, s.store, &is.key) {
		return right{}, fault.Unproven{Reason: fault.Unknown}
	}
	if is.asOf.IsKnown() {
		s.proven.Add(hash, is)
	}
	return is, nil
}

// ShopVersion returns the version of all that the answers to a client's product can depend on.
func (s *Service) ShopVersion(ctx context.Context, clientProductID string) (principal.Version, error) {
	return s.store.ShopVersion(ctx, clientProductID)
}
