package accesskey

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

const (
	// maxReads caps how many different reads of one key wait for the next save, so that a key that is tried from many
	// addresses fills no memory.
	maxReads = 1000
	// repeatEvery is how often the same reads and uses of a key are saved. What a key does for the first time in that
	// time is saved at once.
	repeatEvery = time.Minute
)

// use is when and from where a key was last used. The zero value is no use.
type use struct {
	at      time.Time
	address string
}

// read counts the reads of one version of a marketplace's credentials, from one address on one day.
type read struct {
	marketplace, address string
	version, day         int64 // day counts from 1970, in UTC
	provider             string
	requestID            string // of the first
	count                int64
	first, last          time.Time
}

// isLike reports whether two reads are counted together.
func (r *read) isLike(other *read) bool {
	return r.marketplace == other.marketplace && r.version == other.version && r.day == other.day &&
		r.address == other.address
}

// noted is what is noted of one key and not saved.
type noted struct {
	key     principal.Key
	used    use
	reads   []read
	refused *refusal
}

// remembered is what is noted of one key, and what was noted of it lately: a read whose count is 0 is saved.
type remembered struct {
	noted
	fresh bool      // whether something was noted that was not noted lately
	saved time.Time // when it was last taken to be saved
}

// notes collects the uses and reads of keys between two saves, so that a read never writes. It remembers the keys of
// the last minute only.
type notes struct {
	mu      sync.Mutex
	byKey   map[string]*remembered
	dropped int64 // reads
}

// of returns what is remembered of a key. The caller holds the lock.
func (n *notes) of(key principal.Key) *remembered {
	known := n.byKey[key.ID]
	if known == nil {
		if n.byKey == nil {
			n.byKey = map[string]*remembered{}
		}
		known = &remembered{noted: noted{key: key}, fresh: true}
		n.byKey[key.ID] = known
	}
	return known
}

func (n *notes) noteUse(key principal.Key, by use) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.of(key).used = by
}

func (n *notes) noteRead(key principal.Key, what read) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.of(key).add(what) {
		n.dropped++
	}
}

// add counts reads together with those like them. The older of two that wait says when and in which request it began.
// It returns false when there are too many.
func (k *remembered) add(what read) bool {
	i := slices.IndexFunc(k.reads, func(r read) bool { return r.isLike(&what) })
	switch {
	case i < 0 && len(k.reads) >= maxReads:
		return false
	case i < 0:
		k.reads, k.fresh = append(k.reads, what), true
	case k.reads[i].count == 0:
		k.reads[i] = what
	default:
		waits := &k.reads[i]
		waits.count += what.count
		if what.first.Before(waits.first) {
			waits.first, waits.requestID = what.first, what.requestID
		}
		if what.last.After(waits.last) {
			waits.last = what.last
		}
	}
	return true
}

// CredentialsRead notes in memory that the access key of the context got the credentials of a marketplace; Run saves
// it. It does not block.
func (s *Service) CredentialsRead(ctx context.Context, m *ent.Marketplace) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return
	}
	of := remember.Read{MarketplaceID: m.ID, Provider: m.Provider, Version: m.CredentialVersion}
	remember.From(ctx).Read(of)
	s.noteRead(key, audit.OriginFrom(ctx), of)
}

// HandOutAgain is called before an answer with credentials is given again to the access key of the context. It notes
// each of them as CredentialsRead does. It returns an error where MayOpen stops a caller who reads unusually many
// shops, and then notes nothing.
func (s *Service) HandOutAgain(ctx context.Context, again []remember.Read) error {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return fault.Forbidden
	}
	if len(again) == 0 {
		return nil
	}
	if err := s.brakeRead(ctx, key); err != nil {
		return err
	}
	for _, of := range again {
		s.noteRead(key, audit.OriginFrom(ctx), of)
	}
	return nil
}

// noteRead notes that a key got credentials.
func (s *Service) noteRead(key principal.Key, origin audit.Origin, of remember.Read) {
	now := s.now()
	s.notes.noteRead(key, read{
		marketplace: of.MarketplaceID, address: origin.Address, version: of.Version, day: dayOf(now),
		provider: of.Provider, requestID: origin.RequestID, count: 1, first: now, last: now,
	})
}

const secondsOfDay = 24 * 60 * 60

func dayOf(at time.Time) int64 { return at.Unix() / secondsOfDay }

// beginOf returns when a day begins.
func beginOf(day int64) time.Time { return time.Unix(day*secondsOfDay, 0).UTC() }

// NoteUse notes in memory that a key was used; Run saves it.
func (s *Service) NoteUse(key principal.Key, address string) {
	now := s.now()
	s.notes.noteUse(key, use{at: now, address: address})
	s.watchNetworks(key, address, now)
}

// take returns what is to be saved now, by the id of the key: everything, or without the repetitions of keys that were
// saved within repeatEvery. It forgets what was not noted again in that time.
func (n *notes) take(now time.Time, everything bool) (taken map[string]noted, dropped int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken = map[string]noted{}
	for id, known := range n.byKey {
		over := everything || now.Sub(known.saved) >= repeatEvery
		if !over && !known.fresh {
			continue
		}
		if waits, any := known.takeWaiting(over); any {
			taken[id], known.fresh, known.saved = waits, false, now
		} else {
			delete(n.byKey, id)
		}
	}
	dropped, n.dropped = n.dropped, 0
	return taken, dropped
}

// takeWaiting takes what is not saved, and reports whether there is any. forget drops the reads that are.
func (k *remembered) takeWaiting(forget bool) (waits noted, any bool) {
	waits = noted{key: k.key, used: k.used}
	k.used = use{}
	if forget {
		k.reads = slices.DeleteFunc(k.reads, func(r read) bool { return r.count == 0 })
	}
	for i := range k.reads {
		if k.reads[i].count > 0 {
			waits.reads = append(waits.reads, k.reads[i])
			k.reads[i].count = 0
		}
	}
	return waits, len(waits.reads) > 0 || !waits.used.at.IsZero()
}

// putBack takes back what could not be saved, for the next save.
func (n *notes) putBack(some []noted) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, failed := range some {
		if len(failed.reads) == 0 && failed.used.at.IsZero() {
			continue
		}
		known := n.of(failed.key)
		known.fresh = true
		if known.used.at.Before(failed.used.at) {
			known.used = failed.used
		}
		for _, r := range failed.reads {
			if !known.add(r) {
				n.dropped += r.count
			}
		}
	}
}

// lost returns an error when reads were dropped because there were too many.
func lost(dropped int64) error {
	if dropped == 0 {
		return nil
	}
	return fmt.Errorf("%d reads of credentials were not counted: too many at once", dropped)
}

// join puts the refusals of keys beside their uses and reads, in the order of the keys' ids: two instances that save
// the same keys then do not deadlock.
func join(taken map[string]noted, refused map[string]refusal) []noted {
	for id, last := range refused {
		of, known := taken[id]
		if !known {
			of = noted{key: last.key}
		}
		of.refused = &last
		taken[id] = of
	}
	return slices.SortedFunc(maps.Values(taken), func(a, b noted) int { return strings.Compare(a.key.ID, b.key.ID) })
}
