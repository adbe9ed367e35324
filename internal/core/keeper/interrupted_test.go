package keeper

import (
	"testing"

	"github.com/chaveiro/chaveiro/internal/provider"
)

func TestARenewalThatADeadProcessHadBegunWaitsForNoAllowance(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, _ := w.shops(k, 3)
		w.step(k)
		l := k.lanes["PLUG4MARKET"]
		for l.turn(k.now(), true) == 0 { // the minute is used up
		}
		for _, id := range ids {
			silence(w, k, dead(w, id, true))
			w.has(id, provider.RenewalInterrupted)
		}
		taken, err := k.takeDue(w.ctx, l, 4)
		w.check(err)
		if len(taken) != len(ids) {
			t.Fatalf("%d of %d are taken", len(taken), len(ids))
		}
		for _, one := range taken {
			k.attendDue(w.ctx, one)
		}
		for _, id := range ids {
			w.has(id, provider.CheckPassed) // their tokens had not been sent
		}
	})
}
