package keyring

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/store"
)

// BindFingerprints binds the fingerprints of an older program, which were equal for equal secrets wherever they are, to
// their rows and fields. No secret is opened for it. Once it is done it finds nothing more to do. That program did not
// bind secrets to hosts either: only marketplaces without a host are looked at, so it comes before they get one.
func BindFingerprints(ctx context.Context, s *store.Store, keys *seal.Keyset) error {
	ctx = principal.AsSystem(ctx, "upgrade")
	for _, bind := range []func(context.Context, *ent.Tx, *seal.Keyset) (int, error){bindMarketplaces, bindSettings} {
		for bound := sealedBatch; bound == sealedBatch; {
			err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
				bound, err = bind(ctx, tx, keys)
				return err
			})
			if err != nil {
				return fmt.Errorf("bind the fingerprints of secrets to their rows: %w", err)
			}
		}
	}
	return nil
}

func bindMarketplaces(ctx context.Context, tx *ent.Tx, keys *seal.Keyset) (int, error) {
	rows, err := tx.Marketplace.Query().
		Where(marketplace.SecretsHostIsNil(), predicate.Marketplace(hasUnbound), store.ForUpdate).
		Limit(sealedBatch).All(ctx)
	for _, row := range rows {
		place := seal.Place{
			Table: marketplace.Table, Column: marketplace.FieldSecretsSealed, RowID: row.ID, ClientID: row.ClientID,
		}
		if err := row.Update().SetSecretStates(bindStates(keys, place, row.SecretStates)).Exec(ctx); err != nil {
			return 0, err
		}
	}
	return len(rows), err
}

func bindSettings(ctx context.Context, tx *ent.Tx, keys *seal.Keyset) (int, error) {
	rows, err := tx.ProviderSetting.Query().
		Where(predicate.ProviderSetting(hasUnbound), store.ForUpdate).Limit(sealedBatch).All(ctx)
	for _, row := range rows {
		place := seal.Place{Table: providersetting.Table, Column: providersetting.FieldSecretsSealed, RowID: row.ID}
		states := bindStates(keys, place, row.SecretStates)
		// The settings themselves have not changed: their time of change stays.
		if err := row.Update().SetSecretStates(states).SetUpdatedAt(row.UpdatedAt).Exec(ctx); err != nil {
			return 0, err
		}
	}
	return len(rows), err
}

// hasUnbound selects the rows with a fingerprint that is not bound. Both tables call the column the same.
func hasUnbound(s *sql.Selector) {
	s.Where(sql.P(func(b *sql.Builder) {
		b.WriteString("CAST(").Ident(s.C(marketplace.FieldSecretStates)).WriteString(` AS TEXT) LIKE '%"fingerprint"%'`)
	}))
}

func bindStates(keys *seal.Keyset, place seal.Place, states map[string]secretstate.State) map[string]secretstate.State {
	bound := make(map[string]secretstate.State, len(states))
	for name, state := range states {
		if state.Unbound != "" {
			state.Fingerprint, state.Unbound = keys.BindFingerprint(place, name, state.Unbound), ""
		}
		bound[name] = state
	}
	return bound
}
