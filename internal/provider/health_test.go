package provider

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var allReasons = []Reason{
	WaitingForMerchant, NotCheckedYet, NoTestAvailable, CheckPassed, RenewalDelayed, CredentialsEndSoon, Unreachable,
	ProviderFault, RateLimited, CredentialsExpired, PasswordRefused, TokenRefused, RenewalRefused, RenewalLost,
	AccessRevoked, SecretsLost, SuspendedByProvider, RenewalInterrupted, RenewalIncomplete, Incident, StoreUnknown,
	HostChanged, WrongShop,
}

func draw(t *rapid.T) (Result, Situation) {
	r := Result{
		Outcome: rapid.SampledFrom([]Outcome{OK, Refused, Halted, Transient, Untestable}).Draw(t, "outcome"),
		Reason:  rapid.SampledFrom(append([]Reason{""}, allReasons...)).Draw(t, "reason"),
	}
	at := Situation{Renewing: rapid.Bool().Draw(t, "renewing"), Renewable: rapid.Bool().Draw(t, "renewable")}
	if rapid.Bool().Draw(t, "expires") {
		left := time.Duration(rapid.IntRange(-48, 24*30).Draw(t, "hours left")) * time.Hour
		at.Left = &left
	}
	return r, at
}

func TestAFaultOfTheProviderNeverSaysAnythingOfTheCredentials(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := Health{rapid.SampledFrom(allReasons).Draw(t, "from")}
		r, at := draw(t)
		r.Outcome = Transient
		to := from.After(r, at)
		was, is := from.State(), to.State()
		if said := was == NeedsAttention || was == Suspended; said && to != from {
			t.Fatalf("%s became %s by a fault", from.Reason, to.Reason)
		} else if !said && is != Failing && is != Expiring {
			t.Fatalf("%s became %s by a fault", from.Reason, to.Reason)
		}
	})
}

func TestEachOutcomeLeadsToItsStatesOnly(t *testing.T) {
	t.Parallel()
	may := map[Outcome][]State{
		OK:         {Connected, Expiring},
		Refused:    {NeedsAttention, Suspended},
		Halted:     {Suspended, NeedsAttention},
		Untestable: {NotTestable, NeedsAttention, Suspended},
		Transient:  {Failing, Expiring, NeedsAttention, Suspended},
	}
	rapid.Check(t, func(t *rapid.T) {
		from := Health{rapid.SampledFrom(allReasons).Draw(t, "from")}
		r, at := draw(t)
		to := from.After(r, at)
		if !slices.Contains(may[r.Outcome], to.State()) {
			t.Fatalf("%s became %s (%s) by %s", from.Reason, to.State(), to.Reason, r.Outcome)
		}
		if to.State() == Waiting {
			t.Fatalf("a result led back to WAITING, where only new credentials lead")
		}
	})
}

func TestEveryStateButWaitingIsReachedFromEveryOther(t *testing.T) {
	t.Parallel()
	long, soonOver := 300*24*time.Hour, time.Hour
	steps := []struct {
		result Result
		at     Situation
		want   State
	}{
		{Result{Outcome: OK}, Situation{Left: &long}, Connected},
		{Result{Outcome: OK}, Situation{Left: &soonOver}, Expiring},
		{Result{Outcome: Refused, Reason: PasswordRefused}, Situation{}, NeedsAttention},
		{Result{Outcome: Halted, Reason: SuspendedByProvider}, Situation{}, Suspended},
	}
	for _, reason := range allReasons {
		for _, step := range steps {
			if got := (Health{reason}).After(step.result, step.at).State(); got != step.want {
				t.Errorf("%s by %s: %s, want %s", reason, step.result.Outcome, got, step.want)
			}
		}
	}
	if got := (Health{CheckPassed}).
		After(Result{Outcome: Transient, Reason: Unreachable}, Situation{}); got.State() != Failing {
		t.Errorf("a connection whose provider is down is %s", got.State())
	}
	if got := (Health{CheckPassed}).After(Result{Outcome: Untestable}, Situation{}); got.State() != NotTestable {
		t.Errorf("a connection that cannot be tested any more is %s", got.State())
	}
}

func TestARenewalThatFailsForNowIsNoTroubleWhileTheCredentialsWork(t *testing.T) {
	t.Parallel()
	left, over := 30*time.Minute, -time.Minute
	fault := Result{Outcome: Transient, Reason: Unreachable}
	if got := (Health{CheckPassed}).
		After(fault, Situation{Renewing: true, Renewable: true, Left: &left}); got.Reason != RenewalDelayed {
		t.Errorf("with half an hour left: %s", got.Reason)
	}
	if got := (Health{RenewalDelayed}).
		After(fault, Situation{Renewing: true, Renewable: true, Left: &over}); got.Reason != CredentialsExpired {
		t.Errorf("after the end: %s", got.Reason)
	}
	if got := (Health{CredentialsExpired}).
		After(Result{Outcome: OK}, Situation{Renewing: true, Renewable: true, Left: &left}); got.Reason != CheckPassed {
		t.Errorf("after a good renewal: %s", got.Reason)
	}
}

func TestARenewalWithoutANewRefreshTokenEndsSoonAndARealOneMendsIt(t *testing.T) {
	t.Parallel()
	left := 23 * time.Hour
	for _, from := range allReasons {
		for _, renewable := range []bool{true, false} {
			at := Situation{Renewing: true, Renewable: renewable, Left: &left}
			got := Health{from}.After(Result{Outcome: OK, Reason: RenewalIncomplete}, at)
			if got.Reason != RenewalIncomplete || got.State() != Expiring {
				t.Errorf("%s became %s (%s)", from, got.State(), got.Reason)
			}
		}
	}
	whole := Result{Outcome: OK, Reason: CheckPassed}
	if got := (Health{RenewalIncomplete}).
		After(whole, Situation{Renewing: true, Renewable: true, Left: &left}); got.Reason != CheckPassed {
		t.Errorf("after a whole pair: %s", got.Reason)
	}
}

func TestARefusalOfTheHouseSaysNothingOfAConnection(t *testing.T) {
	t.Parallel()
	for _, reason := range []Reason{HouseLoginRefused, SessionEnded} {
		for _, from := range allReasons {
			refused := Health{from}.After(Result{Outcome: Refused, Reason: reason}, Situation{})
			if fault := (Health{from}).After(Result{Outcome: Transient, Reason: ProviderFault}, Situation{}); refused != fault {
				t.Errorf("%s became %s by %s, and %s by a fault", from, refused.Reason, reason, fault.Reason)
			}
		}
	}
}

func TestEveryReasonHasAState(t *testing.T) {
	t.Parallel()
	for _, reason := range allReasons {
		if states[reason] == "" {
			t.Errorf("%s has no state", reason)
		}
	}
	if len(states) != len(allReasons) {
		t.Errorf("there are %d reasons, %d are tested", len(states), len(allReasons))
	}
}

// Proves: 10.6
func TestWhatAProviderSaidIsCutAndHasNoSecret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		secret := rapid.StringMatching(`[a-z0-9]{8,20}`).Draw(t, "secret")
		got := Said(text+secret+text+"\n\x00"+secret, secret)
		if len([]rune(got)) > maxSaid {
			t.Fatalf("%d characters", len([]rune(got)))
		}
		for _, r := range got {
			if r < ' ' {
				t.Fatalf("control character in %q", got)
			}
		}
	})
}

func TestEachReasonHasANumberOfItsOwn(t *testing.T) {
	t.Parallel()
	if len(numbers) != len(states) {
		t.Errorf("%d reasons have numbers, of %d", len(numbers), len(states))
	}
	for reason := range states {
		if got := ReasonOf(reason.Number()); got != reason {
			t.Errorf("%s has number %d, which is %q", reason, reason.Number(), got)
		}
	}
	for _, unknown := range []int64{-1, 0, int64(len(numbers)) + 1} {
		if got := ReasonOf(unknown); got != "" || got.Number() != 0 {
			t.Errorf("%d is the reason %q", unknown, got)
		}
	}
}
