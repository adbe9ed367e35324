package keyring_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// Proves: 6.6
func TestTheFingerprintsOfAnOlderProgramAreBoundToTheirRowsAndNothingElseOfThemChanges(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		keys, err := s.start(t)
		must.Do(t, err)
		const n = 201 // more than a batch
		set := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		old := map[string]secretstate.State{
			"password": {SetAt: set, SetBy: `Ana "fingerprint" Lima`, Unbound: keys.Fingerprint("the same")}}
		var clientID string
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			client := tx.ClientRecord.Create().SetName("Loja").SetDocument("12ABC34501DE35").SetNameKey("loja").
				SetSearchText("loja").SaveX(ctx)
			product := tx.Product.Create().SetCode("A").SetName("A").SetNameKey("a").SetHasMarketplaces(true).
				SetHasAccessKeys(true).SaveX(ctx)
			owner := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).SaveX(ctx)
			clientID = client.ID
			for i := range n {
				err := tx.Marketplace.Create().SetID(fmt.Sprintf("mkt_%04d", i)).SetClientID(client.ID).
					SetClientProductID(owner.ID).
					SetProvider("MEU_CARRINHO").SetDescription("x").SetSettings([]byte("{}")).SetSecretStates(old).
					SetHealthState("WAITING").SetHealthReason("NOT_CHECKED_YET").SetHealthSince(set).SetUpdatedAt(set).Exec(ctx)
				if err != nil {
					return err
				}
			}
			return tx.ProviderSetting.Create().SetID("pst_1").SetProvider("NUVEMSHOP").SetValues(map[string]string{}).
				SetSecretStates(old).SetUpdatedAt(set).Exec(ctx)
		})

		for range 2 { // the second time there is nothing to do
			must.Do(t, keyring.BindFingerprints(t.Context(), s.store, keys))
		}

		ctx := principal.AsSystem(t.Context(), "test")
		rows, err := s.store.Reader().Marketplace.Query().All(ctx)
		must.Do(t, err)
		prints := map[string]bool{}
		for _, row := range rows {
			place := seal.Place{Table: "marketplaces", Column: "secrets_sealed", RowID: row.ID, ClientID: clientID}
			want := secretstate.State{SetAt: set, SetBy: old["password"].SetBy,
				Fingerprint: keys.FingerprintAt(place, "password", "the same")}
			if got := row.SecretStates["password"]; got != want || !row.UpdatedAt.Equal(set) {
				t.Fatalf("%s has %+v of %s, want %+v of %s", row.ID, got, row.UpdatedAt, want, set)
			}
			prints[row.SecretStates["password"].Fingerprint] = true
		}
		if len(rows) != n || len(prints) != n {
			t.Errorf("%d rows have %d fingerprints, want %d of each", len(rows), len(prints), n)
		}
		setting, err := s.store.Reader().ProviderSetting.Get(ctx, "pst_1")
		must.Do(t, err)
		place := seal.Place{Table: "provider_settings", Column: "secrets_sealed", RowID: "pst_1"}
		if got := setting.SecretStates["password"]; got.Fingerprint != keys.FingerprintAt(place, "password", "the same") ||
			got.Unbound != "" || !setting.UpdatedAt.Equal(set) {
			t.Errorf("the settings have %+v of %s", got, setting.UpdatedAt)
		}
	})
}
