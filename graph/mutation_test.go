package graph_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// change is a mutation by an operator, with its expected effects.
type change struct {
	name   string
	fields string // selected fields of the payload
	object string // path in the payload to the id of the audited object
	input  func(t *testing.T, p *portal, s shop) vars
	// missing lists the ids of the input that may be unknown, each with the expected code.
	missing map[string]string
	// adminOnly is true if an operator is refused.
	adminOnly bool
	action    string // of the audit event
	// house is true if the object belongs to no client.
	house bool
}

func id(of func(shop) string) func(*testing.T, *portal, shop) vars {
	return func(_ *testing.T, _ *portal, s shop) vars { return vars{"id": of(s)} }
}

func ofClient(s shop) string        { return s.clientID }
func ofClientProduct(s shop) string { return s.clientProductID }
func ofMarketplace(s shop) string   { return s.marketplaceID }
func ofKey(s shop) string           { return s.keyID }

var idNotFound = map[string]string{"id": "NOT_FOUND"}

// changes are all mutations except those of sessions, which other tests cover.
func changes() []change {
	return []change{
		{
			name: "createClient", fields: "client { id }", object: "client.id", action: "client.create",
			input: func(t *testing.T, p *portal, _ shop) vars { return vars{"name": "Nova", "document": p.document(t)} },
		},
		{
			name: "updateClient", fields: "client { id }", object: "client.id", action: "client.update", missing: idNotFound,
			input: func(_ *testing.T, _ *portal, s shop) vars { return vars{"id": s.clientID, "name": "Outra"} },
		},
		{
			name: "archiveClient", fields: "client { id archivedAt }", object: "client.id", action: "client.archive",
			missing: idNotFound,
			input:   id(ofClient),
		},
		{
			name: "restoreClient", fields: "client { id archivedAt }", object: "client.id", action: "client.restore",
			missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
				return vars{"id": s.clientID}
			},
		},
		{
			name: "addClientContact", fields: "contact { id }", object: "contact.id", action: "client_contact.add",
			missing: map[string]string{"clientId": "NOT_FOUND"},
			input:   func(_ *testing.T, _ *portal, s shop) vars { return vars{"clientId": s.clientID, "name": "Bia"} },
		},
		{
			name: "updateClientContact", fields: "contact { id name }", object: "contact.id",
			action: "client_contact.update", missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				return vars{"id": p.newContact(t, s.clientID), "name": "Caio", "phone": "(11) 98765-4321"}
			},
		},
		{
			name: "removeClientContact", fields: "client { id }", action: "client_contact.remove", missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars { return vars{"id": p.newContact(t, s.clientID)} },
		},
		{
			name: "addClientNote", fields: "note { id }", object: "note.id", action: "client_note.add",
			missing: map[string]string{"clientId": "NOT_FOUND"},
			input:   func(_ *testing.T, _ *portal, s shop) vars { return vars{"clientId": s.clientID, "text": "Ligou."} },
		},
		{
			name: "updateClientNote", fields: "note { id text }", object: "note.id", action: "client_note.update",
			missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				return vars{"id": p.newNote(t, p.operator, s.clientID), "text": "Ligou de novo."}
			},
		},
		{
			name: "removeClientNote", fields: "client { id }", action: "client_note.remove", missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars { return vars{"id": p.newNote(t, p.operator, s.clientID)} },
		},
		{
			name: "exportClient", fields: "content fileName", action: "client.export", adminOnly: true, missing: idNotFound,
			input: id(ofClient),
		},
		{
			name: "eraseClient", fields: "client { id erasedAt }", object: "client.id", action: "client.erase", adminOnly: true,
			missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				return vars{"id": s.clientID, "document": p.documentOf(t, s.clientID)}
			},
		},
		{
			name: "createProduct", fields: "product { id }", object: "product.id", action: "product.create", adminOnly: true,
			house: true,
			input: func(*testing.T, *portal, shop) vars {
				return vars{"code": "NEW", "name": "New", "capabilities": []string{"MARKETPLACES"}}
			},
		},
		{
			name: "updateProduct", fields: "product { id }", object: "product.id", action: "product.update", adminOnly: true,
			house: true, missing: idNotFound,
			input: func(_ *testing.T, p *portal, _ shop) vars { return vars{"id": p.productID, "name": "Other"} },
		},
		{
			name: "addClientProduct", fields: "clientProduct { id }", object: "clientProduct.id", action: "client_product.add",
			missing: map[string]string{"clientId": "NOT_FOUND", "productId": "NOT_FOUND"},
			input: func(t *testing.T, p *portal, s shop) vars {
				product := p.mustCall(t, p.admin, "createProduct", "product { id }",
					vars{"code": "SECOND", "name": "Second", "capabilities": []string{}})
				return vars{"clientId": s.clientID, "productId": product.text(t, "createProduct.product.id")}
			},
		},
		{
			name: "suspendClientProduct", fields: "clientProduct { id suspendedAt }", object: "clientProduct.id",
			action: "client_product.suspend", missing: idNotFound,
			input: id(ofClientProduct),
		},
		{
			name: "resumeClientProduct", fields: "clientProduct { id suspendedAt }", object: "clientProduct.id",
			action: "client_product.resume", missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
				return vars{"id": s.clientProductID}
			},
		},
		{
			name: "addMarketplace", fields: "marketplace { id }", object: "marketplace.id", action: "marketplace.add",
			missing: map[string]string{"clientProductId": "PRODUCT_REQUIRED"},
			input: func(_ *testing.T, _ *portal, s shop) vars {
				return vars{"clientProductId": s.clientProductID, "description": "Nova", "config": plug4Market()}
			},
		},
		{
			name: "updateMarketplace", fields: "marketplace { id }", object: "marketplace.id", action: "marketplace.update",
			missing: idNotFound,
			input: func(_ *testing.T, _ *portal, s shop) vars {
				return vars{"id": s.marketplaceID, "config": vars{"meuCarrinho": vars{"password": "planted-password-5"}}}
			},
		},
		{
			name: "removeMarketplace", fields: "clientProduct { id }", action: "marketplace.remove", adminOnly: true,
			missing: idNotFound,
			input:   id(ofMarketplace),
		},
		{
			name: "createAccessKey", fields: "accessKey { id } token", object: "accessKey.id", action: "access_key.create",
			missing: map[string]string{"clientProductId": "PRODUCT_REQUIRED"},
			input: func(_ *testing.T, _ *portal, s shop) vars {
				return vars{"clientProductId": s.clientProductID, "name": "Caixa 2"}
			},
		},
		{
			name: "rotateAccessKey", fields: "accessKey { id } token replacedAccessKey { id }", object: "replacedAccessKey.id",
			action: "access_key.rotate", missing: idNotFound,
			input: id(ofKey),
		},
		{
			name: "updateAccessKey", fields: "accessKey { id addresses }", object: "accessKey.id", action: "access_key.update",
			missing: idNotFound,
			input: func(_ *testing.T, _ *portal, s shop) vars {
				return vars{"id": s.keyID, "addresses": []string{"203.0.113.0/24"}}
			},
		},
		{
			name: "setBait", fields: "id baitSince", object: "id", action: "access_key.bait", adminOnly: true,
			missing: idNotFound,
			input:   func(_ *testing.T, _ *portal, s shop) vars { return vars{"id": s.keyID, "bait": true} },
		},
		{
			name: "revokeAccessKey", fields: "accessKey { id revokedAt }", object: "accessKey.id", action: "access_key.revoke",
			missing: idNotFound,
			input:   id(ofKey),
		},
		{
			name: "startInstall", fields: "authorizeUrl expiresAt", action: "install.start", missing: marketplaceNotFound,
			input: installable,
		},
		{
			name: "createInstallLink", fields: "url marketplace { id installLink { createdBy } }", object: "marketplace.id",
			action: "install_link.create", missing: marketplaceNotFound,
			input: installable,
		},
		{
			name: "revokeInstallLink", fields: "marketplace { id installLink { id } }", object: "marketplace.id",
			action: "install_link.revoke", missing: marketplaceNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				input := installable(t, p, s)
				p.mustCall(t, p.operator, "createInstallLink", "url", input)
				return input
			},
		},
		{
			name: "attachInstallation", fields: "marketplace { id credentialVersion }", object: "marketplace.id",
			action:  "marketplace.install",
			missing: map[string]string{"id": "NOT_FOUND", "clientProductId": "PRODUCT_REQUIRED"},
			input: func(t *testing.T, p *portal, s shop) vars {
				return vars{"id": p.unclaimed(t), "clientProductId": s.clientProductID}
			},
		},
		{
			name: "discardInstallation", fields: "id", object: "id", action: "installation.discard", adminOnly: true,
			house: true, missing: idNotFound,
			input: func(t *testing.T, p *portal, _ shop) vars { return vars{"id": p.unclaimed(t)} },
		},
		{
			name: "closeProviderNotice", fields: "id", object: "id", action: "notice.close", adminOnly: true, house: true,
			missing: idNotFound,
			input: func(t *testing.T, p *portal, _ shop) vars {
				made, err := p.store.Reader().ProviderNotice.Query().FirstID(p.system(t))
				if err == nil {
					return vars{"id": made}
				}
				must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
					notice, err := tx.ProviderNotice.Create().SetProvider("NUVEMSHOP").SetTopic("store/redact").
						SetExternalAccount("1").Save(ctx)
					if err == nil {
						made = notice.ID
					}
					return err
				}))
				return vars{"id": made}
			},
		},
		{
			name: "inviteOperator", fields: "operator { id status } link", object: "operator.id", action: "operator.create",
			adminOnly: true, house: true,
			input: func(t *testing.T, p *portal, s shop) vars {
				return vars{"name": "Nova", "email": s.keyID + "@example.com", "role": "VIEWER"}
			},
		},
		{
			name: "createPasswordLink", fields: "operator { id } link", object: "operator.id", action: "operator.link",
			adminOnly: true, house: true, missing: idNotFound,
			input: colleague,
		},
		{
			name: "updateOperator", fields: "operator { id name role }", object: "operator.id", action: "operator.update",
			adminOnly: true, house: true, missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				return vars{"id": colleague(t, p, s)["id"], "name": "Other", "role": "ADMIN"}
			},
		},
		{
			name: "disableOperator", fields: "operator { id status }", object: "operator.id", action: "operator.disable",
			adminOnly: true, house: true, missing: idNotFound,
			input: colleague,
		},
		{
			name: "enableOperator", fields: "operator { id status }", object: "operator.id", action: "operator.enable",
			adminOnly: true, house: true, missing: idNotFound,
			input: func(t *testing.T, p *portal, s shop) vars {
				input := colleague(t, p, s)
				p.mustCall(t, p.admin, "disableOperator", "operator { id }", input)
				return input
			},
		},
		{
			name: "endOperatorSessions", fields: "operator { id }", object: "operator.id", action: "operator.end_sessions",
			adminOnly: true, house: true, missing: idNotFound,
			input: colleague,
		},
		{
			name: "removeSecondFactor", fields: "operator { id hasSecondFactor }", object: "operator.id",
			action: "operator.second_factor_removed", adminOnly: true, house: true, missing: idNotFound,
			input: colleague,
		},
		{
			name: "createServiceToken", fields: "serviceToken { id } token", object: "serviceToken.id",
			action: "service_token.create", adminOnly: true, house: true,
			input: func(t *testing.T, p *portal, _ shop) vars {
				return vars{"name": "Importação", "role": "OPERATOR", "expiresAt": p.clock.Now().Add(time.Hour)}
			},
		},
		{
			name: "revokeServiceToken", fields: "serviceToken { id revokedAt }", object: "serviceToken.id",
			action: "service_token.revoke", adminOnly: true, house: true, missing: idNotFound,
			input: func(t *testing.T, p *portal, _ shop) vars {
				id, _ := p.newServiceToken(t, "VIEWER")
				return vars{"id": id}
			},
		},
		{
			name: "updateProviderSettings", fields: "provider { provider settings { name value source } }",
			action: "provider.set", adminOnly: true, house: true,
			input: func(_ *testing.T, _ *portal, s shop) vars {
				return vars{"provider": "SHOWKASE",
					"settings": []vars{{"name": "checkHeader", "value": "X-" + s.keyID + ": {token}"}}}
			},
		},
	}
}

// colleague is one more operator, for mutations to act on.
func colleague(t *testing.T, p *portal, s shop) vars {
	t.Helper()
	return vars{"id": p.hire(t, "C"+s.keyID[4:]+" Colega", principal.Editor).id}
}

var marketplaceNotFound = map[string]string{"marketplaceId": "NOT_FOUND"}

// installable makes a Nuvemshop connection that waits for its merchant.
func installable(t *testing.T, p *portal, s shop) vars {
	t.Helper()
	return vars{"marketplaceId": p.newMarketplace(t, s.clientProductID, nuvemshop())}
}

// unclaimed lets a merchant install the app from Nuvemshop's own store, and returns the id of the unclaimed
// installation.
func (p *portal) unclaimed(t *testing.T) string {
	t.Helper()
	p.documents++
	store := int64(1_000_000 + p.documents)
	p.sims.Nuvemshop.AddStore(store,
		simulated.Store{Name: map[string]string{"pt": "Loja sem cliente"}, BusinessID: "16727230000197"})
	ended, err := p.whole.Installs.Callback(t.Context(), "nuvemshop", p.sims.Nuvemshop.Authorize(store), "", "")
	must.Do(t, err)
	if ended.Ending != install.Unclaimed {
		t.Fatalf("the install ended as %s", ended.Ending)
	}
	id, err := p.store.Reader().UnclaimedInstallation.Query().
		Where(unclaimedinstallation.ExternalAccount(strconv.FormatInt(store, 10))).OnlyID(p.system(t))
	must.Do(t, err)
	return id
}

func TestTheTableOfChangesHasEveryMutation(t *testing.T) {
	t.Parallel()
	names := []string{
		"createFirstAdministrator", "login", "refreshSession", "logout", // session_test.go
		// account_test.go
		"completeLogin", "beginPasskeyLogin", "setPassword", "reauthenticate", "beginPasskeyReauthentication",
		"updateAccount", "changePassword",
		"beginTotp", "confirmTotp", "removeTotp", "createRecoveryCodes", "beginPasskeyRegistration", "addPasskey",
		"removePasskey", "endSession", "endOtherSessions",
		// connection_test.go: these change nothing by themselves
		"testMarketplaceConfig", "testMarketplace", "reportMarketplaceFailure",
		"connectMarketplace",     // connect_test.go: needs a provider with a house
		"confirmMarketplaceShop", // host_test.go: needs a shop of another client
	}
	for _, c := range changes() {
		names = append(names, c.name)
	}
	for _, field := range graph.Schema().Mutation.Fields {
		if !slices.Contains(names, field.Name) {
			t.Errorf("mutation %s is new: say in changes what it should come to", field.Name)
		}
	}
}

// The test runs each mutation to each outcome: not logged in, not allowed, not found, done.
// Proves: 11.1
func TestEveryMutationIsDoneOrRefusedAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		other := p.newShop(t, "Outra loja")
		for i, c := range changes() {
			t.Run(c.name, func(t *testing.T) {
				s := p.newShop(t, fmt.Sprintf("Loja %d", i))
				input := c.input(t, p, s)
				by := p.operator
				if c.adminOnly {
					by = p.admin
				}
				refusals := map[string]caller{"FORBIDDEN to a viewer": p.viewer, "FORBIDDEN to a key": other.key,
					"UNAUTHENTICATED to a stranger": stranger{}}
				if c.adminOnly {
					refusals["FORBIDDEN to an operator"] = p.operator
				}
				for _, person := range []*person{p.viewer, p.operator, p.admin} {
					person.authorization(t) // the log-in adds an event too
				}
				before, events := p.snapshot(t), p.auditCount(t)

				for refusal, as := range refusals {
					code, _, _ := strings.Cut(refusal, " ")
					answer := p.call(t, as, c.name, c.fields, input)
					answer.refused(t, code)
					if status := map[string]int{"FORBIDDEN": http.StatusOK,
						"UNAUTHENTICATED": http.StatusUnauthorized}[code]; answer.status != status {
						t.Errorf("%s with status %d, want %d", refusal, answer.status, status)
					}
				}
				for field, code := range c.missing {
					wrong := maps.Clone(input)
					prefix, rest, _ := strings.Cut(wrong[field].(string), "_")
					wrong[field] = prefix + "_" + strings.Repeat("0", len(rest))
					answer := p.call(t, by, c.name, c.fields, wrong)
					answer.wants(t, code+" at "+field)
				}
				p.unchanged(t, before)

				answer := p.mustCall(t, by, c.name, c.fields, input)

				written := p.audited(t, events)
				if len(written) != 1 {
					t.Fatalf("%d audit events, want 1: %+v", len(written), written)
				}
				got := written[0]
				want := auditRow{
					action: c.action, kind: "OPERATOR", actor: by.id, label: by.name,
					object: s.marketplaceID, client: s.clientID,
					address: "192.0.2.1", requestID: answer.header.Get("X-Request-Id"),
					changes: got.changes,
				}
				switch {
				case c.object != "":
					want.object = answer.text(t, c.name+"."+c.object)
				case c.name == "exportClient":
					want.object = s.clientID
				case strings.HasPrefix(c.name, "removeClient"):
					want.object = input["id"].(string)
				case c.name == "startInstall":
					want.object = input["marketplaceId"].(string)
				case c.name == "updateProviderSettings":
					want.object = got.object // the row of the settings has no public id
				}
				switch {
				case c.house:
					want.client = ""
				case c.name == "createClient":
					want.client = want.object
				}
				if got != want {
					t.Errorf("the audit event is\n%+v, want\n%+v", got, want)
				}
			})
		}
	})
}

// Proves: 11.1
func TestAChangeThatCannotBeAuditedDoesNotHappen(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		inputs := map[string]vars{}
		for i, c := range changes() {
			inputs[c.name] = c.input(t, p, p.newShop(t, fmt.Sprintf("Loja %d", i)))
		}
		p.operator.authorization(t)
		p.admin.authorization(t)
		if p.store.Dialect() == dialect.SQLite {
			p.exec(t, `CREATE TRIGGER no_audit BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'no audit'); END`)
		} else {
			p.exec(t,
				`CREATE FUNCTION no_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no audit'; END $$`)
			p.exec(t, `CREATE TRIGGER no_audit BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION no_audit()`)
		}
		before := p.snapshot(t)
		for _, c := range changes() {
			by := p.operator
			if c.adminOnly {
				by = p.admin
			}
			answer := p.call(t, by, c.name, c.fields, inputs[c.name])
			if answer.code(t) != "INTERNAL" || strings.Contains(answer.body, "no audit") ||
				strings.Contains(answer.body, "chv_live") {
				t.Errorf("%s: %s", c.name, answer.body)
			}
		}
		p.unchanged(t, before)
	})
}

// create is a mutation that takes an idempotency key.
type create struct {
	change
	table string // the table that gets a row
	// A different value of this field makes a different request.
	field string
	value any
}

func creates() []create {
	byName := map[string]change{}
	for _, c := range changes() {
		byName[c.name] = c
	}
	rotate := byName["rotateAccessKey"]
	rotate.object = "accessKey.id"
	return []create{
		{byName["createClient"], "clients", "name", "Other"},
		{byName["addClientContact"], "client_contacts", "name", "Other"},
		{byName["addClientNote"], "client_notes", "text", "Other"},
		{byName["createProduct"], "products", "name", "Other"},
		{byName["addClientProduct"], "client_products", "productId", "prd_other"},
		{byName["addMarketplace"], "marketplaces", "config",
			vars{"plug4Market": vars{"accessToken": "planted-access-2", "refreshToken": "other"}}}, // one secret is another
		{byName["createAccessKey"], "access_keys", "name", "Other"},
		{rotate, "access_keys", "overlapHours", 1},
		{byName["createServiceToken"], "service_tokens", "name", "Other"},
	}
}

func TestEveryMutationThatTakesAnIdempotencyKeyIsTested(t *testing.T) {
	t.Parallel()
	for _, field := range graph.Schema().Mutation.Fields {
		if len(field.Arguments) == 0 {
			continue
		}
		input := graph.Schema().Types[field.Arguments[0].Type.Name()]
		tested := slices.ContainsFunc(creates(), func(c create) bool { return c.name == field.Name }) ||
			field.Name == "connectMarketplace" // connect_test.go
		key := input.Fields.ForName("idempotencyKey")
		if takes := key != nil; takes != tested {
			t.Errorf("%s takes a key: %t, is tested: %t", field.Name, takes, tested)
		}
		if key != nil &&
			!strings.Contains(key.Description, "for this mutation and this caller alone, and is remembered for 7 days") {
			t.Errorf("%s does not say what its key counts for and how long: %s", field.Name, key.Description)
		}
	}
}

// An idempotency key is shared by all mutations: its use in another mutation is a mismatch.
func TestARepeatedCreationAnswersWithTheFirstResult(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for i, c := range creates() {
			t.Run(c.name, func(t *testing.T) {
				s := p.newShop(t, fmt.Sprintf("Loja %d", i))
				input := c.input(t, p, s)
				input["idempotencyKey"] = "once"
				other := maps.Clone(input)
				other[c.field] = c.value

				first := p.mustCall(t, p.admin, c.name, c.fields, input)
				before := p.snapshot(t)
				again := p.mustCall(t, p.admin, c.name, c.fields, input)

				object := c.name + "." + c.object
				if first.text(t, object) != again.text(t, object) {
					t.Errorf("the repetition made %s, the first request %s", again.get(object), first.get(object))
				}
				if strings.Contains(c.fields, "token") {
					if first.get(c.name+".token") == nil || again.get(c.name+".token") != nil {
						t.Errorf("the key is told at first and not again: %s, %s", first.body, again.body)
					}
				}
				p.call(t, p.admin, c.name, c.fields, other).wants(t, "IDEMPOTENCY_MISMATCH at idempotencyKey")
				p.unchanged(t, before)
				for _, bad := range []string{"", " ", strings.Repeat("x", 101), "a\nb"} {
					wrong := maps.Clone(input)
					wrong["idempotencyKey"] = bad
					if errs := p.call(t, p.admin, c.name, c.fields, wrong).userErrors(t); len(errs) != 1 ||
						errs[0].Field != "idempotencyKey" {
						t.Errorf("key %.10q: %v", bad, errs)
					}
				}
				p.unchanged(t, before)
			})
		}
	})
}

func TestAnIdempotencyKeyBelongsToItsOperator(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		input := func() vars { return vars{"name": "Loja", "document": p.document(t), "idempotencyKey": "once"} }
		first := p.mustCall(t, p.admin, "createClient", "client { id }", input()).text(t, "createClient.client.id")
		second := p.mustCall(t, p.operator, "createClient", "client { id }", input()).text(t, "createClient.client.id")
		if first == second {
			t.Error("two operators with the same key got the same client")
		}
	})
}

func TestARefusedCreationDoesNotUseUpItsKey(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		input := vars{"clientProductId": owner, "name": "Caixa", "idempotencyKey": "once"}
		p.call(t, p.operator, "createAccessKey", "token", input).wants(t, "MARKETPLACE_REQUIRED at clientProductId")
		p.newMarketplace(t, owner, nuvemshop())
		if made := p.mustCall(t, p.operator, "createAccessKey", "token", input); made.get("createAccessKey.token") == nil {
			t.Errorf("no key: %s", made.body)
		}
	})
}

func TestARepeatedCreationOfARemovedObjectSaysSo(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		input := vars{"clientProductId": p.newClientProduct(t, p.newClient(t, "Loja")), "description": "Loja",
			"config": showKase(), "idempotencyKey": "once"}
		made := p.mustCall(t, p.admin, "addMarketplace", "marketplace { id }", input).text(t, "addMarketplace.marketplace.id")
		p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": made})
		p.call(t, p.admin, "addMarketplace", "marketplace { id }", input).wants(t, "NOT_FOUND at idempotencyKey")
	})
}

func TestConcurrentRepetitionsMakeOneObject(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for i, c := range creates() {
			t.Run(c.name, func(t *testing.T) {
				s := p.newShop(t, fmt.Sprintf("Loja %d", i))
				input := c.input(t, p, s)
				input["idempotencyKey"] = "at once " + c.name
				p.admin.authorization(t)
				before := len(p.snapshot(t)[c.table])

				const n = 6
				answers := make(chan response, n)
				for range n {
					go func() { answers <- p.call(t, p.admin, c.name, c.fields, input) }()
				}
				ids, tokens := map[any]bool{}, 0
				for range n {
					answer := <-answers
					if len(answer.errors) > 0 || len(answer.userErrors(t)) > 0 {
						t.Errorf("refused: %s", answer.body)
					}
					ids[answer.get(c.name+"."+c.object)] = true
					if answer.get(c.name+".token") != nil {
						tokens++
					}
				}

				if made := len(p.snapshot(t)[c.table]) - before; made != 1 || len(ids) != 1 {
					t.Errorf("%d rows, ids %v", made, ids)
				}
				if strings.Contains(c.fields, "token") && tokens != 1 {
					t.Errorf("the key was told %d times", tokens)
				}
			})
		}
	})
}

// Whatever the portal does with secrets, they appear in clear only in the answer to their own access key.
// Proves: 6.8
func TestASecretIsNowhereInClear(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		var answers strings.Builder
		note := func(r response) response {
			answers.WriteString(r.body)
			return r
		}
		note(p.mustCall(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": s.clientProductID, "description": "x", "config": plug4Market()}))
		note(p.mustCall(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": s.clientProductID, "description": "x", "config": showKase(), "idempotencyKey": "k"}))
		note(p.mustCall(t, p.operator, "updateMarketplace",
			"marketplace { id config { ... on MeuCarrinhoConfig { username password { fingerprint setBy } } } }",
			vars{"id": s.marketplaceID, "config": vars{"meuCarrinho": vars{"password": "planted-password-5"}}}))
		note(p.mustCall(t, p.operator, "rotateAccessKey", "accessKey { id }", vars{"id": s.keyID}))
		// Refusals by the program and by the GraphQL engine, with a secret in the right and in a wrong field.
		note(p.call(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": "cpr_x", "description": "x", "config": showKase()}))
		note(p.call(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": s.clientProductID, "description": "", "config": meuCarrinho()}))
		note(p.call(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": s.clientProductID, "description": "x", "config": vars{"showKase": "planted-a"}}))
		note(p.call(t, p.operator, "addMarketplace", "marketplace { id }", vars{"clientProductId": s.clientProductID,
			"description": "x", "config": vars{"showKase": vars{"token": vars{"planted-b": "planted-c"}}}}))
		note(p.call(t, p.operator, "addMarketplace", "marketplace { id }", vars{"clientProductId": s.clientProductID,
			"description": "x", "config": vars{"showKase": vars{"token": "planted-d\x01"}}}))
		for _, literal := range []string{
			`{showKase: {token: "planted-e", more: 1}}`, `{showKase: "planted-f"}`,
			`{showKase: {token: "planted-g"}, nuvemshop: {storeUrl: 5}}`,
			`{showKase: {token: ["planted-h"]}}`, `{meuCarrinho: {username: "planted-i"}}`,
			`{showKase: {token: {a: "planted-j"}}}`,
			`{showKase {token: "planted-k"}}`, `{showKase: {"planted-l"}}`, `{showKase: {token: """planted-m""" "planted-n"}}`,
			`{showKase: {token: "planted-o}}`, `planted-p`,
		} {
			note(p.post(t, p.operator, `mutation { addMarketplace(input: {clientProductId: "x", description: "x", config: `+
				literal+`}) { marketplace { id } } }`, nil))
		}
		note(
			p.call(t, stranger{}, "login", "accessToken", vars{"email": p.admin.email, "password": "planted-wrong-password"}))
		note(p.call(t, stranger{}, "login", "accessToken",
			vars{"email": "planted-email@example.com", "password": "planted-wrong-password"}))
		note(
			p.must(t, p.admin,
				`query($id: ID!) { node(id: $id) { ... on ClientProduct { marketplaces { config { ... on Plug4MarketConfig {
					accessToken { fingerprint } refreshToken { fingerprint } } } } } } }`, vars{"id": s.clientProductID}))

		opened := p.must(t, s.key, everything, nil)
		for _, secret := range []string{"planted-password-5", "planted-access-2", "planted-token-4"} {
			if !strings.Contains(opened.body, secret) {
				t.Errorf("the key does not open %s", secret)
			}
		}

		if strings.Contains(answers.String(), "planted-") {
			t.Errorf("an answer has a secret: %s", around(answers.String(), "planted-"))
		}
		for name, text := range map[string]string{"secret": "planted-", "access key": strings.TrimPrefix(string(s.key),
			"chv_live_")[13:], "password": goodPassword, "JWT": p.admin.token} {
			if strings.Contains(p.log.String(), text) {
				t.Errorf("the log has a %s: %s", name, around(p.log.String(), text))
			}
			for table, rows := range p.snapshot(t) {
				for _, row := range rows {
					if strings.Contains(row, text) {
						t.Errorf("table %s has a %s: %s", table, name, around(row, text))
					}
				}
			}
			if p.store.Dialect() == dialect.SQLite {
				for _, suffix := range []string{"", "-wal"} {
					data, err := os.ReadFile(p.sqliteFile(t) + suffix)
					if err != nil && !os.IsNotExist(err) {
						t.Fatal(err)
					}
					if strings.Contains(string(data), text) {
						t.Errorf("the file %s has a %s", suffix, name)
					}
				}
			}
		}
	})
}

// around returns the text around the first occurrence of part.
func around(text, part string) string {
	at := strings.Index(text, part)
	return text[max(0, at-80):min(len(text), at+80)]
}

func TestATimeHasAZone(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for _, bad := range []any{"tomorrow", "", 5, "2099-01-01", "2099-01-01T00:00:00", "2099-01-01 00:00:00"} {
			p.call(t, p.operator, "createAccessKey", "token",
				vars{"clientProductId": s.clientProductID, "name": "x", "expiresAt": bad}).
				refused(t, "BAD_USER_INPUT")
		}
		made := p.mustCall(t, p.operator, "createAccessKey", "accessKey { expiresAt }",
			vars{"clientProductId": s.clientProductID, "name": "x", "expiresAt": "2099-01-01T00:00:00.123456789-03:00"})
		if got := made.get("createAccessKey.accessKey.expiresAt"); got != "2099-01-01T03:00:00.123Z" {
			t.Errorf("it is %v", got)
		}
	})
}
