package accesskey

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// call notes that a key of a shop was used from an address, and read a version of its marketplace.
func (h *house) call(key principal.Key, address string, version int64) {
	h.NoteUse(key, address)
	ctx := audit.WithOrigin(principal.With(h.system, key), audit.Origin{Address: address, RequestID: "req"})
	h.CredentialsRead(ctx, &ent.Marketplace{
		ID: "mkp_" + key.ID, Provider: "SHOWKASE", CredentialVersion: version,
	})
}

// keys makes a key of each shop.
func (h *house) keys(t *testing.T) []principal.Key {
	t.Helper()
	keys := make([]principal.Key, len(h.shops))
	for i := range keys {
		keys[i] = h.key(t, i)
	}
	return keys
}

// counts returns how often each key has read, as it is saved.
func (h *house) counts(t *testing.T) map[string]int64 {
	t.Helper()
	rows, err := h.store.Reader().CredentialRead.Query().All(h.system)
	must.Do(t, err)
	counts := map[string]int64{}
	for _, row := range rows {
		counts[row.AccessKeyID] += row.Count
	}
	return counts
}

// readRows returns the rows of reads: day, version, address, count, first and last, with their times in these forms.
func (h *house) readRows(t *testing.T, day, at string) (rows []string) {
	t.Helper()
	found, err := h.store.Reader().CredentialRead.Query().Order(ent.Asc("day", "credential_version", "address")).
		All(h.system)
	must.Do(t, err)
	for _, r := range found {
		rows = append(rows, fmt.Sprint(r.Day.UTC().Format(day), " v", r.CredentialVersion, " ", r.Address, " ", r.Count,
			" ", r.FirstAt.UTC().Format(at), " ", r.LastAt.UTC().Format(at)))
	}
	return rows
}

// readEvents returns the changes of each audit event about a read.
func (h *house) readEvents(t *testing.T) (changes []string) {
	t.Helper()
	events, err := h.store.Reader().AuditEvent.Query().Where(auditevent.Action("credentials.read")).
		Order(ent.Asc(auditevent.FieldSeq)).All(h.system)
	must.Do(t, err)
	for _, event := range events {
		changes = append(changes, string(event.Changes))
	}
	return changes
}

// refuse lets the database refuse the reads of a key from now on.
func (h *house) refuse(t *testing.T, keyID string) {
	t.Helper()
	must.Do(t, h.store.Write(h.system, func(ctx context.Context, _ *ent.Tx) error {
		statement := "CREATE TRIGGER refuse BEFORE INSERT ON credential_reads WHEN NEW.access_key_id = '" + keyID +
			"' BEGIN SELECT RAISE(ABORT, 'refused'); END"
		if h.store.Dialect() == dialect.Postgres {
			statement = "ALTER TABLE credential_reads ADD CONSTRAINT refuse CHECK (access_key_id <> '" + keyID + "')"
		}
		_, err := store.Exec(ctx, statement)
		return err
	}))
}

// allow ends what refuse does.
func (h *house) allow(t *testing.T) {
	t.Helper()
	must.Do(t, h.store.Write(h.system, func(ctx context.Context, _ *ent.Tx) error {
		statement := "DROP TRIGGER refuse"
		if h.store.Dialect() == dialect.Postgres {
			statement = "ALTER TABLE credential_reads DROP CONSTRAINT refuse"
		}
		_, err := store.Exec(ctx, statement)
		return err
	}))
}

var wide = Brakes{Issued: 10_000, Read: 10_000, Networks: 10_000}

// Proves: 11.1
func TestADayHasOneRowForEachVersionAndAddressAndAnEventOnlyForItsFirstRead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 1, wide)
		h.now = time.Date(2026, 11, 20, 0, 30, 0, 0, time.UTC)
		key := h.keys(t)[0]
		for range 3 * 24 { // every hour of three days
			h.call(key, "203.0.113.1", 1)
			must.Do(t, h.Flush(t.Context()))
			h.advance(time.Hour)
		}
		h.call(key, "203.0.113.2", 1)
		h.call(key, "203.0.113.1", 2)
		h.call(key, "203.0.113.1", 2)
		must.Do(t, h.Flush(t.Context()))

		got := h.readRows(t, "02 15:04", "02 15:04")
		want := []string{
			"20 00:00 v1 203.0.113.1 24 20 00:30 20 23:30",
			"21 00:00 v1 203.0.113.1 24 21 00:30 21 23:30",
			"22 00:00 v1 203.0.113.1 24 22 00:30 22 23:30",
			"23 00:00 v1 203.0.113.2 1 23 00:30 23 00:30",
			"23 00:00 v2 203.0.113.1 2 23 00:30 23 00:30",
		}
		if !slices.Equal(got, want) {
			t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		events := h.readEvents(t)
		if len(events) != 3 || !strings.Contains(events[1]+events[2], `"credentialVersion":2`) {
			t.Errorf("events %q, want those of the first read, of another address and of another version", events)
		}
	})
}

// Proves: 11.1
func TestEveryReadIsCountedOverAStopAlsoWhenEachIsARepetition(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 2*partSize+3, wide)
		keys := h.keys(t)
		ctx, stop := context.WithCancel(t.Context())
		var saving, calling sync.WaitGroup
		saving.Go(func() { h.Run(ctx, time.Millisecond, func(err error) { t.Error(err) }) })
		const calls = 40
		for range 4 {
			calling.Go(func() {
				for range calls {
					for _, key := range keys {
						h.call(key, "203.0.113.1", 1)
					}
				}
			})
		}
		calling.Wait()
		stop()
		saving.Wait()
		counts := h.counts(t)
		for _, key := range keys {
			if counts[key.ID] != 4*calls {
				t.Fatalf("%d reads of a key are saved, want %d", counts[key.ID], 4*calls)
			}
		}
		if events := h.readEvents(t); len(events) != len(keys) {
			t.Errorf("%d events, want one for each of %d keys", len(events), len(keys))
		}
	})
}

func TestWhatAKeyRepeatsIsSavedOnceAMinuteAndWhatIsNewAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), 1, wide)
	key := h.keys(t)[0]
	saved := func(reads int64) {
		t.Helper()
		must.Do(t, h.saveDue(t.Context()))
		if got := h.counts(t)[key.ID]; got != reads {
			t.Errorf("%d reads are saved, want %d", got, reads)
		}
	}
	h.call(key, "203.0.113.1", 1)
	saved(1)
	for range 3 {
		h.advance(repeatEvery / 4)
		h.call(key, "203.0.113.1", 1)
		saved(1)
	}
	h.call(key, "203.0.113.2", 1)
	saved(5)
	h.call(key, "203.0.113.1", 2)
	saved(6)
	h.advance(repeatEvery)
	saved(6)
	if n := len(h.notes.byKey); n != 0 {
		t.Errorf("%d silent keys are remembered", n)
	}
	h.call(key, "203.0.113.1", 2)
	saved(7)
	row, err := h.store.Reader().AccessKey.Get(h.system, key.ID)
	must.Do(t, err)
	if row.LastUsedAt == nil || !row.LastUsedAt.Equal(h.now) || *row.LastUsedAddress != "203.0.113.1" {
		t.Errorf("last used at %v, want %v", row.LastUsedAt, h.now)
	}
}

func TestAnErrorInTheMiddleOfASavePutsBackItsPartAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 3*partSize, wide)
		keys := h.keys(t)
		h.refuse(t, keys[partSize+5].ID) // of the second part
		for range 2 {
			for _, key := range keys {
				h.call(key, "203.0.113.1", 1)
			}
		}
		fails := func() {
			t.Helper()
			if err := h.Flush(t.Context()); err == nil {
				t.Fatal("a save that fails reports nothing")
			}
			h.call(keys[0], "203.0.113.1", 1)
			h.call(keys[partSize], "203.0.113.1", 1)
		}
		fails()
		if saved := len(h.counts(t)); saved != 2*partSize {
			t.Fatalf("the reads of %d keys are saved, want %d", saved, 2*partSize)
		}
		fails()
		h.allow(t)
		must.Do(t, h.saveDue(t.Context())) // what was put back is due
		must.Do(t, h.Flush(t.Context()))
		want := map[string]int64{keys[0].ID: 4, keys[partSize].ID: 4}
		for _, key := range keys {
			want[key.ID] = max(want[key.ID], 2)
		}
		if got := h.counts(t); !maps.Equal(got, want) {
			t.Errorf("saved are %v, want %v", got, want)
		}
	})
}

func TestTwoInstancesCountTheReadsOfTheSameKeysTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, partSize+3, wide)
		keys := h.keys(t)
		other := &house{store: s, system: h.system, Service: New(s, h.environment, h.live, h.Service.now, wide)}
		var saving sync.WaitGroup
		for i, one := range []*house{h, other} {
			saving.Go(func() {
				for round := range 5 {
					for _, key := range keys {
						one.call(key, fmt.Sprintf("203.0.113.%d", (i+round)%3), 1)
					}
					if err := one.Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		saving.Wait()
		counts := h.counts(t)
		for _, key := range keys {
			if counts[key.ID] != 10 {
				t.Fatalf("%d reads of a key are saved, want 10", counts[key.ID])
			}
		}
	})
}

func TestTheNotesOfAClientThatIsErasedMeanwhileAreDroppedAndThoseOfOthersSaved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 3, wide)
		keys := h.keys(t)
		for _, key := range keys {
			h.call(key, "203.0.113.1", 1)
		}
		must.Do(t, s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
			return tx.ClientRecord.Update().Where(clientrecord.ID(keys[1].ClientID)).SetErasedAt(h.now).Exec(ctx)
		}))
		must.Do(t, h.Flush(t.Context()))
		if got, want := h.counts(t), map[string]int64{keys[0].ID: 1, keys[2].ID: 1}; !maps.Equal(got, want) {
			t.Errorf("saved are %v, want %v", got, want)
		}
		row, err := s.Reader().AccessKey.Get(h.system, keys[1].ID)
		must.Do(t, err)
		if row.LastUsedAt != nil || len(h.readEvents(t)) != 2 {
			t.Errorf("the erased client's key was used at %v; %d events", row.LastUsedAt, len(h.readEvents(t)))
		}
	})
}

func TestASaveTakesFiveStatementsForAPartOfKeysWhoseReadsAreKnown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, partSize+1, wide)
		keys := h.keys(t)
		save := func() []string {
			for _, key := range keys {
				h.call(key, "203.0.113.1", 1)
			}
			return storetest.Statements(t, s, func() { must.Do(t, h.Flush(t.Context())) })
		}
		save()
		h.advance(time.Hour)
		if got := save(); len(got) != 2*5 {
			t.Errorf("%d statements for 2 parts:\n%s", len(got), strings.Join(got, "\n"))
		}
	})
}

func TestReadsBeyondTheCapAreDroppedAndReported(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), 1, wide)
	key := h.keys(t)[0]
	for i := range maxReads + 7 {
		h.call(key, fmt.Sprintf("2001:db8::%x", i), 1)
	}
	h.call(key, "2001:db8::0", 1) // is counted already, so it is not dropped

	if err := h.Flush(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "7 reads") {
		t.Errorf("error %v, want one of 7 reads", err)
	}
	if got := h.counts(t)[key.ID]; got != maxReads+1 {
		t.Errorf("%d reads are saved, want %d", got, maxReads+1)
	}
	if err := h.Flush(t.Context()); err != nil {
		t.Errorf("it is reported twice: %v", err)
	}
}

func TestNotingWhatAKeyRepeatsAllocatesNothing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t), 1, wide)
	key := h.keys(t)[0]
	ctx := audit.WithOrigin(principal.With(h.system, key), audit.Origin{Address: "203.0.113.1"})
	read := &ent.Marketplace{ID: "mkp_1", Provider: "SHOWKASE", CredentialVersion: 1}
	if n := testing.AllocsPerRun(100, func() {
		h.NoteUse(key, "203.0.113.1")
		h.CredentialsRead(ctx, read)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
