package retention_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/retention"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestSweepsBelieveAClockThatIsALittleAheadAndFollowAnotherSlowly(t *testing.T) {
	t.Parallel()
	mark := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name                 string
		ahead, elapsed, want time.Duration
	}{
		{"as it was", 0, 0, 0},
		{"an hour later", time.Hour, time.Hour, time.Hour},
		{"after a weekend off", 3 * days, 0, 3 * days},
		{"set back", -5 * days, time.Hour, -5 * days},
		{"four days ahead at the start", 4 * days, 0, 0},
		{"four days ahead after an hour", 4 * days, time.Hour, 3 * time.Hour},
		{"six years ahead after a day", 6 * 365 * days, days, 3 * days},
		{"a month off, after ten days", 30 * days, 10 * days, 30 * days},
	} {
		if got := retention.Believe(mark, mark.Add(c.ahead), c.elapsed).Sub(mark); got != c.want {
			t.Errorf("%s: %s after the mark, want %s", c.name, got, c.want)
		}
	}
}

// machine is a clock that may be wrong, and a process whose time cannot.
type machine struct {
	at     time.Time
	uptime time.Duration
	log    bytes.Buffer
}

func (m *machine) now() time.Time { return m.at }

// pass lets time pass, which the clock shows too.
func (m *machine) pass(d time.Duration) {
	m.at, m.uptime = m.at.Add(d), m.uptime+d
}

// sweeper returns that of a process that starts now.
func (m *machine) sweeper(s *store.Store) *retention.Service {
	m.uptime = 0
	o := optionsOf(s, m.now)
	o.Uptime, o.Log = func() time.Duration { return m.uptime }, slog.New(slog.NewTextHandler(&m.log, nil))
	return retention.New(o)
}

// record appends events.
func record(t *testing.T, s *store.Store, n int) {
	t.Helper()
	must.Do(t, s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		for range n {
			if err := audit.Append(ctx, tx, audit.Event{Action: "client.create"}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func eventsOf(t *testing.T, s *store.Store) int {
	t.Helper()
	n, err := s.Reader().AuditEvent.Query().Count(principal.AsSystem(t.Context(), "test"))
	must.Do(t, err)
	return n
}

func TestAStartWithTheClockSixYearsAheadRemovesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := &machine{at: schema.Now()}
		plant(t, s, m.at)
		record(t, s, 48)
		swept := m.sweeper(s)
		must.Do(t, swept.Sweep(t.Context()))
		before, rows := eventsOf(t, s), counts(t, s)

		m.at = m.at.Add(6 * 365 * days)
		for range 3 { // also when the machine starts again and again
			swept = m.sweeper(s)
			must.Do(t, swept.Sweep(t.Context()))
			m.pass(time.Hour)
			must.Do(t, swept.Sweep(t.Context()))
		}
		if after := eventsOf(t, s); after < before {
			t.Errorf("the trail went from %d to %d events", before, after)
		}
		if after := counts(t, s); after["sessions"] != rows["sessions"] || after["credential_reads"] != 1 {
			t.Errorf("rows were removed: %v, were %v", after, rows)
		}
		if !strings.Contains(m.log.String(), "Is the clock right?") {
			t.Errorf("the log does not tell:\n%s", m.log.String())
		}
	})
}

func TestAnOlderInstallationWithoutAMarkBelievesItsTrailAndNotTheClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := &machine{at: schema.Now()}
		plant(t, s, m.at)
		record(t, s, 5)
		m.at = m.at.Add(6 * 365 * days)
		sweeper := m.sweeper(s)
		must.Do(t, sweeper.Sweep(t.Context()))
		if n := counts(t, s)["credential_reads"]; n != 1 {
			t.Error("the reads were removed by the first sweep")
		}
	})
}

func TestAPortalThatWasOffForAMonthRemovesWhatIsOldWithinTwoWeeks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := &machine{at: schema.Now()}
		plant(t, s, m.at)
		record(t, s, 1)
		must.Do(t, m.sweeper(s).Sweep(t.Context()))
		m.at = m.at.Add(30 * days)
		sweeper := m.sweeper(s)
		must.Do(t, sweeper.Sweep(t.Context()))
		if n := counts(t, s)["idempotent_requests"]; n != 1 {
			t.Error("what was a week old is removed at once")
		}
		for range 14 {
			m.pass(days)
			must.Do(t, sweeper.Sweep(t.Context()))
		}
		if n := counts(t, s)["idempotent_requests"]; n != 0 {
			t.Error("what was a week old is still there after two weeks")
		}
	})
}

func TestWhatIsTrimmedOfTheTrailIsNamedInTheLogWithItsCount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := &machine{at: schema.Now()}
		record(t, s, 9)
		sweeper := m.sweeper(s)
		must.Do(t, sweeper.Sweep(t.Context()))
		m.pass(periods.Trail + days) // and the process has really run for that long
		must.Do(t, sweeper.Sweep(t.Context()))
		if !strings.Contains(m.log.String(), `msg="the oldest events of the audit trail were removed: their time is over" events=`) {
			t.Errorf("the log does not tell:\n%s", m.log.String())
		}
		if n := eventsOf(t, s); n > 5 {
			t.Errorf("%d events are left", n)
		}
	})
}
