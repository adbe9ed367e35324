package keeper

import (
	"context"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAReaderWithoutATurnGetsWhatIsStoredAndCostsTheDatabaseNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		k := w.process()
		id := w.shop(k, "12ABC34501DE35")
		w.step(k)
		w.advance(25 * time.Hour)
		l := k.lanes["PLUG4MARKET"]
		for l.turn(k.now(), true) == 0 { // others have used up the minute
		}
		before := w.row(id)
		ctx, cancel := context.WithTimeout(w.ctx, 300*time.Millisecond)
		defer cancel()
		rows, _, err := k.Fresh(ctx, []*connection.Row{before})
		w.check(err)
		if len(rows) != 1 || rows[0].CredentialVersion != before.CredentialVersion {
			t.Errorf("the reader gets version %d of %d", rows[0].CredentialVersion, before.CredentialVersion)
		}
		after := w.row(id)
		if after.LeaseBy != nil || !after.NextCheckAt.Equal(*before.NextCheckAt) || !after.RenewAt.Equal(*before.RenewAt) {
			t.Error("the row was written")
		}
		w.advance(time.Minute) // the next minute has turns again
		fresh, _, err := k.Fresh(w.ctx, []*connection.Row{after})
		w.check(err)
		if fresh[0].CredentialVersion != before.CredentialVersion+1 {
			t.Errorf("in the next minute the reader gets version %d", fresh[0].CredentialVersion)
		}
	})
}
