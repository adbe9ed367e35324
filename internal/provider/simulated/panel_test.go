package simulated_test

import (
	"net/http"
	"testing"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func TestThePanelShowsTheShopsAndChangesThem(t *testing.T) {
	t.Parallel()
	providers, _ := newProviders()
	providers.Plug4Market.AddStore(storeCNPJ, softwareCNPJ)
	providers.MeuCarrinho.AddUser("padaria", "senha-1", simulated.Merchant{Name: "Padaria <do> Bairro", CNPJ: storeCNPJ})
	providers.Nuvemshop.AddStore(storeID, boutique)
	providers.Nuvemshop.Install(storeID)
	providers.ShowKase.AddShop("Boutique", "token-1")

	for _, tt := range []struct {
		name    string
		handler http.Handler
		shop    string
		shows   []string
		actions []string // each followed by what the panel then shows
	}{
		{"Plug4Market", providers.Plug4Market.Handler(), storeCNPJ,
			[]string{"Loja " + storeCNPJ, providers.Plug4Market.CurrentAccess(storeCNPJ),
				providers.Plug4Market.CurrentRefresh(storeCNPJ)},
			[]string{"revoke", "tokens recusados", "restore", "ativa", "suspend", "suspensa", "resume", "ativa",
				"new-pair", "ativa"}},
		{"Meu Carrinho", providers.MeuCarrinho.Handler(), "padaria",
			[]string{"Padaria &lt;do&gt; Bairro", "senha-1"},
			[]string{"change-password", "senha trocada", "first-password", "ativa", "deactivate", "inativa",
				"activate", "ativa"}},
		{"Nuvemshop", providers.Nuvemshop.Handler(), "2093261",
			[]string{"Boutique &lt;da&gt; Praça", providers.Nuvemshop.Token(storeID), `href="/apps/1001/authorize"`,
				"Desinstalar"},
			[]string{"suspend", "suspensa", "resume", "instalada", "uninstall", "desinstalada"}},
		{"ShowKase", providers.ShowKase.Handler(), "token-1",
			[]string{"Boutique", "token-1"},
			[]string{"revoke", "token recusado", "restore", "ativa"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, tt.handler)
			panel := func() said { return do(t, asked{url: base + "/"}) }
			press := func(name string) said {
				return do(t, asked{method: "POST", url: base + "/_control/" + name, form: "shop=" + tt.shop})
			}
			panel().want(t, http.StatusOK, append(tt.shows, `<html lang="pt-BR">`, "<h1>"+tt.name+" simulado</h1>", "no ar")...)
			for i := 0; i < len(tt.actions); i += 2 {
				press(tt.actions[i]).want(t, http.StatusSeeOther)
				panel().want(t, http.StatusOK, "<dt>Situação</dt><dd>"+tt.actions[i+1]+"</dd>")
			}
			press("explode").want(t, http.StatusNotFound)

			press("down").want(t, http.StatusSeeOther)
			panel().want(t, http.StatusOK, "fora do ar (503)", "Voltar ao ar")
			do(t, asked{url: base + "/any"}).want(t, http.StatusServiceUnavailable)
			press("up").want(t, http.StatusSeeOther)
			do(t, asked{url: base + "/any"}).want(t, http.StatusNotFound)
			panel().want(t, http.StatusOK, "<dt>GET unknown</dt><dd>2</dd>")
		})
	}
}

func TestThePanelOfAProviderWithoutShopsSaysSo(t *testing.T) {
	t.Parallel()
	providers, _ := newProviders()
	do(t, asked{url: serve(t, providers.ShowKase.Handler())}).want(t, http.StatusOK, "Nenhuma loja.", "Nenhuma chamada.")
}
