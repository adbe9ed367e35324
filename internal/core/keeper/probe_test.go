package keeper

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
)

func TestAProviderThatIsLeftAloneIsStillProbedDuringItsIncident(t *testing.T) {
	t.Parallel()
	l, now := newLane(nil, nil, 4), time.Now()
	for range faultsToPause {
		l.heard(now, provider.Transient)
	}
	if room := l.room(now); room != 0 {
		t.Fatalf("there is room for %d calls to a provider that seems to be down", room)
	}
	if checks := l.checks(now, 0, 0); checks != 0 {
		t.Errorf("%d checks are made of a provider that is left alone, without an incident", checks)
	}
	l.troubles.open = "inc_1"
	if checks := l.checks(now, 0, 0); checks != 1 {
		t.Errorf("%d checks are made during an incident, want a probe", checks)
	}
	if checks := l.checks(now.Add(probeEvery/2), 0, 0); checks != 0 {
		t.Error("a probe follows the one before too soon")
	}
	if checks := l.checks(now.Add(probeEvery), 0, 1); checks != 1 {
		t.Error("a probe waits for renewals although there is a free slot")
	}
	for range 4 {
		l.slots <- struct{}{}
	}
	if checks := l.checks(now.Add(2*probeEvery), 0, 0); checks != 0 {
		t.Error("a probe is made without a free slot")
	}
}
