package graph_test

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/providers"
	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/simulated"
)

// simulate gives a portal providers to call, on its own clock. They do not know any shop yet.
func (p *portal) simulate(t *testing.T, keyset *seal.Keyset, log *slog.Logger, change ...func(*marketplace.Options)) {
	t.Helper()
	p.sims = simulated.New(p.clock.Now)
	var private []string
	serve := func(server *httptest.Server) string {
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		check(t, err)
		private = append(private, u.Host)
		return server.URL
	}
	nuvemshop := serve(httptest.NewServer(p.sims.Nuvemshop.Handler()))
	plug4market := serve(httptest.NewServer(p.sims.Plug4Market.Handler()))
	meuCarrinho := serve(httptest.NewServer(p.sims.MeuCarrinho.Handler()))
	showKase := serve(httptest.NewServer(p.sims.ShowKase.Handler()))
	p.showKaseURL = showKase + "/check"
	p.sims.Nuvemshop.SetRedirectURL(publicURL + "/install/nuvemshop/callback")
	caller, err := outbound.New(outbound.Options{AllowPrivate: private, UserAgent: "Chaveiro"})
	check(t, err)
	t.Cleanup(caller.CloseIdle)
	options := marketplace.Options{
		Store: p.store, Keys: keyset, Providers: providers.All(), Now: p.clock.Now, HTTP: caller, Live: p.live,
		Fixed: marketplace.Fixed{
			"NUVEMSHOP":    {"url": nuvemshop, "apiUrl": nuvemshop, "appId": strconv.Itoa(simulated.NuvemshopAppID), "appSecret": simulated.NuvemshopAppSecret},
			"PLUG4MARKET":  {"url": plug4market},
			"MEU_CARRINHO": {"url": meuCarrinho},
		},
		Portal: publicURL, Reachable: true, Log: log,
	}
	for _, c := range change {
		c(&options)
	}
	p.marketplaces = marketplace.New(options)
	t.Cleanup(p.marketplaces.Close)
}

// step does all that is due for the connections now.
func (p *portal) step(t *testing.T) {
	t.Helper()
	_, err := p.marketplaces.Step(t.Context())
	check(t, err)
}
