package accesskey

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// key makes a key of a shop and returns its principal.
func (h *house) key(t *testing.T, shop int) principal.Key {
	t.Helper()
	made, err := h.Create(h.maker, CreateInput{ClientProductID: h.shops[shop].ID, Name: "Caixa"})
	if err != nil {
		t.Fatal(err)
	}
	return principal.Key{ID: made.Key.ID, Name: made.Key.Name, ClientID: made.Key.ClientID,
		ClientProductID: made.Key.ClientProductID}
}

// recorded saves what is noted and returns the events of an action.
func (h *house) recorded(t *testing.T, action string) []*ent.AuditEvent {
	t.Helper()
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	events, err := h.store.Reader().AuditEvent.Query().Where(auditevent.Action(action)).Order(ent.Asc(auditevent.FieldID)).
		All(h.system)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// Proves: 5.8
func TestAKeyUsedFromUnusuallyManyNetworksIsRecordedOnceADay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 4, Brakes{Issued: 100, Read: 100, Networks: 3})
		stolen, slow, bound, ofOneLine := h.key(t, 0), h.key(t, 1), h.key(t, 2), h.key(t, 3)
		bound.Bound = true
		for i := range 60 {
			h.NoteUse(bound, fmt.Sprintf("203.0.113.%d", i))
			h.NoteUse(ofOneLine, fmt.Sprintf("2001:db8::%d", i))
		}
		for i := range 3 {
			h.NoteUse(stolen, fmt.Sprintf("203.0.113.%d", i))
		}
		if events := h.recorded(t, ManyNetworks); len(events) != 0 {
			t.Fatalf("%d events at the usual number", len(events))
		}
		for i := range 60 {
			h.NoteUse(stolen, fmt.Sprintf("203.0.113.%d", i))
		}
		events := h.recorded(t, ManyNetworks)
		if len(events) != 1 || *events[0].ObjectID != stolen.ID || events[0].ActorKind != "ACCESS_KEY" ||
			events[0].Address != "203.0.113.3" {
			t.Fatalf("events %v", events)
		}
		for i := range 60 { // a new network every 5 minutes
			h.NoteUse(slow, fmt.Sprintf("198.51.100.%d", i))
			h.advance(5 * time.Minute)
		}
		for i := range 60 {
			h.NoteUse(stolen, fmt.Sprintf("203.0.113.%d", i))
		}
		if events := h.recorded(t, ManyNetworks); len(events) != 1 {
			t.Errorf("%d events within a day", len(events))
		}
		h.advance(spreadEvery)
		for i := range 60 {
			h.NoteUse(stolen, fmt.Sprintf("203.0.113.%d", i))
		}
		if events := h.recorded(t, ManyNetworks); len(events) != 2 {
			t.Errorf("%d events after a day", len(events))
		}
	})
}

// Proves: 5.8
func TestTheNetworksOfAKeyTakeBoundedMemory(t *testing.T) {
	t.Parallel()
	s := newSpread()
	now := time.Now()
	for i := range maxSpread + 10 {
		s.exceeds(fmt.Sprint(i), "203.0.113.7", now, 3)
	}
	for i := range 1000 {
		s.exceeds("key_1", fmt.Sprintf("198.51.%d.%d", i/250, i%250), now, 3)
	}
	if n := s.byKey.Len(); n != maxSpread {
		t.Errorf("%d keys are remembered", n)
	}
	if of, _ := s.byKey.Get("key_1"); len(of.networks) != 4 {
		t.Errorf("%d networks are remembered", len(of.networks))
	}
}

// Proves: 5.8
func TestAKeyUnusedForMonthsIsRecordedAtItsNextUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 3, Brakes{Issued: 100, Read: 100, Networks: 100})
		daily, forgotten, neverUsed := h.key(t, 0), h.key(t, 1), h.key(t, 2)
		h.NoteUse(daily, "203.0.113.1")
		h.NoteUse(forgotten, "203.0.113.1")
		if events := h.recorded(t, AfterSilence); len(events) != 0 {
			t.Fatalf("%d events at the first use of new keys", len(events))
		}
		h.advance(silence - time.Hour)
		h.NoteUse(daily, "203.0.113.1")
		h.recorded(t, AfterSilence)
		h.advance(2 * time.Hour)
		for range 2 {
			h.NoteUse(daily, "203.0.113.1")
			h.NoteUse(forgotten, "198.51.100.9")
			h.NoteUse(neverUsed, "198.51.100.9")
			h.recorded(t, AfterSilence)
		}
		events := h.recorded(t, AfterSilence)
		got := map[string]string{}
		for _, e := range events {
			got[*e.ObjectID] = e.Address
		}
		if len(events) != 2 || got[forgotten.ID] != "198.51.100.9" || got[neverUsed.ID] != "198.51.100.9" {
			t.Errorf("events %v", events)
		}
	})
}

// Proves: 5.8
func TestTracesOfAnErasedClientOrBeyondTheCapAreDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), 1, Brakes{Issued: 100, Read: 100, Networks: 1})
	key := h.key(t, 0)
	for range maxReaders + 5 {
		h.traces.putBack([]trace{{by: key}})
	}
	if n := len(h.traces.take()); n != maxReaders {
		t.Errorf("%d traces wait", n)
	}
	h.NoteUse(key, "203.0.113.1")
	h.NoteUse(key, "203.0.113.2")
	err := h.store.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
		return tx.ClientRecord.Update().SetErasedAt(h.now).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if events := h.recorded(t, ManyNetworks); len(events) != 0 {
		t.Errorf("%d events of an erased client", len(events))
	}
}
