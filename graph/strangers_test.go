package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// Proves: 11.5
func TestTriesOfAStrangerAreOneEventPerMinuteWithACount(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		for name, try := range map[string]struct {
			action string
			once   func(i int)
		}{
			"invented states at the install callback": {"install.refuse", func(i int) {
				p.browse(t, http.MethodGet, fmt.Sprintf("/install/nuvemshop/callback?code=x&state=made-up-%d", i), "")
			}},
			"log-ins with invented e-mail addresses": {"session.login_failed", func(i int) {
				p.call(t, stranger{}, "login", sessionFields,
					vars{"email": fmt.Sprintf("nobody%d@example.com", i), "password": "x"},
					"X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
			}},
			"answers of passkeys that are none": {"session.passkey_failed", func(i int) {
				from := fmt.Sprintf("203.0.113.%d", i)
				asked := p.must(t, stranger{}, `mutation { beginPasskeyLogin { ticket } }`, nil, "X-Forwarded-For", from)
				p.call(t, stranger{}, "completeLogin", sessionFields,
					vars{"ticket": asked.text(t, "beginPasskeyLogin.ticket"), "proof": vars{"passkey": "{}"}},
					"X-Forwarded-For", from).wants(t, "SECOND_FACTOR_INVALID at passkey")
			}},
		} {
			events := p.auditCount(t)
			told := func() (all []string) {
				for _, row := range p.audited(t, events) {
					if row.action == try.action {
						all = append(all, row.changes)
					}
				}
				return all
			}
			for i := range 30 {
				try.once(i)
			}
			if got := told(); len(got) != 1 || !strings.Contains(got[0], `"tries","new":1`) {
				t.Errorf("%s: within a minute the trail has %v", name, got)
			}
			p.clock.advance(time.Minute)
			try.once(30)
			if got := told(); len(got) != 2 || !strings.Contains(got[1], `"tries","new":30`) {
				t.Errorf("%s: after a minute the trail has %v", name, got)
			}
		}
	})
}

// Proves: 11.5
func TestAnInventedInstallStateCausesNoWrite(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.browse(t, http.MethodGet, "/install/nuvemshop/callback?code=x&state=first", "") // recorded as an event
		before := p.snapshot(t)
		p.browse(t, http.MethodGet, "/install/nuvemshop/callback?code=x&state=second", "")
		p.unchanged(t, before)
	})
}

// Proves: 10.5
func TestAnUnprovenNoticeSaysSoAndDoesNotFillTheList(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const notices = `{ providerNotices { accountId provenAt } }`
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			for i := range 30 {
				err := tx.UnclaimedInstallation.Create().SetProvider("NUVEMSHOP").SetExternalAccount(fmt.Sprint(100 + i)).
					SetSecretsSealed([]byte("x")).Exec(ctx)
				if err != nil {
					return err
				}
			}
			return nil
		}))
		id := p.newMarketplace(t, p.newShop(t, "Padaria").clientProductID, nuvemshop())
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.UpdateOneID(id).SetExternalAccount("77").Exec(ctx)
		}))
		redact := func(store int64, signed bool) simulated.Delivery {
			return p.sims.Nuvemshop.Redact(simulated.StoreRedact, store, publicURL+"/webhooks/nuvemshop/store-redact", signed)
		}
		forged := redact(77, true)
		forged.Header.Set("X-Linkedstore-Hmac-Sha256", strings.Repeat("0", 64))
		if status := p.deliver(t, forged); status != http.StatusUnauthorized {
			t.Errorf("a wrong signature is answered %d", status)
		}
		if list := p.must(t, p.admin, notices, nil).texts(t, "providerNotices", "accountId"); len(list) != 0 {
			t.Errorf("a wrong signature is listed: %v", list)
		}
		for i := range int64(30) {
			if status := p.deliver(t, redact(100+i, false)); status != http.StatusNoContent {
				t.Errorf("an unsigned notice is answered %d", status)
			}
		}
		list := p.must(t, p.admin, notices, nil)
		if n := len(list.texts(t, "providerNotices", "accountId")); n != 20 || list.get("providerNotices.0.provenAt") != nil {
			t.Errorf("%d notices are listed: %s", n, list.body)
		}
		p.deliver(t, redact(77, true))
		proven := p.must(t, p.admin, notices, nil)
		if proven.text(t, "providerNotices.0.accountId") != "77" || proven.get("providerNotices.0.provenAt") == nil {
			t.Errorf("the one that is proven is not the first: %s", proven.body)
		}
	})
}

// Proves: 3.6
func TestASessionInAnotherBrowserAndNetworkDoesNothingUntilTheLogInIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Mozilla/5.0 (Windows NT 10.0) Firefox/143.0"}
		token := b.login(t, p.operator.email, goodPassword).text(t, "login.accessToken")
		next := func(headers ...string) bearer {
			p.clock.advance(11 * time.Second)
			return in(b.post(t, refresh, nil, headers...), "refreshSession")
		}
		p.must(t, next("X-Forwarded-For", "198.51.100.7"), `{ clients { totalCount } }`, nil) // another network
		b.agent = "Mozilla/5.0 (Windows NT 10.0) Firefox/144.0"
		p.must(t, next("X-Forwarded-For", "198.51.100.7"), `{ clients { totalCount } }`, nil) // a newer version of it there

		events := p.auditCount(t)
		b.agent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36"
		moved := next("X-Forwarded-For", "203.0.113.9")
		for name, as := range map[string]bearer{"the new token": moved, "the old token": bearer(token)} {
			if answer := p.post(t, as, `{ clients { totalCount } }`, nil); answer.code(t) != "REAUTH_REQUIRED" {
				t.Errorf("%s: %s", name, answer.body)
			}
		}
		if w := p.download(t, moved, "/export/audit.csv", nil); w.Code != http.StatusForbidden ||
			!strings.Contains(w.Body.String(), "REAUTH_REQUIRED") {
			t.Errorf("the export: status %d, %s", w.Code, w.Body)
		}
		rows := p.audited(t, events)
		if len(rows) == 0 || rows[0].action != "session.moved" || rows[0].address != "203.0.113.9" &&
			!strings.Contains(rows[0].changes, "203.0.113.9") {
			t.Errorf("the trail has %+v", rows)
		}
		const due = `{ due { kind operator { id } } }`
		if got := p.must(t, p.admin, due, nil); got.text(t, "due.0.kind") != "SESSION_MOVED" ||
			got.text(t, "due.0.operator.id") != p.operator.id {
			t.Errorf("due is %s", got.body)
		}
		if kinds := p.must(t, p.viewer, due, nil).texts(t, "due", "kind"); slices.Contains(kinds, "SESSION_MOVED") {
			t.Errorf("a viewer is told of %v", kinds)
		}
		seen := p.must(t, moved, `{ account { sessions { browser address lastBrowser lastAddress movedAt } } }`, nil)
		if got := fmt.Sprint(seen.get("account.sessions.0.lastBrowser"), " ", seen.get("account.sessions.0.lastAddress"), " ",
			seen.get("account.sessions.0.address")); got != "Chrome, Linux 203.0.113.9 192.0.2.1" {
			t.Errorf("the session is of %s", got)
		}

		p.must(t, p.present(t, moved, goodPassword), `{ clients { totalCount } }`, nil)
		if kinds := p.must(t, p.admin, due, nil).texts(t, "due", "kind"); slices.Contains(kinds, "SESSION_MOVED") {
			t.Errorf("after the proof due is %v", kinds)
		}
	})
}

// Proves: 5.7
func TestBaitAlarmsAtItsFirstUse(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		bait, other, ofClient := p.newShop(t, "Isca"), p.newShop(t, "Padaria"), p.newShop(t, "Loja Isca")
		p.mustCall(t, p.admin, "setBait", "id baitSince", vars{"id": bait.keyID, "bait": true})
		p.mustCall(t, p.admin, "setBait", "id baitSince", vars{"id": ofClient.clientID, "bait": true})
		p.call(t, p.admin, "setBait", "id", vars{"id": "key_unknown", "bait": true}).wants(t, "NOT_FOUND at id")
		const asked = `query($id: ID!) {
			node(id: $id) { ... on AccessKey { baitSince baitUsedAt } ... on Client { baitSince } } }`
		for as, told := range map[caller]bool{p.admin: true, p.operator: false, p.viewer: false} {
			for _, id := range []string{bait.keyID, ofClient.clientID} {
				if (p.must(t, as, asked, vars{"id": id}).get("node.baitSince") != nil) != told {
					t.Errorf("of %s %v is told wrongly that it is bait", id, as)
				}
			}
		}
		events := p.auditCount(t)
		for range 2 {
			for _, s := range []shop{bait, other, ofClient} {
				p.must(t, s.key, `{ integration { accessKey { name } } }`, nil)
			}
			must.Do(t, p.keys.Flush(t.Context()))
		}
		var alarms []string
		for _, row := range p.audited(t, events) {
			if row.action == "access_key.bait_used" {
				alarms = append(alarms, row.object+" "+row.address)
			}
		}
		slices.Sort(alarms)
		want := []string{bait.keyID + " 192.0.2.1", ofClient.keyID + " 192.0.2.1"}
		slices.Sort(want)
		if !slices.Equal(alarms, want) {
			t.Errorf("alarms %v, want %v", alarms, want)
		}
		due := p.must(t, p.admin, `{ due { kind accessKey { id baitUsedAt } } }`, nil)
		if got := due.texts(t, "due", "kind"); len(got) < 2 || got[0] != "BAIT_USED" || got[1] != "BAIT_USED" {
			t.Errorf("due is %s", due.body)
		}
		p.mustCall(t, p.admin, "setBait", "id baitSince", vars{"id": ofClient.clientID, "bait": false})
		left := p.must(t, p.admin, `{ due { kind accessKey { id } } }`, nil)
		if got := left.texts(t, "due", "kind"); got[0] != "BAIT_USED" || left.text(t, "due.0.accessKey.id") != bait.keyID ||
			slices.Contains(got[1:], "BAIT_USED") {
			t.Errorf("after the client is no bait any more due is %s", left.body)
		}
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": bait.keyID})
		if got := p.must(t, p.admin, `{ due { kind } }`, nil).texts(t, "due", "kind"); slices.Contains(got, "BAIT_USED") {
			t.Errorf("after the keys were revoked due is %v", got)
		}
	})
}

// leaves writes an event to the trail as a request of the principal by would.
func (p *portal) leaves(t *testing.T, by principal.Principal, address string, event audit.Event) {
	t.Helper()
	ctx := audit.WithOrigin(principal.With(t.Context(), by), audit.Origin{Address: address})
	must.Do(t, p.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return audit.Append(ctx, tx, event) }))
}

// traces returns the kinds of a caller's due items with their clients and operators, without the unused keys.
func (p *portal) traces(t *testing.T, as caller) (all []string) {
	t.Helper()
	due := p.must(t, as, `{ due { kind message client { name } operator { name } } }`, nil)
	for i, kind := range due.texts(t, "due", "kind") {
		at := fmt.Sprintf("due.%d.", i)
		if kind == "ACCESS_KEY_UNUSED" {
			continue
		}
		all = append(all, strings.TrimSpace(fmt.Sprintln(kind, due.get(at+"client.name"), due.get(at+"operator.name"))))
		if message := due.text(t, at+"message"); strings.Contains(message, "%") || strings.HasPrefix(message, "due.") {
			t.Errorf("%s says %s", kind, message)
		}
	}
	slices.Sort(all)
	return all
}

// Proves: 5.8
func TestTracesOfMisuseAreDueToAdministrators(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		spread, woken, quiet := p.newShop(t, "Padaria"), p.newShop(t, "Mercado"), p.newShop(t, "Banca")
		// Events of a key that is used from many networks, and of one that was unused for months.
		for i := range p.brakes.Networks + 1 {
			p.keys.NoteUse(principal.Key{ID: spread.keyID, Name: "Caixa 1", ClientID: spread.clientID},
				fmt.Sprintf("10.1.%d.%d", i/250, i%250))
		}
		p.exec(t, `UPDATE access_keys SET created_at = $1, last_used_at = $1 WHERE id = $2`, p.clock.Now().
			Add(-91*24*time.Hour), woken.keyID)
		for _, s := range []shop{woken, quiet} {
			p.must(t, s.key, `{ integration { accessKey { name } } }`, nil)
		}
		must.Do(t, p.keys.Flush(t.Context()))
		// Events of operators and tokens that a brake stopped.
		for _, by := range []principal.Operator{
			{ID: p.operator.id, Name: p.operator.name}, {ID: p.operator.id, Name: p.operator.name},
			{ID: "stk_1", Name: "Script"},
		} {
			p.leaves(t, by, "192.0.2.9", audit.Event{Action: accesskey.IssueBraked, ObjectID: by.ID, Refused: true})
		}
		for _, s := range []shop{spread, woken} {
			by := principal.Key{ID: s.keyID, Name: "Caixa 1", ClientID: s.clientID}
			p.leaves(t, by, "198.51.100.7",
				audit.Event{Action: accesskey.ReadBraked, ObjectID: s.keyID, ClientID: s.clientID, Refused: true})
		}

		want := []string{
			"KEYS_FOR_MANY_SHOPS <nil> <nil>",
			"KEYS_FOR_MANY_SHOPS <nil> Otto Operador",
			"KEY_AFTER_SILENCE Mercado <nil>",
			"KEY_FROM_MANY_NETWORKS Padaria <nil>",
			"MANY_SHOPS_READ Mercado <nil>",
		}
		if got := p.traces(t, p.admin); !slices.Equal(got, want) {
			t.Errorf("due is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, as := range []caller{p.operator, p.viewer} {
			if got := p.traces(t, as); len(got) > 0 {
				t.Errorf("%v is told of %v", as, got)
			}
		}
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": spread.keyID})
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": woken.keyID})
		if got := p.traces(t, p.admin); !slices.Equal(got, []string{want[0], want[1], want[4]}) {
			t.Errorf("after the keys were revoked due is %v", got)
		}
		p.clock.advance(8 * 24 * time.Hour)
		if got := p.traces(t, p.admin); len(got) > 0 {
			t.Errorf("after a week due is %v", got)
		}
	})
}
