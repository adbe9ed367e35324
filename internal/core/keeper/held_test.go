package keeper

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/connection"
)

func TestAnAnswerThatALivingProcessMayHoldIsLeftToItAlsoAfterItsLease(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k, other := w.process(), w.process()
		id := w.shop(k, "11222333000001")
		w.step(k)
		w.check(other.beat(w.ctx))
		w.check(k.beat(w.ctx))
		w.change(id, func(row *connection.Row) {
			over, begun := w.now().Add(-time.Minute), w.now().Add(-10*time.Minute)
			row.LeaseBy, row.LeaseUntil, row.RenewalBegunAt = &other.instance, &over, &begun
			row.NextCheckAt, row.RenewAt = &begun, &begun
		})
		l := k.lanes["PLUG4MARKET"]
		taken, err := k.takeDue(w.ctx, l, 4)
		w.check(err)
		if len(taken) != 0 {
			t.Error("it is taken from a process that lives")
		}
		if m, err := k.take(w.ctx, id, time.Minute, func(*connection.Row) bool { return true }); m != nil || err != nil {
			t.Errorf("a reader takes it (%v)", err)
		}
		w.advance(longestHold)
		if taken, err = k.takeDue(w.ctx, l, 4); err != nil || len(taken) != 1 {
			t.Errorf("an hour later %d are taken (%v)", len(taken), err)
		}
	})
}
