package store_test

import (
	"fmt"
	"slices"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// lost returns what LostTriggers says, as text.
func lost(t *testing.T, s *store.Store) string {
	t.Helper()
	missing, off, err := s.LostTriggers(t.Context())
	must.Do(t, err)
	return fmt.Sprint(missing, off)
}

func TestTheTriggersThatTheMigrationsMakeAreThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		there, made := store.Triggers(t, s)
		if !slices.Equal(there, made) || len(made) < 10 {
			t.Errorf("there are\n%v, and the migrations make\n%v", there, made)
		}
		if got := lost(t, s); got != "[] []" {
			t.Errorf("lost are %s", got)
		}
	})
}

func TestADatabaseThatIsSomeMigrationsBehindLacksNoTrigger(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		const before = 20261127221338 // the versions of shops
		must.Do(t, store.MigrateTo(t.Context(), url, before, discard))
		if got := lost(t, openWith(t, url)); got != "[] []" {
			t.Errorf("lost are %s", got)
		}
	})
}

func TestATriggerThatIsGoneOrTurnedOffIsNamed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		statements := []string{"DROP TRIGGER clients_search_update", "DROP TRIGGER shop_versions_clients_update"}
		want := "[clients_search_update of clients shop_versions_clients_update of clients] []"
		if s.Dialect() == dialect.Postgres {
			statements = []string{
				"DROP TRIGGER shop_versions ON clients", "ALTER TABLE marketplaces DISABLE TRIGGER shop_versions",
				"ALTER TABLE access_keys ENABLE REPLICA TRIGGER shop_versions",
				"ALTER TABLE client_products ENABLE ALWAYS TRIGGER shop_versions",
			}
			want = "[shop_versions of clients] [shop_versions of access_keys shop_versions of marketplaces]"
		}
		for _, statement := range statements {
			write(t, s, statement)
		}
		if got := lost(t, s); got != want {
			t.Errorf("lost are\n%s, want\n%s", got, want)
		}
	})
}

func TestTriggersThatTheSettingOfARoleTurnsOffAreNamed(t *testing.T) {
	t.Parallel()
	url := storetest.MigratedPostgres(t)
	missing, off, err := openWith(t, as(t, url, "", "session_replication_role", "replica")).
		LostTriggers(t.Context())
	if err != nil || len(missing) != 0 || len(off) < 10 {
		t.Errorf("missing are %v, turned off %v (%v)", missing, off, err)
	}
}
