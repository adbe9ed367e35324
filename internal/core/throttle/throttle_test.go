package throttle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
)

const ana = "ana@example.com"

// house is a house whose log-ins a test tries.
type house struct{ stafftest.House }

// each runs test over a house on SQLite and one on PostgreSQL, both without an operator.
func each(t *testing.T, test func(t *testing.T, h house)) {
	t.Helper()
	stafftest.Each(t, func(t *testing.T, h stafftest.House) { test(t, house{h}) })
}

// try logs in from an address and returns how long it has to wait, 0 when the password was checked.
func (h house) try(t *testing.T, email, password, address string) time.Duration {
	t.Helper()
	_, err := h.Logins.Login(t.Context(), email, password, session.Browser{Address: address})
	var wait fault.Throttled
	switch {
	case errors.As(err, &wait):
		return wait.After
	case err != nil && !fault.Is(err, fault.InvalidCredentials):
		t.Fatal(err)
	}
	return 0
}

// admit fails unless the password of a log-in is checked.
func (h house) admit(t *testing.T, email, password, address string) {
	t.Helper()
	if wait := h.try(t, email, password, address); wait != 0 {
		t.Fatalf("%s from %s is told to wait %s", email, address, wait)
	}
}

// Proves: 2.5
func TestAfterFiveFailuresOneOperatorFromOneAddressWaitsTwiceAsLongEachTime(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		for range 5 {
			h.admit(t, ana, "wrong", "192.0.2.1")
		}
		for _, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
			h.admit(t, ana, "wrong", "192.0.2.1")
			if wait := h.try(t, ana, stafftest.Password, "192.0.2.1"); wait != time.Duration(seconds)*time.Second {
				t.Fatalf("told to wait %s, want %d s", wait, seconds)
			}
			h.Clock.Advance(time.Duration(seconds) * time.Second)
		}
		h.admit(t, "other@example.com", "wrong", "192.0.2.1")
		h.admit(t, ana, "wrong", "192.0.2.2")
	})
}

func TestASuccessForgivesTheFailuresBefore(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		for range 3 {
			for range 5 {
				h.admit(t, ana, "wrong", "192.0.2.1")
			}
			h.admit(t, ana, stafftest.Password, "192.0.2.1")
			h.Clock.Advance(15 * time.Minute) // for the address
		}
	})
}

// Proves: 2.5
func TestAnAddressWithTwentyFailuresWaitsAQuarterOfAnHour(t *testing.T) {
	for name, addresses := range map[string][2]string{
		"IPv4":                    {"192.0.2.1", "192.0.2.1"},
		"one network of 64 bits":  {"2001:db8:0:1::1", "2001:db8:0:1:ffff::9"},
		"an address that is none": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h house) {
				h.Clock.Stop()
				for i := range 20 {
					h.admit(t, fmt.Sprintf("nobody%d@example.com", i), "wrong", addresses[i%2])
				}
				if wait := h.try(t, "another@example.com", "wrong", addresses[1]); wait != 15*time.Minute {
					t.Errorf("told to wait %s", wait)
				}
				h.admit(t, "another@example.com", "wrong", "198.51.100.1")
				h.admit(t, "another@example.com", "wrong", "2001:db8:0:2::1")
				h.Clock.Advance(15 * time.Minute)
				h.admit(t, "another@example.com", "wrong", addresses[0])
			})
		})
	}
}

func TestFailuresOfAnAddressInTheLastQuarterOfAnHourCount(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		for i := range 19 {
			h.admit(t, fmt.Sprintf("a%d@example.com", i), "wrong", "192.0.2.1")
		}
		h.Clock.Advance(15 * time.Minute)
		for i := range 20 {
			h.admit(t, fmt.Sprintf("b%d@example.com", i), "wrong", "192.0.2.1")
		}
	})
}

// from returns the strange address of a number.
func from(i int) string { return fmt.Sprintf("198.51.%d.%d", 100+i/200, 1+i%200) }

// Proves: 2.5
func TestAnAttackFromManyAddressesSlowsStrangersDownAndNotTheOperator(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		for i := range 50 {
			h.admit(t, ana, "wrong", from(i))
		}
		h.admit(t, ana, "wrong", from(50))
		if wait := h.try(t, ana, stafftest.Password, from(51)); wait != time.Second {
			t.Errorf("a stranger is told to wait %s", wait)
		}
		h.admit(t, ana, stafftest.Password, "192.0.2.1") // which forgives
		h.admit(t, ana, "wrong", from(52))
	})
}

// Proves: 2.5
func TestAHundredFailuresFromStrangeAddressesStopStrangersUntilASuccess(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		for i := range 100 {
			if wait := h.try(t, ana, "wrong", from(i)); wait > 30*time.Second {
				t.Fatalf("after %d failures a stranger is told to wait %s", i, wait)
			} else if wait > 0 {
				h.Clock.Advance(wait)
				h.admit(t, ana, "wrong", from(i))
			}
		}
		h.Clock.Advance(2 * time.Hour)
		if wait := h.try(t, ana, stafftest.Password, from(100)); wait < 20*time.Hour {
			t.Errorf("a stranger is told to wait %s", wait)
		}
		h.admit(t, ana, "wrong", "192.0.2.1")
		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		h.admit(t, ana, stafftest.Password, from(101))
	})
}

func TestAnAddressIsStrangeAgainAfterThirtyDays(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		h.Clock.Advance(31 * 24 * time.Hour)
		for i := range 51 {
			h.admit(t, ana, "wrong", from(i))
		}
		if wait := h.try(t, ana, stafftest.Password, "192.0.2.1"); wait != time.Second {
			t.Errorf("told to wait %s", wait)
		}
	})
}

// Proves: 2.5
func TestConcurrentLogInsGetNoMoreTriesThanLogInsOneByOne(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		second := h.Instance(t)
		var lookedAt atomic.Int32
		var all sync.WaitGroup
		for i := range 30 {
			service := h.Staff
			if i%2 == 1 {
				service = second // the counts are shared
			}
			all.Go(func() {
				ctx := context.WithoutCancel(t.Context())
				_, err := service.Logins.Login(ctx, ana, "wrong", session.Browser{Address: "192.0.2.1"})
				if fault.Is(err, fault.InvalidCredentials) {
					lookedAt.Add(1)
				}
			})
		}
		all.Wait()
		if n := lookedAt.Load(); n != 6 {
			t.Errorf("%d log-ins were looked at, want 6", n)
		}
	})
}

func TestAThrottleIsRecordedWhenItBeginsAndSaysNothingOfUnknownPeople(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		for range 6 {
			h.admit(t, "nobody@example.com", "wrong", "192.0.2.1")
		}
		for range 5 {
			h.try(t, "nobody@example.com", "wrong", "192.0.2.1")
		}
		events, err := h.Store.Reader().AuditEvent.Query().
			Where(auditevent.Action("session.throttled")).
			All(stafftest.AsSystem(t))
		must.Do(t, err)
		if len(events) != 1 || !strings.Contains(string(events[0].Changes), `"pair"`) {
			t.Errorf("the trail has %v", events)
		}
		rows, err := h.Store.Reader().Throttle.Query().All(stafftest.AsSystem(t))
		must.Do(t, err)
		for _, row := range rows {
			if strings.Contains(row.ID, "nobody") || strings.Contains(row.ID, "192.0.2") || len(row.ID) != 64 {
				t.Errorf("the table tells %s", row.ID)
			}
		}
	})
}

// Proves: 2.5
func TestALogInWhosePasswordWasNotCheckedDoesNotCount(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		for range 5 {
			h.admit(t, ana, "wrong", "192.0.2.1")
		}
		busy := h.InstanceOf(t, "", password.BusyForTesting(t))
		_, err := busy.Logins.Login(t.Context(), ana, stafftest.Password, session.Browser{Address: "192.0.2.1"})
		if !errors.Is(err, fault.Busy) {
			t.Errorf("without a turn: %v", err)
		}
		h.admit(t, ana, "wrong", "192.0.2.1") // the sixth, after which there is a wait
		if wait := h.try(t, ana, stafftest.Password, "192.0.2.1"); wait != time.Second {
			t.Errorf("told to wait %s", wait)
		}
	})
}

// Proves: 2.1
func TestStrangersNeverTakeTheTurnOfAnOperatorWhoCameLately(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		crowded := h.InstanceOf(t, "", password.BusyForTesting(t))
		logIn := func(address string) error {
			_, err := crowded.Logins.Login(t.Context(), ana, stafftest.Password, session.Browser{Address: address})
			return err
		}
		if err := logIn("198.51.100.1"); !errors.Is(err, fault.Busy) {
			t.Errorf("from a strange address: %v", err)
		}
		if err := logIn("192.0.2.1"); err != nil {
			t.Errorf("from where she came lately: %v", err)
		}
	})
}

func TestFailuresFromManyNetworksOfOneHouseAreCountedTogether(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		for name, test := range map[string]struct {
			form  string
			tries int
		}{
			"a /56": {"2001:db8:1:1%02x::1", 80},
			"a /48": {"2001:db8:2:%x00::1", 320},
		} {
			address := func(i int) string { return fmt.Sprintf(test.form, i%256) }
			for i := range test.tries {
				if wait := h.try(t, fmt.Sprintf("nobody%d@example.com", i), "wrong", address(i)); wait != 0 {
					t.Fatalf("%s waits after %d failures", name, i)
				}
			}
			if wait := h.try(t, "another@example.com", "wrong", address(7)); wait != 15*time.Minute {
				t.Errorf("%s is told to wait %s", name, wait)
			}
		}
	})
}
