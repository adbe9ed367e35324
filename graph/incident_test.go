package graph_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// newIncident stores an incident of a provider, open unless it was closed, and returns its id.
func (p *portal) newIncident(t *testing.T, provider string, closedAt *time.Time) (id string) {
	t.Helper()
	must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
		made, err := tx.ProviderIncident.Create().SetProvider(provider).SetOpenedAt(p.clock.Now()).
			SetNillableClosedAt(closedAt).
			SetAffected(812).SetConnections(10_000).SetEvidence("UNREACHABLE: 812").Save(ctx)
		if err == nil {
			id = made.ID
		}
		return err
	}))
	return id
}

func TestIncidentsAreListedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		over := p.clock.Now()
		first := p.newIncident(t, "PLUG4MARKET", &over)
		second := p.newIncident(t, "MEU_CARRINHO", nil)
		ids := func(arguments string) string {
			t.Helper()
			answer := p.must(t, p.viewer, `{ providerIncidents`+arguments+` { totalCount edges { node { id } } } }`, nil)
			found := answer.texts(t, "providerIncidents.edges", "node.id")
			if answer.get("providerIncidents.totalCount") != float64(len(found)) {
				t.Errorf("%s: totalCount %v of %v", arguments, answer.get("providerIncidents.totalCount"), found)
			}
			return strings.Join(found, " ")
		}
		for arguments, want := range map[string]string{
			"": second + " " + first, "(open: true)": second, "(open: false)": first,
		} {
			if got := ids(arguments); got != want {
				t.Errorf("%s: %q, want %q", arguments, got, want)
			}
		}
		page := p.must(t, p.viewer, `{ providerIncidents(first: 1) { pageInfo { endCursor } } }`, nil)
		next := p.must(t, p.viewer, `query($after: String) { providerIncidents(after: $after) { edges { node { id } } } }`,
			vars{"after": page.get("providerIncidents.pageInfo.endCursor")})
		if got := next.texts(t, "providerIncidents.edges", "node.id"); !slices.Equal(got, []string{first}) {
			t.Errorf("the second page has %v", got)
		}
		told := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on ProviderIncident {
			provider openedAt closedAt affected connections evidence } } }`, vars{"id": second})
		for field, want := range map[string]any{
			"provider": "MEU_CARRINHO", "affected": 812.0, "connections": 10_000.0, "evidence": "UNREACHABLE: 812",
			"closedAt": nil,
		} {
			if got := told.get("node." + field); got != want {
				t.Errorf("%s is %v, want %v", field, got, want)
			}
		}
		p.post(t, p.newShop(t, "Loja").key, `{ providerIncidents { totalCount } }`, nil).refused(t, "FORBIDDEN")
	})
}

func TestAConnectionThatWaitsForItsProviderIsNoProblemOfItsShop(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		waits, refused := p.newShop(t, "Espera"), p.newShop(t, "Recusada")
		p.newShop(t, "Boa")
		set := func(id, state, reason string) {
			t.Helper()
			must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
				return tx.Marketplace.Update().Where(marketplace.ID(id)).SetHealthState(state).SetHealthReason(reason).Exec(ctx)
			}))
		}
		set(waits.marketplaceID, "FAILING", "PROVIDER_INCIDENT")
		set(refused.marketplaceID, "NEEDS_ATTENTION", "PASSWORD_REFUSED")
		for filter, want := range map[string]string{
			"hasProblem: true":                          "Espera Recusada",
			"hasProblem: true, exceptIncidents: false":  "Espera Recusada",
			"hasProblem: true, exceptIncidents: true":   "Recusada",
			"hasProblem: false, exceptIncidents: true":  "Boa Espera",
			"hasProblem: false, exceptIncidents: false": "Boa",
			"exceptIncidents: true":                     "Boa Espera Recusada",
		} {
			answer := p.must(t, p.viewer, `{ clients(filter: {`+filter+`}) { edges { node { name } } } }`, nil)
			if got := strings.Join(answer.texts(t, "clients.edges", "node.name"), " "); got != want {
				t.Errorf("%s: %q, want %q", filter, got, want)
			}
		}
		planned := 0
		for _, statement := range storetest.Statements(t, p.store, func() {
			p.must(t, p.viewer, `{ clients(filter: {hasProblem: true, exceptIncidents: true}) {
				totalCount edges { node { id } } } }`, nil)
		}) {
			if strings.Contains(statement, "health_reason") {
				planned++
				// Both indexes contain only connections in trouble.
				if plan := strings.Join(p.plan(t, statement), "\n"); !strings.Contains(plan, "marketplaces_in_trouble") &&
					!strings.Contains(plan, "marketplaces_turned_bad") {
					t.Errorf("no index of what is in trouble serves %s:\n%s", statement, plan)
				}
			}
		}
		if planned == 0 {
			t.Error("no statement asks for the reason")
		}
	})
}

func TestARefusedHouseLoginIsOneDueItem(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const ask = `{ due { kind at withinDays provider message client { id } }
			providers { provider mintable houseRefusedAt } }`
		must.Do(t, p.whole.ProviderSettings.RefuseHouse(p.system(t), "PLUG4MARKET"))
		must.Do(t, p.whole.ProviderSettings.RefuseHouse(p.system(t), "PLUG4MARKET"))
		answer := p.must(t, p.viewer, ask, nil)
		if got := answer.texts(t, "due", "kind"); !slices.Equal(got, []string{"HOUSE_LOGIN_REFUSED"}) {
			t.Fatalf("due are %v", got)
		}
		if answer.get("due.0.provider") != "PLUG4MARKET" || answer.get("due.0.withinDays") != nil ||
			answer.get("due.0.client") != nil {
			t.Errorf("due is %s", answer.body)
		}
		// Saved settings mean that an administrator has looked at them, so the log-in is tried again.
		p.mustCall(t, p.admin, "updateProviderSettings", "provider { provider houseRefusedAt }",
			vars{"provider": "PLUG4MARKET", "settings": []vars{}})
		if got := p.must(t, p.viewer, ask, nil).texts(t, "due", "kind"); len(got) != 0 {
			t.Errorf("still due are %v", got)
		}
	})
}
