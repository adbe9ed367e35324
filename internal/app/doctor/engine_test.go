package doctor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAnswersThatWaitInFilesAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want(t, answersInSpool(dir), OK, "no answer")
	must.Do(t, os.Mkdir(filepath.Join(dir, "spool"), 0o700))
	must.Do(t, os.WriteFile(filepath.Join(dir, "spool", "renewal-mkp_1.sealed"), nil, 0o600))
	want(t, answersInSpool(dir), Warn, "1 answers")
}

func TestWorkThatNeedsAPersonIsFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := providers.All()
		found := func(fixed map[provider.Code]provider.Values) []Finding {
			return connectionsOf(t.Context(), s, all, fixed)
		}
		finding := func(in []Finding, about, text string) Finding {
			i := slices.IndexFunc(in, func(f Finding) bool {
				return f.About == about && (text == "" || len(f.Text) >= len(text) && f.Text[:len(text)] == text)
			})
			if i < 0 {
				t.Fatalf("nothing is found about %s", about)
			}
			return in[i]
		}
		nothing := found(nil)
		want(t, finding(nothing, "answers", ""), OK, "could be read")
		want(t, finding(nothing, "house log-in", ""), OK, "no provider")
		want(t, finding(nothing, "incidents", ""), OK, "no provider")
		want(t, finding(nothing, "renewals", "PLUG4MARKET"), OK, "0 pairs")

		now := time.Now()
		ctx := principal.AsSystem(t.Context(), "test")
		must.Do(t, s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			client := tx.ClientRecord.Create().SetName("Padaria").SetNameKey("padaria").SetDocument("11222333000181").
				SetSearchText("padaria").SaveX(ctx)
			sold := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
				SetHasAccessKeys(true).SaveX(ctx)
			owned := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(sold.ID).SaveX(ctx)
			for range 300 {
				tx.Marketplace.Create().SetClientProductID(owned.ID).SetClientID(client.ID).SetProvider("PLUG4MARKET").
					SetDescription("Hub").SetSettings([]byte("{}")).SetHealthState("FAILING").SetHealthReason("CREDENTIALS_EXPIRED").
					SetRenewAt(now.Add(-time.Hour)).SetUnreadSealed([]byte("x")).SetUnreadUntil(now.Add(time.Hour)).SaveX(ctx)
			}
			tx.ProviderSetting.Create().SetProvider("PLUG4MARKET").SetValues(map[string]string{}).
				SetHouseRefusedAt(now).SaveX(ctx)
			tx.ProviderIncident.Create().SetProvider("NUVEMSHOP").SaveX(ctx)
			return nil
		}))
		ill := found(map[provider.Code]provider.Values{"PLUG4MARKET": {"refreshesPerMinute": "5"}})
		want(t, finding(ill, "answers", ""), Warn, "300 connections")
		want(t, finding(ill, "house log-in", ""), Warn, "PLUG4MARKET")
		want(t, finding(ill, "incidents", ""), Warn, "NUVEMSHOP")
		want(t, finding(ill, "renewals", "PLUG4MARKET"), Warn, "its setting allows 5")
		want(t, finding(found(nil), "renewals", "PLUG4MARKET"), OK, "300 past their time")
	})
}
