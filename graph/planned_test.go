package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// The indexes leave out the marketplaces that have no such time, and so serve only what asks for one.
func TestWhatIsPlannedForMarketplacesIsFoundByTheIndexOfItsTime(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), graph.NewHandler)
	now := time.Now()
	toRenew := []predicate.Marketplace{marketplace.Provider("PLUG4MARKET"), marketplace.RenewAtNotNil()}
	for _, of := range []struct {
		index string
		which []predicate.Marketplace
	}{
		{"marketplace_credentials_expire_at", []predicate.Marketplace{connection.HasEnded(now)}},
		{"marketplace_provider_next_check_at", []predicate.Marketplace{connection.IsDue("PLUG4MARKET", now)}},
		{"marketplace_renewed_at", []predicate.Marketplace{marketplace.RenewedAtLTE(now)}},
		{"marketplace_previous_until", []predicate.Marketplace{
			marketplace.Or(marketplace.PreviousUntilLTE(now), marketplace.UnreadUntilLTE(now)),
		}},
		{"marketplaces_to_renew", toRenew},
		{"marketplaces_to_renew", append(toRenew, marketplace.RenewAtLTE(now))},
	} {
		sent := storetest.Statements(t, p.store, func() {
			query := p.store.Reader().Marketplace.Query().Where(of.which...)
			_, err := query.Count(principal.AsSystem(t.Context(), "test"))
			must.Do(t, err)
		})
		if plan := p.planOf(t, sent[0]); !strings.Contains(plan, of.index+" ") {
			t.Errorf("%s\nis answered by\n%s", sent[0], plan)
		}
	}
}
