package graph_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// turn gives a connection a health as a check does.
func (p *portal) turn(t *testing.T, id string, reason provider.Reason) {
	t.Helper()
	must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
		old, err := connection.Lock(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		visit := connection.Visit{Asked: true, Health: provider.Health{Reason: reason}}
		_, err = p.whole.Connections.Move(ctx, tx, old, connection.Visited(old, visit, p.clock.Now()))
		return err
	}))
}

const historyFields = `from to facts { availability countedMinutes downMinutes incidentMinutes broke brokeInIncident
	mended meanMinutesToMend longestMinutes } days { begins worst downMinutes incidentMinutes }
	intervals { state reason since until }`

func TestTheHistoryTellsWhenAConnectionAndItsClientWereBroken(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		p.clock.toNewDay() // half past midnight
		s := p.newShop(t, "Padaria")
		p.turn(t, s.marketplaceID, provider.CheckPassed)
		for _, reason := range []provider.Reason{provider.Unreachable, provider.Incident, provider.CheckPassed} {
			p.clock.advance(8 * time.Hour)
			p.turn(t, s.marketplaceID, reason)
		}
		p.clock.advance(8 * time.Hour) // half past eight of the next day
		document := `query($m: ID!, $c: ID!, $zone: String!) {
			node(id: $m) { ... on Marketplace { history(zone: $zone) { ` + historyFields + ` } } }
			client(id: $c) { history(zone: $zone) { ` + historyFields + ` } } }`
		answer := p.must(t, p.viewer, document, vars{"m": s.marketplaceID, "c": s.clientID, "zone": "UTC"})
		for _, at := range []string{"node.history", "client.history"} {
			for field, want := range map[string]any{
				"facts.availability": 0.5, "facts.countedMinutes": 32 * 60.0, "facts.downMinutes": 16 * 60.0,
				"facts.incidentMinutes": 16 * 60.0, "facts.broke": 1.0, "facts.brokeInIncident": 1.0, "facts.mended": 1.0,
				"facts.meanMinutesToMend": 16 * 60.0, "facts.longestMinutes": 16 * 60.0,
				"days.29.worst": "FAILING", "days.29.downMinutes": 15.5 * 60, "days.29.incidentMinutes": 15.5 * 60,
				"days.30.worst": "FAILING", "days.30.downMinutes": 30.0, "days.30.incidentMinutes": 30.0,
				"days.28.worst": nil, "days.28.downMinutes": 0.0,
				"intervals.0.state": "CONNECTED", "intervals.1.reason": "PROVIDER_INCIDENT", "intervals.2.reason": "UNREACHABLE",
				"intervals.3.state": "CONNECTED",
			} {
				if got := answer.get(at + "." + field); got != want {
					t.Errorf("%s.%s is %v, want %v", at, field, got, want)
				}
			}
		}
		west := p.must(t, p.viewer, document, vars{"m": s.marketplaceID, "c": s.clientID, "zone": "America/Sao_Paulo"})
		if got := west.get("node.history.days.30.downMinutes"); got != 0.0 { // all was over before midnight there
			t.Errorf("today has %v minutes in São Paulo", got)
		}
		for _, bad := range []string{`zone: "Campina"`, `from: "2020-01-01T00:00:00Z"`,
			fmt.Sprintf("from: %q", p.clock.Now().Add(time.Hour).Format(time.RFC3339))} {
			p.post(t, p.viewer, `query($m: ID!) { node(id: $m) { ... on Marketplace { history(`+bad+`) { from } } } }`,
				vars{"m": s.marketplaceID}).refused(t, "BAD_USER_INPUT")
			p.post(t, p.viewer, `{ providerHistories(`+bad+`) { provider } }`, nil).refused(t, "BAD_USER_INPUT")
		}
		p.post(t, p.viewer, `{ activity(zone: "Campina") { reads } }`, nil).refused(t, "BAD_USER_INPUT")
	})
}

func TestTheHistoriesOfAListCostOneStatementForEachWindow(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.seedClients(t, 10, func(i int) string { return fmt.Sprintf("Loja %02d", i) })
		count := func(first int, fields string) int {
			document := fmt.Sprintf("{ clients(first: %d) { edges { node { %s } } } }", first, fields)
			p.must(t, p.viewer, document, nil) // logs in
			return p.statements(t, func() { p.must(t, p.viewer, document, nil) })
		}
		const history = "history { facts { broke } }"
		with := "id " + history + " products { marketplaces { id " + history + " } }"
		without := "id products { marketplaces { id } }"
		if one, many := count(1, with), count(10, with); many != one {
			t.Errorf("%d statements for one client, %d for ten", one, many)
		}
		if got, want := count(10, with), count(10, without)+1; got != want {
			t.Errorf("%d statements with histories, want %d", got, want)
		}
		// Of the rows of a client only its history needs columns that nobody asks for.
		if alone, beside := count(10, "id "+history), count(10, with); alone != beside {
			t.Errorf("%d statements for the histories of clients alone, %d beside those of connections", alone, beside)
		}
	})
}

func TestActivityCountsReadsRefusalsRenewalsAndConnections(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		p.clock.toHalfPast()
		s := p.newShop(t, "Padaria")
		p.newShop(t, "Mercado")
		for range 3 {
			p.must(t, s.key, `{ integration { marketplaces { credentials { __typename } } } }`, nil)
		}
		p.post(t, bearer("chv_live_0aB1cD2eF3gH_wrong"), `{ integration { id } }`, nil)
		p.turn(t, s.marketplaceID, provider.CheckPassed)
		p.turn(t, s.marketplaceID, provider.Unreachable)
		p.turn(t, s.marketplaceID, provider.TokenRefused) // the same outage
		p.whole.Counts.CountRenewal("MEU_CARRINHO", provider.OK, nil)
		p.whole.Counts.CountRenewal("MEU_CARRINHO", provider.Refused, nil)
		must.Do(t, p.keys.Flush(t.Context()))
		must.Do(t, p.whole.Counts.Flush(t.Context()))
		must.Do(t, p.whole.Counts.TakeSample(t.Context()))

		fields := "begins reads refusedCalls refusedConnections renewals failedRenewals connections { state count }"
		for window, last := range map[string]string{"DAY": "23", "WEEK": "6", "MONTH": "29"} {
			answer := p.must(t, p.viewer, `query($w: ActivityWindow!) { activity(window: $w) { `+fields+` } }`, vars{"w": window})
			if points := answer.get("activity").([]any); fmt.Sprint(len(points)-1) != last {
				t.Errorf("%s has %d points", window, len(points))
			}
			for field, want := range map[string]any{
				"reads": 3.0, "refusedCalls": 1.0, "refusedConnections": 1.0, "renewals": 1.0, "failedRenewals": 1.0,
				"connections.0.state": "WAITING", "connections.0.count": 1.0, "connections.4.state": "NEEDS_ATTENTION",
				"connections.4.count": 1.0,
			} {
				if got := answer.get("activity." + last + "." + field); got != want {
					t.Errorf("%s: %s is %v, want %v", window, field, got, want)
				}
			}
			if got := answer.get("activity.0.reads"); got != 0.0 || len(answer.get("activity.0.connections").([]any)) != 0 {
				t.Errorf("%s began with %s", window, answer.body)
			}
		}
		told := p.must(t, p.viewer, `{ providerHistories { provider facts { availability downMinutes broke brokeInIncident
			meanMinutesToMend } days { availability broke } } }`, nil)
		if got := len(told.get("providerHistories").([]any)); got != 1 {
			t.Errorf("%d providers: %s", got, told.body)
		}
		for field, want := range map[string]any{
			"provider": "MEU_CARRINHO", "facts.broke": 1.0, "facts.brokeInIncident": 0.0, "facts.downMinutes": 60.0,
			"facts.meanMinutesToMend": 60.0, "days.30.broke": 1.0, "days.29.availability": nil,
		} {
			if got := told.get("providerHistories.0." + field); got != want {
				t.Errorf("%s is %v, want %v", field, got, want)
			}
		}
	})
}

func TestARemovedMarketplaceAndAnErasedClientLeaveNoHistory(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		removed, erased, stays := p.newShop(t, "Padaria"), p.newShop(t, "Mercado"), p.newShop(t, "Açougue")
		numbers := map[string]int64{}
		for _, s := range []shop{removed, erased, stays} {
			p.turn(t, s.marketplaceID, provider.CheckPassed)
			p.clock.advance(time.Hour)
			p.turn(t, s.marketplaceID, provider.TokenRefused)
			numbers[s.marketplaceID] = ident.NumberOf(s.marketplaceID)
		}
		intervals := func(of shop) int {
			return p.count(t, fmt.Sprintf("SELECT COUNT(*) FROM health_intervals WHERE marketplace = %d",
				numbers[of.marketplaceID]))
		}
		if intervals(removed) == 0 || intervals(erased) == 0 {
			t.Fatal("there is no history")
		}
		p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": removed.marketplaceID})
		document := p.must(t, p.admin, `query($id: ID!) { client(id: $id) { document } }`, vars{"id": erased.clientID}).
			text(t, "client.document")
		exported := p.mustCall(t, p.admin, "exportClient", "content", vars{"id": erased.clientID}).
			text(t, "exportClient.content")
		p.mustCall(t, p.admin, "eraseClient", "client { id }", vars{"id": erased.clientID, "document": document})
		if got := []int{intervals(removed), intervals(erased)}; got[0] != 0 || got[1] != 0 {
			t.Errorf("they leave %d and %d intervals", got[0], got[1])
		}
		if intervals(stays) == 0 {
			t.Error("the history of another client is gone")
		}
		if want := `"reason": "CHECK_PASSED"`; !strings.Contains(exported, want) {
			t.Errorf("the export has no %s: %s", want, exported)
		}
	})
}

func TestTheDaysOfAKeyTellHowOftenItReadAndFromWhere(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		p.clock.toNewDay()
		s, unused := p.newShop(t, "Padaria"), p.newShop(t, "Mercado")
		read := func(address string) {
			p.must(t, s.key, `{ integration { marketplaces { credentials { __typename } } } }`, nil, "X-Forwarded-For", address)
			must.Do(t, p.keys.Flush(t.Context()))
		}
		first := p.clock.Now().Truncate(24 * time.Hour)
		read("203.0.113.7")
		p.clock.advance(31 * 24 * time.Hour) // that day is no more among the last 30
		for _, address := range []string{"203.0.113.8", "203.0.113.8", "203.0.113.9"} {
			p.clock.advance(time.Minute)
			read(address)
		}
		last := p.clock.Now()
		p.clock.advance(24 * time.Hour)
		read("203.0.113.8")
		answer := p.must(t, p.viewer, `query($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { ... on AccessKey { readDays {
			begins count addressCount lastAt lastAddress } } } }`, vars{"a": s.keyID, "b": unused.keyID})
		if days := answer.get("nodes.0.readDays").([]any); len(days) != 2 {
			t.Errorf("%d days: %s", len(days), answer.body)
		}
		if none := answer.get("nodes.1.readDays").([]any); len(none) != 0 {
			t.Errorf("a key that nobody used has %v", none)
		}
		for field, want := range map[string]any{
			"begins": instant.Text(first.AddDate(0, 0, 31)), "count": 3.0, "addressCount": 2.0,
			"lastAt": instant.Text(last), "lastAddress": "203.0.113.9",
		} {
			if got := answer.get("nodes.0.readDays.0." + field); got != want {
				t.Errorf("%s is %v, want %v", field, got, want)
			}
		}
		count := func(ids ...string) int {
			document := `query($ids: [ID!]!) { nodes(ids: $ids) { ... on AccessKey { readDays { count } } } }`
			return p.statements(t, func() { p.must(t, p.viewer, document, vars{"ids": ids}) })
		}
		if one, two := count(s.keyID), count(s.keyID, unused.keyID); one != two {
			t.Errorf("%d statements for one key, %d for two", one, two)
		}
	})
}
