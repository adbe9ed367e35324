package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/store/search"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// refusal is an input that a mutation refuses, with the expected user errors.
type refusal struct {
	name  string
	input vars
	want  []string // CODE at path
}

// refuses fails unless a mutation refuses each input with exactly the expected user errors, and writes nothing.
func (p *portal) refuses(t *testing.T, as caller, mutation string, refusals []refusal) {
	t.Helper()
	as.authorization(t)
	before := p.snapshot(t)
	for _, r := range refusals {
		t.Run(mutation+": "+r.name, func(t *testing.T) {
			p.call(t, as, mutation, "__typename", r.input).wants(t, r.want...)
		})
	}
	p.unchanged(t, before)
}

func TestAClientIsStoredAsTyped(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		made := p.mustCall(t, p.operator, "createClient",
			"client { name tradeName document documentFormatted documentKind archivedAt products { id } }",
			vars{"name": "  Padaria São João Ltda ", "tradeName": " São João ", "document": "12.abc.345/01de-35"})
		for path, want := range map[string]string{
			"name": "Padaria São João Ltda", "tradeName": "São João", "document": "12ABC34501DE35",
			"documentFormatted": "12.ABC.345/01DE-35", "documentKind": "CNPJ", "archivedAt": "<nil>", "products": "[]",
		} {
			if got := fmt.Sprint(made.get("createClient.client." + path)); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}

		person := p.mustCall(t, p.operator, "createClient", "client { tradeName document documentFormatted documentKind }",
			vars{"name": "Maria", "document": "529.982.247-25"})
		if got := fmt.Sprint(person.get("createClient.client")); got != "map[document:52998224725 "+
			"documentFormatted:529.982.247-25 documentKind:CPF tradeName:<nil>]" {
			t.Errorf("a person: %s", got)
		}
	})
}

func TestAClientIsRefused(t *testing.T) {
	long := strings.Repeat("ã", 201)
	each(t, func(t *testing.T, p *portal) {
		taken := p.newClient(t, "Loja Alfa")
		document := p.must(t, p.viewer, `query($id: ID!) { client(id: $id) { document documentFormatted } }`,
			vars{"id": taken})
		other := p.newClient(t, "Loja Beta")
		free := p.document(t)

		p.refuses(t, p.operator, "createClient", []refusal{
			{"no name", vars{"name": " ", "document": free}, []string{"REQUIRED at name"}},
			{"a name too long", vars{"name": long, "document": free}, []string{"TOO_LONG at name"}},
			{"a name of two lines", vars{"name": "a\nb", "document": free}, []string{"INVALID_CHARACTERS at name"}},
			{"a trade name too long", vars{"name": "x", "tradeName": long, "document": free}, []string{"TOO_LONG at tradeName"}},
			{"a trade name with a bell", vars{"name": "x", "tradeName": "a\ab", "document": free},
				[]string{"INVALID_CHARACTERS at tradeName"}},
			{"no document", vars{"name": "x", "document": " "}, []string{"REQUIRED at document"}},
			{"a document of other characters", vars{"name": "x", "document": "11222333/0001ç81"},
				[]string{"DOCUMENT_CHARACTERS at document"}},
			{"a document too short", vars{"name": "x", "document": "1122233300018"}, []string{"DOCUMENT_LENGTH at document"}},
			{"a document with wrong check digits", vars{"name": "x", "document": "11222333000199"},
				[]string{"DOCUMENT_CHECK_DIGITS at document"}},
			{"a document that is taken", vars{"name": "x", "document": document.text(t, "client.document")},
				[]string{"DOCUMENT_TAKEN at document"}},
			{"everything at once", vars{"name": "", "tradeName": long, "document": ""},
				[]string{"REQUIRED at name", "TOO_LONG at tradeName", "REQUIRED at document"}},
		})
		p.refuses(t, p.operator, "updateClient", []refusal{
			{"no name", vars{"id": other, "name": ""}, []string{"REQUIRED at name"}},
			{"a name too long", vars{"id": other, "name": long}, []string{"TOO_LONG at name"}},
			{"a trade name too long", vars{"id": other, "tradeName": long}, []string{"TOO_LONG at tradeName"}},
			{"no document", vars{"id": other, "document": ""}, []string{"REQUIRED at document"}},
			{"a document with wrong check digits", vars{"id": other, "document": "52998224726"},
				[]string{"DOCUMENT_CHECK_DIGITS at document"}},
			{"a document that is taken, punctuated", vars{"id": other, "document": document.text(t, "client.documentFormatted")},
				[]string{"DOCUMENT_TAKEN at document"}},
			{"one bad field of two", vars{"id": other, "name": "Good", "document": "1"},
				[]string{"DOCUMENT_LENGTH at document"}},
		})

		t.Run("and told who has the document", func(t *testing.T) {
			for language, sentence := range map[string]string{"pt-BR": "O cliente Loja Alfa já tem este documento.",
				"en": "The client Loja Alfa already has this document."} {
				answer := p.call(t, p.operator, "createClient", "__typename",
					vars{"name": "x", "document": document.text(t, "client.document")}, "Accept-Language", language)
				if got := answer.userErrors(t)[0]; got.RelatedID != taken || got.Message != sentence {
					t.Errorf("%+v, want %q and %s", got, sentence, taken)
				}
			}
		})
	})
}

func TestConcurrentClientsOfOneDocumentMakeOne(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		document := p.document(t)
		p.operator.authorization(t)
		const n = 6
		answers := make(chan response, n)
		for range n {
			go func() {
				answers <- p.call(t, p.operator, "createClient", "client { id }", vars{"name": "Loja", "document": document})
			}()
		}
		made := ""
		var related []string
		for range n {
			answer := <-answers
			if errs := answer.userErrors(t); len(errs) == 0 {
				made += answer.text(t, "createClient.client.id")
			} else if errs[0].Code != "DOCUMENT_TAKEN" {
				t.Errorf("refused with %v", errs)
			} else {
				related = append(related, errs[0].RelatedID)
			}
		}
		if len(related) != n-1 || slices.ContainsFunc(related, func(id string) bool { return id != made }) {
			t.Errorf("made %s, refused for %v", made, related)
		}
	})
}

func TestAnUpdateOfAClientLeavesAbsentFieldsAlone(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		document := p.document(t)
		made := p.mustCall(t, p.operator, "createClient", "client { id }",
			vars{"name": "Loja", "tradeName": "Ponto", "document": document})
		id := made.text(t, "createClient.client.id")
		const fields = "client { name tradeName document }"
		update := func(input vars) string {
			t.Helper()
			input["id"] = id
			return fmt.Sprint(p.mustCall(t, p.operator, "updateClient", fields, input).get("updateClient.client"))
		}
		if got, want := update(vars{"name": "Loja Nova"}),
			fmt.Sprintf("map[document:%s name:Loja Nova tradeName:Ponto]", document); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got, want := update(vars{"tradeName": ""}),
			fmt.Sprintf("map[document:%s name:Loja Nova tradeName:<nil>]", document); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got, want := update(vars{"document": "52998224725", "tradeName": nil}),
			"map[document:52998224725 name:Loja Nova tradeName:<nil>]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}

		before := p.snapshot(t)
		update(vars{})
		update(vars{"name": " Loja Nova ", "tradeName": " ", "document": "529.982.247-25"})
		p.unchanged(t, before)
	})
}

func TestTheAuditTrailOfAClientShowsOldAndNewValues(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		id := p.newClient(t, "Loja")
		after := p.auditCount(t)
		p.mustCall(t, p.operator, "updateClient", "client { id }", vars{"id": id, "name": "Nova"})
		got := strings.ReplaceAll(p.audited(t, after)[0].changes, " ", "")
		for _, part := range []string{`"field":"name"`, `"old":"Loja"`, `"new":"Nova"`} {
			if !strings.Contains(got, part) {
				t.Errorf("changes %s lack %s", got, part)
			}
		}
		if strings.Contains(got, "document") {
			t.Errorf("changes %s tell what did not change", got)
		}
	})
}

func TestAnArchivedClientIsOutOfTheListUntilItIsRestored(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		id, other := p.newClient(t, "Loja Alfa"), p.newClient(t, "Loja Beta")
		list := func(filter vars) string {
			t.Helper()
			answer := p.must(t, p.viewer, `query($f: ClientFilter) { clients(filter: $f) { totalCount edges { node { id } } } }`,
				vars{"f": filter})
			return fmt.Sprint(answer.get("clients.totalCount"), answer.texts(t, "clients.edges", "node.id"))
		}
		archive := func(mutation string) any {
			t.Helper()
			return p.mustCall(t, p.operator, mutation, "client { archivedAt }", vars{"id": id}).
				get(mutation + ".client.archivedAt")
		}

		if archive("archiveClient") == nil {
			t.Error("an archived client does not say so")
		}
		events := p.auditCount(t)
		archive("archiveClient")
		if p.auditCount(t) != events {
			t.Error("archiving an archived client is an event")
		}
		if got, want := list(nil), fmt.Sprintf("1 [%s]", other); got != want {
			t.Errorf("active: %s, want %s", got, want)
		}
		if got, want := list(vars{"archived": true}), fmt.Sprintf("1 [%s]", id); got != want {
			t.Errorf("archived: %s, want %s", got, want)
		}
		if archive("restoreClient") != nil {
			t.Error("a restored client is still archived")
		}
		if got, want := list(vars{"archived": false}), fmt.Sprintf("2 [%s %s]", id, other); got != want {
			t.Errorf("active: %s, want %s", got, want)
		}
	})
}

// seedClients writes n clients directly into the store, each with a marketplace, a revoked key and one in force. name
// returns their names.
func (p *portal) seedClients(t *testing.T, n int, name func(i int) string) []string {
	t.Helper()
	ctx := p.system(t)
	var ids []string
	must.Do(t, p.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		for i := range n {
			document, err := brdoc.CompleteCNPJ(fmt.Sprintf("99888777%04d", i))
			if err != nil {
				return err
			}
			client, err := tx.ClientRecord.Create().
				SetName(name(i)).
				SetNameKey(search.Fold(name(i))).
				SetDocument(document.String()).
				SetSearchText(clients.SearchText(name(i), "", document.String())).
				Save(ctx)
			if err != nil {
				return err
			}
			ids = append(ids, client.ID)
			owner, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(p.productID).Save(ctx)
			if err != nil {
				return err
			}
			for range 2 {
				err = tx.Marketplace.Create().
					SetClientProductID(owner.ID).SetClientID(client.ID).SetProvider("NUVEMSHOP").SetDescription("Loja").
					SetSettings([]byte("{}")).SetHealthState("CONNECTED").SetHealthReason("CHECK_PASSED").
					Exec(ctx)
				if err != nil {
					return err
				}
			}
			for j := range 2 {
				create := tx.AccessKey.Create().
					SetClientProductID(owner.ID).SetClientID(client.ID).SetName("Caixa").SetCreatedBy("seed").
					SetVisiblePart(fmt.Sprintf("chv_live_%08d%04d", i, j)).SetLast4("0000").SetHash(make([]byte, 32))
				if j == 0 {
					create.SetRevokedAt(p.clock.Now())
				}
				if err := create.Exec(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	return ids
}

// pageQuery returns a document of the frontend.
func pageQuery(t *testing.T, feature, operation string) string {
	t.Helper()
	documents := ""
	fragments := map[string]string{}
	for _, from := range []string{"clients", "products", "marketplace", "access-keys"} {
		source, err := os.ReadFile("../frontend/src/features/" + from + "/api.ts")
		must.Do(t, err)
		for _, found := range regexp.MustCompile("graphql\\(`([^`]*)`").FindAllStringSubmatch(string(source), -1) {
			text := strings.TrimSpace(found[1])
			if name, ok := strings.CutPrefix(text, "fragment "); ok {
				name, _, _ = strings.Cut(name, " ")
				fragments[name] = text
			} else if from == feature && regexp.MustCompile(`^(query|mutation) `+operation+`\b`).MatchString(text) {
				documents += text
			}
		}
	}
	if documents == "" {
		t.Fatalf("the page has no operation %s in %s", operation, feature)
	}
	spread := regexp.MustCompile(`\.\.\.(\w+)`)
	for rest, seen := documents, map[string]bool{}; ; {
		found := spread.FindAllStringSubmatch(rest, -1)
		rest = ""
		for _, match := range found {
			if name := match[1]; fragments[name] != "" && !seen[name] {
				seen[name] = true
				rest += "\n" + fragments[name]
			}
		}
		if rest == "" {
			return documents
		}
		documents += rest
	}
}

func TestAPageOfThePortalCostsTheSameStatementsForOneClientAndForMany(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		ids := p.seedClients(t, 30, func(i int) string { return fmt.Sprintf("Loja %02d", i) })
		ask := func(feature, operation string, variables vars) (n int, answer response) {
			p.must(t, p.viewer, `{ viewer { id } }`, nil) // caches the caller and prepares the statements
			statements := storetest.Statements(t, p.store, func() {
				answer = p.must(t, p.viewer, pageQuery(t, feature, operation), variables)
			})
			return len(statements), answer
		}

		one, answer := ask("clients", "Clients", vars{"first": 1})
		if len(answer.get("clients.edges").([]any)) != 1 {
			t.Errorf("not one client: %s", answer.body)
		}
		many, answer := ask("clients", "Clients", vars{"first": 25})
		if len(answer.get("clients.edges").([]any)) != 25 || answer.get("clients.totalCount") != 30.0 {
			t.Errorf("not 25 of 30 clients: %s", answer.body)
		}
		if got := answer.get("clients.edges.24.node.products.0.marketplaces.1.health.state"); got != "CONNECTED" {
			t.Errorf("the last client's second marketplace is %v", got)
		}
		if one != many || one > 6 {
			t.Errorf("the list: %d statements for one client, %d for 25; want the same and at most 6", one, many)
		}
		found, answer := ask("clients", "Clients", vars{"first": 25, "search": "loja"})
		if answer.get("clients.totalCount") != 30.0 || found >= many {
			t.Errorf("a search: %d statements, %v in all; want fewer than %d, as one finds and counts", found,
				answer.get("clients.totalCount"), many)
		}

		client, answer := ask("clients", "Client", vars{"id": ids[0]})
		if got := len(answer.get("client.products.0.marketplaces").([]any)); got != 2 || client > 7 {
			t.Errorf("the client: %d statements, %d marketplaces", client, got)
		}
	})
}

// The budget leaves room for what the race detector adds.
func TestAClientMoreInAListCostsFewAllocations(t *testing.T) {
	p := newPortal(t, storetest.SQLite(t), graph.NewHandler)
	p.seedClients(t, 30, func(i int) string { return fmt.Sprintf("Loja %02d", i) })
	authorization := p.viewer.authorization(t)
	list := func(n int) float64 {
		body := fmt.Sprintf(`{"query":"{clients(first:%d,search:\"loja\"){totalCount edges{node{id name document `+
			`products{id product{name} marketplaces{id provider description health{state reason}}}}}}}"}`, n)
		return testing.AllocsPerRun(20, func() {
			r := httptest.NewRequest(http.MethodPost, publicURL+"/graphql", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", authorization)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			if w.Code != http.StatusOK || strings.Count(w.Body.String(), `"mkp_`) != 2*n {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
		})
	}
	if each := (list(25) - list(5)) / 20; each > 500 {
		t.Errorf("a client with two marketplaces costs %.0f allocations", each)
	} else {
		t.Logf("%.0f allocations", each)
	}
}

func TestAListOfClientsGivesEveryRowOnceInBothDirections(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		// Equal names, and names that differ only in what sorting ignores, span the pages.
		names := []string{"Ápice", "apice", "Apice", "Zênite", "zenite", "Loja", "Loja", "Loja", "Loja", "Loja", "Loja",
			"loja 2", "Óptica", "optica"}
		p.seedClients(t, len(names), func(i int) string { return names[i] })
		const list = `query($first: Int, $after: String, $last: Int, $before: String, $order: ClientOrder) {
			clients(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
				totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id name } } } }`
		for _, order := range []vars{nil, {"field": "NAME"}, {"field": "NAME", "direction": "DESC"},
			{"field": "CREATED_AT", "direction": "ASC"}, {"field": "CREATED_AT", "direction": "DESC"}} {
			t.Run(fmt.Sprint(order), func(t *testing.T) {
				whole := p.must(t, p.viewer, list, vars{"first": 100, "order": order})
				all := whole.texts(t, "clients.edges", "node.id")
				if len(all) != len(names) || whole.get("clients.totalCount") != float64(len(names)) {
					t.Fatalf("the whole list has %d rows: %s", len(all), whole.body)
				}
				if order == nil || order["field"] == "NAME" {
					keys := whole.texts(t, "clients.edges", "node.name")
					for i, name := range keys {
						keys[i] = search.Fold(name)
					}
					if order["direction"] == "DESC" {
						slices.Reverse(keys)
					}
					if !slices.IsSorted(keys) {
						t.Errorf("not sorted: %v", keys)
					}
				}

				var forward []string
				for after := any(nil); ; {
					page := p.must(t, p.viewer, list, vars{"first": 3, "after": after, "order": order})
					forward = append(forward, page.texts(t, "clients.edges", "node.id")...)
					if page.get("clients.pageInfo.hasPreviousPage") != (after != nil) {
						t.Errorf("hasPreviousPage is wrong at %v", after)
					}
					if page.get("clients.pageInfo.hasNextPage") == false {
						break
					}
					after = page.get("clients.pageInfo.endCursor")
				}
				var backward []string
				for before := any(nil); ; {
					page := p.must(t, p.viewer, list, vars{"last": 3, "before": before, "order": order})
					backward = append(page.texts(t, "clients.edges", "node.id"), backward...)
					if page.get("clients.pageInfo.hasPreviousPage") == false {
						break
					}
					before = page.get("clients.pageInfo.startCursor")
				}
				if !slices.Equal(forward, all) {
					t.Errorf("forward  %v\nthe list %v", forward, all)
				}
				if !slices.Equal(backward, all) {
					t.Errorf("backward %v\nthe list %v", backward, all)
				}
				between := p.must(t, p.viewer, list, vars{"first": 100, "order": order,
					"after": whole.get("clients.edges.2.cursor"), "before": whole.get("clients.edges.5.cursor")})
				if got := between.texts(t, "clients.edges", "node.id"); !slices.Equal(got, all[3:5]) {
					t.Errorf("between two cursors %v, want %v", got, all[3:5])
				}
			})
		}
	})
}

func TestAListRefusesArgumentsThatMakeNoSense(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.seedClients(t, 2, func(i int) string { return "Loja" })
		byName := p.must(t, p.viewer, `{ clients { edges { cursor } } }`, nil).text(t, "clients.edges.0.cursor")
		for _, arguments := range []string{
			`first: 0`, `first: -1`, `first: 101`, `last: 0`, `last: 101`, `first: 1, last: 1`,
			`after: ""`, `after: "x"`, `after: "e30"`, `after: "eyJvIjp7fSwiaSI6IngifQ"`, `before: "x"`,
			`after: "` + strings.Repeat("e", 3000) + `"`,
			`after: "` + byName + `", orderBy: {field: NAME, direction: DESC}`,
			`after: "` + byName + `", orderBy: {field: CREATED_AT}`,
			`search: "` + strings.Repeat("x", 201) + `"`,
		} {
			if answer := p.post(t, p.viewer, `{ clients(`+arguments+`) { totalCount } }`,
				nil); answer.code(t) != "BAD_USER_INPUT" {
				t.Errorf("%.60s: %s", arguments, answer.body)
			}
		}
		for list, cursor := range map[string]string{"products": byName, "accessKeys": byName} {
			if answer := p.post(t, p.viewer, fmt.Sprintf(`{ %s(after: %q) { totalCount } }`, list, cursor),
				nil); list == "accessKeys" && answer.code(t) != "BAD_USER_INPUT" {
				t.Errorf("%s takes a cursor of clients: %s", list, answer.body)
			}
		}
		if answer := p.must(t, p.viewer, `{ clients(search: "loja\u0000") { totalCount }
			accessKeys(search: "chv\u0000") { totalCount } }`, nil); answer.get("clients.totalCount") != 2.0 {
			t.Errorf("a search with a NUL: %s", answer.body)
		}
	})
}

func TestTheFiltersOfClients(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		ctx := p.system(t)
		whole := p.newShop(t, "Whole")
		troubled := p.newShop(t, "Troubled")
		keyless := p.newClient(t, "Keyless")
		p.newClientProduct(t, keyless)
		bare := p.newClient(t, "Bare")
		suspended := p.newShop(t, "Suspended")
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": suspended.keyID})
		p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": suspended.clientProductID})
		ended := p.newShop(t, "Ended")
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": ended.keyID})
		archived := p.newShop(t, "Archived")
		p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": archived.clientID})
		names := func(filter vars) string {
			t.Helper()
			answer := p.must(t, p.viewer,
				`query($f: ClientFilter) { clients(filter: $f) { totalCount edges { node { name } } } }`, vars{"f": filter})
			found := answer.texts(t, "clients.edges", "node.name")
			if answer.get("clients.totalCount") != float64(len(found)) {
				t.Errorf("%v: totalCount %v of %v", filter, answer.get("clients.totalCount"), found)
			}
			return strings.Join(found, " ")
		}
		_, _ = whole, bare

		for _, state := range []string{"FAILING", "NEEDS_ATTENTION", "SUSPENDED", "CONNECTED", "WAITING", "EXPIRING",
			"NOT_TESTABLE"} {
			must.Do(t, p.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				return tx.Marketplace.Update().Where(marketplace.ID(troubled.marketplaceID)).SetHealthState(state).Exec(ctx)
			}))
			want := map[string]string{"FAILING": "Troubled", "NEEDS_ATTENTION": "Troubled", "SUSPENDED": "Troubled"}[state]
			if got := names(vars{"hasProblem": true}); got != want {
				t.Errorf("with a marketplace that is %s, in trouble are %q, want %q", state, got, want)
			}
			if got := names(vars{"hasProblem": false}); strings.Contains(got, "Troubled") != (want == "") {
				t.Errorf("with a marketplace that is %s, not in trouble are %q", state, got)
			}
		}
		for filter, want := range map[string]string{
			"":                  "Bare Ended Keyless Suspended Troubled Whole",
			"withoutKey":        "Ended Keyless",
			"archived":          "Archived",
			"archived, key too": "",
		} {
			if got := names(map[string]vars{
				"": nil, "withoutKey": {"withoutKey": true}, "archived": {"archived": true},
				"archived, key too": {"archived": true, "withoutKey": true},
			}[filter]); got != want {
				t.Errorf("filter %q finds %q, want %q", filter, got, want)
			}
		}
		if got, want := names(vars{"withoutKey": false}), "Bare Suspended Troubled Whole"; got != want {
			t.Errorf("not without a key are %q, want %q", got, want)
		}
		p.mustCall(t, p.operator, "rotateAccessKey", "accessKey { id }",
			vars{"id": whole.keyID, "overlapHours": 1, "expiresAt": p.clock.Now().Add(2 * time.Hour).Format(time.RFC3339)})
		p.clock.advance(90 * time.Minute)
		if got := names(vars{"withoutKey": true}); strings.Contains(got, "Whole") {
			t.Errorf("a successor in force counts as none: %q", got)
		}
		p.clock.advance(time.Hour)
		if got := names(vars{"withoutKey": true}); !strings.Contains(got, "Whole") {
			t.Errorf("an expired key counts as one in force: %q", got)
		}
	})
}
