package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const (
	requestTime = 30 * time.Second
	webhookTime = 10 * time.Second
	// endTime limits the wait for running calls at the end.
	endTime = 2 * time.Second
)

// Providers are the simulated providers, reachable from this machine.
type Providers struct {
	*simulated.Providers
	listeners []net.Listener // of the twins, in their order
	since     atomic.Int64   // how far the providers' clock is behind, in nanoseconds
}

// Listen opens one port per provider, from port on, or free ones when port is 0. The providers belong to the portal at
// this public URL. The caller calls Run or Close.
func Listen(ctx context.Context, port int, portal string) (*Providers, error) {
	p := &Providers{}
	p.Providers = simulated.New(func() time.Time { return time.Now().Add(-time.Duration(p.since.Load())) })
	p.Nuvemshop.SetRedirectURL(portal + "/install/nuvemshop/callback")
	p.Nuvemshop.SetAllowHTTPWebhooks(true)
	p.Plug4Market.AddHouse(softwareHouse, houseLogin, housePassword)
	for i := range p.Twins() {
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
		p.listeners = append(p.listeners, listener)
	}
	return p, nil
}

// Close releases the ports of providers that did not run.
func (p *Providers) Close() {
	for _, listener := range p.listeners {
		_ = listener.Close()
	}
}

// Run serves the providers, and sends the webhooks of Nuvemshop, until ctx ends.
func (p *Providers) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		running sync.WaitGroup
		failed  = make([]error, len(p.listeners))
	)
	for i, twin := range p.Twins() {
		server := &http.Server{
			Handler:           twin.Handler(),
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
	return errors.Join(failed...)
}

// Hosts returns the addresses of the providers as host:port.
func (p *Providers) Hosts() []string {
	var hosts []string
	for _, listener := range p.listeners {
		hosts = append(hosts, listener.Addr().String())
	}
	return hosts
}

// Settings are the settings that make the portal call these providers, with the software house's log-in.
func (p *Providers) Settings() providersettings.Fixed {
	settings := make(providersettings.Fixed)
	for i, twin := range p.Twins() {
		settings[provider.Code(twin.Code())] = maps.Collect(maps.All(twin.Values(p.address(i))))
		settings[provider.Code(twin.Code())][provider.PanelURL] = p.address(i)
	}
	maps.Copy(settings["PLUG4MARKET"], provider.Values{
		"houseLogin": houseLogin, "housePassword": housePassword, "houseCNPJ": softwareHouse,
	})
	return settings
}

// address returns the URL of a twin, without a trailing slash.
func (p *Providers) address(i int) string { return "http://" + p.listeners[i].Addr().String() }

// ago calls do with the providers' clock set back by d.
func (p *Providers) ago(d time.Duration, do func()) {
	p.since.Store(int64(d))
	defer p.since.Store(0)
	do()
}
