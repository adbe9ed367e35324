package history_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/history"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// start is when the tests begin: midnight in UTC.
var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// hour returns an instant that many hours after start.
func hour(n float64) time.Time { return start.Add(time.Duration(n * float64(time.Hour))) }

// interval returns the interval of a reason between two hours.
func interval(reason provider.Reason, since, until float64) history.Interval {
	return history.Interval{Health: provider.Health{Reason: reason}, Since: hour(since), Until: hour(until)}
}

// row returns a connection with a reason since an hour.
func row(reason provider.Reason, since float64) *connection.Row {
	return &connection.Row{HealthState: string(provider.Health{Reason: reason}.State()), HealthReason: string(reason),
		HealthSince: hour(since)}
}

// utc returns the window between two hours, with days of UTC.
func utc(from, to float64) history.Window {
	return history.Window{From: hour(from), To: hour(to), Zone: time.UTC}
}

func TestACourseHasTheIntervalsOfItsWindowAndTheOneThatGoesOn(t *testing.T) {
	t.Parallel()
	ended := row(provider.CheckPassed, 20)
	end := hour(30)
	ended.CredentialsExpireAt = &end
	reason := row(provider.Unreachable, 10)
	reason.HealthReason = string(provider.Incident)
	since := hour(12)
	reason.HealthReasonSince = &since
	for _, c := range []struct {
		name   string
		row    *connection.Row
		stored []history.Interval
		window history.Window
		now    float64
		want   []history.Interval
	}{
		{"a new connection", row(provider.CheckPassed, 5), nil, utc(0, 10), 10,
			[]history.Interval{interval(provider.CheckPassed, 5, 10)}},
		{"a window that ends in the future", row(provider.CheckPassed, 5), nil, utc(0, 100), 10,
			[]history.Interval{interval(provider.CheckPassed, 5, 10)}},
		{"a window in the past", row(provider.CheckPassed, 9),
			[]history.Interval{interval(provider.CheckPassed, 0, 3), interval(provider.TokenRefused, 3, 9)}, utc(1, 4), 10,
			[]history.Interval{interval(provider.CheckPassed, 1, 3), interval(provider.TokenRefused, 3, 4)}},
		{"a window before all that is known", row(provider.CheckPassed, 9), nil, utc(1, 4), 10, nil},
		{"the same health twice", row(provider.CheckPassed, 9),
			[]history.Interval{interval(provider.CheckPassed, 2, 9)}, utc(0, 10), 10,
			[]history.Interval{interval(provider.CheckPassed, 2, 10)}},
		{"credentials that ended unseen", ended, nil, utc(0, 40), 40,
			[]history.Interval{interval(provider.CheckPassed, 20, 30), interval(provider.CredentialsExpired, 30, 40)}},
		{"credentials that turned out to have ended before", row(provider.CredentialsExpired, 6),
			[]history.Interval{interval(provider.CheckPassed, 0, 8), interval(provider.RenewalDelayed, 8, 9)}, utc(0, 10), 10,
			[]history.Interval{interval(provider.CheckPassed, 0, 6), interval(provider.CredentialsExpired, 6, 10)}},
		{"another reason of the same state", reason, []history.Interval{interval(provider.Unreachable, 10, 12)},
			utc(0, 20), 20,
			[]history.Interval{interval(provider.Unreachable, 10, 12), interval(provider.Incident, 12, 20)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := history.CourseOf(c.row, c.stored, c.window, hour(c.now)).Intervals
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// moves are the moves that set a health, by an instant and a number of chance.
var moves = []func(old *connection.Row, at time.Time, chance int) *connection.Row{
	func(old *connection.Row, at time.Time, chance int) *connection.Row {
		reason := provider.ReasonOf(int64(chance%23) + 1)
		return connection.Visited(old, connection.Visit{Asked: true, Health: provider.Health{Reason: reason}}, at)
	},
	func(old *connection.Row, at time.Time, _ int) *connection.Row {
		return connection.Entered(old, connection.Entry{Description: "Loja", Settings: []byte("{}"), New: true,
			Health: provider.Health{Reason: provider.NotCheckedYet}}, at)
	},
	func(old *connection.Row, at time.Time, chance int) *connection.Row {
		return connection.Installed(old, connection.Installation{
			Secrets: &connection.Sealing{Sealed: []byte("x")}, WrongShop: chance%2 == 0,
		}, at)
	},
	func(old *connection.Row, at time.Time, _ int) *connection.Row { return connection.Mismatched(old, at) },
	func(old *connection.Row, at time.Time, _ int) *connection.Row { return connection.Unopened(old, at) },
	func(old *connection.Row, at time.Time, _ int) *connection.Row { return connection.Confirmed(old, at) },
	func(old *connection.Row, at time.Time, _ int) *connection.Row { return connection.Blamed(old, at) },
	func(old *connection.Row, at time.Time, _ int) *connection.Row { return connection.Lost(old, at) },
	func(old *connection.Row, at time.Time, _ int) *connection.Row { return connection.Erased(old, at) },
	func(old *connection.Row, at time.Time, _ int) *connection.Row {
		marked := *old
		marked.RenewalBegunAt = &at
		return connection.Interrupted(&marked, at)
	},
}

// TestTheHistoryTellsOfEachInstantWhatTheRowSaidThen makes moves by chance, and asks between each two what the health
// is. In the end the history must say the same of each of these instants.
func TestTheHistoryTellsOfEachInstantWhatTheRowSaidThen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		seed := uint64(time.Now().UnixNano())
		chance := rand.New(rand.NewPCG(seed, 0))
		m := connectionIn(t, s, provider.WaitingForMerchant, start)
		at, said := start, map[time.Time]string{}
		for range 200 {
			at = at.Add(time.Duration(2+chance.IntN(100_000)) * time.Second)
			must.Do(t, s.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
				move := moves[chance.IntN(len(moves))]
				m, err = connection.Update(ctx, tx, m, move(m, at, chance.IntN(1000)))
				return err
			}))
			is, _ := connection.HealthAt(m, at.Add(time.Second))
			said[at.Add(time.Second)] = string(is.Reason)
		}
		w := history.Window{From: start, To: at.Add(time.Hour), Zone: time.UTC}
		stored, err := history.Stored(ctx, s, []string{m.ID, "another"}, w)
		must.Do(t, err)
		course := history.CourseOf(m, stored[m.ID], w, at.Add(2*time.Second))
		for instant, want := range said {
			got := "nothing"
			for _, i := range course.Intervals {
				if !instant.Before(i.Since) && instant.Before(i.Until) {
					got = string(i.Health.Reason)
				}
			}
			if got != want {
				t.Errorf("at %s the history says %s, and the row said %s (seed %d)", instant, got, want, seed)
			}
		}
		for n, i := range course.Intervals[1:] {
			if before := course.Intervals[n]; !before.Until.Equal(i.Since) {
				t.Errorf("after the interval until %s comes one from %s (seed %d)", before.Until, i.Since, seed)
			}
		}
		if newest, err := history.Newest(ctx, s, []string{m.ID}, 3); err != nil || len(newest) != 3 ||
			newest[0].MarketplaceID != m.ID || !newest[0].Until.Equal(connection.ReasonSince(m).Truncate(time.Second)) {
			t.Errorf("the newest are %v, %v", newest, err)
		}
	})
}

// connectionIn stores a connection with a reason since an instant.
func connectionIn(t *testing.T, s *store.Store, reason provider.Reason, since time.Time) (made *connection.Row) {
	t.Helper()
	must.Do(t, s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		client, err := tx.ClientRecord.Create().SetName("Loja").SetNameKey("loja").SetDocument("11222333000181").
			SetSearchText("loja").Save(ctx)
		if err != nil {
			return err
		}
		product, err := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		owned, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Save(ctx)
		if err != nil {
			return err
		}
		made, err = tx.Marketplace.Create().SetClientProductID(owned.ID).SetClientID(client.ID).SetProvider("PLUG4MARKET").
			SetDescription("Loja").SetSettings([]byte("{}")).SetHealthState(string(provider.Health{Reason: reason}.State())).
			SetHealthReason(string(reason)).SetHealthSince(since).Save(ctx)
		return err
	}))
	return made
}
