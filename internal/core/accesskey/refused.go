package accesskey

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// maxRefused caps how many addresses per key and hour get an audit event.
const maxRefused = 10

// refusal is the last refusal of a key. first are the origins since the last save whose address is new in the hour:
// they get audit events.
type refusal struct {
	key     principal.Key
	at      time.Time
	address string
	first   []audit.Origin
}

// refusals collects between two saves the keys that came from outside their addresses. Only a caller with the whole key
// gets here, so there are no more entries than bound keys.
type refusals struct {
	mu      sync.Mutex
	pending map[string]refusal // by key id

	// seen are the addresses of the current hour, by key id.
	seen map[string]map[string]bool
	hour time.Time
}

// note notes a refusal in memory; Run saves it.
func (r *refusals) note(key principal.Key, from audit.Origin, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if hour := now.Truncate(time.Hour); hour.After(r.hour) {
		r.hour, r.seen = hour, map[string]map[string]bool{}
	}
	if r.pending == nil {
		r.pending = map[string]refusal{}
	}
	last := r.pending[key.ID]
	last.key, last.at, last.address = key, now, from.Address
	seen := r.seen[key.ID]
	if seen == nil {
		seen = map[string]bool{}
		r.seen[key.ID] = seen
	}
	if !seen[from.Address] && len(seen) < maxRefused {
		seen[from.Address] = true
		last.first = append(last.first, from)
	}
	r.pending[key.ID] = last
}

func (r *refusals) take() map[string]refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.pending
	r.pending = nil
	return taken
}

// putBack takes back refusals that could not be saved.
func (r *refusals) putBack(some []noted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, failed := range some {
		if failed.refused == nil {
			continue
		}
		if r.pending == nil {
			r.pending = map[string]refusal{}
		}
		older := *failed.refused
		if newer, known := r.pending[failed.key.ID]; known {
			newer.first = append(older.first, newer.first...)
			older = newer
		}
		r.pending[failed.key.ID] = older
	}
}

// saveRefusal flags the key, unless it allows the address by now, and appends the audit events.
func saveRefusal(ctx context.Context, tx *ent.Tx, id string, last refusal) error {
	key, err := tx.AccessKey.Query().Where(accesskey.ID(id), store.ForUpdate).Only(ctx)
	if err != nil {
		return fmt.Errorf("lock a refused key: %w", err)
	}
	if !Allows(key.Addresses, last.address) && (key.RefusedAt == nil || key.RefusedAt.Before(last.at)) {
		if err := tx.AccessKey.UpdateOne(key).SetRefusedAt(last.at).SetRefusedAddress(last.address).Exec(ctx); err != nil {
			return fmt.Errorf("flag a refused key: %w", err)
		}
	}
	for _, from := range last.first {
		on := audit.WithOrigin(principal.With(ctx, last.key), from) // the key is the actor, from where it called
		err := audit.Append(on, tx, audit.Event{
			Action: "access_key.refused", ObjectID: id, ClientID: last.key.ClientID, Refused: true,
			Changes: []audit.Change{{Field: "address", New: from.Address}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
