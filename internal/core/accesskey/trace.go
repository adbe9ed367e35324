package accesskey

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/recent"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Actions of the audit trail that are traces of misuse.
const (
	// IssueBraked: one operator or service token made keys for unusually many shops, and had to wait.
	IssueBraked = "access_key.brake"
	// ReadBraked: one address read unusually many shops, and had to wait.
	ReadBraked = "credentials.brake"
	// ManyNetworks: one key was used from unusually many networks.
	ManyNetworks = "access_key.many_networks"
	// AfterSilence: a key was used for the first time in silence.
	AfterSilence = "access_key.after_silence"
)

const (
	// silence is how long a key is unused before its next use gets an audit event.
	silence = 90 * 24 * time.Hour
	// spreadEvery is the least time between two audit events that say that a key is used from many networks.
	spreadEvery = 24 * time.Hour
	// maxSpread caps how many keys are remembered with their networks.
	maxSpread = 20_000
)

// trace is an audit event that a request leaves in memory, with its caller as actor; Run saves it.
type trace struct {
	by     principal.Principal
	origin audit.Origin
	event  audit.Event
}

// traces collects traces between two saves.
type traces struct {
	braked *audit.Seldom[string] // by maker or network
	spread *audit.Seldom[string] // by key id

	mu      sync.Mutex
	pending []trace
}

// brake notes that a caller had to wait, once per brakeTime.
func (t *traces) brake(who string, now time.Time, what trace) {
	if t.braked.Admit(who, now) {
		t.putBack([]trace{what})
	}
}

func (t *traces) take() []trace {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := t.pending
	t.pending = nil
	return taken
}

// putBack adds traces that are new or could not be saved. It drops those beyond maxReaders.
func (t *traces) putBack(some []trace) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = append(t.pending, some[:min(len(some), maxReaders-len(t.pending))]...)
}

// saveTraces appends the audit events of traces in small transactions, except those of clients that were erased
// meanwhile. What it cannot save stays noted.
func (s *Service) saveTraces(ctx context.Context) error {
	for all := s.traces.take(); len(all) > 0; {
		part := all[:min(len(all), partSize)]
		err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return appendTraces(ctx, tx, part) })
		if err != nil {
			s.traces.putBack(all)
			return fmt.Errorf("save the traces of misuse: %w", err)
		}
		all = all[len(part):]
	}
	return nil
}

func appendTraces(ctx context.Context, tx *ent.Tx, part []trace) error {
	var clients []string
	for _, one := range part {
		clients = append(clients, one.event.ClientID)
	}
	known, err := tx.ClientRecord.Query().
		Where(clientrecord.IDIn(clients...), clientrecord.ErasedAtIsNil(), store.ForShare).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for erased clients: %w", err)
	}
	for _, one := range part {
		if one.event.ClientID != "" && !slices.Contains(known, one.event.ClientID) {
			continue
		}
		if err := audit.Append(audit.WithOrigin(principal.With(ctx, one.by), one.origin), tx, one.event); err != nil {
			return err
		}
	}
	return nil
}

// spread counts the networks that keys are used from. An IPv6 network of /64 counts as one.
type spread struct {
	mu    sync.Mutex
	byKey *lru.Cache[string, *visits]
}

// visits are the networks of one key since an instant.
type visits struct {
	since    time.Time
	networks map[string]bool
}

func newSpread() *spread {
	return &spread{byKey: recent.New[string, *visits](maxSpread)}
}

// exceeds counts a use of a key. It reports whether the key was used from more than most networks within brakeTime.
func (s *spread) exceeds(keyID, address string, now time.Time, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, found := s.byKey.Get(keyID)
	if !found || now.Sub(of.since) >= brakeTime {
		of = &visits{since: now, networks: map[string]bool{}}
		s.byKey.Add(keyID, of)
	}
	if len(of.networks) <= most { // beyond that the number does not matter
		of.networks[ratelimit.Network(address)] = true
	}
	return len(of.networks) > most
}

// watchNetworks notes a key that is used from unusually many networks.
func (s *Service) watchNetworks(key principal.Key, address string, now time.Time) {
	if key.Bound || !s.spread.exceeds(key.ID, address, now, s.brakes.Networks) || !s.traces.spread.Admit(key.ID, now) {
		return
	}
	s.traces.putBack([]trace{{
		by: key, origin: audit.Origin{Address: address},
		event: audit.Event{
			Action: ManyNetworks, ObjectID: key.ID, ClientID: key.ClientID,
			Changes: []audit.Change{{Field: "networks", New: s.brakes.Networks + 1}},
		},
	}})
}

// recordAfterSilence records the use of a key that was unused for the time of silence, or since it was made, unless
// another instance did.
func (s *Service) recordAfterSilence(ctx context.Context, tx *ent.Tx, by noted) error {
	before := s.now().Add(-silence)
	key, err := tx.AccessKey.Query().
		Where(accesskey.ID(by.key.ID), accesskey.Or(accesskey.LastUsedAtIsNil(), accesskey.LastUsedAtLT(before)),
			store.ForUpdate).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a key that nobody used for long: %w", err)
	}
	ctx = audit.WithOrigin(principal.With(ctx, by.key), audit.Origin{Address: by.used.address})
	return audit.Append(ctx, tx, audit.Event{
		Action: AfterSilence, ObjectID: key.ID, ClientID: key.ClientID,
		Changes: []audit.Change{{Field: "lastUsedAt", Old: key.LastUsedAt, New: by.used.at}},
	})
}
