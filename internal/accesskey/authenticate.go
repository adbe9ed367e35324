package accesskey

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/backlog"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/live"
	"github.com/chaveiro/chaveiro/internal/store"
)

// keyQuery finds a key with all that decides whether it is taken, in one statement: every call of a back-office runs
// it. The privacy policies do not see it; it asks for one row, by a unique column, before there is a principal.
const keyQuery = `
SELECT k.id, k.name, k.hash, k.client_id, k.client_product_id,
       k.revoked_at, k.expires_at, k.overlap_ends_at, p.suspended_at, c.archived_at
FROM access_keys k
JOIN client_products p ON p.id = k.client_product_id
JOIN clients c ON c.id = k.client_id
WHERE k.visible_part = $1`

// lookup is keyQuery, prepared at its first use.
type lookup struct {
	mu        sync.Mutex
	statement *sql.Stmt
}

func (l *lookup) prepare(ctx context.Context, db *sql.DB) (*sql.Stmt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.statement == nil {
		statement, err := db.PrepareContext(ctx, keyQuery)
		if err != nil {
			return nil, fmt.Errorf("prepare the look-up of keys: %w", err)
		}
		l.statement = statement
	}
	return l.statement, nil
}

// Authenticate returns the principal that a key stands for. It returns fault.Unauthenticated, and never says why, for a
// key that is malformed, unknown, revoked, expired or of another environment, and for one whose client is archived or
// whose product is suspended. A malformed key costs no look at the database.
func (s *Service) Authenticate(ctx context.Context, text string) (principal.Key, error) {
	token, err := Parse(text)
	if err != nil || token.Environment() != s.environment {
		return principal.Key{}, fault.Unauthenticated
	}
	statement, err := s.lookup.prepare(ctx, s.store.DB())
	if err != nil {
		return principal.Key{}, err
	}
	var (
		key                                            principal.Key
		hash                                           []byte
		revoked, expires, overlapEnds, suspended, gone sql.NullTime
	)
	err = statement.QueryRowContext(ctx, token.VisiblePart()).Scan(&key.ID, &key.Name, &hash, &key.ClientID,
		&key.ClientProductID, &revoked, &expires, &overlapEnds, &suspended, &gone)
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

// Run saves the noted uses and reads every few seconds until ctx ends, and once more then. report is told of an error; what a
// save that failed had noted is tried again with the next.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, report)
}

// Flush saves the noted uses and reads in one transaction. Those of a client that was erased meanwhile are dropped.
func (s *Service) Flush(ctx context.Context) error {
	uses, reads := s.uses.Take(), s.reads.take()
	if len(uses) == 0 && len(reads.pending) == 0 {
		return reads.lost()
	}
	ctx = principal.AsSystem(ctx, "last use of access keys")
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		known, err := notErased(ctx, tx, clientsOf(uses, reads.pending))
		if err != nil {
			return err
		}
		if err := saveUses(ctx, tx, uses, known); err != nil {
			return err
		}
		return s.saveReads(ctx, tx, reads.pending, known)
	})
	if err != nil {
		s.uses.PutBack(uses)
		s.reads.putBack(reads)
		return fmt.Errorf("save the last uses of access keys: %w", err)
	}
	for id, last := range uses {
		s.live.Tell(live.Event{Topic: live.AccessKeyUsed, ClientID: last.key.ClientID, ClientProductID: last.key.ClientProductID, ObjectID: id})
	}
	return reads.lost()
}

func saveUses(ctx context.Context, tx *ent.Tx, uses map[string]use, known map[string]bool) error {
	for _, id := range slices.Sorted(maps.Keys(uses)) { // in one order, so that two instances never wait for each other
		last := uses[id]
		if !known[last.key.ClientID] {
			continue
		}
		err := tx.AccessKey.Update().
			Where(accesskey.ID(id), accesskey.Or(accesskey.LastUsedAtIsNil(), accesskey.LastUsedAtLT(last.at))).
			SetLastUsedAt(last.at).
			SetLastUsedAddress(last.address).
			Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// clientsOf returns the clients of uses and reads, each once.
func clientsOf(uses map[string]use, reads map[readKey]read) []string {
	clients := map[string]bool{}
	for _, u := range uses {
		clients[u.key.ClientID] = true
	}
	for _, r := range reads {
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
