package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// Where each provider is in a list of the four: the first is at the port after --providers-port.
const (
	nuvemshopAt = iota
	plug4MarketAt
	meuCarrinhoAt
	showKaseAt
	count
)

const (
	requestTime = 30 * time.Second
	webhookTime = 10 * time.Second
	// endTime is how long calls that are under way may take at the end.
	endTime = 2 * time.Second
)

// Providers are the simulated providers, reachable on this machine.
type Providers struct {
	*simulated.Providers
	addresses [count]string // without a slash at the end
	listeners [count]net.Listener
	since     atomic.Int64 // nanoseconds that the providers' clock is behind
}

// Listen takes the four ports after port, or any that are free when port is 0, for providers of the portal at this
// public URL. Whoever called it calls Run, or Close.
func Listen(ctx context.Context, port int, portal string) (*Providers, error) {
	p := &Providers{}
	p.Providers = simulated.New(func() time.Time { return time.Now().Add(-time.Duration(p.since.Load())) })
	p.Nuvemshop.SetRedirectURL(portal + "/install/nuvemshop/callback")
	p.Nuvemshop.SetAllowHTTPWebhooks(true)
	p.Plug4Market.AddHouse(softwareHouse, houseLogin, housePassword)
	for i := range p.listeners {
		at := 0
		if port != 0 {
			at = port + 1 + i
		}
		var config net.ListenConfig
		listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(at)))
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("--providers-port: %w", err)
		}
		p.listeners[i], p.addresses[i] = listener, "http://"+listener.Addr().String()
	}
	return p, nil
}

// Close gives up the ports, of providers that were never run.
func (p *Providers) Close() {
	for _, listener := range p.listeners {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

// Run serves the providers, and sends the webhooks of Nuvemshop, until ctx ends.
func (p *Providers) Run(ctx context.Context) error {
	handlers := [count]http.Handler{p.Nuvemshop.Handler(), p.Plug4Market.Handler(), p.MeuCarrinho.Handler(), p.ShowKase.Handler()}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		running sync.WaitGroup
		failed  [count]error
	)
	for i, handler := range handlers {
		server := &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: requestTime, ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: requestTime,
		}
		running.Go(func() {
			defer stop()
			if err := server.Serve(p.listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				failed[i] = fmt.Errorf("serve a simulated provider: %w", err)
			}
		})
		running.Go(func() {
			<-ctx.Done()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
			defer cancel()
			if server.Shutdown(last) != nil {
				_ = server.Close()
			}
		})
	}
	running.Go(func() { p.Nuvemshop.Run(ctx, &http.Client{Timeout: webhookTime}) })
	running.Wait()
	return errors.Join(failed[:]...)
}

// Hosts are the providers as host:port.
func (p *Providers) Hosts() []string {
	var hosts []string
	for _, address := range p.addresses {
		hosts = append(hosts, strings.TrimPrefix(address, "http://"))
	}
	return hosts
}

// Settings make the portal call these providers. ShowKase's tokens stay without a test, as they are without an address
// that somebody knows.
func (p *Providers) Settings() providersettings.Fixed {
	return providersettings.Fixed{
		"NUVEMSHOP": {
			"url": p.addresses[nuvemshopAt], "apiUrl": p.addresses[nuvemshopAt],
			"appId": strconv.Itoa(simulated.NuvemshopAppID), "appSecret": simulated.NuvemshopAppSecret,
		},
		"PLUG4MARKET": {
			"url":        p.addresses[plug4MarketAt],
			"houseLogin": houseLogin, "housePassword": housePassword, "houseCNPJ": softwareHouse,
		},
		"MEU_CARRINHO": {"url": p.addresses[meuCarrinhoAt]},
	}
}

// ago does something on the providers' clock as if it were done so long ago.
func (p *Providers) ago(d time.Duration, do func()) {
	p.since.Store(int64(d))
	defer p.since.Store(0)
	do()
}
