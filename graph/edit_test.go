package graph_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
)

// versioned is a mutation of an object with a version: two inputs that each change it.
type versioned struct {
	name, payload string
	first, second func(t *testing.T, p *portal, s shop) vars
	by            func(p *portal) *person
	// fields are those that the first changes, as the audit trail names them.
	fields string
	// none is true where the second request would find nothing left to change.
	none bool
}

func operatorOf(p *portal) *person { return p.operator }
func adminOf(p *portal) *person    { return p.admin }

// with adds fields to the id of an object.
func with(of func(shop) string, more vars) func(*testing.T, *portal, shop) vars {
	return func(_ *testing.T, _ *portal, s shop) vars {
		input := vars{"id": of(s)}
		for name, value := range more {
			input[name] = value
		}
		return input
	}
}

// versionedMutations are all mutations that take a version.
func versionedMutations() []versioned {
	note := map[string]string{} // by client, so that both inputs name the same
	once := func(make func(*testing.T, *portal, string) string, more vars) func(*testing.T, *portal, shop) vars {
		return func(t *testing.T, p *portal, s shop) vars {
			if note[s.clientID] == "" {
				note[s.clientID] = make(t, p, s.clientID)
			}
			return with(func(shop) string { return note[s.clientID] }, more)(t, p, s)
		}
	}
	newNote := func(t *testing.T, p *portal, client string) string { return p.newNote(t, p.operator, client) }
	newContact := func(t *testing.T, p *portal, client string) string { return p.newContact(t, client) }
	hired := func(t *testing.T, p *portal, client string) string {
		return p.hire(t, "C"+client[4:]+" Colega", principal.Editor).id
	}
	product := func(_ *testing.T, p *portal, _ string) string { return p.productID }
	return []versioned{
		{"updateClient", "client", with(ofClient, vars{"name": "Um"}), with(ofClient, vars{"name": "Dois"}), operatorOf,
			"name", false},
		{"archiveClient", "client", with(ofClient, nil), nil, operatorOf, "", true},
		{"restoreClient", "client", with(ofClient, nil), nil, operatorOf, "", true},
		{"updateProduct", "product", once(product, vars{"name": "Um"}), once(product, vars{"name": "Dois"}), adminOf, "name",
			false},
		{"suspendClientProduct", "clientProduct", with(ofClientProduct, nil), nil, operatorOf, "", true},
		{"resumeClientProduct", "clientProduct", with(ofClientProduct, nil), nil, operatorOf, "", true},
		{"updateMarketplace", "marketplace",
			with(ofMarketplace, vars{"config": vars{"meuCarrinho": vars{"password": "planted-password-6"}}}),
			with(ofMarketplace, vars{"description": "Dois"}), operatorOf, "password", false},
		{"updateAccessKey", "accessKey", with(ofKey, vars{"addresses": []string{"203.0.113.7"}}),
			with(ofKey, vars{"addresses": []string{"203.0.113.8"}}), operatorOf, "addresses", false},
		{"updateOperator", "operator", once(hired, vars{"name": "Um", "role": "OPERATOR"}),
			once(hired, vars{"name": "Dois", "role": "OPERATOR"}), adminOf, "name", false},
		{"updateAccount", "account", func(_ *testing.T, p *portal, s shop) vars {
			return vars{"name": "Um", "email": p.operator.email}
		}, func(_ *testing.T, p *portal, _ shop) vars {
			return vars{"name": "Dois", "email": p.operator.email}
		}, operatorOf, "name", false},
		{"updateClientContact", "contact", once(newContact, vars{"name": "Um", "phone": "1"}),
			once(newContact, vars{"name": "Dois"}), operatorOf, "name, phone", false},
		{"updateClientNote", "note", once(newNote, vars{"text": "Um"}), once(newNote, vars{"text": "Dois"}), operatorOf,
			"text", false},
	}
}

// conflict calls a mutation with a version, and returns its answer.
func (p *portal) withVersion(t *testing.T, m versioned, input vars, version int) response {
	t.Helper()
	input["version"] = version
	of := m.payload + " { version }"
	if m.name == "updateAccount" {
		of = "account { operator { version } }"
	}
	document := strings.Replace(mutation(m.name, of), "relatedId }", "relatedId edits { at by fields } }", 1)
	return p.post(t, m.by(p), document, vars{"input": input})
}

func (m versioned) version(t *testing.T, answer response) int {
	t.Helper()
	answer.wants(t)
	path := m.name + "." + m.payload + ".version"
	if m.name == "updateAccount" {
		path = "updateAccount.account.operator.version"
	}
	var version int
	if _, err := fmt.Sscan(fmt.Sprint(answer.get(path)), &version); err != nil {
		t.Fatalf("no version: %s", answer.body)
	}
	return version
}

func TestTheTableOfVersionsHasEveryMutationThatTakesOne(t *testing.T) {
	t.Parallel()
	for _, field := range graph.Schema().Mutation.Fields {
		if len(field.Arguments) == 0 {
			continue
		}
		takes := graph.Schema().Types[field.Arguments[0].Type.Name()].Fields.ForName("version") != nil
		listed := slices.ContainsFunc(versionedMutations(), func(m versioned) bool { return m.name == field.Name })
		if update := strings.HasPrefix(field.Name, "update") && field.Name != "updateProviderSettings"; update && !takes {
			t.Errorf("%s takes no version", field.Name)
		}
		if takes != listed {
			t.Errorf("%s takes a version: %t, is tested: %t", field.Name, takes, listed)
		}
	}
}

func TestWhoSavesWhatAnotherHasSavedSinceIsToldAndOverwritesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for i, m := range versionedMutations() {
			if m.none {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				s := p.newShop(t, fmt.Sprintf("Loja %d", i))
				first, second := m.first(t, p, s), m.second(t, p, s)
				p.operator.name = "Otto Operador"
				saved := m.version(t, p.withVersion(t, m, first, 1))
				if saved != 2 {
					t.Errorf("the version is %d after the first change", saved)
				}
				before := p.snapshot(t)
				refused := p.withVersion(t, m, second, 1)
				refused.wants(t, "CONFLICT at version")
				p.unchanged(t, before)
				edits := m.name + ".userErrors.0.edits"
				if by := refused.texts(t, edits, "by"); len(by) != 1 || by[0] == "" ||
					!strings.HasPrefix(refused.userErrors(t)[0].Message, by[0]+" ") {
					t.Errorf("it says neither who: %s", refused.body)
				}
				var fields []string
				for _, field := range refused.get(edits + ".0.fields").([]any) {
					fields = append(fields, strings.TrimPrefix(field.(string), "config."))
				}
				if got := strings.Join(fields, ", "); got != m.fields {
					t.Errorf("it says that %q changed, want %q", got, m.fields)
				}
				if strings.Contains(refused.body, "planted") {
					t.Errorf("it tells a secret: %s", refused.body)
				}
				if again := m.version(t, p.withVersion(t, m, second, saved)); again != 3 {
					t.Errorf("the version is %d after the second change", again)
				}
			})
		}
	})
}

func TestARequestThatIsSentTwiceIsNoConflictWithItself(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for range 2 {
			p.mustCall(t, p.operator, "updateClient", "client { id }", vars{"id": s.clientID, "name": "Um", "version": 1})
			p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }",
				vars{"id": s.clientProductID, "version": 1})
		}
	})
}

func TestAnActThatAnotherActHasOvertakenIsAConflict(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.mustCall(t, p.admin, "updateClient", "client { id }", vars{"id": s.clientID, "name": "Outra"})
		p.call(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID, "version": 1}).
			wants(t, "CONFLICT at version")
		p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID, "version": 2})
		p.mustCall(t, p.operator, "restoreClient", "client { id }", vars{"id": s.clientID})
		p.call(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID, "version": 3}).
			wants(t, "CONFLICT at version")

		p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
		p.call(t, p.operator, "resumeClientProduct", "clientProduct { id }",
			vars{"id": s.clientProductID, "version": 1}).wants(t, "CONFLICT at version")
		// A version that a backup has undone says that somebody saved, and not who.
		undone := p.call(t, p.operator, "resumeClientProduct", "clientProduct { id } userErrors { edits { by } }",
			vars{"id": s.clientProductID, "version": 9})
		undone.wants(t, "CONFLICT at version")
		if len(undone.get("resumeClientProduct.userErrors.0.edits").([]any)) > 0 {
			t.Errorf("it names somebody: %s", undone.body)
		}
	})
}

func TestOfTwoWhoSaveAtTheSameTimeOneIsTold(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for i, m := range versionedMutations() {
			if m.none {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				s := p.newShop(t, fmt.Sprintf("Loja %d", i))
				inputs := []vars{m.first(t, p, s), m.second(t, p, s)}
				m.by(p).authorization(t)
				answers := make(chan response, 2)
				for _, input := range inputs {
					go func() { answers <- p.withVersion(t, m, input, 1) }()
				}
				told := 0
				for range inputs {
					if answer := <-answers; len(answer.userErrors(t)) > 0 {
						answer.wants(t, "CONFLICT at version")
						told++
					}
				}
				if told != 1 {
					t.Errorf("%d of two were told", told)
				}
			})
		}
	})
}

// The keeper's work must not disturb who has a form open.
func TestChecksAndRenewalsLeaveTheVersion(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		version := func() string {
			return fmt.Sprint(p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on Marketplace { version } } }`,
				vars{"id": s.marketplaceID}).get("node.version"))
		}
		p.mustCall(t, p.operator, "testMarketplace", "marketplace { health { state } }", vars{"id": s.marketplaceID})
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			old, err := connection.Find(ctx, tx, s.marketplaceID, "id")
			if err != nil {
				return err
			}
			_, err = connection.Update(ctx, tx, old, connection.Leased(old, "ins_1", p.clock.Now()))
			return err
		}))
		if got := version(); got != "1" {
			t.Errorf("the version is %s", got)
		}
	})
}
