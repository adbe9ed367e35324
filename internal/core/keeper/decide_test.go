package keeper

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

var (
	testNow = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	lead    = time.Hour
)

func in(d time.Duration) *time.Time {
	at := testNow.Add(d)
	return &at
}

// testRow returns a row whose health has a reason, and whose credentials end after left; 0 for an unknown end.
func testRow(reason provider.Reason, left time.Duration) *connection.Row {
	row := &connection.Row{
		ID: "mkt_1", HealthReason: string(reason), HealthState: string(provider.Health{Reason: reason}.State()),
		SecretStates: map[string]secretstate.State{"token": {}},
	}
	if left != 0 {
		row.CredentialsExpireAt = in(left)
		row.RenewAt = in(left - lead)
	}
	return row
}

// testFacts returns the facts of a pair that is renewed lead before its end, without chance.
func testFacts(old *connection.Row, a answer) facts {
	f := facts{
		now: testNow, old: old, answer: a, renews: true, planned: true, spends: true, accountFree: true,
		checkEvery: time.Hour,
		spread:     func(d time.Duration) time.Duration { return d },
		plan: func(r provider.Record) *provider.Renewal {
			plan := &provider.Renewal{Spends: true}
			if r.ExpireAt != nil {
				plan.At = r.ExpireAt.Add(-lead)
			}
			return plan
		},
	}
	f.asked = true
	return f
}

func result(o provider.Outcome, reason provider.Reason) answer {
	return answer{Renewed: provider.Renewed{Result: provider.Result{Outcome: o, Reason: reason}}}
}

func renewing(a answer) answer {
	a.renewing = true
	return a
}

func pairUntil(left time.Duration) *connection.Sealing {
	return &connection.Sealing{Sealed: []byte("new"), States: map[string]secretstate.State{"token": {ExpiresAt: in(left)}}}
}

func noPlan(f *facts) {
	f.plan, f.planned, f.renews, f.spends = func(provider.Record) *provider.Renewal { return nil }, false, false, false
}

func TestDecide(t *testing.T) {
	t.Parallel()
	ok, refused := result(provider.OK, provider.CheckPassed), result(provider.Refused, provider.RenewalRefused)
	fault := result(provider.Transient, provider.Unreachable)
	for name, c := range map[string]struct {
		old    *connection.Row
		answer answer
		change func(*facts)
		// reason, next, renewAt, failures and pending are the expected decision; next and renewAt are nil for none.
		reason        provider.Reason
		next, renewAt *time.Time
		failures      int
		pending       bool
	}{
		"a check passes: the next one after the interval": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: ok,
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(19 * time.Hour),
		},
		"a check passes and the renewal comes before the next check": {
			old: testRow(provider.CheckPassed, 90*time.Minute), answer: ok,
			reason: provider.CheckPassed, next: in(30 * time.Minute), renewAt: in(30 * time.Minute),
		},
		"a check passes after faults: they are forgotten": {
			old: func() *connection.Row {
				row := testRow(provider.Unreachable, 20*time.Hour)
				row.Failures = 9
				return row
			}(), answer: ok,
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(19 * time.Hour),
		},
		"a check passes of what nobody can renew and that ends soon": {
			old: testRow(provider.CheckPassed, 48*time.Hour), answer: ok, change: noPlan,
			reason: provider.CredentialsEndSoon, next: in(time.Hour),
		},
		"a renewal passes": {
			old: testRow(provider.RenewalDelayed, 10*time.Minute), answer: renewing(ok),
			change: func(f *facts) { f.sealing, f.previous = pairUntil(24*time.Hour), []byte("old") },
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(23 * time.Hour),
		},
		"a renewal passes of a pair that was lost": {
			old: testRow(provider.RenewalLost, -time.Hour), answer: renewing(ok),
			change: func(f *facts) { f.sealing = pairUntil(24 * time.Hour) },
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(23 * time.Hour),
		},
		"a renewal gives what would be due again at once: not without end": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(ok),
			change: func(f *facts) { f.sealing = pairUntil(30 * time.Minute) },
			reason: provider.CheckPassed, next: in(5 * time.Minute), renewAt: in(5 * time.Minute),
		},
		"a check passes of a pair whose end is not known: a renewal tells it": {
			old: testRow(provider.NotCheckedYet, 0), answer: ok,
			reason: provider.CheckPassed, next: in(0), renewAt: in(0),
		},
		"a renewal gives credentials whose end is not known: not without end": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(ok),
			change: func(f *facts) {
				f.sealing = &connection.Sealing{Sealed: []byte("new"), States: map[string]secretstate.State{"token": {}}}
			},
			reason: provider.CheckPassed, next: in(5 * time.Minute), renewAt: in(5 * time.Minute),
		},
		"a check is refused": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: result(provider.Refused, provider.TokenRefused),
			change: noPlan,
			reason: provider.TokenRefused,
		},
		"a refusal without a reason of its own": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: result(provider.Refused, ""), change: noPlan,
			reason: provider.TokenRefused,
		},
		"a renewal is refused: nobody renews any more": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(refused), reason: provider.RenewalRefused,
		},
		"a renewal is refused and the house's log-in may mend it, now": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(refused),
			change: func(f *facts) { f.mintAt = in(0) },
			reason: provider.RenewalRefused, next: in(time.Minute),
		},
		"a renewal is refused and the house's log-in may mend it later": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(refused),
			change: func(f *facts) { f.mintAt = in(40 * time.Minute) },
			reason: provider.RenewalRefused, next: in(41 * time.Minute),
		},
		"the house's log-in was used and gave nothing: not again within the hour": {
			old: testRow(provider.RenewalRefused, -time.Hour), answer: renewing(refused),
			change: func(f *facts) { f.minted, f.mintAt = true, in(-time.Hour) },
			reason: provider.RenewalRefused, next: in(61 * time.Minute),
		},
		"the house's log-in gave a new pair": {
			old: testRow(provider.RenewalRefused, -time.Hour), answer: renewing(ok),
			change: func(f *facts) { f.minted, f.mintAt, f.sealing = true, in(-time.Hour), pairUntil(24*time.Hour) },
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(23 * time.Hour),
		},
		"a refused password is nothing that the house's log-in mends": {
			old: testRow(provider.CheckPassed, 0), answer: result(provider.Refused, provider.PasswordRefused),
			change: func(f *facts) { f.mintAt = in(0) },
			reason: provider.PasswordRefused,
		},
		"a refusal in an incident is the provider's trouble": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: result(provider.Refused, provider.TokenRefused),
			change: func(f *facts) { f.incident = true },
			reason: provider.Incident, next: in(time.Hour), renewAt: in(19 * time.Hour),
		},
		"a refused renewal in an incident comes again after a pause, however late it is": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(refused),
			change: func(f *facts) { f.incident = true },
			reason: provider.Incident, next: in(time.Hour), renewAt: in(-50 * time.Minute),
		},
		"a fault in an incident": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: fault, change: func(f *facts) { f.incident = true },
			reason: provider.Incident, next: in(time.Hour), renewAt: in(19 * time.Hour), failures: 1,
		},
		"what the provider has suspended stays suspended in an incident": {
			old: testRow(provider.SuspendedByProvider, 20*time.Hour), answer: result(provider.Refused, provider.TokenRefused),
			change: func(f *facts) { f.incident = true },
			reason: provider.SuspendedByProvider, next: in(24 * time.Hour),
		},
		"what was refused before an incident stays refused in it": {
			old: testRow(provider.TokenRefused, 20*time.Hour), answer: result(provider.Refused, provider.TokenRefused),
			change: func(f *facts) { f.incident = true },
			reason: provider.TokenRefused,
		},
		"a check passes in an incident": {
			old: testRow(provider.Incident, 20*time.Hour), answer: ok, change: func(f *facts) { f.incident = true },
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(19 * time.Hour),
		},
		"a first fault": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: fault,
			reason: provider.Unreachable, next: in(time.Minute), renewAt: in(19 * time.Hour), failures: 1,
		},
		"a fault of a renewal while the credentials work; what came of it is not known": {
			old: testRow(provider.CheckPassed, 50*time.Minute), answer: renewing(fault),
			reason: provider.RenewalDelayed, next: in(time.Minute), renewAt: in(-10 * time.Minute), failures: 1, pending: true,
		},
		"a fault of a renewal that surely never arrived": {
			old: testRow(provider.CheckPassed, 50*time.Minute), answer: func() answer {
				a := renewing(fault)
				a.Unsent = true
				return a
			}(),
			reason: provider.RenewalDelayed, next: in(time.Minute), renewAt: in(-10 * time.Minute), failures: 1,
		},
		"a fault of a renewal that spends nothing": {
			old: testRow(provider.CheckPassed,
				50*time.Minute), answer: renewing(fault), change: func(f *facts) { f.spends = false },
			reason: provider.RenewalDelayed, next: in(time.Minute), renewAt: in(-10 * time.Minute), failures: 1,
		},
		"a fault of a renewal past the end": {
			old: testRow(provider.RenewalDelayed, -time.Minute), answer: renewing(fault),
			reason: provider.CredentialsExpired, next: in(time.Minute), renewAt: in(-61 * time.Minute), failures: 1,
			pending: true,
		},
		"a fault in what needs attention: the refusal stands": {
			old: testRow(provider.TokenRefused, 20*time.Hour), answer: fault, reason: provider.TokenRefused, failures: 1,
		},
		"a renewal of a pair without a known end fails: it stays as late as it was": {
			old: func() *connection.Row {
				row := testRow(provider.CheckPassed, 0)
				row.RenewAt = in(-2 * time.Hour)
				return row
			}(), answer: renewing(fault),
			reason: provider.Unreachable, next: in(time.Minute), renewAt: in(-2 * time.Hour), failures: 1, pending: true,
		},
		"the provider has suspended the shop: a check a day": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: result(provider.Halted, provider.SuspendedByProvider),
			reason: provider.SuspendedByProvider, next: in(24 * time.Hour),
		},
		"a fault in what is suspended": {
			old: testRow(provider.SuspendedByProvider, 20*time.Hour), answer: fault,
			reason: provider.SuspendedByProvider, next: in(24 * time.Hour), failures: 1,
		},
		"a check passes of another's shop: it waits for an operator, neither checked nor renewed": {
			old: testRow(provider.CheckPassed, 20*time.Hour), answer: ok, change: func(f *facts) { f.wrongShop = true },
			reason: provider.WrongShop,
		},
		"a renewal passes of another's shop: the new pair is kept": {
			old: testRow(provider.CheckPassed, 10*time.Minute), answer: renewing(ok),
			change: func(f *facts) { f.wrongShop, f.sealing = true, pairUntil(24*time.Hour) },
			reason: provider.WrongShop,
		},
		"a fault in what waits as another's shop": {
			old: testRow(provider.WrongShop, 20*time.Hour), answer: fault, change: func(f *facts) { f.wrongShop = true },
			reason: provider.WrongShop, failures: 1,
		},
		"a check passes of a shop that an operator has confirmed": {
			old: testRow(provider.WrongShop, 20*time.Hour), answer: ok,
			reason: provider.CheckPassed, next: in(time.Hour), renewAt: in(19 * time.Hour),
		},
		"there is no way to test and nothing to renew: it is left alone": {
			old: testRow(provider.NotCheckedYet, 0), answer: result(provider.Untestable, ""), change: noPlan,
			reason: provider.NoTestAvailable,
		},
		"there is no way to test, but something to renew": {
			old: testRow(provider.NotCheckedYet, 90*time.Minute), answer: result(provider.Untestable, ""),
			reason: provider.NoTestAvailable, next: in(30 * time.Minute), renewAt: in(30 * time.Minute),
		},
		"an answer to a renewal that nobody could read": {
			old: testRow(provider.CheckPassed,
				50*time.Minute), answer: renewing(fault), change: func(f *facts) { f.unread = []byte("x") },
			reason: provider.RenewalDelayed, next: in(time.Minute), renewAt: in(-10 * time.Minute), failures: 1, pending: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := testFacts(c.old, c.answer)
			if c.change != nil {
				c.change(&f)
			}
			v := decide(f)
			if v.Health.Reason != c.reason {
				t.Errorf("it is %s, want %s", v.Health.Reason, c.reason)
			}
			sameTime(t, "the next check", v.NextCheckAt, c.next)
			sameTime(t, "the renewal", v.RenewAt, c.renewAt)
			if v.Failures != c.failures || v.Pending != c.pending || !v.Asked || v.Minted != f.minted {
				t.Errorf("failures %d, pending %t, asked %t, minted %t", v.Failures, v.Pending, v.Asked, v.Minted)
			}
			if (v.Renewal != nil) != (f.sealing != nil) || (len(v.Unread) > 0) != (f.unread != nil) {
				t.Errorf("renewal %v, unread %s", v.Renewal, v.Unread)
			}
			if v.Renewal != nil && !v.Renewal.PreviousUntil.Equal(testNow.Add(24*time.Hour)) {
				t.Errorf("the pair before is kept until %s", v.Renewal.PreviousUntil)
			}
			if f.unread != nil && !v.UnreadUntil.Equal(testNow.Add(24*time.Hour)) {
				t.Errorf("the answer is kept until %s", v.UnreadUntil)
			}
		})
	}
}

func sameTime(t *testing.T, what string, got, want *time.Time) {
	t.Helper()
	switch {
	case got == nil && want == nil:
	case got == nil || want == nil:
		t.Errorf("%s is %v, want %v", what, got, want)
	case !got.Equal(*want):
		t.Errorf("%s is in %s, want in %s", what, got.Sub(testNow), want.Sub(testNow))
	}
}

func TestThePauseAfterFaultsGrowsToAnHour(t *testing.T) {
	t.Parallel()
	row := testRow(provider.CheckPassed, 200*time.Hour)
	var pauses []string
	for range 9 {
		v := decide(testFacts(row, result(provider.Transient, provider.Unreachable)))
		pauses = append(pauses, v.NextCheckAt.Sub(testNow).String())
		row = connection.Visited(row, v, testNow)
	}
	if got, want := strings.Join(pauses, " "), "1m0s 2m0s 4m0s 8m0s 16m0s 32m0s 1h0m0s 1h0m0s 1h0m0s"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	row.Failures = 1 << 30
	if v := decide(testFacts(row,
		result(provider.Transient, provider.Unreachable))); v.NextCheckAt.Sub(testNow) != time.Hour {
		t.Errorf("after very many faults: %s", v.NextCheckAt.Sub(testNow))
	}
}

func TestThePauseThatAProviderAsksForIsCapped(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		0: time.Minute, 10 * time.Second: time.Minute, 20 * time.Minute: 20 * time.Minute, 6 * time.Hour: 6 * time.Hour,
		1000 * time.Hour: 6 * time.Hour,
	} {
		a := result(provider.Transient, provider.RateLimited)
		a.RetryAfter = asked
		if v := decide(testFacts(testRow(provider.CheckPassed, 20*time.Hour), a)); v.NextCheckAt.Sub(testNow) != want {
			t.Errorf("Retry-After %s: the next check in %s, want %s", asked, v.NextCheckAt.Sub(testNow), want)
		}
	}
}

func TestAConnectionLearnsItsAccountOnceAndNeverTakesAnothers(t *testing.T) {
	t.Parallel()
	a := result(provider.OK, provider.CheckPassed)
	a.Account = provider.Account{ID: "111", Name: "Padaria", Document: "111"}
	known := "222"
	for name, c := range map[string]struct {
		account *string
		free    bool
		want    string
	}{
		"the first time":                  {nil, true, "111"},
		"another connection has it":       {nil, false, ""},
		"this one has an account":         {&known, true, ""},
		"this one has one, that is taken": {&known, false, ""},
	} {
		f := testFacts(testRow(provider.CheckPassed, 20*time.Hour), a)
		f.old.ExternalAccount, f.accountFree = c.account, c.free
		if v := decide(f); v.Account.ID != c.want || v.Account.Document != "111" {
			t.Errorf("%s: the account is %q of %q", name, v.Account.ID, v.Account.Document)
		}
	}
}

func TestTheMessageOfAProviderIsKeptUntilTheConnectionWorks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome provider.Outcome
		said    string
		want    *string
	}{
		"a refusal says something": {provider.Refused, "no", func() *string { s := "no"; return &s }()},
		"a refusal says nothing":   {provider.Refused, "", nil},
		"a fault says nothing":     {provider.Transient, "", nil},
		"it works":                 {provider.OK, "hello", new(string)},
		"it cannot be tested":      {provider.Untestable, "", new(string)},
	} {
		a := result(c.outcome, "")
		a.Message = c.said
		v := decide(testFacts(testRow(provider.CheckPassed, 20*time.Hour), a))
		if (v.Message == nil) != (c.want == nil) || v.Message != nil && *v.Message != *c.want {
			t.Errorf("%s: %v", name, v.Message)
		}
	}
}

func TestWhatAProviderSaidBeforeIsNoAnswerToACallThatDidNotReachIt(t *testing.T) {
	t.Parallel()
	for reason, forgotten := range map[provider.Reason]bool{
		provider.CheckPassed: true, provider.ProviderFault: true,
		provider.TokenRefused: false, provider.SuspendedByProvider: false, // its last word still holds
	} {
		a := result(provider.Transient, provider.Unreachable)
		a.Cause, a.Detail = outbound.ConnectionRefused, "POST https://shop.example: unreachable: connection refused"
		v := decide(testFacts(testRow(reason, 20*time.Hour), a))
		if (v.Message != nil) != forgotten || v.Message != nil && *v.Message != "" {
			t.Errorf("from %s: the message is %v", reason, v.Message)
		}
		if v.Cause != string(a.Cause) || v.Detail != a.Detail {
			t.Errorf("from %s: the cause is %q, %q", reason, v.Cause, v.Detail)
		}
	}
}

// someFacts draws arbitrary possible facts.
func someFacts(t *rapid.T) facts {
	hours := func(name string) time.Duration {
		return time.Duration(rapid.IntRange(-3000, 3000).Draw(t, name)) * time.Minute
	}
	row := testRow(rapid.SampledFrom(drawnReasons).Draw(t, "from"), hours("left"))
	row.Failures = rapid.IntRange(0, 50).Draw(t, "failures")
	if rapid.Bool().Draw(t, "planned before") {
		row.RenewAt = in(hours("renew at"))
	}
	a := answer{renewing: rapid.Bool().Draw(t, "renewing"), minted: rapid.Bool().Draw(t, "minted")}
	a.Outcome = rapid.SampledFrom([]provider.Outcome{
		provider.OK, provider.Refused, provider.Halted, provider.Transient, provider.Untestable,
	}).Draw(t, "outcome")
	a.Reason = rapid.SampledFrom(append([]provider.Reason{""}, drawnReasons...)).Draw(t, "reason")
	a.RetryAfter = time.Duration(rapid.IntRange(0, 100).Draw(t, "retry after")) * time.Hour
	a.Unsent = rapid.Bool().Draw(t, "unsent")
	if rapid.Bool().Draw(t, "says state") {
		a.State = json.RawMessage(`{}`)
	}
	f := testFacts(row, a)
	f.spread = spread
	f.incident = rapid.Bool().Draw(t, "incident")
	if rapid.Bool().Draw(t, "not renewable") {
		noPlan(&f)
	}
	if rapid.Bool().Draw(t, "mintable") {
		f.mintAt = in(time.Duration(rapid.IntRange(-600, 60).Draw(t, "mint at")) * time.Minute)
	}
	if a.renewing && a.Outcome == provider.OK {
		f.sealing = pairUntil(hours("new end"))
		if rapid.Bool().Draw(t, "new end is not known") {
			f.sealing.States = map[string]secretstate.State{"token": {}}
		}
	}
	return f
}

var drawnReasons = []provider.Reason{
	provider.WaitingForMerchant, provider.NotCheckedYet, provider.NoTestAvailable, provider.CheckPassed,
	provider.RenewalDelayed,
	provider.CredentialsEndSoon, provider.Unreachable, provider.ProviderFault, provider.RateLimited,
	provider.CredentialsExpired,
	provider.PasswordRefused, provider.TokenRefused, provider.RenewalRefused, provider.RenewalLost, provider.AccessRevoked,
	provider.SecretsLost, provider.SuspendedByProvider, provider.RenewalInterrupted, provider.RenewalIncomplete,
	provider.Incident,
	provider.StoreUnknown,
}

func TestAFaultNeverLeadsToNeedsAttention(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFacts(t)
		f.Outcome = provider.Transient
		v := decide(f)
		was := connection.State(f.old)
		if is := v.Health.State(); is == provider.NeedsAttention && was != provider.NeedsAttention {
			t.Fatalf("%s became %s by a fault", f.old.HealthReason, v.Health.Reason)
		}
	})
}

func TestNoConnectionTurnsToNeedsAttentionInAnIncident(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFacts(t)
		f.incident = true
		f.Outcome = rapid.SampledFrom([]provider.Outcome{provider.Transient, provider.Refused}).Draw(t, "bad")
		was := connection.State(f.old)
		if v := decide(f); v.Health.State() == provider.NeedsAttention && was != provider.NeedsAttention {
			t.Fatalf("%s became %s in an incident", f.old.HealthReason, v.Health.Reason)
		}
	})
}

func TestAnOverdueRenewalKeepsItsTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFacts(t)
		f.Outcome, f.sealing = provider.Transient, nil
		if f.old.CredentialsExpireAt != nil { // as every row has it: the plan of its own end
			f.old.RenewAt = in(f.old.CredentialsExpireAt.Sub(testNow) - lead)
		}
		v := decide(f)
		if f.old.RenewAt == nil || f.old.RenewAt.After(testNow) || v.RenewAt == nil {
			return
		}
		if !v.RenewAt.Equal(*f.old.RenewAt) {
			t.Fatalf("a renewal that was due at %s is due at %s after a fault", f.old.RenewAt, v.RenewAt)
		}
	})
}

func TestTheNextVisitIsNeverInThePastAfterACallAndNeverFarAhead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFacts(t)
		v := decide(f)
		if v.NextCheckAt == nil {
			return
		}
		if most := testNow.Add(suspendedPause + suspendedPause/10); v.NextCheckAt.After(most) {
			t.Fatalf("the next visit is in %s", v.NextCheckAt.Sub(testNow))
		}
		if bad := f.Outcome == provider.Transient || f.Outcome == provider.Refused || f.Outcome == provider.Halted; bad &&
			v.NextCheckAt.Before(testNow.Add(firstPause-firstPause/10)) {
			t.Fatalf("after %s it is visited again in %s", f.Outcome, v.NextCheckAt.Sub(testNow))
		}
		if f.Outcome == provider.OK && f.sealing != nil && v.NextCheckAt.Before(testNow.Add(shortestRenewal)) {
			t.Fatalf("after a renewal it is visited again in %s", v.NextCheckAt.Sub(testNow))
		}
	})
}

func TestAConnectionThatNoVisitCanMendHasNoNextVisit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFacts(t)
		v := decide(f)
		if v.Health.State() != provider.NeedsAttention {
			return
		}
		mend := f.mintAt != nil && mendable[v.Health.Reason]
		if (v.NextCheckAt != nil) != mend || v.RenewAt != nil {
			t.Fatalf("%s, mendable %t: next visit %v, renewal %v", v.Health.Reason, mend, v.NextCheckAt, v.RenewAt)
		}
	})
}

func TestTheMarkOfARenewalStaysOnlyWhileItsOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFacts(t)
		if v := decide(f); v.Pending != (f.renewing && f.spends && f.Outcome == provider.Transient && !f.Unsent) {
			t.Fatalf("pending %t", v.Pending)
		}
	})
}

func TestSpreadStaysWithinATenth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "d"))
		if s := spread(d); s < d-d/10 || s > d+d/10 {
			t.Fatalf("%s became %s", d, s)
		}
	})
}
