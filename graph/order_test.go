package graph_test

import (
	"fmt"
	"testing"

	"github.com/chaveiro/chaveiro/graph"
)

func TestTheOrderOfTheStepsIsEnforced(t *testing.T) {
	steps := []struct {
		name     string
		prepare  func(t *testing.T, p *portal) (mutation string, input vars)
		code     string
		field    string
		sentence map[string]string // by Accept-Language
	}{
		{
			name: "no marketplace without a product",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				return "addMarketplace",
					vars{"clientProductId": p.newClient(t, "Loja"), "description": "Loja", "config": showKase()}
			},
			code: "PRODUCT_REQUIRED", field: "clientProductId",
			sentence: map[string]string{
				"pt-BR": "Adicione primeiro o produto ao cliente (passo 1 da ordem).",
				"en":    "Add the product to the client first (step 1 of the order).",
			},
		},
		{
			name: "no key without a product",
			prepare: func(*testing.T, *portal) (string, vars) {
				return "createAccessKey", vars{"clientProductId": "cpr_unknown", "name": "Caixa"}
			},
			code: "PRODUCT_REQUIRED", field: "clientProductId",
			sentence: map[string]string{
				"pt":    "Adicione primeiro o produto ao cliente (passo 1 da ordem).",
				"en-GB": "Add the product to the client first (step 1 of the order).",
			},
		},
		{
			name: "no key without a marketplace",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				return "createAccessKey", vars{"clientProductId": p.newClientProduct(t, p.newClient(t, "Loja")), "name": "Caixa"}
			},
			code: "MARKETPLACE_REQUIRED", field: "clientProductId",
			sentence: map[string]string{
				"":   "Adicione o primeiro marketplace antes da chave de acesso (passo 2 da ordem).",
				"fr": "Adicione o primeiro marketplace antes da chave de acesso (passo 2 da ordem).",
				"en": "Add the first marketplace before the access key (step 2 of the order).",
			},
		},
		{
			name: "no marketplace for a suspended product",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				owner := p.newClientProduct(t, p.newClient(t, "Loja"))
				p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": owner})
				return "addMarketplace", vars{"clientProductId": owner, "description": "Loja", "config": showKase()}
			},
			code: "PRODUCT_SUSPENDED", field: "clientProductId",
			sentence: map[string]string{
				"pt-BR": "O produto do cliente está suspenso: reative-o primeiro.",
				"en":    "The client's product is suspended: resume it first.",
			},
		},
		{
			name: "no key for a suspended product",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				s := p.newShop(t, "Loja")
				p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
				return "createAccessKey", vars{"clientProductId": s.clientProductID, "name": "Caixa"}
			},
			code: "PRODUCT_SUSPENDED", field: "clientProductId",
		},
		{
			name: "no successor of a key for a suspended product",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				s := p.newShop(t, "Loja")
				p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
				return "rotateAccessKey", vars{"id": s.keyID}
			},
			code: "PRODUCT_SUSPENDED", field: "id",
		},
		{
			name: "no product for an archived client",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				client := p.newClient(t, "Loja")
				p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": client})
				return "addClientProduct", vars{"clientId": client, "productId": p.productID}
			},
			code: "CLIENT_ARCHIVED", field: "clientId",
			sentence: map[string]string{
				"pt-BR": "O cliente está arquivado: restaure-o primeiro.",
				"en":    "The client is archived: restore it first.",
			},
		},
		{
			name: "no marketplace for an archived client",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				s := p.newShop(t, "Loja")
				p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
				return "addMarketplace", vars{"clientProductId": s.clientProductID, "description": "Loja", "config": showKase()}
			},
			code: "CLIENT_ARCHIVED", field: "clientProductId",
		},
		{
			name: "no change of a marketplace for an archived client",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				s := p.newShop(t, "Loja")
				p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
				return "updateMarketplace", vars{"id": s.marketplaceID, "description": "Other"}
			},
			code: "CLIENT_ARCHIVED", field: "id",
		},
		{
			name: "no key for an archived client",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				s := p.newShop(t, "Loja")
				p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
				return "createAccessKey", vars{"clientProductId": s.clientProductID, "name": "Caixa"}
			},
			code: "CLIENT_ARCHIVED", field: "clientProductId",
		},
		{
			name: "no marketplace for a product without that block",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				return "addMarketplace",
					vars{"clientProductId": p.withCapabilities(t, "ACCESS_KEYS"), "description": "Loja", "config": showKase()}
			},
			code: "CAPABILITY_MISSING", field: "clientProductId",
			sentence: map[string]string{
				"pt-BR": "Este produto não tem esse bloco.",
				"en":    "This product has no such block.",
			},
		},
		{
			name: "no key for a product without that block",
			prepare: func(t *testing.T, p *portal) (string, vars) {
				return "createAccessKey", vars{"clientProductId": p.withCapabilities(t, "MARKETPLACES"), "name": "Caixa"}
			},
			code: "CAPABILITY_MISSING", field: "clientProductId",
		},
	}
	each(t, func(t *testing.T, p *portal) {
		for _, step := range steps {
			t.Run(step.name, func(t *testing.T) {
				name, input := step.prepare(t, p)
				p.admin.authorization(t)
				before := p.snapshot(t)
				if step.sentence == nil {
					step.sentence = map[string]string{"en": ""}
				}
				for language, sentence := range step.sentence {
					answer := p.call(t, p.admin, name, "__typename", input, "Accept-Language", language)
					answer.wants(t, step.code+" at "+step.field)
					if got := answer.userErrors(t); sentence != "" && (len(got) != 1 || got[0].Message != sentence) {
						t.Errorf("in %q: %v, want %q", language, got, sentence)
					}
				}
				p.unchanged(t, before)
			})
		}
	})
}

// withCapabilities gives a new client a new product with these blocks.
func (p *portal) withCapabilities(t *testing.T, capabilities ...string) string {
	t.Helper()
	p.documents++
	product := p.mustCall(t, p.admin, "createProduct", "product { id }", vars{
		"code": fmt.Sprintf("PRODUCT_%d", p.documents), "name": "Product", "capabilities": capabilities,
	}).text(t, "createProduct.product.id")
	return p.mustCall(t, p.operator, "addClientProduct", "clientProduct { id }",
		vars{"clientId": p.newClient(t, "Loja"), "productId": product}).text(t, "addClientProduct.clientProduct.id")
}

func TestAProductWithoutMarketplacesTakesAKeyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.withCapabilities(t, "ACCESS_KEYS")

		_, key := p.newKey(t, owner)

		if answer := p.must(t, key, `{ integration { marketplaces { id } } }`,
			nil); len(answer.get("integration.marketplaces").([]any)) != 0 {
			t.Errorf("marketplaces out of nowhere: %s", answer.body)
		}
	})
}

func TestOneOfTakesExactlyOneMember(t *testing.T) {
	const fields = "marketplace { id }"
	type attempt struct {
		name      string
		document  string
		variables vars
	}
	attempts := func(s shop) []attempt {
		add := func(config vars) vars {
			return vars{"input": vars{"clientProductId": s.clientProductID, "description": "Loja", "config": config}}
		}
		update := func(config vars) vars { return vars{"input": vars{"id": s.marketplaceID, "config": config}} }
		literal := func(mutation, rest, config string) string {
			return fmt.Sprintf(`mutation { %s(input: {%s, config: {%s}}) { %s userErrors { code field } } }`, mutation, rest,
				config, fields)
		}
		addRest := fmt.Sprintf(`clientProductId: %q, description: "Loja"`, s.clientProductID)
		updateRest := fmt.Sprintf(`id: %q`, s.marketplaceID)
		const partly = `mutation($one: ShowKaseConfigInput, $other: NuvemshopConfigInput) { addMarketplace(input: {%s,
			config: {showKase: $one, nuvemshop: $other}}) { marketplace { id } userErrors { code field } } }`
		two := vars{"showKase": vars{"token": "planted"}, "nuvemshop": vars{}}
		return []attempt{
			{"add: two by variable", mutation("addMarketplace", fields), add(two)},
			{"add: none by variable", mutation("addMarketplace", fields), add(vars{})},
			{"add: null by variable", mutation("addMarketplace", fields), add(vars{"showKase": nil})},
			{"add: two by literal", literal("addMarketplace", addRest, `showKase: {token: "planted"}, nuvemshop: {}`), nil},
			{"add: none by literal", literal("addMarketplace", addRest, ``), nil},
			{"add: null by literal", literal("addMarketplace", addRest, `showKase: null`), nil},
			{"add: one and null by literal",
				literal("addMarketplace", addRest, `showKase: {token: "planted"}, nuvemshop: null`), nil},
			{"add: members by variable", fmt.Sprintf(partly, addRest), vars{"one": vars{"token": "planted"}, "other": vars{}}},
			{"add: members by absent variable", fmt.Sprintf(partly, addRest), vars{}},
			{"update: two by variable", mutation("updateMarketplace", fields),
				update(vars{"meuCarrinho": vars{"password": "planted"}, "showKase": vars{}})},
			{"update: none by variable", mutation("updateMarketplace", fields), update(vars{})},
			{"update: null by variable", mutation("updateMarketplace", fields), update(vars{"meuCarrinho": nil})},
			{"update: two by literal",
				literal("updateMarketplace", updateRest, `meuCarrinho: {password: "planted"}, showKase: {}`), nil},
			{"update: none by literal", literal("updateMarketplace", updateRest, ``), nil},
			{"update: null by literal", literal("updateMarketplace", updateRest, `meuCarrinho: null`), nil},
		}
	}
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for _, attempt := range attempts(s) {
			t.Run(attempt.name, func(t *testing.T) {
				before := p.snapshot(t)
				answer := p.post(t, p.operator, attempt.document, attempt.variables)
				if len(answer.errors) == 0 {
					answer.wants(t, "ONE_OF at config")
				} else if answer.data != nil {
					t.Errorf("refused, and yet there is data: %s", answer.body)
				}
				p.unchanged(t, before)
			})
		}
	})
}

func TestARootFieldThatDoesNotSayWhoMayCallItStopsTheProgram(t *testing.T) {
	t.Parallel()
	schema := *graph.Schema()
	query := *schema.Query
	for _, name := range []string{"clients", "node"} {
		fields := query.Fields
		query.Fields = nil
		for _, field := range fields {
			if field.Name == name {
				bare := *field
				bare.Directives = nil
				field = &bare
			}
			query.Fields = append(query.Fields, field)
		}
	}
	schema.Query = &query

	_, err := graph.Access(&schema)

	if err == nil || err.Error() != "root fields without the directive allow: Query.node, Query.clients" &&
		err.Error() != "root fields without the directive allow: Query.clients, Query.node" {
		t.Errorf("error %v", err)
	}
}
