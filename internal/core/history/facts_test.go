package history_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/history"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// courseOf returns the course, in the window of 100 hours, of a connection that had a reason from an hour on, until
// another hour, and so on; the last one goes on.
func courseOf(since float64, reasonsAndEnds ...any) history.Course {
	var all []history.Interval
	for n := 0; n < len(reasonsAndEnds); n += 2 {
		until := float64(reasonsAndEnds[n+1].(int))
		all = append(all, interval(reasonsAndEnds[n].(provider.Reason), since, until))
		since = until
	}
	last := all[len(all)-1]
	is := row(last.Health.Reason, last.Since.Sub(start).Hours())
	return history.CourseOf(is, all[:len(all)-1], utc(0, 100), last.Until)
}

func TestFactsTellUpFromDownAndWaitingFromBoth(t *testing.T) {
	t.Parallel()
	const (
		h       = time.Hour
		works   = provider.CheckPassed
		refused = provider.PasswordRefused
		waits   = provider.NotCheckedYet
	)
	for _, c := range []struct {
		name   string
		course history.Course
		want   history.Facts
	}{
		{"it always worked", courseOf(0, works, 100), history.Facts{Counted: 100 * h}},
		{"it ends soon, and works", courseOf(0, works, 50, provider.CredentialsEndSoon, 100),
			history.Facts{Counted: 100 * h}},
		{"it waits for the merchant", courseOf(0, provider.WaitingForMerchant, 100), history.Facts{}},
		{"nobody can test it", courseOf(0, provider.NoTestAvailable, 100), history.Facts{}},
		{"it broke and was mended twice",
			courseOf(0, works, 10, provider.Unreachable, 11, works, 20, provider.ProviderFault, 21, refused, 25, works, 100),
			history.Facts{Counted: 100 * h, Down: 6 * h, Broke: 2, Mended: 2, ToMend: 6 * h, Longest: 5 * h}},
		{"it is broken still", courseOf(0, works, 90, refused, 100),
			history.Facts{Counted: 100 * h, Down: 10 * h, Broke: 1, Longest: 10 * h}},
		{"a new password that is refused too is the same outage",
			courseOf(0, works, 10, refused, 20, waits, 21, refused, 30, waits, 31, works, 100),
			history.Facts{Counted: 98 * h, Down: 19 * h, Broke: 1, Mended: 1, ToMend: 19 * h, Longest: 19 * h}},
		{"it broke before the window", courseOf(-50, refused, 10, works, 100),
			history.Facts{Counted: 100 * h, Down: 10 * h, Mended: 1, ToMend: 10 * h, Longest: 10 * h}},
		{"it broke when the window began", courseOf(-50, works, 0, refused, 10, works, 100),
			history.Facts{Counted: 100 * h, Down: 10 * h, Broke: 1, Mended: 1, ToMend: 10 * h, Longest: 10 * h}},
		{"an incident of the provider, with the time until it was seen",
			courseOf(0, works, 10, provider.Unreachable, 11, provider.Incident, 15, works, 100),
			history.Facts{Counted: 100 * h, Down: 5 * h, InIncident: 5 * h, Broke: 1, BrokeInIncident: 1, Mended: 1,
				ToMend: 5 * h, Longest: 5 * h}},
		{"after an incident the password is refused",
			courseOf(0, works, 10, provider.Incident, 15, refused, 17, works, 100),
			history.Facts{Counted: 100 * h, Down: 7 * h, InIncident: 5 * h, Broke: 1, BrokeInIncident: 1, Mended: 1,
				ToMend: 7 * h, Longest: 7 * h}},
		{"its settings no longer allow a test", courseOf(0, provider.SuspendedByProvider, 10, provider.NoTestAvailable, 100),
			history.Facts{Counted: 10 * h, Down: 10 * h, Broke: 1, Mended: 1, ToMend: 10 * h, Longest: 10 * h}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.course.Facts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAvailabilityAndTimeToMendAreUnknownWhereNothingIsCounted(t *testing.T) {
	t.Parallel()
	var none history.Facts
	if _, known := none.Availability(); known {
		t.Error("nothing is counted, and it has an availability")
	}
	if _, known := none.MeanToMend(); known {
		t.Error("nothing was mended, and it took a time")
	}
	sum := history.Sum(
		history.Facts{Counted: 100 * time.Hour, Down: time.Hour, Broke: 1, Mended: 1, ToMend: time.Hour,
			Longest: time.Hour},
		history.Facts{Counted: 100 * time.Hour, Down: 9 * time.Hour, InIncident: 3 * time.Hour, Broke: 2,
			BrokeInIncident: 1, Mended: 3, ToMend: 7 * time.Hour, Longest: 5 * time.Hour},
	)
	if share, _ := sum.Availability(); share != 0.95 {
		t.Errorf("the availability is %v", share)
	}
	if mean, _ := sum.MeanToMend(); mean != 2*time.Hour {
		t.Errorf("it took %s to mend", mean)
	}
	if sum.Broke != 3 || sum.BrokeInIncident != 1 || sum.InIncident != 3*time.Hour || sum.Longest != 5*time.Hour {
		t.Errorf("the sum is %+v", sum)
	}
}

func TestEachDayHasItsWorstStateAndTheTimeThatSomethingWasDown(t *testing.T) {
	t.Parallel()
	one := courseOf(30, provider.WaitingForMerchant, 40, provider.CheckPassed, 46, provider.Unreachable, 50,
		provider.CheckPassed, 100)
	other := courseOf(30, provider.CheckPassed, 48, provider.Unreachable, 49, provider.Incident, 52,
		provider.CredentialsEndSoon, 100)
	w := utc(0, 100)
	type day struct {
		worst            provider.State
		down, inIncident float64
	}
	for _, c := range []struct {
		name    string
		courses []history.Course
		want    []day
	}{
		{"no connection", nil, []day{{}, {}, {}, {}, {}}},
		{"one", []history.Course{one}, []day{{}, {provider.Failing, 2, 0}, {provider.Failing, 2, 0},
			{provider.Connected, 0, 0}, {provider.Connected, 0, 0}}},
		{"two, which were down together for a while", []history.Course{one, other}, []day{{}, {provider.Failing, 2, 0},
			{provider.Failing, 4, 4}, {provider.Expiring, 0, 0}, {provider.Expiring, 0, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []day
			for n, d := range history.Days(c.courses, w) {
				if want := start.AddDate(0, 0, n); !d.Begins.Equal(want) {
					t.Errorf("day %d begins %s, want %s", n, d.Begins, want)
				}
				got = append(got, day{d.Worst, d.Down.Hours(), d.InIncident.Hours()})
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(day{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDaysBeginAtMidnightOfTheZoneAlsoWhereADayHas23Hours(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2027, 3, 27, 0, 0, 0, 0, zone)
	w := history.Window{From: from, To: from.AddDate(0, 0, 3), Zone: zone}
	broken := &connection.Row{HealthState: "FAILING", HealthReason: string(provider.Unreachable), HealthSince: from}
	days := history.Days([]history.Course{history.CourseOf(broken, nil, w, w.To)}, w)
	var hours []float64
	for _, d := range days {
		if d.Begins.Hour() != 0 {
			t.Errorf("a day begins %s", d.Begins)
		}
		hours = append(hours, d.Down.Hours())
	}
	if diff := cmp.Diff([]float64{24, 23, 24}, hours); diff != "" {
		t.Error(diff)
	}
}

func TestAWindowWithoutAKnownZoneOrLengthIsRefused(t *testing.T) {
	t.Parallel()
	now := hour(24 * 500)
	past := hour(10)
	for _, c := range []struct {
		name string
		from time.Time
		to   *time.Time
		zone string
		good bool
	}{
		{"a month in São Paulo", now.AddDate(0, -1, 0), nil, "America/Sao_Paulo", true},
		{"an end in the future", now.AddDate(0, -1, 0), ptr(now.AddDate(0, 1, 0)), "UTC", true},
		{"400 days", now.AddDate(0, 0, -400), nil, "UTC", true},
		{"500 days", now.AddDate(0, 0, -500), nil, "UTC", false},
		{"no length", now, nil, "UTC", false},
		{"an end before its beginning", now.AddDate(0, 0, -1), &past, "UTC", false},
		{"an unknown zone", now.AddDate(0, 0, -1), nil, "America/Campina", false},
		{"the zone of the machine", now.AddDate(0, 0, -1), nil, "Local", false},
		{"a path", now.AddDate(0, 0, -1), nil, "../../etc/passwd", false},
	} {
		w, err := history.NewWindow(&c.from, c.to, c.zone, now)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && w.To.After(now) {
			t.Errorf("%s: it ends at %s", c.name, w.To)
		}
	}
}

func ptr[T any](v T) *T { return &v }
