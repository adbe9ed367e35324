package graph_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestTheAuditTrailIsNarrowedByClientOperatorKeyActionAndTime(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		p.read(t, s.key)
		p.mustCall(t, p.admin, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		between := time.Now().UTC()
		p.mustCall(t, p.admin, "updateClient", "client { id }", vars{"id": s.clientID, "name": "Loja Nova"})

		scenarios := []struct {
			name   string
			filter vars
			want   []string
		}{
			{"client", vars{"clientId": other.clientID},
				[]string{"access_key.create", "marketplace.add", "client_product.add", "client.create"}},
			{"operator and group of actions", vars{"operatorId": p.admin.id, "action": "client."}, []string{"client.update"}},
			{"key", vars{"accessKeyId": s.keyID}, []string{"access_key.revoke", "credentials.read", "access_key.create"}},
			{"key and action", vars{"accessKeyId": s.keyID, "action": "credentials.read"}, []string{"credentials.read"}},
			{"action", vars{"action": "access_key.revoke"}, []string{"access_key.revoke"}},
			{"group of actions", vars{"action": "access_key."},
				[]string{"access_key.revoke", "access_key.create", "access_key.create"}},
			{"client and group", vars{"clientId": s.clientID, "action": "access_key."},
				[]string{"access_key.revoke", "access_key.create"}},
			{"since", vars{"clientId": s.clientID, "since": between}, []string{"client.update"}},
			{"until", vars{"clientId": s.clientID, "until": between, "action": "access_key.r"}, []string{"access_key.revoke"}},
			{"since and group", vars{"since": between, "action": "client"}, []string{"client.update"}},
			{"no such action", vars{"action": "nothing."}, []string{}},
			{"a wildcard is no wildcard", vars{"action": "%"}, []string{}},
			{"no such client", vars{"clientId": "cli_0"}, []string{}},
		}
		for _, sc := range scenarios {
			if got := p.events(t, p.admin, sc.filter); !slices.Equal(got, sc.want) {
				t.Errorf("%s: %v, want %v", sc.name, got, sc.want)
			}
		}
	})
}

// Proves: 11.2
func TestAnAuditEventHasItsActorActionOriginAndChanges(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja Velha")
		changed := p.mustCall(t, p.admin, "updateClient", "client { id }", vars{"id": s.clientID, "name": "Loja Nova"})
		const fields = `id at actor { kind id label } address requestId action object { id name } client { id name } changes { field old new }`
		answer := p.must(t, p.admin,
			`query($f: AuditEventFilter) { auditEvents(first: 1, filter: $f) { edges { node { `+fields+` } } } }`,
			vars{"f": vars{"clientId": s.clientID}})
		const at = "auditEvents.edges.0.node."
		for path, want := range map[string]string{
			"actor.kind": "OPERATOR", "actor.id": p.admin.id, "actor.label": p.admin.name,
			"address": "192.0.2.1", "requestId": changed.header.Get("X-Request-Id"), "action": "client.update",
			"object.id": s.clientID, "object.name": "Loja Nova", "client.name": "Loja Nova",
			"changes.0.field": "name", "changes.0.old": "Loja Velha", "changes.0.new": "Loja Nova",
		} {
			if got := answer.text(t, at+path); got != want {
				t.Errorf("%s is %s, want %s", path, got, want)
			}
		}
		again := p.must(t, p.admin, `query($id: ID!) { node(id: $id) { ... on AuditEvent { `+fields+` } } }`,
			vars{"id": answer.text(t, at+"id")})
		if got := again.text(t, "node.object.name"); got != "Loja Nova" {
			t.Errorf("as a node it is %s", again.body)
		}

		p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": s.marketplaceID})
		removed := p.must(t, p.admin,
			`query($f: AuditEventFilter) { auditEvents(first: 1, filter: $f) { edges { node { `+fields+` } } } }`,
			vars{"f": vars{"action": "marketplace.remove"}})
		if removed.text(t, at+"object.id") != s.marketplaceID || removed.get(at+"object.name") != nil {
			t.Errorf("a removed object is %s", removed.body)
		}
	})
}

// Each layer is tested alone: with the directive off the rows of others stay hidden, and with it on the field is
// refused.
func TestAnOperatorReadsOnlyTheirOwnActions(t *testing.T) {
	for name, handler := range map[string]handlerMaker{"both layers": graph.NewHandler,
		"policies alone": graph.NewHandlerWithoutDirectives} {
		t.Run(name, func(t *testing.T) {
			eachWith(t, handler, func(t *testing.T, p *portal) {
				s := p.newShop(t, "Loja")
				p.mustCall(t, p.admin, "updateClient", "client { id }", vars{"id": s.clientID, "name": "Loja Nova"})
				p.read(t, s.key)
				for _, filter := range []vars{nil, {"clientId": s.clientID}, {"action": "client."}, {"accessKeyId": s.keyID},
					{"operatorId": p.admin.id}, {"action": "client.update"}} {
					answer := p.must(t, p.operator, `query($f: AuditEventFilter) {
						auditEvents(first: 100, filter: $f) { totalCount edges { node { id actor { id } } } } }`, vars{"f": filter})
					actors := answer.texts(t, "auditEvents.edges", "node.actor.id")
					for _, actor := range actors {
						if actor != p.operator.id {
							t.Errorf("filter %v: an operator reads what %s did", filter, actor)
						}
					}
					if got := answer.get("auditEvents.totalCount"); got != float64(len(actors)) {
						t.Errorf("filter %v: %v in all, %d shown: the count is an oracle", filter, got, len(actors))
					}
				}
				all := p.must(t, p.admin,
					`{ auditEvents(first: 1, filter: {action: "client.update"}) { edges { node { id } } } }`, nil)
				foreign := all.text(t, "auditEvents.edges.0.node.id")
				ask := func(as caller, id string) response {
					return p.post(t, as, `query($id: ID!) {
						node(id: $id) { ... on AuditEvent { id action changes { field old new } } } }`, vars{"id": id})
				}
				if got, none := ask(p.operator, foreign),
					ask(p.operator, "aud_0"); got.withoutRequestID() != none.withoutRequestID() || got.get("node") != nil {
					t.Errorf("another's event is told from none: %s %s", got.body, none.body)
				}
				for _, as := range []caller{p.viewer, s.key} {
					p.post(t, as, `{ auditEvents { edges { node { id } } } }`, nil).refused(t, "FORBIDDEN")
					got, none := ask(as, foreign), ask(as, "aud_0")
					if got.get("node") != nil || got.withoutRequestID() != none.withoutRequestID() {
						t.Errorf("an event is told from none: %s %s", got.body, none.body)
					}
				}
			})
		})
	}
}

// seedEvents writes n events of several clients, operators and actions directly into the store.
func (p *portal) seedEvents(t *testing.T, n int) {
	t.Helper()
	must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
		for at := 0; at < n; at += 500 {
			var some []*ent.AuditEventCreate
			for i := at; i < min(n, at+500); i++ {
				some = append(some, tx.AuditEvent.Create().
					SetActorKind("OPERATOR").SetActorID(fmt.Sprintf("opr_%d", i%20)).SetActorLabel("=Ana").SetAddress("192.0.2.1").
					SetRequestID("seed").
					SetAction(fmt.Sprintf("seed.%d", i%7)).SetObjectID(fmt.Sprintf("key_%d", i%50)).
					SetClientID(fmt.Sprintf("cli_%d", i%100)))
			}
			if err := tx.AuditEvent.CreateBulk(some...).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestTheAuditTrailListsEveryEventOnceAndReadsByAnIndex(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.seedEvents(t, 3000)
		p.exec(t, "ANALYZE")
		p.must(t, p.admin, `{ viewer { id } }`, nil)
		const page = `query($after: String, $f: AuditEventFilter, $n: Int) { auditEvents(first: $n, after: $after, filter: $f) {
			pageInfo { hasNextPage endCursor } edges { node { id action object { name } client { name } } } } }`

		seen := map[string]bool{}
		var last string
		var after any
		for more := true; more; {
			answer := p.must(t, p.admin, page, vars{"after": after, "f": vars{"action": "seed."}, "n": 100})
			for _, id := range answer.texts(t, "auditEvents.edges", "node.id") {
				if seen[id] || last != "" && id >= last {
					t.Fatalf("%s comes twice or out of order", id)
				}
				seen[id], last = true, id
			}
			more = answer.get("auditEvents.pageInfo.hasNextPage").(bool)
			after = answer.text(t, "auditEvents.pageInfo.endCursor")
		}
		if len(seen) != 3000 {
			t.Errorf("%d events, want all 3000", len(seen))
		}

		for _, filter := range []vars{nil, {"clientId": "cli_1"}, {"operatorId": "opr_1"}, {"accessKeyId": "key_1"},
			{"action": "seed."}, {"action": "seed.1"},
			{"since": time.Now().UTC().Add(-time.Hour)}, {"until": time.Now().UTC().Add(time.Hour)}} {
			statements := storetest.Statements(t, p.store, func() { p.must(t, p.admin, page, vars{"f": filter, "n": 25}) })
			if len(statements) > 6 {
				t.Errorf("filter %v: %d statements", filter, len(statements))
			}
			for _, statement := range statements {
				if strings.Contains(statement, "FROM \"audit_events\"") || strings.Contains(statement, "FROM `audit_events`") {
					p.plannedByIndex(t, fmt.Sprint(filter), statement)
				}
			}
		}
	})
}

// plannedByIndex fails when the plan of a statement, made without its values, reads all of audit_events.
func (p *portal) plannedByIndex(t *testing.T, what, statement string) {
	t.Helper()
	plan := p.plan(t, statement)
	for _, line := range plan {
		if strings.Contains(line, "Seq Scan on audit_events") || strings.Contains(line, "SCAN audit_events") &&
			!strings.Contains(line, "USING") {
			t.Errorf("%s reads the whole trail:\n%s\n%s", what, statement, strings.Join(plan, "\n"))
		}
	}
}

// plan returns the database's plan for a statement, made without its values.
func (p *portal) plan(t *testing.T, statement string) []string {
	t.Helper()
	conn, err := p.store.DB().Conn(t.Context())
	must.Do(t, err)
	defer func() { must.Do(t, conn.Close()) }()
	explain, args := "EXPLAIN QUERY PLAN "+statement, []any(nil)
	if p.store.Dialect() == dialect.SQLite {
		for range strings.Count(statement, "?") {
			args = append(args, "")
		}
	} else {
		for _, set := range []string{"SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan",
			"PREPARE planned AS " + statement} {
			_, err := conn.ExecContext(t.Context(), set)
			must.Do(t, err)
		}
		defer func() {
			for _, undo := range []string{"DEALLOCATE planned", "RESET plan_cache_mode", "RESET enable_seqscan"} {
				_, err := conn.ExecContext(t.Context(), undo)
				must.Do(t, err)
			}
		}()
		explain = "EXPLAIN EXECUTE planned"
		if n := strings.Count(statement, "$"); n > 0 {
			explain += "(" + strings.TrimSuffix(strings.Repeat("NULL,", n), ",") + ")"
		}
	}
	rows, err := conn.QueryContext(t.Context(), explain, args...)
	must.Do(t, err)
	defer func() { must.Do(t, rows.Close()) }()
	columns, err := rows.Columns()
	must.Do(t, err)
	var plan []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		must.Do(t, rows.Scan(cells...))
		plan = append(plan, fmt.Sprint(*cells[len(cells)-1].(*any)))
	}
	must.Do(t, rows.Err())
	if len(plan) == 0 {
		t.Errorf("there is no plan of %s", statement)
	}
	return plan
}

// download sends a GET for a file.
func (p *portal) download(t *testing.T, as caller, path string, query url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, publicURL+path+"?"+query.Encode(), nil)
	if authorization := as.authorization(t); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// Proves: 11.4
func TestTheAuditTrailIsExportedAsCSVAndAsJSONLines(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "=HYPERLINK(1)")
		p.seedEvents(t, 2500) // more than a page of the export
		events := p.auditCount(t)

		w := p.download(t, p.admin, "/export/audit.csv", url.Values{"action": {"seed."}})
		text, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
		reader := csv.NewReader(strings.NewReader(text))
		reader.Comma = ';'
		rows, err := reader.ReadAll()
		must.Do(t, err)
		if w.Code != http.StatusOK || !marked || len(rows) != 2501 || rows[0][0] != "at" {
			t.Fatalf("status %d, %d rows, %v", w.Code, len(rows), rows[0])
		}
		for _, row := range rows[1:] {
			if row[3] != "'=Ana" {
				t.Fatalf("a cell that begins a formula is %q", row[3])
			}
		}
		for name, want := range map[string]string{
			"Content-Disposition": `attachment; filename="audit.csv"`, "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		written := p.audited(t, events)
		last := written[len(written)-1]
		if last.action != "audit.export" || last.actor != p.admin.id || !strings.Contains(last.changes, "csv") ||
			!strings.Contains(last.changes, "seed.") {
			t.Errorf("the export is recorded as %+v", last)
		}

		w = p.download(t, p.admin, "/export/audit.jsonl", url.Values{"clientId": {s.clientID}})
		lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
		if len(lines) != 4 {
			t.Fatalf("%d lines, want 4:\n%s", len(lines), w.Body)
		}
		for _, line := range lines {
			var event struct {
				ClientID string
				Changes  []struct{ Field string }
			}
			must.Do(t, json.Unmarshal([]byte(line), &event))
			if event.ClientID != s.clientID {
				t.Errorf("line %s", line)
			}
		}
		w = p.download(t, p.admin, "/export/audit.csv", url.Values{"clientId": {s.clientID}, "action": {"client.create"}})
		if !strings.Contains(w.Body.String(), "=HYPERLINK(1)") || strings.Contains(w.Body.String(), ";=HYPER") ||
			strings.Contains(w.Body.String(), `;"=HYPER`) {
			t.Errorf("a name becomes a formula: %s", w.Body)
		}
		if w = p.download(t, p.admin, "/export/audit.csv", url.Values{"action": {"nothing"}}); w.Code != http.StatusOK ||
			!strings.HasPrefix(w.Body.String(), "\ufeff\"at\";") {
			t.Errorf("nothing found: %d %s", w.Code, w.Body)
		}

		w = p.download(t, p.operator, "/export/audit.jsonl", url.Values{})
		for line := range strings.SplitSeq(strings.TrimSpace(w.Body.String()), "\n") {
			if !strings.Contains(line, p.operator.id) {
				t.Errorf("an operator exports what another did: %s", line)
			}
		}
	})
}

func TestTheExportOfTheAuditTrailIsRefused(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.admin.authorization(t)
		p.viewer.authorization(t)
		events := p.auditCount(t)
		for _, sc := range []struct {
			name   string
			as     caller
			query  url.Values
			status int
		}{
			{"a stranger", stranger{}, nil, http.StatusUnauthorized},
			{"a key", s.key, nil, http.StatusForbidden},
			{"a viewer", p.viewer, nil, http.StatusForbidden},
			{"a wrong token", bearer("x"), nil, http.StatusUnauthorized},
			{"an unknown filter", p.admin, url.Values{"name": {"x"}}, http.StatusBadRequest},
			{"a filter twice", p.admin, url.Values{"action": {"a", "b"}}, http.StatusBadRequest},
			{"no instant", p.admin, url.Values{"since": {"yesterday"}}, http.StatusBadRequest},
			{"a NUL", p.admin, url.Values{"action": {"\x00"}}, http.StatusBadRequest},
		} {
			w := p.download(t, sc.as, "/export/audit.csv", sc.query)
			if w.Code != sc.status || strings.Contains(w.Body.String(), "client.create") || w.Header().
				Get("Content-Disposition") != "" {
				t.Errorf("%s: status %d, want %d: %s", sc.name, w.Code, sc.status, w.Body)
			}
		}
		if p.auditCount(t) != events {
			t.Error("a refused export is recorded as one")
		}
	})
}
