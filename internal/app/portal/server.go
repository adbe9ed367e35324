package portal

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/doctor"
	"github.com/chaveiro/chaveiro/internal/base/certificate"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

// NewServer returns the HTTP server of the portal, which waits for Serve. As an http.Handler it answers without a
// network.
func (p *Portal) NewServer() (*httpserver.Server, error) {
	api, err := p.newAPI()
	if err != nil {
		return nil, err
	}
	settings := p.options.Settings
	certificate, err := loadCertificate(settings, p.options.Now, p.log)
	if err != nil {
		return nil, err
	}
	options := httpserver.Options{
		PublicURL:      settings.PublicURL,
		GraphQL:        api,
		Frontend:       p.options.Page,
		Organization:   settings.Organization,
		Contacts:       settings.Contact,
		Keys:           p.Keys,
		GiveWay:        p.options.Hasher.GiveWay,
		Sessions:       p.Sessions,
		ServiceTokens:  p.ServiceTokens,
		Installs:       p.Installs,
		Trail:          p.Trail,
		Ready:          p.Store.Ping,
		Live:           p.Live,
		TrustedProxies: settings.TrustedProxies,
		Misread:        noteMisread(settings.DataDir, p.hooks.Misread, p.log),
		CORSOrigins:    settings.CORSOrigins,
		AdminOrigins:   settings.AdminOrigins,
		Rates:          ratelimit.For(settings.KeyRate, settings.OperatorRate, settings.StrangerRate),
		Certificate:    certificate,
		StopDelay:      settings.StopDelay,
		Measure:        p.hooks.Request,
		MeasureAgain:   p.measureAgain(),
		Tracer:         p.Traces.Tracer(),
		Now:            p.options.Now,
		Log:            p.log,
	}
	if p.Metrics != nil {
		options.Keys, options.Sessions = p.Metrics.Keys(options.Keys), p.Metrics.Sessions(options.Sessions)
		options.ServiceTokens = p.Metrics.ServiceTokens(options.ServiceTokens)
	}
	server := httpserver.New(options)
	if p.Metrics != nil {
		p.Metrics.WatchStreams(server.Streams)
	}
	return server, nil
}

// measureAgain returns the function that counts an operation that was answered from memory; nil where none is counted.
func (p *Portal) measureAgain() func() {
	if p.hooks.Operation == nil {
		return nil
	}
	return func() { p.hooks.Operation(ast.Query, "") }
}

// newAPI returns the GraphQL handler.
func (p *Portal) newAPI() (http.Handler, error) {
	return p.options.MakeAPI(&graph.Resolver{
		Store:            p.Store,
		Staff:            p.Staff,
		Clients:          p.Clients,
		Notes:            p.Notes,
		Products:         p.Products,
		Connections:      p.Connections,
		ProviderSettings: p.ProviderSettings,
		Installs:         p.Installs,
		Keeper:           p.Keeper,
		Keys:             p.Keys,
		Due:              p.Due,
		Finder:           p.Finder,
		Trail:            p.Trail,
		Live:             p.Live,
		Denials:          cmp.Or[graph.Denials](p.options.Denials, audit.NewDenials(p.Store, p.options.Now, p.log)),
		HideSchema:       p.options.Settings.NoSchema,
		Measure:          p.hooks.Operation,
		Tracer:           p.Traces.Tracer(),
		Now:              p.options.Now,
	}, httpserver.WriteError, p.log)
}

// loadCertificate returns the function that chooses the certificate for HTTPS, nil for plain HTTP.
func loadCertificate(
	settings config.Settings, now func() time.Time, log *slog.Logger,
) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	if settings.TLSCert == "" {
		return nil, nil
	}
	pair, err := certificate.Load(settings.TLSCert, settings.TLSKey, now, log)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return pair.Get, nil
}

// noteMisread returns the function that the server calls with each address from a proxy that it cannot read. The
// function calls count, unless that is nil, and leaves the first address for the doctor.
func noteMisread(dataDir string, count func(string), log *slog.Logger) func(string) {
	var first sync.Once
	return func(shape string) {
		if count != nil {
			count(shape)
		}
		first.Do(func() {
			if err := doctor.NoteMisread(dataDir, shape); err != nil {
				log.Error("could not note an address that the server cannot read", "err", err)
			}
		})
	}
}
