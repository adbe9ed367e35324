package accesskey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// Proves: 11.1
func TestTheReadsOfAMonthAreCountedTogetherOnceItEndedThirtyFiveDaysAgo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 2, wide)
		keys := h.keys(t)
		h.now = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
		for h.now.Before(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)) {
			h.call(keys[0], "203.0.113.1", 1)
			h.call(keys[1], "203.0.113.2", 1)
			if h.now.Day() == 20 {
				h.call(keys[0], "203.0.113.9", 2)
			}
			must.Do(t, h.Flush(t.Context()))
			h.advance(24 * time.Hour)
		}
		events := h.readEvents(t)
		before := h.counts(t)

		h.tidy(t, time.Date(2026, 11, 4, 23, 0, 0, 0, time.UTC))
		if n := len(h.readRows(t, time.DateOnly, "01-02 15:04")); n != 2*(30+31+1)+2 {
			t.Errorf("%d rows on the 35th day after the end of September", n)
		}
		for range 2 { // the second time there is nothing to do
			h.tidy(t, time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC))
		}
		rows := h.readRows(t, time.DateOnly, "01-02 15:04")
		want := []string{
			"2026-09-01 v1 203.0.113.1 30 09-01 08:00 09-30 08:00",
			"2026-09-01 v1 203.0.113.2 30 09-01 08:00 09-30 08:00",
			"2026-09-01 v2 203.0.113.9 1 09-20 08:00 09-20 08:00",
			"2026-10-01 v1 203.0.113.1 1 10-01 08:00 10-01 08:00",
		}
		if !slices.Equal(rows[:len(want)], want) || len(rows) != 3+2*(31+1)+1 {
			t.Errorf("%d rows, at first\n%s\nwant\n%s", len(rows), strings.Join(rows[:min(5, len(rows))], "\n"),
				strings.Join(want, "\n"))
		}
		if after := h.counts(t); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("the counts were %v and are %v", before, after)
		}

		// What is asked of a day within the month finds its reads, and none that ended before.
		since := time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)
		read, err := h.ReadMarketplaces(h.system, &ent.AccessKey{ID: keys[0].ID}, &since)
		must.Do(t, err)
		if len(read) != 1 || read[0].Version != 2 || read[0].Count != 30+31+1+1 {
			t.Errorf("since the 21st the key read %+v", *read[0])
		}
		// A later read is no first one.
		h.call(keys[0], "203.0.113.1", 1)
		must.Do(t, h.Flush(t.Context()))
		if got := h.readEvents(t); len(got) != len(events) {
			t.Errorf("%d events of first reads, were %d", len(got), len(events))
		}
	})
}

func TestFoldingLeavesNoReadsOfAnErasedClient(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 2, wide)
		keys := h.keys(t)
		h.now = time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC)
		for _, key := range keys {
			h.call(key, "203.0.113.1", 1)
		}
		must.Do(t, h.Flush(t.Context()))
		must.Do(t, s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
			return tx.ClientRecord.UpdateOneID(keys[0].ClientID).SetErasedAt(h.now).Exec(ctx)
		}))
		h.tidy(t, h.now.AddDate(0, 3, 0))
		if got := h.counts(t); len(got) != 1 || got[keys[1].ID] != 1 {
			t.Errorf("the reads that are left: %v", got)
		}
	})
}
