package simulated_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// cart is a Meu Carrinho with one user.
type cart struct {
	*simulated.MeuCarrinho
	*clock
	url, id string
}

func newCart(t *testing.T) cart {
	t.Helper()
	providers, clock := newProviders()
	c := cart{MeuCarrinho: providers.MeuCarrinho, clock: clock, url: serve(t, providers.MeuCarrinho.Handler())}
	c.id = c.AddUser("padaria", "senha-1", simulated.Merchant{Name: "Padaria do Bairro", CNPJ: storeCNPJ})
	return c
}

func (c cart) logIn(t *testing.T, username, password string) said {
	t.Helper()
	return do(t, asked{method: "POST", url: c.url + "/auth/token",
		json: fmt.Sprintf(`{"username":%q,"password":%q}`, username, password)})
}

func TestMeuCarrinhosLoginBringsATokenFor4Hours(t *testing.T) {
	t.Parallel()
	c := newCart(t)
	answer := c.logIn(t, "padaria", "senha-1")
	answer.want(t, http.StatusOK, `"authenticated":true`, `"tokenType":"Bearer"`, `"expiresIn":14400`)
	token := answer.text("token")

	do(t, asked{url: c.url + "/auth/user", header: bearer(token)}).
		want(t, http.StatusOK, `"id":"`+c.id+`"`, `"username":"padaria"`)
	do(t, asked{url: c.url + "/merchants/" + c.id, header: bearer(token)}).
		want(t, http.StatusOK, `"cnpj":"`+storeCNPJ+`"`, `"active":true`)
	do(t, asked{url: c.url + "/merchants/another", header: bearer(token)}).want(t, http.StatusNotFound)

	c.advance(4 * time.Hour)
	do(t, asked{url: c.url + "/auth/user", header: bearer(token)}).want(t, http.StatusUnauthorized)
	do(t, asked{url: c.url + "/merchants/" + c.id, header: bearer(token)}).want(t, http.StatusUnauthorized)
}

func TestMeuCarrinhosWrongPasswordIsA200OrA401(t *testing.T) {
	t.Parallel()
	c := newCart(t)
	c.logIn(t, "padaria", "wrong").want(t, http.StatusOK, `"authenticated":false`, `"token":null`)
	c.logIn(t, "nobody", "wrong").want(t, http.StatusOK, `"authenticated":false`)
	c.SetRefuseWith401(true)
	answer := c.logIn(t, "padaria", "wrong")
	answer.want(t, http.StatusUnauthorized, `"title":"Unauthorized"`)
	if got := answer.header.Get("Content-Type"); got != "application/problem+json; charset=utf-8" {
		t.Errorf("Content-Type = %q", got)
	}
	if c.Logins("padaria") != 2 || c.RefusedLogins("padaria") != 2 || c.Logins("nobody") != 0 {
		t.Errorf("%d logins, %d refused", c.Logins("padaria"), c.RefusedLogins("padaria"))
	}
}

func TestMeuCarrinhosNewPasswordEndsTheOldOneAndItsTokens(t *testing.T) {
	t.Parallel()
	c := newCart(t)
	token := c.logIn(t, "padaria", "senha-1").text("token")
	c.SetPassword("padaria", "senha-2")
	do(t, asked{url: c.url + "/auth/user", header: bearer(token)}).want(t, http.StatusUnauthorized)
	c.logIn(t, "padaria", "senha-1").want(t, http.StatusOK, `"authenticated":false`)
	c.logIn(t, "padaria", "senha-2").want(t, http.StatusOK, `"authenticated":true`)
}

func TestMeuCarrinhosInactiveMerchantSaysSo(t *testing.T) {
	t.Parallel()
	c := newCart(t)
	c.SetActive("padaria", false)
	token := c.logIn(t, "padaria", "senha-1").text("token")
	do(t, asked{url: c.url + "/merchants/" + c.id, header: bearer(token)}).want(t, http.StatusOK, `"active":false`)
}

func TestMeuCarrinhosIDsMayBeNumbers(t *testing.T) {
	t.Parallel()
	c := newCart(t)
	c.SetNumericIDs(true)
	id := c.AddUser("mercado", "senha", simulated.Merchant{Name: "Mercado", CNPJ: storeCNPJ})
	token := c.logIn(t, "mercado", "senha").text("token")
	do(t, asked{url: c.url + "/auth/user", header: bearer(token)}).want(t, http.StatusOK, `"id":`+id+`,`)
}

func TestMeuCarrinhoSaysWhichFieldIsMissing(t *testing.T) {
	t.Parallel()
	c := newCart(t)
	c.logIn(t, "padaria", "").want(t, http.StatusBadRequest, `"errors":{"Password":[`)
	do(t, asked{method: "POST", url: c.url + "/auth/token", form: "username=padaria"}).
		want(t, http.StatusUnsupportedMediaType)
	do(t, asked{url: c.url + "/products"}).want(t, http.StatusNotFound, `"status":404`)
}
