package graph_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// rights is the matrix of authorization, by root field: A is an administrator, O an operator, V a viewer, K an access
// key, N an unauthenticated caller. It is written by hand and not derived from the directives: a change of one must be
// made in the other, and a new root field needs an entry.
var rights = map[string]string{
	// log-in, refresh
	"Query.setupRequired":               "N",
	"Mutation.createFirstAdministrator": "N",
	"Mutation.login":                    "N",
	"Mutation.refreshSession":           "N",
	"Mutation.logout":                   "N",
	"Mutation.completeLogin":            "N",
	"Mutation.beginPasskeyLogin":        "N",
	"Mutation.setPassword":              "N",
	"Query.passwordLink":                "N",
	// the operator's own account
	"Query.account":                         "AOV",
	"Mutation.reauthenticate":               "AOV",
	"Mutation.beginPasskeyReauthentication": "AOV",
	"Mutation.updateAccount":                "AOV",
	"Mutation.changePassword":               "AOV",
	"Mutation.beginTotp":                    "AOV",
	"Mutation.confirmTotp":                  "AOV",
	"Mutation.removeTotp":                   "AOV",
	"Mutation.createRecoveryCodes":          "AOV",
	"Mutation.beginPasskeyRegistration":     "AOV",
	"Mutation.addPasskey":                   "AOV",
	"Mutation.removePasskey":                "AOV",
	"Mutation.endSession":                   "AOV",
	"Mutation.endOtherSessions":             "AOV",
	// operators, sessions of others, service tokens
	"Query.operators":              "A",
	"Query.serviceTokens":          "A",
	"Mutation.inviteOperator":      "A",
	"Mutation.createPasswordLink":  "A",
	"Mutation.updateOperator":      "A",
	"Mutation.disableOperator":     "A",
	"Mutation.enableOperator":      "A",
	"Mutation.endOperatorSessions": "A",
	"Mutation.removeSecondFactor":  "A",
	"Mutation.createServiceToken":  "A",
	"Mutation.revokeServiceToken":  "A",
	// read clients, products, marketplaces, ids of keys
	"Query.node":                   "AOV",
	"Query.nodes":                  "AOV",
	"Query.viewer":                 "AOV",
	"Query.client":                 "AOV",
	"Query.clients":                "AOV",
	"Query.clientNotes":            "AOV",
	"Query.tagsInUse":              "AOV",
	"Query.products":               "AOV",
	"Query.accessKeys":             "AOV",
	"Query.due":                    "AOV",
	"Query.find":                   "AOV",
	"Query.providers":              "AOV",
	"Query.providerIncidents":      "AOV",
	"Query.providerHistories":      "AOV",
	"Query.activity":               "AOV",
	"Query.unclaimedInstallations": "AOV",
	"Subscription.changes":         "AOV",
	// create and change clients, what they have, their marketplaces; connect
	"Mutation.createClient":          "AO",
	"Mutation.updateClient":          "AO",
	"Mutation.archiveClient":         "AO",
	"Mutation.restoreClient":         "AO",
	"Mutation.addClientContact":      "AO",
	"Mutation.updateClientContact":   "AO",
	"Mutation.removeClientContact":   "AO",
	"Mutation.addClientNote":         "AO",
	"Mutation.updateClientNote":      "AO",
	"Mutation.removeClientNote":      "AO",
	"Mutation.addClientProduct":      "AO",
	"Mutation.suspendClientProduct":  "AO",
	"Mutation.resumeClientProduct":   "AO",
	"Mutation.addMarketplace":        "AO",
	"Mutation.connectMarketplace":    "AO",
	"Mutation.updateMarketplace":     "AO",
	"Mutation.testMarketplaceConfig": "AO",
	"Mutation.testMarketplace":       "AO",
	"Mutation.startInstall":          "AO",
	"Mutation.createInstallLink":     "AO",
	"Mutation.revokeInstallLink":     "AO",
	"Mutation.attachInstallation":    "AO",
	// issue, rotate, revoke keys
	"Mutation.createAccessKey": "AO",
	"Mutation.rotateAccessKey": "AO",
	"Mutation.updateAccessKey": "AO",
	"Mutation.revokeAccessKey": "AO",
	// products, settings
	"Mutation.createProduct":          "A",
	"Mutation.updateProduct":          "A",
	"Mutation.confirmMarketplaceShop": "AO",
	"Mutation.updateProviderSettings": "A",
	"Mutation.discardInstallation":    "A",
	"Query.providerNotices":           "A",
	"Mutation.closeProviderNotice":    "A",
	// audit trail: an operator reads their own actions
	"Query.auditEvents": "AO",
	// export and erase a client
	"Mutation.setBait":      "A",
	"Mutation.exportClient": "A",
	"Mutation.eraseClient":  "A",
	"Query.erasedClient":    "A",
	// delete
	"Mutation.removeMarketplace": "A",
	// integration: own client, own credentials
	"Query.integration":                 "K",
	"Mutation.reportMarketplaceFailure": "K",
	"Subscription.integrationChanges":   "K",
}

// personal are the root fields that no service token may use, whatever its role. They concern the operator who is
// logged in, or need a recent log-in. Those in the last line accept the scope KEYS instead, which the scripts here
// lack.
var personal = []string{
	"Query.viewer", "Query.account", "Query.erasedClient",
	"Mutation.reauthenticate", "Mutation.beginPasskeyReauthentication", "Mutation.updateAccount",
	"Mutation.changePassword",
	"Mutation.beginTotp", "Mutation.confirmTotp", "Mutation.removeTotp", "Mutation.createRecoveryCodes",
	"Mutation.beginPasskeyRegistration", "Mutation.addPasskey", "Mutation.removePasskey", "Mutation.endSession",
	"Mutation.endOtherSessions",
	"Mutation.inviteOperator", "Mutation.createPasswordLink", "Mutation.updateOperator", "Mutation.disableOperator",
	"Mutation.enableOperator", "Mutation.endOperatorSessions", "Mutation.removeSecondFactor",
	"Mutation.createServiceToken", "Mutation.revokeServiceToken",
	"Mutation.exportClient", "Mutation.eraseClient", "Mutation.updateProviderSettings",
	"Mutation.createAccessKey", "Mutation.rotateAccessKey", "Mutation.createInstallLink", "Mutation.attachInstallation",
}

// may reports whether a caller may use a root field.
func (k kind) may(field string) bool {
	if k.reads && strings.HasPrefix(field, "Mutation.") && !strings.Contains(rights[field], "N") {
		return false
	}
	return k.letter != "" && strings.ContainsAny(rights[field], k.letter+"N") &&
		!(k.script && slices.Contains(personal, field))
}

var letters = map[string]string{"ADMIN": "A", "OPERATOR": "O", "VIEWER": "V", "ACCESS_KEY": "K", "ANYONE": "N"}

// Proves: 7.1
func TestTheDirectivesMatchTheMatrix(t *testing.T) {
	t.Parallel()
	callers, err := graph.Access(graph.Schema())
	must.Do(t, err)
	for name, to := range callers {
		got := make([]string, len(to))
		for i, caller := range to {
			got[i] = letters[string(caller)]
		}
		slices.Sort(got)
		want := strings.Split(rights[name], "")
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s is for %v, and in the matrix for %q", name, got, rights[name])
		}
	}
	for name := range rights {
		if callers[name] == nil {
			t.Errorf("%s is in the matrix and not in the schema", name)
		}
	}
}

// principals are all kinds of callers, each with its letter in the matrix; a caller whose credential has ended has
// none.
type principals map[string]kind

type kind struct {
	caller
	letter string
	script bool // a service token
	reads  bool // a service token without scopes
}

// everybody makes one caller of each kind. The key belongs to shop s.
func (p *portal) everybody(t *testing.T, s shop) principals {
	t.Helper()
	all := principals{}
	add := func(name string, as caller, letter string) { all[name] = kind{caller: as, letter: letter} }
	owner := s.clientProductID
	revokedID, revoked := p.newKey(t, owner)
	p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": revokedID})
	expiring := p.mustCall(t, p.operator, "createAccessKey", "token",
		vars{"clientProductId": owner, "name": "Curta", "expiresAt": p.clock.Now().Add(time.Minute)})
	services := map[string]bearer{}
	for letter, role := range map[string]string{"A": "ADMIN", "O": "OPERATOR", "V": "VIEWER"} {
		_, services[letter] = p.newServiceToken(t, role)
	}
	goneID, goneToken := p.newServiceToken(t, "ADMIN")
	p.mustCall(t, p.admin, "revokeServiceToken", "serviceToken { id }", vars{"id": goneID})
	disabled := p.hire(t, "Davi Desligado", principal.Admin)
	left := p.hire(t, "Lia Saiu", principal.Admin)
	gone := map[string]bearer{}
	for name, who := range map[string]*person{"a disabled operator": disabled, "an ended session": left} {
		gone[name] = bearer(strings.TrimPrefix(who.authorization(t), "Bearer "))
	}
	must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
		if err := tx.Operator.UpdateOneID(disabled.id).SetDisabledAt(p.clock.Now()).Exec(ctx); err != nil {
			return err
		}
		return tx.Session.Update().SetEndedAt(p.clock.Now()).Exec(ctx) // also those that log in again below
	}))
	p.clock.advance(2 * time.Minute) // the key expires, and the caches are empty
	for _, person := range []*person{p.admin, p.operator, p.viewer} {
		person.until = time.Time{}
		person.authorization(t)
	}
	add("no one", stranger{}, "N")
	add("an administrator", p.admin, "A")
	add("an operator", p.operator, "O")
	add("a viewer", p.viewer, "V")
	add("a key", s.key, "K")
	add("a revoked key", revoked, "")
	add("an expired key", bearer(expiring.text(t, "createAccessKey.token")), "")
	for name, as := range gone {
		add(name, as, "")
	}
	add("a revoked service token", goneToken, "")
	for letter, token := range services {
		all["a service token of "+letter] = kind{caller: token, letter: letter, script: true}
	}
	for letter, role := range map[string]string{"A": "ADMIN", "O": "OPERATOR"} {
		_, token := p.script(t, vars{"role": role, "scopes": []string{}})
		all["a service token of "+letter+" without scopes"] = kind{caller: token, letter: letter, script: true, reads: true}
	}
	return all
}

// ghost is a shop that does not exist: an allowed caller gets "not found", and nothing changes.
func ghost() shop {
	none := strings.Repeat("0", 26)
	return shop{clientID: "cli_" + none, clientProductID: "cpr_" + none, marketplaceID: "mkp_" + none,
		keyID: "key_" + none}
}

// The test uses every root field by every kind of caller, with both layers and with the first alone. It checks that an
// allowed caller gets an answer and that a refused one changes nothing. mutation_test.go checks the effect of each
// mutation.
// Proves: 7.1
func TestTheMatrixOfRootFields(t *testing.T) {
	for layers, handler := range map[string]handlerMaker{"both layers": graph.NewHandler,
		"the directive alone": graph.NewHandlerWithoutPolicies} {
		t.Run(layers, func(t *testing.T) {
			eachWith(t, handler, func(t *testing.T, p *portal) {
				s := p.newShop(t, "Loja")
				all := p.everybody(t, s)
				fields := rootFields(t, p, ghost())
				for name, who := range all {
					before := p.snapshot(t)
					var open []string
					for _, field := range slices.Sorted(maps.Keys(fields)) {
						if who.may(field) {
							open = append(open, field)
							continue
						}
						answer := p.post(t, who.caller, fields[field].document, nil)
						want, status := "FORBIDDEN", http.StatusOK
						if who.letter == "" || who.letter == "N" {
							want, status = "UNAUTHENTICATED", http.StatusUnauthorized
						}
						if answer.code(t) != want || answer.status != status || answer.data != nil && !null(answer.data) {
							t.Errorf("%s by %s: status %d, want %d and %s: %s", field, name, answer.status, status, want, answer.body)
						}
					}
					p.unchanged(t, before)
					for _, field := range open {
						answer := p.post(t, who.caller, fields[field].document, nil)
						for _, e := range answer.errors {
							if field == "Mutation.refreshSession" {
								continue // it refuses for the cookie, which these callers lack
							}
							if code := e.Extensions.Code; code == "FORBIDDEN" || code == "UNAUTHENTICATED" || code == "INTERNAL" {
								t.Errorf("%s by %s, who may: %s", field, name, answer.body)
							}
						}
					}
				}
			})
		})
	}
}

// null reports whether data has nothing but nulls.
func null(data any) bool {
	root, ok := data.(map[string]any)
	for _, value := range root {
		ok = ok && value == nil
	}
	return ok
}

// The second layer is tested alone: a refused caller reads nothing through a field except their own rows, and changes
// nothing.
// Proves: 7.1
func TestTheMatrixWithThePoliciesAlone(t *testing.T) {
	eachWith(t, graph.NewHandlerWithoutDirectives, func(t *testing.T, p *portal) {
		mine, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		p.read(t, other.key)
		all := p.everybody(t, mine)
		fields := rootFields(t, p, other)
		for name, who := range all {
			before := p.snapshot(t)
			for _, field := range slices.Sorted(maps.Keys(fields)) {
				if who.may(field) {
					continue
				}
				answer := p.post(t, who.caller, fields[field].document, nil)
				for _, foreign := range append(other.ids(), "Loja Alheia", "planted-", `"token":"chv`) {
					// A viewer and a script without scopes read clients. They may not change them, nor read secrets or the trail.
					reads := (who.letter == "V" || who.reads) && !strings.Contains(field, "audit") && foreign != "planted-" &&
						!strings.HasPrefix(foreign, `"token"`)
					if strings.Contains(answer.body, foreign) && !reads && who.letter != "O" {
						t.Errorf("%s by %s gives %s: %s", field, name, foreign, answer.body)
					}
				}
				if who.letter == "" && answer.status != http.StatusUnauthorized {
					t.Errorf("%s by %s: status %d", field, name, answer.status)
				}
			}
			p.unchanged(t, before)
		}
	})
}

// edges describes each edge of the schema. A new edge needs an entry.
//   - own: rows. An access key may follow the edge from its own row to its own rows.
//   - operators: rows that the policies hide from an access key.
//   - value: not a row, but part of the row it belongs to.
//   - root: reached by root fields only, so the matrix of root fields covers it.
var edges = map[string]string{
	"AccessKey.clientProduct":    "own",
	"AccessKey.replacedBy":       "own",
	"AccessKey.reads":            "operators",
	"AccessKey.readMarketplaces": "operators",
	"AccessKey.readDays":         "operators",
	"Client.products":            "own",
	"Client.history":             "operators",
	"Client.contacts":            "operators",
	"ClientProduct.client":       "own",
	"ClientProduct.product":      "operators",
	"ClientProduct.marketplaces": "own",
	"ClientProduct.steps":        "operators",
	"ClientProduct.accessKeys":   "own",
	"Marketplace.clientProduct":  "own",
	"Marketplace.health":         "value",
	"Marketplace.config":         "value",
	"Marketplace.account":        "value",
	"Marketplace.installLink":    "operators",
	"Marketplace.history":        "operators",

	"AuditEvent.actor":            "value",
	"AuditEvent.object":           "value",
	"AuditEvent.client":           "operators",
	"AuditEvent.changes":          "value",
	"CredentialRead.marketplace":  "operators",
	"MarketplaceRead.marketplace": "operators",

	"UserError.edits":                       "value",
	"Account.operator":                      "root",
	"Account.passkeys":                      "root",
	"Account.sessions":                      "root",
	"Account.changes":                       "root",
	"AccountChange.fields":                  "root",
	"MarketplaceHistory.days":               "value",
	"MarketplaceHistory.facts":              "value",
	"MarketplaceHistory.intervals":          "value",
	"ProviderHistory.days":                  "value",
	"ProviderHistory.facts":                 "value",
	"ActivityPoint.connections":             "value",
	"DueItem.client":                        "root",
	"DueItem.marketplace":                   "root",
	"DueItem.accessKey":                     "root",
	"DueItem.operator":                      "root",
	"Found.clients":                         "root",
	"Found.marketplaces":                    "root",
	"Found.accessKeys":                      "root",
	"Found.operators":                       "root",
	"Found.serviceTokens":                   "root",
	"FoundClients.nodes":                    "root",
	"FoundMarketplaces.nodes":               "root",
	"FoundAccessKeys.nodes":                 "root",
	"FoundOperators.nodes":                  "root",
	"FoundServiceTokens.nodes":              "root",
	"UnclaimedInstallation.account":         "root",
	"UnclaimedInstallation.suggestedClient": "root",
	"ProviderNotice.marketplace":            "root",
	"ProviderStatus.settings":               "root",
	"ProviderStatus.addresses":              "root",
	"ProviderSetting.secret":                "root",
	"MarketplaceTest.account":               "root",
	"Integration.client":                    "root",
	"Integration.accessKey":                 "root",
	"Integration.marketplaces":              "root",
	"IntegrationMarketplace.health":         "root",
	"IntegrationMarketplace.account":        "root",
	"IntegrationMarketplace.credentials":    "root",
}

// schemaEdges returns the fields whose types have fields themselves. It skips types that only wrap others: payloads,
// connections, configurations.
func schemaEdges() map[string]*ast.FieldDefinition {
	schema := graph.Schema()
	found := map[string]*ast.FieldDefinition{}
	for _, of := range ownTypes() {
		carries := strings.HasSuffix(of.Name, "Payload") || strings.HasSuffix(of.Name, "Connection") ||
			strings.HasSuffix(of.Name, "Edge") || strings.HasSuffix(of.Name, "Config")
		if of.Kind != ast.Object || carries || of == schema.Query || of == schema.Mutation || of == schema.Subscription {
			continue
		}
		for _, field := range of.Fields {
			if !strings.HasPrefix(field.Name, "__") && !schema.Types[field.Type.Name()].IsLeafType() {
				found[of.Name+"."+field.Name] = field
			}
		}
	}
	return found
}

// Proves: 7.1
func TestEveryEdgeIsInTheMatrix(t *testing.T) {
	t.Parallel()
	found := schemaEdges()
	for name := range found {
		if edges[name] == "" {
			t.Errorf("edge %s is new: say in edges what is behind it", name)
		}
	}
	for name := range edges {
		if found[name] == nil {
			t.Errorf("edge %s is in the matrix and not in the schema", name)
		}
	}
}

// The test follows every edge of every node by every kind of caller, with the policies alone, through node and through
// nodes.
// Proves: 7.1
func TestTheMatrixOfEdges(t *testing.T) {
	eachWith(t, graph.NewHandlerWithoutDirectives, func(t *testing.T, p *portal) {
		mine, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		p.read(t, mine.key)
		all := p.everybody(t, mine)
		one := func(query string) string {
			var id string
			must.Do(t, p.store.DB().QueryRowContext(t.Context(), query).Scan(&id))
			return id
		}
		nodes := map[string]string{ // by type
			"AccessKey": mine.keyID, "Client": mine.clientID, "ClientProduct": mine.clientProductID,
			"Marketplace":    mine.marketplaceID,
			"CredentialRead": one(`SELECT id FROM credential_reads`),
			// the operator's own event
			"AuditEvent": one(`SELECT id FROM audit_events WHERE action = 'client.create' ORDER BY id LIMIT 1`),
		}
		for edge, field := range schemaEdges() {
			of, _, _ := strings.Cut(edge, ".")
			id, isNode := nodes[of]
			if !isNode {
				continue
			}
			for name, who := range all {
				ask := func(root string) response {
					return p.post(t, who.caller, fmt.Sprintf(`query($id: ID!) { %s { ... on %s { id edge: %s { __typename } } } }`,
						root, of, field.Name), vars{"id": id})
				}
				single, list := ask("node(id: $id)"), ask("nodes(ids: [$id])")
				if a, b := outcome(single, "node"), outcome(list, "nodes.0"); a != b {
					t.Errorf("%s by %s: %s through node, %s through nodes", edge, name, a, b)
				}
				want := "followed"
				switch {
				case who.letter == "":
					want = "UNAUTHENTICATED"
				case who.letter == "N",
					who.letter == "K" && (of == "CredentialRead" || of == "AuditEvent"),
					who.letter == "V" && of == "AuditEvent",
					who.letter == "O" && who.script && of == "AuditEvent": // it reads its own actions
					want = "nothing"
				case who.letter == "K" && edges[edge] == "operators":
					want = "FORBIDDEN"
				}
				if got := outcome(single, "node"); got != want {
					t.Errorf("%s by %s: %s, want %s: %s", edge, name, got, want, single.body)
				}
				for _, foreign := range other.ids() {
					if who.letter == "K" && strings.Contains(single.body+list.body, foreign) {
						t.Errorf("%s leads a key to %s", edge, foreign)
					}
				}
			}
		}
	})
}

// outcome returns the result of an edge of the node at a path.
func outcome(answer response, path string) string {
	if len(answer.errors) > 0 {
		return answer.errors[0].Extensions.Code
	}
	if answer.get(path) == nil {
		return "nothing"
	}
	return "followed"
}

// A filter, a search or an order on hidden data is refused or reveals nothing.
// Proves: 7.2
func TestAFilterRevealsNothingThatTheCallerMayNotRead(t *testing.T) {
	eachWith(t, graph.NewHandlerWithoutDirectives, func(t *testing.T, p *portal) {
		mine, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		for document, path := range map[string]string{
			`{ clients(search: "alheia") {
				totalCount } }`: "clients.totalCount",
			`{ clients(filter: {withoutKey: true}) {
				totalCount } }`: "clients.totalCount",
			fmt.Sprintf(`{ accessKeys(filter: {clientId: %q}) { totalCount } }`,
				other.clientID): "accessKeys.totalCount",
			fmt.Sprintf(`{ accessKeys(filter: {clientProductId: %q}) { totalCount } }`,
				other.clientProductID): "accessKeys.totalCount",
		} {
			if got := p.must(t, mine.key, document, nil).get(path); got != 0.0 {
				t.Errorf("%s counts %v for a key", document, got)
			}
		}
		first := p.must(t, mine.key,
			`{ clients(orderBy: {field: TROUBLE, direction: DESC}) { totalCount edges { node { id } } } }`, nil)
		if got := first.texts(t, "clients.edges", "node.id"); !slices.Equal(got, []string{mine.clientID}) {
			t.Errorf("an order shows a key %v", got)
		}
		for _, document := range []string{
			`{ auditEvents(filter: {action: "client."}) { totalCount } }`,
			`{ products { totalCount } }`,
			fmt.Sprintf(`{ node(id: %q) { ... on AccessKey { reads { totalCount } } } }`, mine.keyID),
		} {
			if answer := p.post(t, mine.key, document, nil); answer.code(t) != "FORBIDDEN" {
				t.Errorf("%s by a key: %s", document, answer.body)
			}
		}
	})
}

// Proves: 7.4
func TestEveryListAcceptsPageSizesFrom1To100(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		lists := 0
		for _, field := range graph.Schema().Query.Fields {
			if !strings.HasSuffix(field.Type.Name(), "Connection") {
				continue
			}
			lists++
			p.bounded(t, func(arguments string) string {
				if field.Arguments.ForName("clientId") != nil {
					arguments = fmt.Sprintf("(clientId: %q %s)", s.clientID, strings.Trim(arguments, "()"))
				}
				return fmt.Sprintf(`{ %s%s { edges { cursor } } }`, field.Name, arguments)
			})
		}
		if lists < 4 {
			t.Errorf("%d lists", lists)
		}
		p.bounded(t, func(arguments string) string {
			return fmt.Sprintf(`{ node(id: %q) { ... on AccessKey { reads%s { edges { cursor } } } } }`, s.keyID, arguments)
		})
	})
}

// bounded fails unless a list refuses invalid page sizes and accepts valid ones.
func (p *portal) bounded(t *testing.T, document func(arguments string) string) {
	t.Helper()
	for _, size := range []string{"first: 0", "first: -1", "first: 101", "last: 101", "last: 0", "first: 1, last: 1",
		`after: "x"`, `before: "x"`} {
		if answer := p.post(t, p.admin, document("("+size+")"), nil); answer.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", document("("+size+")"), answer.body)
		}
	}
	for _, size := range []string{"", "(first: 1)", "(first: 100)", "(last: 100)"} {
		p.must(t, p.admin, document(size), nil)
	}
}
