package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// year is a house that is polled day after day, on a clock of its own.
type year struct {
	*accesskey.Service
	t    *testing.T
	at   *store.Store
	keys []principal.Key
	now  time.Time
	// renewed is how often each shop's Plug4Market was renewed: its credentials have another version each day.
	renewed int64
}

const providersOfAShop = 4

// newYear makes a house with shops, each of which has a key.
func newYear(t *testing.T, s *store.Store, shops int) *year {
	t.Helper()
	y := &year{t: t, at: s, now: time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC)}
	bus := live.New(s, slog.New(slog.DiscardHandler))
	y.Service = accesskey.New(s, token.Live, bus, func() time.Time { return y.now },
		accesskey.Brakes{Issued: 1 << 20, Read: 1 << 20, Networks: 1 << 20})
	must.Do(t, s.Write(y.system(), func(ctx context.Context, tx *ent.Tx) error {
		sold, err := tx.Product.Create().SetCode("x").SetName("x").SetNameKey("x").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		for i := range shops {
			client, err := tx.ClientRecord.Create().SetName(fmt.Sprint("Loja ", i)).SetNameKey(fmt.Sprint("loja ", i)).
				SetSearchText("loja").SetDocument(fmt.Sprint(i)).Save(ctx)
			if err != nil {
				return err
			}
			owned, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(sold.ID).Save(ctx)
			if err != nil {
				return err
			}
			key := principal.Key{
				ID: fmt.Sprintf("key_%026d", i), Name: "Retaguarda", ClientID: client.ID, ClientProductID: owned.ID,
			}
			y.keys = append(y.keys, key)
			err = tx.Marketplace.Create().SetID(marketplaceOf(key, 0)).SetClientID(client.ID).SetClientProductID(owned.ID).
				SetProvider("PLUG4MARKET").SetDescription("Loja").SetSettings([]byte("{}")).
				SetHealthState("CONNECTED").SetHealthReason("CHECK_PASSED").Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return y
}

// marketplaceOf returns the id of one of the marketplaces of a key. The first is renewed each day.
func marketplaceOf(key principal.Key, i int) string { return fmt.Sprintf("mkp_%s%d", key.ID[5:], i) }

func (y *year) system() context.Context { return principal.AsSystem(y.t.Context(), "test") }

// pass lets a day pass: each back-office reads in the morning and in the evening, one in a hundred from another
// address, and each Plug4Market is renewed.
func (y *year) pass() {
	y.t.Helper()
	y.renewed++
	must.Do(y.t, y.at.Write(y.system(), func(ctx context.Context, tx *ent.Tx) error {
		for _, key := range y.keys {
			err := tx.Marketplace.UpdateOneID(marketplaceOf(key, 0)).SetCredentialVersion(y.renewed).SetRenewedAt(y.now).
				Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	for range 2 {
		for i, key := range y.keys {
			address := fmt.Sprintf("203.0.%d.%d", i/250, i%250)
			if (int64(i)+y.renewed)%100 == 0 {
				address = fmt.Sprintf("198.51.100.%d", y.renewed%250)
			}
			ctx := audit.WithOrigin(principal.With(y.system(), key), audit.Origin{Address: address, RequestID: "R7Q2MTQ5XKJ4"})
			y.NoteUse(key, address)
			for p := range providersOfAShop {
				version := int64(1)
				if p == 0 {
					version = y.renewed
				}
				y.CredentialsRead(ctx, &ent.Marketplace{
					ID: marketplaceOf(key, p), Provider: "PLUG4MARKET", CredentialVersion: version,
				})
			}
		}
		must.Do(y.t, y.Flush(y.t.Context()))
		y.now = y.now.Add(12 * time.Hour)
	}
}

// tidy folds what is old. PostgreSQL frees by itself what was deleted, but not within the seconds of a simulated month.
func (y *year) tidy() {
	y.t.Helper()
	must.Do(y.t, y.TidyReads(y.t.Context(), y.now, time.Time{}))
	if y.at.Dialect() == dialect.Postgres {
		_, err := y.at.DB().ExecContext(y.t.Context(), "VACUUM ANALYZE")
		must.Do(y.t, err)
	}
}

// measure returns the bytes and rows of the database.
func (y *year) measure() store.Size {
	y.t.Helper()
	y.tidy()
	size, err := y.at.Size(y.t.Context())
	must.Do(y.t, err)
	return size
}

// A house of shops with one marketplace that is renewed each day, and three whose credentials stay. The reads are those
// that 400 days leave; each further year adds its events alone.
func TestAYearGrowsTheDatabaseByWhatIsSaid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shops, days := size(4, 100), size(100, 400)
		y := newYear(t, s, shops)
		empty := y.measure()
		for day := range days {
			y.pass()
			if day%5 == 0 {
				y.tidy()
			}
		}
		full := y.measure()

		events, reads := full.Rows["audit_events"]-empty.Rows["audit_events"], full.Rows["credential_reads"]
		// The first reads, those from other addresses, and the digests: of each time that days were over, and of the months
		// that were folded, for some keys at a time.
		if most := int64(2*shops + shops*days/100*2 + days/5 + days/30*(shops/20+1) + 10); events > most {
			t.Errorf("%d events, at most %d are said", events, most)
		}
		read, err := accesskey.VerifyReads(t.Context(), s, storetest.AuditKeys{})
		if err != nil || int64(read.Rows) < reads*9/10 {
			t.Errorf("of %d rows of reads %+v are verified (%v)", reads, read, err)
		}
		perShop := float64(full.Bytes-empty.Bytes) / float64(shops)
		report(t, "%d shops, %d days: %d rows of reads and %d events, %.0f KiB a shop", shops, days, reads, events,
			perShop/1024)
	})
}
