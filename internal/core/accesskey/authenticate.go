package accesskey

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// rightColumns are the columns of a right, and keyTables where they are.
const (
	rightColumns = `k.id, k.name, k.visible_part, k.hash, k.mac, k.client_id, k.client_product_id, k.revoked_at, k.expires_at,
	k.overlap_ends_at, k.addresses, p.suspended_at, c.archived_at`
	keyTables = `access_keys k
JOIN client_products p ON p.id = k.client_product_id
JOIN clients c ON c.id = k.client_id`
)

// keyQuery finds a key with all that decides whether it is taken, in one statement: every call of a back-office runs
// it. The drivers keep it prepared. The privacy policies do not see it; it asks for one row, by a unique column, before
// there is a principal.
const keyQuery = `
SELECT ` + rightColumns + `
FROM ` + keyTables + `
WHERE k.visible_part = $1`

// rightQuery asks the same of a key that was authenticated before.
const rightQuery = `
SELECT ` + rightColumns + `
FROM ` + keyTables + `
WHERE k.id = $1`

// MayOpen returns nil while the access key of the context may open the secrets of its shop from where it called. It is
// asked where a secret is opened: a request may have waited, and a stream been open, since the key was authenticated.
// It returns fault.Unauthenticated for a key that may no longer, and fault.Throttled when one address reads unusually
// many shops.
func (s *Service) MayOpen(ctx context.Context) error {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return fault.Forbidden
	}
	is, err := s.ask(ctx, rightQuery, key.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Unauthenticated
	}
	if err != nil {
		return fmt.Errorf("ask for the right of an access key: %w", err)
	}
	if !store.Vouches(ctx, s.store, &is.key) || !is.works(s.now()) ||
		!Allows(is.key.Addresses, audit.OriginFrom(ctx).Address) {
		return fault.Unauthenticated
	}
	return s.brakeRead(ctx, key)
}

// right is a key with all that decides whether it may open.
type right struct {
	key             ent.AccessKey
	suspended, gone *time.Time
}

// ask asks for a key by one of the queries above. Its error is sql.ErrNoRows when there is none.
func (s *Service) ask(ctx context.Context, query, what string) (right, error) {
	var (
		is    right
		bound []byte
		k     = &is.key
	)
	err := s.store.DB().QueryRowContext(ctx, query, what).
		Scan(&k.ID, &k.Name, &k.VisiblePart, &k.Hash, &k.MAC, &k.ClientID,
			&k.ClientProductID, &k.RevokedAt, &k.ExpiresAt, &k.OverlapEndsAt, &bound, &is.suspended, &is.gone)
	if err == nil && len(bound) > 0 {
		err = json.Unmarshal(bound, &k.Addresses)
	}
	return is, err
}

// works reports whether the key may open at now, wherever it comes from.
func (r *right) works(now time.Time) bool { return r.reasonOfEnd(now).Reason == "" }

// reasonOfEnd says why the key may not open at now, and since when; it has no reason when the key may.
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

// Authenticate returns the principal that a key stands for, which came from a network address. It returns a
// fault.Unproven for a key that is malformed, unknown, revoked, expired or of another environment, for one whose client
// is archived or whose product is suspended, for one whose row was changed behind the program, and for one that is
// bound to other addresses, of which it takes note for the operators. More than that a key is unknown is told only to
// whoever has the whole of it. A malformed key costs no look at the database.
func (s *Service) Authenticate(ctx context.Context, text, address string) (principal.Key, error) {
	secret, err := token.ParseFor(s.environment, text)
	if err != nil {
		return principal.Key{}, err
	}
	is, err := s.ask(ctx, keyQuery, secret.VisiblePart())
	if errors.Is(err, sql.ErrNoRows) {
		is.key.Hash = make([]byte, len(secret.Hash())) // compared all the same, so that an unknown key takes as long
	} else if err != nil {
		return principal.Key{}, fmt.Errorf("look up the access key: %w", err)
	}
	now := s.now()
	if !secret.Matches(is.key.Hash) || !store.Vouches(ctx, s.store, &is.key) {
		return principal.Key{}, fault.Unproven{Reason: fault.Unknown}
	}
	if why := is.reasonOfEnd(now); why.Reason != "" {
		return principal.Key{}, why
	}
	key := principal.Key{
		ID: is.key.ID, Name: is.key.Name, ClientID: is.key.ClientID, ClientProductID: is.key.ClientProductID,
		Bound: len(is.key.Addresses) > 0,
	}
	if !Allows(is.key.Addresses, address) {
		s.refusals.note(key, audit.Origin{Address: address, RequestID: audit.OriginFrom(ctx).RequestID}, now)
		return principal.Key{}, fault.Unproven{Reason: fault.AddressNotAllowed, About: address}
	}
	return key, nil
}

// use is when and from where a key was last used.
type use struct {
	key     principal.Key
	at      time.Time
	address string
}

// NoteUse notes that a key was used, to be saved by Run.
func (s *Service) NoteUse(key principal.Key, address string) {
	now := s.now()
	s.uses.Note(key.ID, use{key: key, at: now, address: address})
	s.watchNetworks(key, address, now)
}

// Run saves the noted uses, reads, refusals and traces every few seconds until ctx ends, and once more then. report is
// told of an error; what a save that failed had noted is tried again with the next.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, report)
}

// Flush saves the noted uses, reads, refusals and traces in one transaction. Those of a client that was erased
// meanwhile are dropped.
func (s *Service) Flush(ctx context.Context) error {
	uses, reads, refused, left := s.uses.Take(), s.reads.take(), s.refusals.take(), s.traces.take()
	if len(uses) == 0 && len(reads.pending) == 0 && len(refused) == 0 && len(left) == 0 {
		return reads.lost()
	}
	ctx = principal.AsSystem(ctx, "last use of access keys")
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		known, err := notErased(ctx, tx, clientsOf(uses, reads.pending, refused, left))
		if err != nil {
			return err
		}
		if err := s.saveAfterSilence(ctx, tx, uses, known); err != nil {
			return err
		}
		if err := saveCalls(ctx, tx, uses, refused, known); err != nil {
			return err
		}
		if err := saveTraces(ctx, tx, left, known); err != nil {
			return err
		}
		if err := s.alarm(ctx, tx, uses, refused, known); err != nil {
			return err
		}
		return s.saveReads(ctx, tx, reads.pending, known)
	})
	if err != nil {
		s.uses.PutBack(uses)
		s.reads.putBack(reads)
		s.refusals.putBack(refused)
		s.traces.putBack(left)
		return fmt.Errorf("save the last uses of access keys: %w", err)
	}
	for id, last := range uses {
		s.tell(id, last.key)
	}
	for id, last := range refused {
		if _, known := uses[id]; !known {
			s.tell(id, last.key)
		}
	}
	return reads.lost()
}

// tell tells the pages that a key was used, or refused.
func (s *Service) tell(id string, key principal.Key) {
	s.live.Tell(
		live.Event{Topic: live.AccessKeyUsed, ClientID: key.ClientID, ClientProductID: key.ClientProductID, ObjectID: id})
}

// saveCalls saves the uses and refusals of the keys of known clients.
func saveCalls(
	ctx context.Context, tx *ent.Tx, uses map[string]use, refused map[string]refusal, known map[string]bool,
) error {
	ids := slices.AppendSeq(slices.Collect(maps.Keys(uses)), maps.Keys(refused))
	slices.Sort(ids) // in one order, so that two instances never wait for each other
	for _, id := range slices.Compact(ids) {
		if last, ok := uses[id]; ok && known[last.key.ClientID] {
			err := tx.AccessKey.Update().
				Where(accesskey.ID(id), accesskey.Or(accesskey.LastUsedAtIsNil(), accesskey.LastUsedAtLT(last.at))).
				SetLastUsedAt(last.at).
				SetLastUsedAddress(last.address).
				Exec(ctx)
			if err != nil {
				return err
			}
		}
		if last, ok := refused[id]; ok && known[last.key.ClientID] {
			if err := saveRefusal(ctx, tx, id, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// clientsOf returns the clients of uses, reads, refusals and traces, each once.
func clientsOf(uses map[string]use, reads map[readKey]read, refused map[string]refusal, left []trace) []string {
	clients := map[string]bool{}
	for _, u := range uses {
		clients[u.key.ClientID] = true
	}
	for _, r := range reads {
		clients[r.key.ClientID] = true
	}
	for _, r := range refused {
		clients[r.key.ClientID] = true
	}
	for _, one := range left {
		if one.event.ClientID != "" {
			clients[one.event.ClientID] = true
		}
	}
	return slices.Sorted(maps.Keys(clients))
}

// notErased returns which of these clients are not erased, and keeps it so until tx ends.
func notErased(ctx context.Context, tx *ent.Tx, clients []string) (map[string]bool, error) {
	known := make(map[string]bool, len(clients))
	for some := range slices.Chunk(clients, 1000) {
		ids, err := tx.ClientRecord.Query().
			Where(clientrecord.IDIn(some...), clientrecord.ErasedAtIsNil(), store.ForShare).IDs(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for erased clients: %w", err)
		}
		for _, id := range ids {
			known[id] = true
		}
	}
	return known, nil
}
