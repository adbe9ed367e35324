package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// apart are the tables and columns that no answer to a back-office depends on: their change leaves the version of a
// shop as it is. A new one fails the test below until somebody has decided. A table without columns is apart whole.
var apart = map[string][]string{
	accesskey.Table: {
		accesskey.FieldUpdatedAt, accesskey.FieldLastUsedAt, accesskey.FieldLastUsedAddress, accesskey.FieldRefusedAt,
		accesskey.FieldRefusedAddress, accesskey.FieldVersion,
	},
	clientproduct.Table: {
		clientproduct.FieldUpdatedAt, clientproduct.FieldVersion,
		clientproduct.FieldRevision, // it is itself a part of the version
	},
	clientrecord.Table: {
		clientrecord.FieldUpdatedAt, clientrecord.FieldNameKey, clientrecord.FieldSearchText, clientrecord.FieldTrouble,
		clientrecord.FieldVersion,
	},
	marketplace.Table: {
		marketplace.FieldLeaseUntil, marketplace.FieldLeaseBy, marketplace.FieldVersion,
		marketplace.FieldHealthReasonSince, // it changes with the reason, and no back-office is told it
		// Operators see them; an answer to a back-office does not read them.
		marketplace.FieldCallCause, marketplace.FieldCallDetail,
	},
	providersetting.Table: {"none"},

	"audit_checkpoints": nil, "audit_events": nil, "audit_heads": nil, "client_contacts": nil, "client_notes": nil,
	"client_tags": nil, "credential_reads": nil, "health_intervals": nil, "hourly_counts": nil,
	"idempotent_requests": nil, "install_links": nil, "install_states": nil, "instances": nil, "keysets": nil,
	"one_time_tokens": nil, "operators": nil, "passkeys": nil, "products": nil, "provider_incidents": nil,
	"provider_notices": nil, "read_digests": nil, "recovery_codes": nil, "refresh_tokens": nil,
	"retention_clocks": nil, "service_tokens": nil, "sessions": nil, "signing_keys": nil, "throttles": nil,
	"unclaimed_installations": nil,
}

// oneShop makes a shop with a row in each table that an answer depends on, and returns its id.
func oneShop(t *testing.T, s *store.Store) string {
	t.Helper()
	var id string
	must.Do(t, s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		client, err := tx.ClientRecord.Create().SetName("Padaria").SetDocument("11222333000181").SetNameKey("padaria").
			SetSearchText("padaria").Save(ctx)
		if err != nil {
			return err
		}
		product, err := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		shop, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Save(ctx)
		if err != nil {
			return err
		}
		id = shop.ID
		if err := tx.Marketplace.Create().SetClientProductID(id).SetClientID(client.ID).SetProvider("SHOWKASE").
			SetDescription("Loja").SetSettings([]byte("{}")).SetHealthState("CONNECTED").SetHealthReason("OK").
			Exec(ctx); err != nil {
			return err
		}
		if err := tx.ProviderSetting.Create().SetProvider("SHOWKASE").SetValues(map[string]string{}).SetChangedBy("Ana").
			Exec(ctx); err != nil {
			return err
		}
		return tx.AccessKey.Create().SetClientProductID(id).SetClientID(client.ID).SetName("Caixa").
			SetVisiblePart("chv_1").SetLast4("1234").SetHash([]byte("hash")).SetCreatedBy("Ana").Exec(ctx)
	}))
	return id
}

// versionOf returns the version of a shop, which must be there.
func versionOf(t *testing.T, s *store.Store, id string) principal.Version {
	t.Helper()
	version, err := s.ShopVersion(t.Context(), id)
	must.Do(t, err)
	if !version.IsKnown() {
		t.Fatal("the shop has no version")
	}
	return version
}

// write runs a statement as another process does.
func write(t *testing.T, s *store.Store, statement string, args ...any) {
	t.Helper()
	db := s.DB()
	if s.Dialect() == dialect.SQLite { // its readers cannot write
		var n int
		var name, file string
		must.Do(t, db.QueryRowContext(t.Context(), "PRAGMA database_list").Scan(&n, &name, &file))
		var err error
		db, err = sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
		must.Do(t, err)
		defer func() { must.Do(t, db.Close()) }()
	}
	_, err := db.ExecContext(t.Context(), statement, args...)
	must.Do(t, err)
}

// Proves: 5.9
func TestTheVersionOfAShopRisesWithEachColumnThatItsAnswersCanShow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := oneShop(t, s)
		for _, table := range tables.Tables {
			columns, decided := apart[table.Name]
			if !decided {
				t.Errorf("nobody has decided whether an answer to a back-office depends on %s", table.Name)
			}
			if columns == nil {
				continue
			}
			for _, column := range table.Columns {
				before := versionOf(t, s, shop)
				write(t, s, fmt.Sprintf(`UPDATE %s SET "%s" = "%s"`, table.Name, column.Name, column.Name))
				rose := versionOf(t, s, shop) != before
				if want := !slices.Contains(columns, column.Name); rose != want {
					t.Errorf("a change of %s.%s raises the version: %v, want %v: see the migration shop_versions",
						table.Name, column.Name, rose, want)
				}
			}
		}
	})
}

func TestTheVersionOfAShopRisesWithItsRevisionAndWithRowsThatComeAndGo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := oneShop(t, s)
		for _, change := range []string{
			"UPDATE client_products SET revision = revision + 1",
			"DELETE FROM access_keys",
			"DELETE FROM marketplaces",
			"DELETE FROM provider_settings",
		} {
			before := versionOf(t, s, shop)
			write(t, s, change)
			if versionOf(t, s, shop) == before {
				t.Errorf("%s leaves the version", change)
			}
		}
		write(t, s, "DELETE FROM client_products")
		if version, err := s.ShopVersion(t.Context(), shop); err != nil || version.IsKnown() {
			t.Errorf("a shop that is gone has the version %v, %v", version, err)
		}
	})
}

func TestAVersionThatNobodyHasChangedIsReadWithoutItsRow(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	shop := oneShop(t, s)
	versionOf(t, s, shop)
	sent := storetest.Statements(t, s, func() { versionOf(t, s, shop) })
	if want := []string{"PRAGMA data_version"}; !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

func TestCallersWhoWaitForVersionsShareAStatement(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	shop := oneShop(t, s)
	const callers = 200
	sent := storetest.Statements(t, s, func() {
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				if version, err := s.ShopVersion(t.Context(), shop); err != nil || !version.IsKnown() {
					t.Errorf("a caller got %v, %v", version, err)
				}
			})
		}
		all.Wait()
	})
	sent = slices.DeleteFunc(sent, func(sql string) bool { return !strings.Contains(sql, "shop_versions") })
	if len(sent) < 1 || len(sent) >= callers {
		t.Errorf("%d callers sent %d statements", callers, len(sent))
	}
}

func TestACallerWhoLeavesWaitsForNoVersionAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := oneShop(t, s)
		gone, leave := context.WithCancel(t.Context())
		leave()
		if version, err := s.ShopVersion(gone, shop); err == nil {
			t.Errorf("a caller who has left got %v", version)
		}
		versionOf(t, s, shop) // the next caller does
	})
}
