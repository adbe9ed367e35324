package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const finding = `query($text: String!) { find(text: $text) {
	clients { nodes { id name archivedAt } more }
	marketplaces { nodes { id description clientProduct { client { name } } } more }
	accessKeys { nodes { id status lastUsedAt baitSince clientProduct { client { name archivedAt } } } more }
	operators { nodes { id } more }
	serviceTokens { nodes { id } more }
} }`

// finds asks for a text, and returns the ids of each kind that has any.
func (p *portal) finds(t *testing.T, as caller, text string) map[string][]string {
	t.Helper()
	answer := p.must(t, as, finding, vars{"text": text})
	found := map[string][]string{}
	for _, kind := range []string{"clients", "marketplaces", "accessKeys", "operators", "serviceTokens"} {
		if ids := answer.texts(t, "find."+kind+".nodes", "id"); len(ids) > 0 {
			found[kind] = ids
		}
		if answer.get("find."+kind+".more") != false {
			t.Errorf("%q: more %s", text, kind)
		}
	}
	return found
}

func TestATextFindsWhatItIsAboutOfEachKind(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		alfa, beta := p.newShop(t, "Padaria Alfa"), p.newShop(t, "Mercado Beta")
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }", vars{"id": alfa.marketplaceID,
			"description": "Hub da padaria", "config": vars{"meuCarrinho": vars{"username": "paodourado"}}})
		script, secret := p.newServiceToken(t, "VIEWER")
		ana := p.hire(t, "Zuleica", "ADMIN")
		for text, want := range map[string]map[string][]string{
			"padaria": {"clients": {alfa.clientID}, "marketplaces": {alfa.marketplaceID},
				"accessKeys": {alfa.keyID}},
			"paodourado":            {"marketplaces": {alfa.marketplaceID}},
			"mercado beta":          {"clients": {beta.clientID}, "accessKeys": {beta.keyID}},
			string(beta.key[:21]):   {"accessKeys": {beta.keyID}},
			string(beta.key[12:20]): {"accessKeys": {beta.keyID}},
			"zuleica":               {"operators": {ana.id}},
			string(secret[:21]):     {"serviceTokens": {script}},
			"":                      {},
			" . ":                   {},
			"nada disso":            {},
		} {
			if got := p.finds(t, p.admin, text); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%.21q finds %v, want %v", text, got, want)
			}
		}
		for _, who := range []*person{p.operator, p.viewer} {
			for _, text := range []string{"zuleica", string(secret[:21])} {
				if got := p.finds(t, who, text); len(got) > 0 {
					t.Errorf("%s finds %v by %q", who.name, got, text)
				}
			}
		}
		p.post(t, p.viewer, finding, vars{"text": strings.Repeat("x", 201)}).refused(t, "BAD_USER_INPUT")
	})
}

func TestAKeyThatIsFoundSaysInWhichStateItIsAndWhose(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Padaria Alfa")
		p.works(t, s.key)
		must.Do(t, p.keys.Flush(t.Context()))
		p.mustCall(t, p.admin, "setBait", "id", vars{"id": s.keyID, "bait": true})
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
		answer := p.must(t, p.admin, finding, vars{"text": string(s.key[:21])})
		const key = "find.accessKeys.nodes.0."
		if answer.text(t, key+"status") != "REVOKED" || answer.get(key+"lastUsedAt") == nil ||
			answer.get(key+"baitSince") == nil || answer.text(t, key+"clientProduct.client.name") != "Padaria Alfa" ||
			answer.get(key+"clientProduct.client.archivedAt") == nil {
			t.Errorf("%s", answer.body)
		}
		if got := p.must(t, p.viewer, finding, vars{"text": string(s.key[:21])}).get(key + "baitSince"); got != nil {
			t.Errorf("a viewer is told that the key is bait: %v", got)
		}
		archived := p.must(t, p.viewer, finding, vars{"text": "padaria alfa"}).get("find.clients.nodes.0.archivedAt")
		if archived == nil {
			t.Error("an archived client is not found as such")
		}
	})
}

// Proves: 13.2
func TestAViewerFindsNothingByTheCPFOfAPerson(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const cpf = "39053344705"
		client := p.mustCall(t, p.operator, "createClient", "client { id }", vars{"name": "Maria Silva", "document": cpf}).
			text(t, "createClient.client.id")
		owned := p.newClientProduct(t, client)
		p.newMarketplace(t, owned, meuCarrinho())
		key, _ := p.newKey(t, owned)
		want := map[string][]string{"clients": {client}, "accessKeys": {key}}
		if got := p.finds(t, p.operator, cpf); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("an operator finds %v", got)
		}
		for _, text := range []string{cpf, "390.533", "maria 5334"} {
			if got := p.finds(t, p.viewer, text); len(got) > 0 {
				t.Errorf("a viewer finds %v by %q", got, text)
			}
		}
		if got := p.must(t, p.viewer, `{ accessKeys(search: "390533447") { totalCount } }`, nil).
			get("accessKeys.totalCount"); got != 0.0 {
			t.Errorf("a viewer lists %v keys by a CPF", got)
		}
		if got := p.finds(t, p.viewer, "maria silva"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("a viewer finds %v by the name", got)
		}
	})
}

func TestFindingGivesFewRowsAtOneStatementAKind(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.seedClients(t, 30, func(i int) string { return fmt.Sprintf("Loja %02d", i) })
		for i := range 9 {
			p.newShop(t, fmt.Sprintf("Loja de chaves %d", i))
		}
		ask := func(fields string) (n int, answer response) {
			document := `{ find(text: "loja") { ` + fields + ` } }`
			p.must(t, p.admin, document, nil) // caches the caller and prepares the statements
			statements := storetest.Statements(t, p.store, func() { answer = p.must(t, p.admin, document, nil) })
			return len(statements), answer
		}
		base, _ := ask("__typename")
		for kind, many := range map[string]bool{
			"clients": true, "marketplaces": true, "accessKeys": true, "operators": false, "serviceTokens": false,
		} {
			n, answer := ask(kind + " { nodes { id } more }")
			if n-base > 1 {
				t.Errorf("%s cost %d statements", kind, n-base)
			}
			rows := len(answer.get("find." + kind + ".nodes").([]any))
			if answer.get("find."+kind+".more") != many || many && rows != 8 {
				t.Errorf("%s: %d rows, more is %v", kind, rows, answer.get("find."+kind+".more"))
			}
		}
		whole, _ := ask(`clients { nodes { name products { marketplaces { health { state } } } } }
			marketplaces { nodes { description clientProduct { client { name } } } }
			accessKeys { nodes { name clientProduct { client { name } } } }`)
		if whole-base > 10 {
			t.Errorf("all of the box cost %d statements", whole-base)
		}
	})
}

func TestTheListOfKeysFindsAsTheBoxDoes(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		alfa, beta := p.newShop(t, "Padaria São José"), p.newShop(t, "Mercado")
		caixa := p.mustCall(t, p.operator, "createAccessKey", "accessKey { id last4 }",
			vars{"clientProductId": beta.clientProductID, "name": "Retaguarda do caixa dois"})
		second := caixa.text(t, "createAccessKey.accessKey.id")
		for text, want := range map[string][]string{
			"padaria":              {alfa.keyID},
			"sao jose":             {alfa.keyID},
			"mercado":              {second, beta.keyID},
			"caixa dois":           {second},
			string(alfa.key[8:16]): {alfa.keyID},
			caixa.text(t, "createAccessKey.accessKey.last4"): {second},
		} {
			answer := p.must(t, p.viewer, `query($text: String) { accessKeys(search: $text, first: 2) {
				totalCount edges { node { id } } } }`, vars{"text": text})
			if got := answer.texts(t, "accessKeys.edges", "node.id"); !slices.Equal(got, want) ||
				answer.get("accessKeys.totalCount") != float64(len(want)) {
				t.Errorf("%.21q lists %v", text, answer.body)
			}
		}
	})
}
