package accesskey

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// tidy tidies the reads as of a time and removes none.
func (h *house) tidy(t *testing.T, now time.Time) {
	t.Helper()
	for range 2 { // the first time it only makes ready
		must.Do(t, h.TidyReads(t.Context(), now, time.Time{}))
	}
}

// verify verifies the trail and then the reads.
func (h *house) verify(t *testing.T) (VerifiedReads, error) {
	t.Helper()
	_, err := audit.Verify(t.Context(), h.store, storetest.AuditKeys{}, nil, func(int64, int64) {})
	must.Do(t, err)
	return VerifyReads(t.Context(), h.store, storetest.AuditKeys{})
}

// whole fails the test unless this many rows of reads are verified.
func (h *house) whole(t *testing.T, rows int) {
	t.Helper()
	if of, err := h.verify(t); err != nil || of.Rows != rows || of.Unverified != 0 {
		t.Errorf("verified %+v (%v), want %d rows", of, err, rows)
	}
}

// alter changes the database behind the program.
func (h *house) alter(t *testing.T, statement string) {
	t.Helper()
	must.Do(t, h.store.Write(h.system, func(ctx context.Context, _ *ent.Tx) error {
		_, err := store.Exec(ctx, statement)
		return err
	}))
}

// readDays reads with two keys each day at eight, from a day until another.
func (h *house) readDays(t *testing.T, from, until time.Time) {
	t.Helper()
	keys := h.keys(t)
	for h.now = from.Add(8 * time.Hour); h.now.Before(until); h.advance(24 * time.Hour) {
		for _, key := range keys {
			h.call(key, "203.0.113.1", 1)
		}
		must.Do(t, h.Flush(t.Context()))
	}
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Proves: 11.1
func TestAReadThatIsChangedBehindTheProgramIsFound(t *testing.T) {
	t.Parallel()
	const row = " WHERE address = '203.0.113.1' AND day >= '2026-09-02' AND day < '2026-09-03' AND id = " +
		"(SELECT MIN(id) FROM credential_reads WHERE day >= '2026-09-02' AND day < '2026-09-03')"
	for name, statement := range map[string]string{
		"its count":       "UPDATE credential_reads SET count = 7" + row,
		"its address":     "UPDATE credential_reads SET address = '198.51.100.9'" + row,
		"its key":         "UPDATE credential_reads SET access_key_id = 'key_other'" + row,
		"its marketplace": "UPDATE credential_reads SET marketplace_id = 'mkp_other'" + row,
		"its version":     "UPDATE credential_reads SET credential_version = 2" + row,
		"its client":      "UPDATE credential_reads SET client_id = 'cli_other'" + row,
		"its first time":  "UPDATE credential_reads SET first_at = '2026-09-02 01:00:00+00:00'" + row,
		"its last time":   "UPDATE credential_reads SET last_at = '2026-09-02 23:00:00+00:00'" + row,
		"that it was":     "DELETE FROM credential_reads" + row,
		"its day":         "UPDATE credential_reads SET day = '2026-09-03 00:00:00+00:00', address = 'x'" + row,
		"that it was not": "INSERT INTO credential_reads (id, created_at, access_key_id, client_id, marketplace_id, " +
			"credential_version, address, day, count, first_at, last_at) SELECT 'crd_other', created_at, access_key_id, " +
			"client_id, marketplace_id, 3, address, day, count, first_at, last_at FROM credential_reads" + row,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				h := newHouse(t, s, 2, wide)
				h.readDays(t, date(2026, 9, 1), date(2026, 9, 5))
				h.tidy(t, h.now)
				h.whole(t, 2*4)
				h.alter(t, statement)
				_, err := h.verify(t)
				if found := (*AlteredReads)(nil); !errors.As(err, &found) || found.Day != "2026-09-02" {
					t.Errorf("the verification says %v", err)
				}
			})
		})
	}
}

func TestTheTrailVouchesForReadsThatWereFoldedErasedAndRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 2, wide)
		h.readDays(t, date(2026, 8, 20), date(2026, 10, 20))
		h.tidy(t, date(2026, 10, 20).Add(30*time.Minute))
		if n := h.store.Reader().AuditEvent.Query().Where(auditevent.Action(digestAction)).CountX(h.system); n != 2+1 {
			t.Errorf("%d events with the digests of 60 days and of one month that was folded", n)
		}
		if got, err := h.verify(t); err != nil || got.Through != "2026-10-19" {
			t.Errorf("within the hour after a day it is %+v (%v)", got, err)
		}
		h.tidy(t, date(2026, 10, 20).Add(2*time.Hour))
		// August is one row a key; September ends on the 30th, 20 days before.
		h.whole(t, 2*(1+30+19))
		h.tidy(t, date(2026, 11, 10))
		h.whole(t, 2*(1+1+19))

		must.Do(t, s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
			return ForgetReads(ctx, tx, h.shops[0].ClientID)
		}))
		h.whole(t, 1+1+19)
		must.Do(t, h.TidyReads(t.Context(), date(2026, 11, 10), date(2026, 9, 2)))
		h.whole(t, 19)
		h.alter(t, "DELETE FROM credential_reads WHERE day >= '2026-10-19'")
		if _, err := h.verify(t); err == nil {
			t.Error("the reads of the last day are gone, and nothing is found")
		}
	})
}

func TestALateReadCountsForTheFirstDayWithoutADigest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 1, wide)
		key := h.key(t, 0)
		h.readDays(t, date(2026, 9, 1), date(2026, 9, 3))
		h.now = date(2026, 9, 2).Add(23 * time.Hour)
		h.call(key, "203.0.113.7", 1) // the database is away, and it is saved the day after the next
		h.now = date(2026, 9, 3).Add(5 * time.Hour)
		h.call(key, "203.0.113.7", 1)
		h.tidy(t, h.now)
		must.Do(t, h.Flush(t.Context()))
		h.whole(t, 2)
		rows := h.readRows(t, time.DateOnly, "01-02 15:04")
		if want := "2026-09-03 v1 203.0.113.7 2 09-02 23:00 09-03 05:00"; rows[len(rows)-1] != want {
			t.Errorf("the rows are %v, want %s at the end", rows, want)
		}
		h.tidy(t, date(2026, 9, 5))
		h.whole(t, 3)
	})
}

// Savers, an erasure and several processes that make the digest work at once.
func TestADigestIsWholeWhateverHappensMeanwhile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 6, wide)
		h.readDays(t, date(2026, 9, 1), date(2026, 9, 3))
		h.tidy(t, date(2026, 9, 2))
		h.now = date(2026, 9, 5)
		keys := h.keys(t)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				for day := range 3 {
					must.Do(t, h.DigestReads(t.Context(), date(2026, 9, 3+day)))
				}
			})
		}
		all.Go(func() {
			for i := range 20 {
				h.call(keys[i%3], fmt.Sprint("203.0.113.", i), 1)
				must.Do(t, h.Flush(t.Context()))
			}
		})
		all.Go(func() {
			for _, shop := range h.shops[3:] {
				must.Do(t, s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
					return ForgetReads(ctx, tx, shop.ClientID)
				}))
			}
		})
		all.Wait()
		h.whole(t, 3*2)
		h.tidy(t, date(2026, 9, 7))
		h.whole(t, 3*2+20)
	})
}

func TestReadsFromBeforeTheFirstDigestInTheTrailAreCountedAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 2, wide)
		if of, err := h.verify(t); err != nil || of != (VerifiedReads{}) {
			t.Errorf("without reads it is %+v (%v)", of, err)
		}
		h.readDays(t, date(2026, 9, 1), date(2026, 9, 5))
		if of, err := h.verify(t); err != nil || of != (VerifiedReads{}) {
			t.Errorf("before the first digest it is %+v (%v)", of, err)
		}
		h.tidy(t, h.now)
		h.readDays(t, date(2026, 9, 5), date(2026, 9, 7))
		must.Do(t, s.Write(store.Alone(h.system), func(ctx context.Context, tx *ent.Tx) error {
			return audit.Recover(ctx, tx, storetest.AuditKeys{})
		}))
		h.tidy(t, h.now)
		of, err := h.verify(t)
		if err != nil || of.Rows != 2*2 || of.Unverified != 2*4 {
			t.Errorf("after a recovery it is %+v (%v)", of, err)
		}
	})
}

func TestTheReadOfARenewedVersionIsNoNews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 1, wide)
		key := h.key(t, 0)
		must.Do(t, s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.Create().SetID("mkp_" + key.ID).SetClientID(key.ClientID).
				SetClientProductID(key.ClientProductID).SetProvider("SHOWKASE").SetDescription("Loja").
				SetSettings([]byte("{}")).SetHealthState("CONNECTED").SetHealthReason("CHECK_PASSED").Exec(ctx)
		}))
		become := func(version int64, renewed bool) {
			must.Do(t, s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
				row := tx.Marketplace.UpdateOneID("mkp_" + key.ID).SetCredentialVersion(version)
				if renewed {
					return row.SetRenewedAt(h.now).Exec(ctx)
				}
				return row.ClearRenewedAt().Exec(ctx)
			}))
		}
		events := func(say string, want int) {
			t.Helper()
			must.Do(t, h.Flush(t.Context()))
			if got := len(h.readEvents(t)); got != want {
				t.Errorf("%s: %d events, want %d", say, got, want)
			}
		}
		become(1, false)
		h.call(key, "203.0.113.1", 1)
		events("the first read", 1)
		become(2, true)
		h.call(key, "203.0.113.1", 2)
		events("a version that a renewal made", 1)
		h.call(key, "203.0.113.2", 2)
		events("from another address", 2)
		become(3, false)
		h.call(key, "203.0.113.1", 3)
		events("a version that a person made", 3)
		become(5, true)
		h.call(key, "203.0.113.1", 4)
		events("a version that was replaced before it was saved", 4)
		if n := h.store.Reader().AuditEvent.Query().Where(auditevent.Action(digestAction)).CountX(h.system); n != 0 {
			t.Errorf("%d digests on the first day", n)
		}
	})
}
