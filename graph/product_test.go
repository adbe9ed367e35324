package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestIntegrationMarketplaceIsThereFromTheFirstStart(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		answer := p.must(t, p.viewer, `{ products { totalCount edges { node { code name capabilities } } } }`, nil)
		if got, want := fmt.Sprint(answer.get("products.edges")), "[map[node:map[capabilities:[MARKETPLACES ACCESS_KEYS] "+
			"code:INTEGRATION_MARKETPLACE name:Integration Marketplace]]]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestAProductIsRefused(t *testing.T) {
	none := []string{}
	each(t, func(t *testing.T, p *portal) {
		p.refuses(t, p.admin, "createProduct", []refusal{
			{"no code", vars{"code": "", "name": "x", "capabilities": none}, []string{"REQUIRED at code"}},
			{"a code in lower case", vars{"code": "abc", "name": "x", "capabilities": none}, []string{"CODE_FORM at code"}},
			{"a code of one letter", vars{"code": "A", "name": "x", "capabilities": none}, []string{"CODE_FORM at code"}},
			{"a code too long", vars{"code": strings.Repeat("A", 51), "name": "x", "capabilities": none},
				[]string{"CODE_FORM at code"}},
			{"a code with a line break", vars{"code": "AB\n", "name": "x", "capabilities": none}, []string{"CODE_FORM at code"}},
			{"a code that is taken", vars{"code": "INTEGRATION_MARKETPLACE", "name": "x", "capabilities": none},
				[]string{"CODE_TAKEN at code"}},
			{"no name", vars{"code": "AB", "name": " ", "capabilities": none}, []string{"REQUIRED at name"}},
			{"a name too long", vars{"code": "AB", "name": strings.Repeat("x", 201), "capabilities": none},
				[]string{"TOO_LONG at name"}},
			{"a description too long", vars{"code": "AB", "name": "x", "description": strings.Repeat("x", 2001),
				"capabilities": none}, []string{"TOO_LONG at description"}},
			{"a description with a bell", vars{"code": "AB", "name": "x", "description": "a\a", "capabilities": none},
				[]string{"INVALID_CHARACTERS at description"}},
		})
		p.refuses(t, p.admin, "updateProduct", []refusal{
			{"no name", vars{"id": p.productID, "name": ""}, []string{"REQUIRED at name"}},
			{"a name too long", vars{"id": p.productID, "name": strings.Repeat("x", 201)}, []string{"TOO_LONG at name"}},
			{"a description too long", vars{"id": p.productID, "description": strings.Repeat("x", 2001)},
				[]string{"TOO_LONG at description"}},
		})
	})
}

func TestAnUpdateOfAProductLeavesAbsentFieldsAlone(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const fields = "product { code name description capabilities }"
		made := p.mustCall(t, p.admin, "createProduct", fields+" ", vars{"code": "SHOP", "name": " Loja  Virtual ",
			"description": " uma\nloja ", "capabilities": []string{"ACCESS_KEYS", "ACCESS_KEYS"}})
		if got, want := fmt.Sprint(made.get("createProduct.product")),
			"map[capabilities:[ACCESS_KEYS] code:SHOP description:uma\nloja name:Loja  Virtual]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		found := p.must(t, p.viewer, `{ products { edges { node { id code } } } }`, nil)
		id := found.texts(t, "products.edges", "node.id")[slices.Index(found.texts(t, "products.edges", "node.code"), "SHOP")]
		update := func(input vars) string {
			t.Helper()
			input["id"] = id
			return fmt.Sprint(p.mustCall(t, p.admin, "updateProduct", fields, input).get("updateProduct.product"))
		}
		if got, want := update(vars{"name": "Loja"}),
			"map[capabilities:[ACCESS_KEYS] code:SHOP description:uma\nloja name:Loja]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		before := p.snapshot(t)
		update(vars{"name": "Loja", "description": "uma\nloja", "capabilities": []string{"ACCESS_KEYS"}})
		p.unchanged(t, before)
		if got, want := update(vars{"description": "", "capabilities": []string{}}),
			"map[capabilities:[] code:SHOP description:<nil> name:Loja]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestACapabilityThatIsTakenAwayDeletesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.mustCall(t, p.admin, "updateProduct", "product { id }",
			vars{"id": p.productID, "capabilities": []string{"ACCESS_KEYS"}})
		p.call(t, p.operator, "addMarketplace", "marketplace { id }",
			vars{"clientProductId": s.clientProductID, "description": "x", "config": showKase()}).
			wants(t, "CAPABILITY_MISSING at clientProductId")
		if len(p.snapshot(t)["marketplaces"]) != 1 {
			t.Error("the marketplace is gone")
		}
	})
}

func TestAClientHasAProductOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		client := p.newClient(t, "Loja")
		owner := p.newClientProduct(t, client)
		before := p.snapshot(t)
		again := p.call(t, p.operator, "addClientProduct", "clientProduct { id }",
			vars{"clientId": client, "productId": p.productID})
		again.wants(t, "PRODUCT_TAKEN at productId")
		if got := again.userErrors(t)[0].RelatedID; got != owner {
			t.Errorf("it names %s, want %s", got, owner)
		}
		p.unchanged(t, before)

		t.Run("also when it is added several times at once", func(t *testing.T) {
			other := p.newClient(t, "Outra")
			const n = 6
			answers := make(chan response, n)
			for range n {
				go func() {
					answers <- p.call(t, p.operator, "addClientProduct", "clientProduct { id }",
						vars{"clientId": other, "productId": p.productID})
				}()
			}
			made := ""
			var related []string
			for range n {
				answer := <-answers
				if errs := answer.userErrors(t); len(errs) == 0 {
					made += answer.text(t, "addClientProduct.clientProduct.id")
				} else {
					answer.wants(t, "PRODUCT_TAKEN at productId")
					related = append(related, errs[0].RelatedID)
				}
			}
			if len(related) != n-1 || slices.ContainsFunc(related, func(id string) bool { return id != made }) {
				t.Errorf("made %q, refused for %q", made, related)
			}
		})
	})
}

func TestSuspendingASuspendedProductChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		for _, mutation := range []string{"suspendClientProduct", "resumeClientProduct"} {
			first := p.mustCall(t, p.operator, mutation, "clientProduct { suspendedAt }", vars{"id": owner})
			suspended, want := first.get(mutation+".clientProduct.suspendedAt") != nil, mutation == "suspendClientProduct"
			if suspended != want {
				t.Errorf("%s: %s", mutation, first.body)
			}
			before := p.snapshot(t)
			again := p.mustCall(t, p.operator, mutation, "clientProduct { suspendedAt }", vars{"id": owner})
			if again.body != first.body {
				t.Errorf("%s again: %s, at first %s", mutation, again.body, first.body)
			}
			p.unchanged(t, before)
		}
	})
}
