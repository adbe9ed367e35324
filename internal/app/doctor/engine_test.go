package doctor

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAnswersThatWaitInFilesAreFound(t *testing.T) {
	t.Parallel()
	at := install(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	want(t, answersInSpool(at.DataDir), OK, "no answer")
	kept, err := spool.New(spool.Options{Dir: at.DataDir, Keys: at.keys, Log: at.Log})
	must.Do(t, err)
	want(t, answersInSpool(at.DataDir), OK, "no answer")
	must.Do(t, kept.Keep(spool.Answer{Kind: "renewal", RowID: "mkp_1", ClientID: "cli_1", Plain: []byte("x")}))
	want(t, at.finding(t, "spool"), Warn, "1 answers")
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
		want(t, finding(nothing, "backlog", ""), OK, "waits for long")
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
			for range 1000 { // need more than one renewal a minute even when none is due
				tx.Marketplace.Create().SetClientProductID(owned.ID).SetClientID(client.ID).SetProvider("PLUG4MARKET").
					SetDescription("Hub").SetSettings([]byte("{}")).SetHealthState("FAILING").SetHealthReason("CREDENTIALS_EXPIRED").
					SetRenewAt(now.Add(-time.Hour)).SetNextCheckAt(now.Add(-30 * time.Minute)).
					SetUnreadSealed([]byte("x")).SetUnreadUntil(now.Add(time.Hour)).SaveX(ctx)
			}
			tx.ProviderSetting.Create().SetProvider("PLUG4MARKET").SetValues(map[string]string{}).
				SetHouseRefusedAt(now).SaveX(ctx)
			tx.ProviderIncident.Create().SetProvider("NUVEMSHOP").SaveX(ctx)
			return nil
		}))
		ill := found(map[provider.Code]provider.Values{"PLUG4MARKET": {"refreshesPerMinute": "5"}})
		want(t, finding(ill, "backlog", ""), Warn, "1000 connections wait to be checked or renewed, the longest for 30m")
		want(t, finding(ill, "answers", ""), Warn, "1000 connections")
		want(t, finding(ill, "house log-in", ""), Warn, "PLUG4MARKET")
		want(t, finding(ill, "incidents", ""), Warn, "NUVEMSHOP")
		want(t, finding(ill, "renewals", "PLUG4MARKET"), Warn, "its setting allows 5")
		want(t, finding(found(nil), "renewals", "PLUG4MARKET"), Warn,
			"1000 of 1000 pairs are past their time, the longest for 1h")

		renewAll := func(at time.Time) {
			must.Do(t, s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				return tx.Marketplace.Update().SetRenewAt(at).SetNextCheckAt(at).Exec(ctx)
			}))
		}
		renewAll(now.Add(-time.Minute)) // due, and not late
		want(t, finding(found(nil), "renewals", "PLUG4MARKET"), OK, "1000 past their time")
		want(t, finding(found(nil), "backlog", ""), OK, "waits for long")
		renewAll(now.Add(time.Hour)) // none is due, and the setting is too small for the days to come
		want(t, finding(found(map[provider.Code]provider.Values{"PLUG4MARKET": {"refreshesPerMinute": "1"}}), "renewals",
			"PLUG4MARKET"), Warn, "1000 pairs, 0 past their time, need 2 renewals a minute, and its setting allows 1")
	})
}
