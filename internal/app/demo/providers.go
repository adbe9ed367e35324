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
	// endTime is how long calls that are under way may take at the end.
	endTime = 2 * time.Second
)

// Providers are the simulated providers, reachable on this machine.
type Providers struct {
	*simulated.Providers
	listeners []net.Listener // of the twins, in their order
	since     atomic.Int64   // nanoseconds that the providers' clock is behind
}

// Listen takes as many ports after port as there are providers, or any that are free when port is 0, for providers of
// the portal at this public URL. Its caller calls Run, or Close.
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

// Close gives up the ports, of providers that were never run.
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

// Hosts are the providers as host:port.
func (p *Providers) Hosts() []string {
	var hosts []string
	for _, listener := range p.listeners {
		hosts = append(hosts, listener.Addr().String())
	}
	return hosts
}

// Settings make the portal call these providers, with the software house's log-in.
func (p *Providers) Settings() providersettings.Fixed {
	settings := make(providersettings.Fixed)
	for i, twin := range p.Twins() {
		if values := twin.Values(p.address(i)); len(values) > 0 {
			settings[provider.Code(twin.Code())] = values
		}
	}
	maps.Copy(settings["PLUG4MARKET"], provider.Values{
		"houseLogin": houseLogin, "housePassword": housePassword, "houseCNPJ": softwareHouse,
	})
	return settings
}

// address is the URL of a twin, without a slash at the end.
func (p *Providers) address(i int) string { return "http://" + p.listeners[i].Addr().String() }

// ago does something on the providers' clock as if it were done so long ago.
func (p *Providers) ago(d time.Duration, do func()) {
	p.since.Store(int64(d))
	defer p.since.Store(0)
	do()
}
