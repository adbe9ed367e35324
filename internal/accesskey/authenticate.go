package accesskey

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/backlog"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/live"
	"github.com/chaveiro/chaveiro/internal/store"
)

// keyQuery finds a key with all that decides whether it is taken, in one statement: every call of a back-office runs
// it. The drivers keep it prepared. The privacy policies do not see it; it asks for one row, by a unique column, before
// there is a principal.
const keyQuery = `
SELECT k.id, k.name, k.hash, k.client_id, k.client_product_id,
       k.revoked_at, k.expires_at, k.overlap_ends_at, k.addresses, p.suspended_at, c.archived_at
FROM access_keys k
JOIN client_products p ON p.id = k.client_product_id
JOIN clients c ON c.id = k.client_id
WHERE k.visible_part = $1`

// Authenticate returns the principal that a key stands for, which came from a network address. It returns
// fault.Unauthenticated, and never says why, for a key that is malformed, unknown, revoked, expired or of another
// environment, for one whose client is archived or whose product is suspended, and for one that is bound to other
// addresses, of which it takes note for the operators. A malformed key costs no look at the database.
func (s *Service) Authenticate(ctx context.Context, text, address string) (principal.Key, error) {
	token, err := Parse(text)
	if err != nil || token.Environment() != s.environment {
		return principal.Key{}, fault.Unauthenticated
	}
	var (
		key                                            principal.Key
		hash, bound                                    []byte
		revoked, expires, overlapEnds, suspended, gone sql.NullTime
	)
	err = s.store.DB().QueryRowContext(ctx, keyQuery, token.VisiblePart()).Scan(&key.ID, &key.Name, &hash, &key.ClientID,
		&key.ClientProductID, &revoked, &expires, &overlapEnds, &bound, &suspended, &gone)
	if errors.Is(err, sql.ErrNoRows) {
		hash = make([]byte, len(token.Hash())) // compared all the same, so that an unknown key takes as long
	} else if err != nil {
		return principal.Key{}, fmt.Errorf("look up the access key: %w", err)
	}
	now := s.now()
	ended := func(t sql.NullTime) bool { return t.Valid && !now.Before(t.Time) }
	if !token.Matches(hash) || revoked.Valid || ended(expires) || ended(overlapEnds) || suspended.Valid || gone.Valid {
		return principal.Key{}, fault.Unauthenticated
	}
	var addresses []netip.Prefix
	if len(bound) > 0 {
		if err := json.Unmarshal(bound, &addresses); err != nil {
			return principal.Key{}, fmt.Errorf("read the addresses of access key %s: %w", key.ID, err)
		}
	}
	if !allows(addresses, address) {
		s.refusals.note(key, audit.Origin{Address: address, RequestID: audit.OriginFrom(ctx).RequestID}, now)
		return principal.Key{}, fault.Unauthenticated
	}
	return key, nil
}

// use is when and from where a key was last used.
type use struct {
	key     principal.Key
	at      time.Time
	address string
}

// Used notes that a key was used, to be saved by Run.
func (s *Service) Used(key principal.Key, address string) {
	s.uses.Note(key.ID, use{key: key, at: s.now(), address: address})
}

// Run saves the noted uses, reads and refusals every few seconds until ctx ends, and once more then. report is told of an
// error; what a save that failed had noted is tried again with the next.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, report)
}

// Flush saves the noted uses, reads and refusals in one transaction. Those of a client that was erased meanwhile are
// dropped.
func (s *Service) Flush(ctx context.Context) error {
	uses, reads, refused := s.uses.Take(), s.reads.take(), s.refusals.take()
	if len(uses) == 0 && len(reads.pending) == 0 && len(refused) == 0 {
		return reads.lost()
	}
	ctx = principal.AsSystem(ctx, "last use of access keys")
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		known, err := notErased(ctx, tx, clientsOf(uses, reads.pending, refused))
		if err != nil {
			return err
		}
		if err := saveCalls(ctx, tx, uses, refused, known); err != nil {
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
	s.live.Tell(live.Event{Topic: live.AccessKeyUsed, ClientID: key.ClientID, ClientProductID: key.ClientProductID, ObjectID: id})
}

// saveCalls saves the uses and refusals of the keys of known clients.
func saveCalls(ctx context.Context, tx *ent.Tx, uses map[string]use, refused map[string]refusal, known map[string]bool) error {
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

// clientsOf returns the clients of uses, reads and refusals, each once.
func clientsOf(uses map[string]use, reads map[readKey]read, refused map[string]refusal) []string {
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
	return slices.Sorted(maps.Keys(clients))
}

// notErased returns which of these clients are not erased, and keeps it so until tx ends.
func notErased(ctx context.Context, tx *ent.Tx, clients []string) (map[string]bool, error) {
	known := make(map[string]bool, len(clients))
	for some := range slices.Chunk(clients, 1000) {
		ids, err := tx.ClientRecord.Query().Where(clientrecord.IDIn(some...), clientrecord.ErasedAtIsNil(), store.ForShare).IDs(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for erased clients: %w", err)
		}
		for _, id := range ids {
			known[id] = true
		}
	}
	return known, nil
}
