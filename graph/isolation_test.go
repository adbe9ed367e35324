package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAKeySeesItsOwnClientAndNoOther(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		first, second := p.newShop(t, "Loja Alfa"), p.newShop(t, "Loja Beta")
		p.newMarketplace(t, first.clientProductID, showKase())

		answer := p.must(t, second.key, everything, nil)

		if got := answer.text(t, "integration.client.id"); got != second.clientID {
			t.Errorf("client %s, want its own %s", got, second.clientID)
		}
		if got := answer.texts(t, "integration.marketplaces", "id"); !slices.Equal(got, []string{second.marketplaceID}) {
			t.Errorf("marketplaces %v, want its own %s", got, second.marketplaceID)
		}
		for _, foreign := range append(first.ids(), "Alfa", "planted-token-4") {
			if strings.Contains(answer.body, foreign) {
				t.Errorf("the second client's key reads the first one's %s", foreign)
			}
		}
	})
}

// rootFields returns, for each root field of the schema, a document that uses it with arguments of the shop, and the
// allowed callers.
func rootFields(t *testing.T, p *portal, s shop) map[string]rootField {
	t.Helper()
	callers, err := graph.Access(graph.Schema())
	must.Do(t, err)
	p.documents++
	someone := p.hire(t, fmt.Sprintf("Alvo%d", p.documents), principal.Editor).id
	arguments := map[string]string{
		"Query.node":   fmt.Sprintf(`(id: %q) { id }`, s.clientID),
		"Query.nodes":  fmt.Sprintf(`(ids: [%q, %q]) { id }`, s.marketplaceID, s.keyID),
		"Query.client": fmt.Sprintf(`(id: %q) { id name }`, s.clientID),

		"Query.clients":       `{ edges { node { id name products { id marketplaces { id } } } } totalCount }`,
		"Query.clientNotes":   fmt.Sprintf(`(clientId: %q) { edges { node { id text own } } totalCount }`, s.clientID),
		"Query.tagsInUse":     `{ tag clients }`,
		"Query.products":      `{ edges { node { id name } } totalCount }`,
		"Query.accessKeys":    `{ edges { node { id name visiblePart } } totalCount }`,
		"Query.integration":   `{ client { id } }`,
		"Query.setupRequired": ``,
		"Query.viewer":        `{ id email }`,
		"Query.due":           `{ kind at client { id } }`,
		"Query.find": `(text: "loja") { clients { nodes { id name } } marketplaces { nodes { id description } more }
			accessKeys { nodes { id name } more } operators { nodes { id } more } serviceTokens { nodes { id } more } }`,
		"Query.auditEvents":       `{ edges { node { id action object { name } client { name } } } totalCount }`,
		"Query.erasedClient":      fmt.Sprintf(`(document: %q) { id }`, p.document(t)),
		"Query.providerIncidents": `{ edges { node { id provider evidence } } totalCount }`,
		"Query.providerHistories": `{ provider facts { broke } }`,
		"Query.activity":          `{ begins reads }`,

		"Query.providers": `{ provider settings { name value } }`,

		"Query.unclaimedInstallations": `{ id suggestedClient { id } }`,
		"Query.providerNotices":        `{ id marketplace { id } }`,

		"Mutation.createFirstAdministrator": `(input: {setupToken: "x", name: "x", email: "x@example.com", password: "x"}) { accessToken }`,
		"Mutation.login":                    `(input: {email: "nobody@example.com", password: "x"}) { accessToken }`,
		"Mutation.refreshSession":           `{ accessToken }`,
		"Mutation.logout":                   `{ userErrors { code } }`,

		"Query.account":       `{ operator { id } sessions { id } }`,
		"Query.passwordLink":  `(link: "x") { email }`,
		"Query.operators":     `{ edges { node { id email } } totalCount }`,
		"Query.serviceTokens": `{ edges { node { id } } totalCount }`,

		"Mutation.completeLogin":                `(input: {ticket: "x", proof: {code: "000000"}}) { accessToken }`,
		"Mutation.beginPasskeyLogin":            `{ ticket }`,
		"Mutation.setPassword":                  `(input: {link: "x", password: "x"}) { accessToken }`,
		"Mutation.reauthenticate":               `(input: {password: "x"}) { accessToken }`,
		"Mutation.beginPasskeyReauthentication": `{ ticket }`,
		"Mutation.updateAccount":                `(input: {name: "x", email: "x@example.com"}) { account { operator { id } } }`,
		"Mutation.changePassword":               `(input: {password: "another long password"}) { account { operator { id } } }`,
		"Mutation.beginTotp":                    `{ ticket seed }`,
		"Mutation.confirmTotp":                  `(input: {ticket: "x", code: "000000"}) { recoveryCodes }`,
		"Mutation.removeTotp":                   `{ account { operator { id } } }`,
		"Mutation.createRecoveryCodes":          `{ recoveryCodes }`,
		"Mutation.beginPasskeyRegistration":     `{ ticket }`,
		"Mutation.addPasskey":                   `(input: {name: "x", answer: {ticket: "x", response: "x"}}) { recoveryCodes }`,
		"Mutation.removePasskey":                `(input: {id: "psk_x"}) { account { operator { id } } }`,
		"Mutation.endSession":                   `(input: {id: "ses_x"}) { account { operator { id } } }`,
		"Mutation.endOtherSessions":             `{ account { operator { id } } }`,

		"Mutation.inviteOperator":      `(input: {name: "x", email: "x@example.com", role: ADMIN}) { link }`,
		"Mutation.createPasswordLink":  fmt.Sprintf(`(input: {id: %q}) { link }`, someone),
		"Mutation.updateOperator":      fmt.Sprintf(`(input: {id: %q, name: "x", role: ADMIN}) { operator { id } }`, someone),
		"Mutation.disableOperator":     fmt.Sprintf(`(input: {id: %q}) { operator { id } }`, someone),
		"Mutation.enableOperator":      fmt.Sprintf(`(input: {id: %q}) { operator { id } }`, someone),
		"Mutation.endOperatorSessions": fmt.Sprintf(`(input: {id: %q}) { operator { id } }`, someone),
		"Mutation.removeSecondFactor":  fmt.Sprintf(`(input: {id: %q}) { operator { id } }`, someone),
		"Mutation.createServiceToken":  `(input: {name: "x", role: ADMIN, expiresAt: "2026-12-31T00:00:00Z"}) { token }`,
		"Mutation.revokeServiceToken":  `(input: {id: "svt_x"}) { serviceToken { id } }`,

		"Mutation.createClient": fmt.Sprintf(`(input: {name: "Loja", document: %q}) { client { id } }`,
			p.document(t)),
		"Mutation.updateClient":  fmt.Sprintf(`(input: {id: %q, name: "Other"}) { client { id name } }`, s.clientID),
		"Mutation.archiveClient": fmt.Sprintf(`(input: {id: %q}) { client { id } }`, s.clientID),
		"Mutation.restoreClient": fmt.Sprintf(`(input: {id: %q}) { client { id } }`, s.clientID),
		"Mutation.exportClient":  fmt.Sprintf(`(input: {id: %q}) { content }`, s.clientID),
		"Mutation.eraseClient": fmt.Sprintf(`(input: {id: %q, document: "11222333000181"}) { client { id } }`,
			s.clientID),
		"Mutation.addClientContact":    fmt.Sprintf(`(input: {clientId: %q, name: "Bia"}) { contact { id } }`, s.clientID),
		"Mutation.updateClientContact": `(input: {id: "cct_x", name: "Bia"}) { contact { id } }`,
		"Mutation.removeClientContact": `(input: {id: "cct_x"}) { client { id } }`,
		"Mutation.addClientNote":       fmt.Sprintf(`(input: {clientId: %q, text: "x"}) { note { id } }`, s.clientID),
		"Mutation.updateClientNote":    `(input: {id: "cnt_x", text: "y"}) { note { id } }`,
		"Mutation.removeClientNote":    `(input: {id: "cnt_x"}) { client { id } }`,
		"Mutation.createProduct":       `(input: {code: "OTHER", name: "Other", capabilities: []}) { product { id } }`,
		"Mutation.updateProduct":       fmt.Sprintf(`(input: {id: %q, name: "Other"}) { product { id } }`, p.productID),
		"Mutation.addClientProduct": fmt.Sprintf(`(input: {clientId: %q, productId: %q}) { clientProduct { id } }`,
			s.clientID, p.productID),
		"Mutation.suspendClientProduct": fmt.Sprintf(`(input: {id: %q}) { clientProduct { id } }`, s.clientProductID),
		"Mutation.resumeClientProduct":  fmt.Sprintf(`(input: {id: %q}) { clientProduct { id } }`, s.clientProductID),
		"Mutation.addMarketplace": fmt.Sprintf(
			`(input: {clientProductId: %q, description: "x", config: {nuvemshop: {}}}) { marketplace { id } }`,
			s.clientProductID),
		"Mutation.connectMarketplace": fmt.Sprintf(
			`(input: {clientProductId: %q, description: "x", provider: PLUG4MARKET}) { marketplace { id } }`, s.clientProductID),
		"Mutation.updateMarketplace": fmt.Sprintf(`(input: {id: %q, description: "x"}) { marketplace { id } }`,
			s.marketplaceID),
		"Mutation.removeMarketplace": fmt.Sprintf(`(input: {id: %q}) { clientProduct { id } }`, s.marketplaceID),
		"Mutation.createAccessKey": fmt.Sprintf(`(input: {clientProductId: %q, name: "x"}) { accessKey { id } token }`,
			s.clientProductID),
		"Mutation.rotateAccessKey": fmt.Sprintf(`(input: {id: %q}) { accessKey { id } token }`, s.keyID),
		"Mutation.testMarketplaceConfig": fmt.Sprintf(
			`(input: {clientProductId: %q, config: {showKase: {token: "x"}}}) { result { outcome } }`, s.clientProductID),
		"Mutation.testMarketplace": fmt.Sprintf(`(input: {id: %q}) { marketplace { id } }`, s.marketplaceID),

		"Mutation.reportMarketplaceFailure": fmt.Sprintf(
			`(input: {marketplaceId: %q, credentialVersion: 0, status: 401}) { marketplace { id } }`, s.marketplaceID),
		"Mutation.confirmMarketplaceShop": `(input: {id: "mkp_x", shopName: "x"}) { marketplace { id } }`,
		"Mutation.updateProviderSettings": `(input: {provider: SHOWKASE, settings: [{name: "checkHeader", value: "X: {token}"}]}) { provider { provider } }`,

		"Mutation.startInstall":      fmt.Sprintf(`(input: {marketplaceId: %q}) { authorizeUrl }`, s.marketplaceID),
		"Mutation.createInstallLink": fmt.Sprintf(`(input: {marketplaceId: %q}) { url }`, s.marketplaceID),
		"Mutation.revokeInstallLink": fmt.Sprintf(`(input: {marketplaceId: %q}) { marketplace { id } }`, s.marketplaceID),
		"Mutation.attachInstallation": fmt.Sprintf(`(input: {id: "uin_x", clientProductId: %q}) { marketplace { id } }`,
			s.clientProductID),
		"Mutation.discardInstallation": `(input: {id: "uin_x"}) { id }`,
		"Mutation.closeProviderNotice": `(input: {id: "ntc_x"}) { id }`,

		"Mutation.updateAccessKey": fmt.Sprintf(
			`(input: {id: %q, addresses: ["203.0.113.0/24"]}) { accessKey { id } }`, s.keyID),
		"Mutation.setBait":         fmt.Sprintf(`(input: {id: %q, bait: true}) { id }`, s.keyID),
		"Mutation.revokeAccessKey": fmt.Sprintf(`(input: {id: %q}) { accessKey { id } }`, s.keyID),
	}
	fields := map[string]rootField{}
	for name, to := range callers {
		if strings.HasPrefix(name, "Subscription.") {
			continue // live_test.go tests subscriptions
		}
		rest, ok := arguments[name]
		if !ok {
			t.Fatalf("root field %s is new: say here how it is called", name)
		}
		root, field, _ := strings.Cut(name, ".")
		fields[name] = rootField{document: strings.ToLower(root) + " { " + field + rest + " }", change: root == "Mutation"}
		for _, caller := range to {
			f := fields[name]
			f.callers = append(f.callers, string(caller))
			fields[name] = f
		}
	}
	return fields
}

type rootField struct {
	document string
	change   bool
	callers  []string
}

func (f rootField) open(caller string) bool {
	return slices.Contains(f.callers, caller) || slices.Contains(f.callers, "ANYONE")
}

// The first layer is tested alone: a caller without the right is refused before any statement runs.
func TestTheDirectiveRefusesBeforeTheDatabaseIsAsked(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		_, otherKey := p.newKey(t, s.clientProductID)
		callers := map[string]caller{"ADMIN": p.admin, "OPERATOR": p.operator, "VIEWER": p.viewer, "ACCESS_KEY": otherKey,
			"ANYONE": stranger{}}
		for _, as := range callers {
			p.post(t, as, `{ setupRequired }`, nil) // caches the caller, as far as callers are cached
		}
		for name, field := range rootFields(t, p, s) {
			for kind, as := range callers {
				if field.open(kind) {
					continue
				}
				t.Run(name+" by "+kind, func(t *testing.T) {
					var answer response
					p.denials.take()
					statements := storetest.Statements(t, p.store, func() { answer = p.post(t, as, field.document, nil) })
					statements = slices.DeleteFunc(statements, authenticatesKey)
					if len(statements) != 0 {
						t.Errorf("%d statements: %q", len(statements), statements)
					}
					want, status := "FORBIDDEN", http.StatusOK
					if kind == "ANYONE" {
						want, status = "UNAUTHENTICATED", http.StatusUnauthorized
					}
					answer.refused(t, want)
					if denied := p.denials.take(); kind != "ANYONE" && !slices.Equal(denied, []string{name}) {
						t.Errorf("told to the audit as denied: %q, want %s", denied, name)
					}
					if answer.status != status {
						t.Errorf("status %d, want %d", answer.status, status)
					}
				})
			}
		}
	})
}

// nodeQueries returns, by the prefix of ids, a query of a node with all fields of its type and of the types at the ends
// of its edges.
func nodeQueries(t *testing.T) map[string]string {
	t.Helper()
	prefixes := map[string]string{
		"AuditEvent": "aud", "CredentialRead": "crd", "ProviderIncident": "inc",
		"AccessKey": "key", "Client": "cli", "ClientProduct": "cpr", "Marketplace": "mkp", "Operator": "opr",
		"Product": "prd", "ClientContact": "cct", "ClientNote": "cnt",
		"ServiceToken": "svt",
	}
	schema := graph.Schema()
	queries := map[string]string{}
	for _, possible := range schema.GetPossibleTypes(schema.Types["Node"]) {
		prefix, ok := prefixes[possible.Name]
		if !ok {
			t.Fatalf("type %s is new: say here which prefix its ids have", possible.Name)
		}
		queries[prefix] = fmt.Sprintf("query($id: ID!) { node(id: $id) { __typename ... on %s { %s } } }",
			possible.Name, selection(schema, possible, 2, possible.Name))
	}
	return queries
}

// selection selects all fields of a type, down to a depth of edges. Each field gets its own alias, because fields with
// one name may differ in type.
func selection(schema *ast.Schema, of *ast.Definition, depth int, prefix string) string {
	var fields []string
	for _, field := range of.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		alias := prefix + "_" + field.Name
		end := schema.Types[field.Type.Name()]
		switch {
		case end.IsLeafType():
			fields = append(fields, alias+": "+field.Name)
		case depth == 0:
		case end.Kind == ast.Union:
			var members []string
			for _, member := range schema.GetPossibleTypes(end) {
				members = append(members,
					fmt.Sprintf("... on %s { %s }", member.Name, selection(schema, member, depth-1, member.Name)))
			}
			fields = append(fields, fmt.Sprintf("%s: %s { __typename %s }", alias, field.Name, strings.Join(members, " ")))
		default:
			fields = append(fields, fmt.Sprintf("%s: %s { %s }", alias, field.Name, selection(schema, end, depth-1, alias)))
		}
	}
	return "__typename " + strings.Join(fields, " ")
}

// The second layer is tested alone: the directive accepts every caller, and the test asks for every type and edge of
// the schema.
// Proves: 7.1
func TestThePrivacyPoliciesAloneKeepClientsApart(t *testing.T) {
	eachWith(t, graph.NewHandlerWithoutDirectives, func(t *testing.T, p *portal) {
		queries := nodeQueries(t)
		ask := func(t *testing.T, as caller, id string) response {
			return p.post(t, as, queries[id[:3]], vars{"id": id})
		}
		mine, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		sibling, _ := p.newKey(t, mine.clientProductID)
		unknown := map[string]string{}
		for _, id := range append(other.ids(), p.viewer.id, p.productID) {
			unknown[id] = id[:4] + strings.Repeat("0", len(id)-4)
		}

		for _, id := range other.ids() {
			t.Run("a key asks for another client's "+id[:3], func(t *testing.T) {
				got, nothing := ask(t, mine.key, id), ask(t, mine.key, unknown[id])
				if got.withoutRequestID() != nothing.withoutRequestID() || got.status != nothing.status {
					t.Errorf("another's id is told from an unknown one:\n%s\n%s", got.body, nothing.body)
				}
				if got.get("node") != nil || got.code(t) != "" {
					t.Errorf("node is %s, want null", got.body)
				}
			})
		}
		for _, id := range mine.ids() {
			t.Run("a key asks for its own "+id[:3]+" and every edge of it", func(t *testing.T) {
				got := ask(t, mine.key, id)
				for _, foreign := range append(other.ids(), sibling, p.productID, "Loja Alheia", p.operator.id) {
					if strings.Contains(got.body, foreign) {
						t.Errorf("it reads %s: %s", foreign, got.body)
					}
				}
				for _, e := range got.errors {
					if e.Extensions.Code != "FORBIDDEN" {
						t.Errorf("an edge fails with %s: %s", e.Extensions.Code, got.body)
					}
				}
			})
		}
		for _, id := range []string{p.viewer.id, p.productID} {
			t.Run("a key asks for "+id[:3], func(t *testing.T) {
				got, nothing := ask(t, mine.key, id), ask(t, mine.key, unknown[id])
				if got.get("node") != nil {
					t.Errorf("it reads %s", got.body)
				}
				if got.withoutRequestID() != nothing.withoutRequestID() {
					t.Errorf("it is told from an unknown one:\n%s\n%s", got.body, nothing.body)
				}
			})
		}
		for _, id := range append(mine.ids(), p.viewer.id, p.productID) {
			t.Run("nobody asks for "+id[:3], func(t *testing.T) {
				if got := ask(t, stranger{}, id); got.get("node") != nil {
					t.Errorf("it reads %s", got.body)
				}
			})
			for _, reader := range []*person{p.viewer, p.operator, p.admin} {
				t.Run(reader.name+" asks for "+id[:3]+" and every edge of it", func(t *testing.T) {
					got := ask(t, reader, id)
					if len(got.errors) > 0 {
						t.Errorf("refused: %s", got.body)
					}
					switch {
					case id == p.viewer.id && reader == p.operator:
						if got.get("node") != nil {
							t.Errorf("an operator reads another: %s", got.body)
						}
					case got.get("node") == nil:
						t.Errorf("it is not there: %s", got.body)
					}
					if strings.Contains(got.body, "planted-") {
						t.Errorf("a secret is read back: %s", got.body)
					}
				})
			}
		}

		t.Run("lists", func(t *testing.T) {
			lists := p.post(t, mine.key, `{ clients { edges { node { id name } } totalCount } }`, nil)
			if got := lists.texts(t, "clients.edges", "node.id"); !slices.Equal(got, []string{mine.clientID}) ||
				lists.get("clients.totalCount") != 1.0 {
				t.Errorf("clients of a key: %s", lists.body)
			}
			keys := p.post(t, mine.key, `{ accessKeys { edges { node { id } } totalCount } }`, nil)
			if got := keys.texts(t, "accessKeys.edges", "node.id"); !slices.Equal(got, []string{mine.keyID}) ||
				keys.get("accessKeys.totalCount") != 1.0 {
				t.Errorf("keys of a key: %s", keys.body)
			}
			p.post(t, mine.key, `{ products { edges { node { id } } } }`, nil).refused(t, "FORBIDDEN")
			for _, list := range []string{`clients { totalCount }`, `accessKeys { totalCount }`, `products { totalCount }`} {
				p.post(t, stranger{}, "{ "+list+" }", nil).refused(t, "FORBIDDEN")
			}
		})
	})
}

func TestThePrivacyPoliciesAloneKeepWritersOut(t *testing.T) {
	session := []string{"Mutation.createFirstAdministrator", "Mutation.login", "Mutation.refreshSession",
		"Mutation.logout"}
	eachWith(t, graph.NewHandlerWithoutDirectives, func(t *testing.T, p *portal) {
		mine, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		archived := p.newShop(t, "Loja Arquivada")
		p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": archived.clientID})
		callers := map[string]caller{"OPERATOR": p.operator, "VIEWER": p.viewer, "ACCESS_KEY": mine.key, "ANYONE": stranger{}}
		p.viewer.authorization(t)
		for _, target := range []shop{mine, other} {
			for name, field := range rootFields(t, p, target) {
				if !field.change || slices.Contains(session, name) {
					continue
				}
				if name == "Mutation.restoreClient" {
					field.document = strings.ReplaceAll(field.document, target.clientID, archived.clientID)
				}
				for kind, as := range callers {
					if field.open(kind) {
						continue
					}
					t.Run(name+" by "+kind, func(t *testing.T) {
						before := p.snapshot(t)
						answer := p.post(t, as, field.document, nil)
						if strings.Contains(answer.body, "chv_live") {
							t.Errorf("a key was made: %s", answer.body)
						}
						for _, e := range answer.errors {
							if e.Extensions.Code != "FORBIDDEN" {
								t.Errorf("refused with %s: %s", e.Extensions.Code, answer.body)
							}
						}
						p.unchanged(t, before)
					})
				}
			}
		}
	})
}

// Proves: 7.2
func TestKnowingAnIDGivesNoRight(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for _, id := range []string{"", "x", "cli_", "cli_unknown", "xxx_" + s.clientID[4:], "ses_1", "cli_\x00", "prd_\x00",
			strings.Repeat("x", 10_000), "cli_' OR 1=1 --"} {
			answer := p.must(t, p.admin,
				`query($id: ID!) { node(id: $id) { id } client(id: $id) { id } nodes(ids: [$id]) { id } }`, vars{"id": id})
			if answer.get("node") != nil || answer.get("client") != nil || answer.get("nodes.0") != nil {
				t.Errorf("id %.20q: %s", id, answer.body)
			}
		}
		if answer := p.must(t, p.admin, `query($id: ID!) { client(id: $id) { id } }`,
			vars{"id": s.marketplaceID}); answer.get("client") != nil {
			t.Errorf("a marketplace is no client: %s", answer.body)
		}
	})
}

// Proves: 7.4
func TestNodesKeepTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		ids := []string{s.keyID, "cli_unknown", s.clientID, p.productID, s.keyID, p.admin.id}
		answer := p.must(t, p.admin, `query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }`, vars{"ids": ids})
		for i, id := range ids {
			want := fmt.Sprint(id)
			if id == "cli_unknown" {
				want = "<nil>"
			}
			if got := fmt.Sprint(answer.get(fmt.Sprintf("nodes.%d.id", i))); got != want {
				t.Errorf("place %d has %s, want %s", i, got, want)
			}
		}

		p.post(t, p.admin, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`,
			vars{"ids": slices.Repeat([]string{s.clientID}, 101)}).
			refused(t, "BAD_USER_INPUT")
	})
}
