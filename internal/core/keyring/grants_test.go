package keyring_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestTwoInstancesThatStartAtOnceAuthenticateTheRowsOfTheVersionBeforeOnce(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		log := slog.New(slog.DiscardHandler)
		at := older(t, databaseURL, "keyset-v1.json", func(ctx context.Context, _ *ent.Tx) error {
			_, err := store.Exec(ctx, "UPDATE operators SET mac = NULL")
			return err
		})

		var starts sync.WaitGroup
		for range 2 {
			starts.Go(func() {
				s, _, err := keyring.Open(t.Context(), at, log)
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		starts.Wait()
		s, keys, err := keyring.OpenToRead(t.Context(), at, log)
		must.Do(t, err)
		defer func() { must.Do(t, s.Close()) }()
		if altered, err := s.AlteredGrants(t.Context(), 10); err != nil || len(altered) != 0 || !keys.CoversGrants() {
			t.Errorf("altered are %v, %v; the keyset covers them: %t", altered, err, keys.CoversGrants())
		}
		if n, err := s.Reader().AuditEvent.Query().Where(auditevent.Action("portal.adopt")).
			Count(asSystem(t)); err != nil || n != 1 {
			t.Errorf("%d events, %v", n, err)
		}
	})
}

// older makes an installation with a keyset of an older program and two operators, filled by fill.
func older(t *testing.T, databaseURL, file string, fill func(context.Context, *ent.Tx) error) keyring.Places {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	at := keyring.Places{DatabaseURL: databaseURL, DataDir: filepath.Join(dir, "data"),
		MasterKeyFile: filepath.Join(dir, "master.key")}
	must.Do(t, os.Mkdir(at.DataDir, 0o700))
	must.Do(t, os.WriteFile(at.MasterKeyFile, read(t, "../../base/seal/testdata/master-v1.key"), 0o600))
	encrypted := read(t, "../../base/seal/testdata/"+file)
	keys, err := keyring.OpenEncrypted(encrypted, at.MasterKeyFile, at.DataDir)
	must.Do(t, err)
	canary, err := keys.Seal(seal.Place{Table: "keysets", Column: "canary", RowID: "keyset"}, []byte("chaveiro canary v1"))
	must.Do(t, err)
	must.Do(t, store.Migrate(t.Context(), databaseURL, log))
	s, err := store.Open(t.Context(), databaseURL, log)
	must.Do(t, err)
	audit.Keep(s, keys)
	must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		if err := tx.Keyset.Create().SetID("keyset").SetEncrypted(encrypted).SetCanary(canary).Exec(ctx); err != nil {
			return err
		}
		for _, email := range []string{"ana@example.com", "otto@example.com"} {
			if err := tx.Operator.Create().SetEmail(email).SetName("x").SetRole(principal.Admin).SetPasswordHash("x").
				Exec(ctx); err != nil {
				return err
			}
		}
		return fill(ctx, tx)
	}))
	must.Do(t, s.Close())
	return at
}

// The database is of the version whose MACs cover the rows that give access, and not yet those that name an owner. The
// rows that it covered already are not authenticated anew.
func TestRowsThatNameAnOwnerAreAuthenticatedOnce(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		log := slog.New(slog.DiscardHandler)
		at := older(t, databaseURL, "keyset-v2.json", func(ctx context.Context, tx *ent.Tx) error {
			product, err := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
				SetHasAccessKeys(true).Save(ctx)
			if err != nil {
				return err
			}
			client, err := tx.ClientRecord.Create().SetName("P").SetNameKey("p").SetSearchText("p").SetDocument("1").Save(ctx)
			if err != nil {
				return err
			}
			if err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Exec(ctx); err != nil {
				return err
			}
			if _, err := store.Exec(ctx, "UPDATE operators SET role = 'VIEWER' WHERE email = 'ana@example.com'"); err != nil {
				return err
			}
			for _, table := range []string{"clients", "client_products"} {
				if _, err := store.Exec(ctx, "UPDATE "+table+" SET mac = NULL"); err != nil {
					return err
				}
			}
			return nil
		})
		s, _, err := keyring.Open(t.Context(), at, log)
		must.Do(t, err)
		must.Do(t, s.Close())
		s, keys, err := keyring.OpenToRead(t.Context(), at, log)
		must.Do(t, err)
		altered, err := s.AlteredGrants(t.Context(), 10)
		if err != nil || len(altered) != 1 || altered[0].Table != "operators" || !keys.CoversGrants() {
			t.Errorf("altered are %d, %v; the keyset covers them: %t", len(altered), err, keys.CoversGrants())
		}
		// Restoring the older keyset does not authenticate them again.
		must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Keyset.UpdateOneID("keyset").SetEncrypted(read(t, "../../base/seal/testdata/keyset-v2.json")).Exec(ctx)
		}))
		must.Do(t, s.Close())
		var refused *keyring.ConfigError
		if _, _, err := keyring.Open(t.Context(), at, log); !errors.As(err, &refused) {
			t.Errorf("it starts with an older keyset: %v", err)
		}
	})
}

func TestARecoveryVouchesForTheRowsThatGrantAsTheyAre(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := s.start(t)
		must.Do(t, err)
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Operator.Create().SetEmail("ana@example.com").SetName("x").SetRole(principal.Admin).
				SetPasswordHash("x").Exec(ctx)
		})
		must.Do(t, os.Remove(s.masterKey))
		must.Do(t, keyring.Recovery{
			Store: s.store, MasterKeyFile: s.masterKey, DataDir: s.dataDir, Log: slog.New(slog.DiscardHandler),
		}.Run(t.Context()))
		if altered, err := s.store.AlteredGrants(t.Context(), 10); err != nil || len(altered) != 0 {
			t.Errorf("altered are %v, %v", altered, err)
		}
	})
}
