package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// everything selects all that a back-office can read.
const everything = `{
	integration {
		client { id name document }
		accessKey { id name expiresAt overlapEndsAt }
		revision
		marketplaces {
			id description provider credentialVersion
			health { state reason message since lastCheckedAt nextCheckAt }
			credentials {
				__typename
				... on MeuCarrinhoCredentials { username password }
				... on NuvemshopCredentials { storeId nuvemshopToken: accessToken }
				... on Plug4MarketCredentials { accessToken expiresAt }
				... on ShowKaseCredentials { token }
			}
		}
	}
}`

func TestTheBackOfficeReadsTheCredentialsThatWereTyped(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		ends := p.clock.Now().Add(24 * time.Hour).Truncate(time.Second)
		access, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(ends)}).
			SignedString([]byte("the provider's own"))
		must.Do(t, err)

		client := p.newClient(t, "Padaria São João Ltda")
		owner := p.newClientProduct(t, client)
		marketplaces := []string{
			p.newMarketplace(t, owner,
				vars{"meuCarrinho": vars{"username": " loja@example.com ", "password": "  a blank, \"quotes\" & ção €  "}}),
			p.newMarketplace(t, owner,
				vars{"plug4Market": vars{"accessToken": " " + access + "\n", "refreshToken": "\tplanted-refresh "}}),
			p.newMarketplace(t, owner, vars{"showKase": vars{"token": "  tok/en+== \r\n"}}),
			p.newMarketplace(t, owner, vars{"nuvemshop": vars{}}),
		}
		keyID, key := p.newKey(t, owner)

		got := p.must(t, key, everything, nil)

		want := map[string]any{
			"integration.client.id":                        client,
			"integration.client.name":                      "Padaria São João Ltda",
			"integration.accessKey.id":                     keyID,
			"integration.accessKey.name":                   "Caixa 1",
			"integration.accessKey.expiresAt":              nil,
			"integration.marketplaces.0.id":                marketplaces[0],
			"integration.marketplaces.0.provider":          "MEU_CARRINHO",
			"integration.marketplaces.0.credentialVersion": 1.0,
			"integration.marketplaces.0.health.state":      "WAITING",
			"integration.marketplaces.0.health.reason":     "NOT_CHECKED_YET",
			"integration.marketplaces.0.credentials": map[string]any{"__typename": "MeuCarrinhoCredentials",
				"username": "loja@example.com", "password": "  a blank, \"quotes\" & ção €  "},
			"integration.marketplaces.1.id":       marketplaces[1],
			"integration.marketplaces.1.provider": "PLUG4MARKET",
			"integration.marketplaces.1.credentials": map[string]any{"__typename": "Plug4MarketCredentials",
				"accessToken": access, "expiresAt": instant.Text(ends)},
			"integration.marketplaces.2.provider":      "SHOWKASE",
			"integration.marketplaces.2.health.state":  "NOT_TESTABLE",
			"integration.marketplaces.2.health.reason": "NO_TEST_AVAILABLE",
			"integration.marketplaces.2.credentials": map[string]any{"__typename": "ShowKaseCredentials",
				"token": "tok/en+=="},
			"integration.marketplaces.3.provider":           "NUVEMSHOP",
			"integration.marketplaces.3.credentialVersion":  0.0,
			"integration.marketplaces.3.health.state":       "WAITING",
			"integration.marketplaces.3.health.reason":      "WAITING_FOR_MERCHANT",
			"integration.marketplaces.3.health.message":     "Aguardando o lojista instalar o aplicativo na loja.",
			"integration.marketplaces.3.credentials":        nil,
			"integration.marketplaces.4":                    nil,
			"integration.marketplaces.3.health.nextCheckAt": nil,
		}
		for path, value := range want {
			if got := got.get(path); fmt.Sprint(got) != fmt.Sprint(value) {
				t.Errorf("%s is %v, want %v", path, got, value)
			}
		}
		if strings.Contains(got.body, "planted-refresh") {
			t.Error("the refresh token was handed out")
		}
	})
}

func TestTheOperatorSeesWhichStepComesNext(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newClientProduct(t, p.newClient(t, "Loja"))
		next := func() string {
			t.Helper()
			answer := p.must(t, p.viewer, `query($id: ID!) {
				node(id: $id) { ... on ClientProduct { nextStep backOfficeLastCallAt } } }`, vars{"id": owner})
			return fmt.Sprintf("%v %t", answer.get("node.nextStep"), answer.get("node.backOfficeLastCallAt") != nil)
		}

		if got := next(); got != "MARKETPLACE false" {
			t.Errorf("after the product: %s", got)
		}
		p.newMarketplace(t, owner, nuvemshop())
		if got := next(); got != "ACCESS_KEY false" {
			t.Errorf("after the marketplace: %s", got)
		}
		_, key := p.newKey(t, owner)
		if got := next(); got != "BACK_OFFICE false" {
			t.Errorf("after the key: %s", got)
		}
		p.must(t, key, `{ integration { revision } }`, nil)
		must.Do(t, p.keys.Flush(t.Context()))
		if got := next(); got != "<nil> true" {
			t.Errorf("after the first call: %s", got)
		}
	})
}

// Proves: 6.5
func TestWithoutCredentialsInTheSelectionNothingIsOpened(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.exec(t, `UPDATE marketplaces SET secrets_sealed = $1`, []byte("what cannot be opened"))

		answer := p.must(t, s.key,
			`{ integration { marketplaces { id description health { state } credentialVersion } } }`, nil)

		if answer.status != http.StatusOK || answer.text(t, "integration.marketplaces.0.id") != s.marketplaceID {
			t.Errorf("%d: %s", answer.status, answer.body)
		}
	})
}
