package graph_test

import (
	"context"
	"crypto/rand"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	composed "github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// simulate makes the options of a portal call simulated providers, on the portal's clock. The providers have no shops
// yet.
func (p *portal) simulate(t *testing.T, o *composed.Options) {
	t.Helper()
	p.sims = simulated.New(p.clock.Now)
	var private []string
	serve := func(server *httptest.Server) string {
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		must.Do(t, err)
		private = append(private, u.Host)
		return server.URL
	}
	nuvemshop := serve(httptest.NewServer(p.sims.Nuvemshop.Handler()))
	plug4market := serve(httptest.NewServer(p.sims.Plug4Market.Handler()))
	meuCarrinho := serve(httptest.NewServer(p.sims.MeuCarrinho.Handler()))
	showKase := serve(httptest.NewServer(p.sims.ShowKase.Handler()))
	p.showKaseURL = showKase + "/check"
	p.sims.Nuvemshop.SetRedirectURL(publicURL + "/install/nuvemshop/callback")
	var err error
	o.HTTP, err = outbound.New(outbound.Options{AllowPrivate: private, UserAgent: "Chaveiro"})
	must.Do(t, err)
	t.Cleanup(o.HTTP.CloseIdle)
	o.Fixed = providersettings.Fixed{
		"NUVEMSHOP": {
			"url": nuvemshop, "apiUrl": nuvemshop,
			"appId": strconv.Itoa(simulated.NuvemshopAppID), "appSecret": simulated.NuvemshopAppSecret,
		},
		"PLUG4MARKET":  {"url": plug4market},
		"MEU_CARRINHO": {"url": meuCarrinho},
	}
}

// step does all work on connections that is due now.
func (p *portal) step(t *testing.T) {
	t.Helper()
	_, err := p.whole.Keeper.Step(t.Context())
	must.Do(t, err)
}

// listen runs the bus for the time of the test.
func (p *portal) listen(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.live.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	<-p.live.Ready()
}

// settle waits until the bus has delivered all earlier changes. On PostgreSQL an event takes a moment, and would
// otherwise reach listeners that subscribe now.
func (p *portal) settle(t *testing.T) {
	t.Helper()
	last := live.Event{Topic: live.InstallationsChanged, ObjectID: rand.Text()}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	events, err := p.live.Subscribe(ctx, func(e live.Event) bool { return e == last })
	must.Do(t, err)
	must.Do(t,
		p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error { return p.live.Publish(ctx, tx, last) }))
	for timeout := time.After(20 * time.Second); ; {
		select {
		case e := <-events:
			if e == last {
				return
			}
		case <-timeout:
			t.Fatal("the bus does not tell of a change in 20 s")
		}
	}
}

func simulatedMerchant(document string) simulated.Merchant {
	return simulated.Merchant{Name: "Padaria", CNPJ: document}
}

func simulatedStore(document string) simulated.Store {
	return simulated.Store{Name: map[string]string{"pt": "Padaria"}, BusinessID: document}
}
