package activity_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const plug = provider.Code("PLUG4MARKET")

// desk is a service with a clock.
type desk struct {
	*activity.Service
	store   *store.Store
	at      time.Time
	samples []activity.Sample
	failed  error
}

func newDesk(s *store.Store) *desk {
	d := &desk{store: s, at: time.Date(2026, 11, 28, 21, 30, 0, 0, time.UTC)}
	d.Service = activity.New(activity.Options{
		Store: s, Providers: provider.Registry{plug: nil}, Now: func() time.Time { return d.at },
		Sample: func(context.Context) ([]activity.Sample, error) { return d.samples, d.failed },
	})
	return d
}

// series returns the counts of a kind for a while back, by the beginning of their hours or days.
func (d *desk) series(t *testing.T, back activity.Back, zone string, of func(*activity.Point) int64) map[string]int64 {
	t.Helper()
	within, err := activity.RangeOf(back, zone, d.at)
	must.Do(t, err)
	points, err := activity.Series(principal.AsSystem(t.Context(), "test"), d.store.Reader(), within)
	must.Do(t, err)
	if want := map[activity.Back]int{activity.Day: 24, activity.Week: 7, activity.Month: 30}[back]; len(points) != want {
		t.Errorf("%s has %d points, want %d", back, len(points), want)
	}
	found := map[string]int64{}
	for _, p := range points {
		if n := of(p); n != 0 {
			found[p.Begins.Format("02 15h")] = n
		}
	}
	return found
}

func reads(p *activity.Point) int64 { return p.Sum(activity.Reads, "") }

func TestWhatIsCountedIsFoundByTheHourAndByTheDayOfAZone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(s)
		for _, n := range []int64{3, 4} { // the second is added to the first
			d.Count(activity.Reads, plug, n)
			d.Count(activity.Reads, "", 1)
			d.Count(activity.Reads, "UNKNOWN", 100)
			must.Do(t, d.Flush(t.Context()))
		}
		d.at = d.at.Add(5 * time.Hour) // 02:30 of the next day in UTC, and 23:30 of the same in São Paulo
		d.Count(activity.Reads, plug, 20)
		d.Count(activity.KeysRefused, "", 5)
		must.Do(t, d.Flush(t.Context()))
		must.Do(t, d.Flush(t.Context())) // there is nothing more
		for _, c := range []struct {
			back activity.Back
			zone string
			want map[string]int64
		}{
			{activity.Day, "UTC", map[string]int64{"28 21h": 9, "29 02h": 20}},
			{activity.Week, "UTC", map[string]int64{"28 00h": 9, "29 00h": 20}},
			{activity.Month, "America/Sao_Paulo", map[string]int64{"28 00h": 29}},
		} {
			if diff := cmp.Diff(c.want, d.series(t, c.back, c.zone, reads)); diff != "" {
				t.Errorf("%s in %s: %s", c.back, c.zone, diff)
			}
		}
		refused := d.series(t, activity.Day, "UTC", func(p *activity.Point) int64 { return p.Sum(activity.KeysRefused, "") })
		if diff := cmp.Diff(map[string]int64{"29 02h": 5}, refused); diff != "" {
			t.Error(diff)
		}
	})
}

func TestASampleReplacesThatOfItsHourAndADayHasTheMean(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(s)
		working := func(p *activity.Point) int64 {
			n, _ := p.Mean(activity.InState(provider.Connected))
			return n
		}
		for _, n := range []int64{70, 80} {
			d.samples = []activity.Sample{{activity.InState(provider.Connected), plug, n}, {activity.LongestDown, plug, n}}
			must.Do(t, d.TakeSample(t.Context()))
		}
		d.at = d.at.Add(time.Hour)
		d.samples = []activity.Sample{{activity.InState(provider.Connected), plug, 90}, {activity.LongestDown, plug, 7}}
		must.Do(t, d.TakeSample(t.Context()))
		hours := d.series(t, activity.Day, "UTC", working)
		if diff := cmp.Diff(map[string]int64{"28 21h": 80, "28 22h": 90}, hours); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]int64{"28 00h": 85}, d.series(t, activity.Week, "UTC", working)); diff != "" {
			t.Error(diff)
		}
		most := d.series(t, activity.Week, "UTC", func(p *activity.Point) int64 { return p.Most(activity.LongestDown, plug) })
		if diff := cmp.Diff(map[string]int64{"28 00h": 80}, most); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatCouldNotBeSavedIsSavedWithTheNext(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(s)
		d.Count(activity.Reads, plug, 3)
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := d.Flush(gone); err == nil {
			t.Error("a caller who has gone saved")
		}
		d.Count(activity.Reads, plug, 4)
		must.Do(t, d.Flush(t.Context()))
		if diff := cmp.Diff(map[string]int64{"28 21h": 7}, d.series(t, activity.Day, "UTC", reads)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTwoInstancesAddToTheSameHour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(s)
		var all sync.WaitGroup
		for range 8 {
			other := newDesk(s)
			all.Go(func() {
				for range 5 {
					other.Count(activity.Reads, plug, 1)
					other.Count(activity.Renewed, plug, 1)
					if err := other.Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if diff := cmp.Diff(map[string]int64{"28 21h": 40}, d.series(t, activity.Day, "UTC", reads)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARunTakesASampleAndItsEndSavesWhatWasCounted(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	d := newDesk(s)
	d.failed = errors.New("not now")
	ctx, stop := context.WithCancel(t.Context())
	reported := make(chan error, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(ctx, time.Millisecond, func(err error) { reported <- err })
	}()
	if err := <-reported; !errors.Is(err, d.failed) {
		t.Errorf("it reports %v", err)
	}
	stop()
	d.Count(activity.Reads, plug, 2)
	<-ended
	if diff := cmp.Diff(map[string]int64{"28 21h": 2}, d.series(t, activity.Day, "UTC", reads)); diff != "" {
		t.Error(diff)
	}
}

func TestRenewalsAreCountedByTheirOutcome(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	d := newDesk(s)
	d.CountCall(plug, 200, nil, time.Second)
	d.CountRenewal(plug, provider.OK, nil)
	d.CountRenewal(plug, provider.Untestable, nil)
	d.CountRenewal(plug, provider.Refused, nil)
	d.CountRenewal(plug, provider.Transient, nil)
	d.CountRenewal(plug, provider.OK, errors.New("the disk is full"))
	must.Do(t, d.Flush(t.Context()))
	for kind, want := range map[activity.Kind]int64{activity.Renewed: 1, activity.NotRenewed: 3} {
		got := d.series(t, activity.Day, "UTC", func(p *activity.Point) int64 { return p.Sum(kind, plug) })
		if diff := cmp.Diff(map[string]int64{"28 21h": want}, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	var none *activity.Service
	none.Count(activity.Reads, plug, 1) // as in a portal that counts nothing
}

func TestCountingAllocatesNothing(t *testing.T) {
	d := newDesk(nil)
	if n := testing.AllocsPerRun(100, func() { d.Count(activity.Reads, plug, 1) }); n != 0 {
		t.Errorf("a count allocates %v times", n)
	}
}
