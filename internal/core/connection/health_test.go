package connection

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaveiro/chaveiro/internal/provider"
)

// someRow draws a row of any state, whose end and renewal are near now, far from it, or unknown.
func someRow(t *rapid.T) *Row {
	row := full()
	reason := rapid.SampledFrom([]provider.Reason{
		provider.WaitingForMerchant, provider.NotCheckedYet, provider.NoTestAvailable, provider.CheckPassed,
		provider.RenewalDelayed,
		provider.CredentialsEndSoon, provider.Unreachable, provider.CredentialsExpired, provider.TokenRefused,
		provider.RenewalInterrupted, provider.RenewalIncomplete, provider.SuspendedByProvider, provider.Incident,
	}).Draw(t, "reason")
	row.HealthReason, row.HealthState = string(reason), string(provider.Health{Reason: reason}.State())
	at := func(name string) *time.Time {
		if !rapid.Bool().Draw(t, name+" is known") {
			return nil
		}
		when := now.Add(time.Duration(rapid.IntRange(-120, 120).Draw(t, name)) * time.Minute)
		return &when
	}
	row.CredentialsExpireAt, row.RenewAt = at("end"), at("renewal")
	return row
}

func TestTheHealthNeverSaysThatCredentialsWorkPastTheirEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := someRow(t)
		h, since := HealthAt(row, now)
		ended := row.CredentialsExpireAt != nil && !now.Before(*row.CredentialsExpireAt)
		if s := h.State(); ended && (s == provider.Connected || s == provider.Expiring) {
			t.Fatalf("%s since %s, but they ended at %s", s, since, row.CredentialsExpireAt)
		}
		if since.After(now) {
			t.Fatalf("it is %s since %s, which is in the future", h.Reason, since)
		}
		// After the sweep the row itself says the same.
		swept := Expired(row, now)
		if ended && (State(swept) == provider.Connected || State(swept) == provider.Expiring) {
			t.Fatalf("after the sweep the row says %s", State(swept))
		}
		if again, _ := HealthAt(swept, now); again != h {
			t.Fatalf("the sweep changes what is said from %s to %s", h.Reason, again.Reason)
		}
	})
}

func TestALateRenewalIsReportedWhileTheCredentialsWork(t *testing.T) {
	t.Parallel()
	due := now.Add(-LateAfter)
	row := changed(func(row *Row) { row.RenewAt = &due })
	if h, since := HealthAt(row, now); h.Reason != provider.RenewalDelayed || !since.Equal(now) {
		t.Errorf("%s since %s", h.Reason, since)
	}
	if h, since := HealthAt(row, now.Add(-time.Second)); h.Reason != provider.CheckPassed || !since.Equal(before) {
		t.Errorf("a second before: %s since %s", h.Reason, since)
	}
}

// TestTheHealthStaysUntilItsNextChange walks in small steps from now on: until the next change the health stays, and
// there it changes. Without a next change it stays for good.
func TestTheHealthStaysUntilItsNextChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := someRow(t)
		is, _ := HealthAt(row, now)
		next := NextHealthChange(row, now)
		if next.IsZero() {
			for at := now; at.Before(now.Add(5 * time.Hour)); at = at.Add(time.Minute) {
				if h, _ := HealthAt(row, at); h != is {
					t.Fatalf("no change is foretold, but it is %s at %s and was %s", h.Reason, at, is.Reason)
				}
			}
			return
		}
		if !next.After(now) {
			t.Fatalf("the next change is at %s, which is not after now", next)
		}
		for at := now; at.Before(next); at = at.Add(time.Minute) {
			if h, _ := HealthAt(row, at); h != is {
				t.Fatalf("%s at %s, before the next change at %s", h.Reason, at, next)
			}
		}
		if h, _ := HealthAt(row, next); h == is {
			t.Fatalf("it is still %s at the next change", h.Reason)
		}
	})
}
