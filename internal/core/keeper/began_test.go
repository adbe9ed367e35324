package keeper

import (
	"fmt"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
)

func TestSlowGoodAnswersFromBeforeHideNoTrouble(t *testing.T) {
	t.Parallel()
	var tr troubles
	for i := range surgeVisits {
		seenAs(&tr, time.Duration(i)*time.Millisecond, fmt.Sprint("well ", i), provider.CheckPassed, fine)
	}
	for i := range incidentLeast {
		seenAs(&tr, 10*time.Second+time.Duration(i)*time.Millisecond, fmt.Sprint("ill ", i), provider.CheckPassed, down)
	}
	for i := range surgeVisits { // asked for before the trouble, answered after it began
		seenAs(&tr, 9*time.Second+time.Duration(i)*time.Millisecond, fmt.Sprint("slow ", i), provider.CheckPassed, fine)
	}
	if !isSuspected(&tr, 15*time.Second) {
		t.Error("none is suspected")
	}
}

func TestPairsThatAKilledProcessLostAreNoTroubleOfTheProvider(t *testing.T) {
	t.Parallel()
	var tr troubles
	lost := result(provider.Refused, provider.RenewalLost)
	for i := range 3 * incidentLeast {
		seenAs(&tr, time.Duration(i)*time.Second, fmt.Sprint(i), provider.RenewalInterrupted, lost)
	}
	if isSuspected(&tr, time.Minute) {
		t.Error("an incident of the provider is suspected")
	}
}
