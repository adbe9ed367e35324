package httpserver

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/chaveiro/chaveiro/internal/base/etag"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// routes is every address of the portal. What stands in Use happens to each request below it, from top to bottom.
func routes(o Options, streams *streams) http.Handler {
	limiter := ratelimit.New(o.Rates, time.Now)
	a := &router{
		Options: o, streams: streams, limiter: limiter,
		pages:   newPages(o.Frontend, o.Organization, o.PublicURL),
		door:    newDoorkeeper(o, limiter),
		exposed: exposure{keys: o.Keys, limiter: limiter, log: o.Log},
	}
	r := chi.NewRouter()
	r.Use(
		newProxies(o).withOrigin,
		withLanguage,
		observe(o.Log, o.Measure),
		keepRoom,
		securityHeaders(o.PublicURL),
		routeAPIPath,
		middleware.GetHead,
	)
	r.MethodNotAllowed(a.pages.nothing)
	r.Get("/healthz", serveAlive)
	r.Get("/readyz", ready(o.Ready, o.Log))

	r.Group(func(r chi.Router) {
		r.Use(ownHost(o.PublicURL))
		r.Group(a.routeAPI)
		r.Group(a.routeExports)
		if len(o.AdminOrigins) > 0 {
			// Browsers ask here whether a page of another host may use the passkeys of this one.
			r.Method(http.MethodGet, protocol.WellKnownPathWebAuthn, protocol.RelatedOrigins{Origins: o.AdminOrigins})
		}
		r.Group(a.routeProviders)
		r.Group(a.routePages)
	})
	return r
}

// router has what stands behind the addresses.
type router struct {
	Options
	streams *streams
	limiter *ratelimit.Limiter
	pages   pages
	door    doorkeeper
	exposed exposure
}

// routeAPI is the address of GraphQL.
func (a *router) routeAPI(r chi.Router) {
	r.Use(
		neverStored,
		ignoreUpgrade,
		answerHead,
		cors(adminPages(a.AdminOrigins), partners(a.CORSOrigins)),
		a.exposed.checkURL,
		a.exposed.checkCookie,
		a.door.authenticate,
		withCookie(a.PublicURL, a.AdminOrigins),
		a.exposed.readBody,
		etag.Handler,
		a.streams.handler,
	)
	r.Handle(apiPath, a.GraphQL)
}

// routeExports are the addresses of the audit trail as a file.
func (a *router) routeExports(r chi.Router) {
	r.Use(
		neverStored,
		cors(adminPages(a.AdminOrigins)),
		a.exposed.checkURL,
		a.door.authenticate,
	)
	export := auditExport{trail: a.Trail, log: a.Log}
	r.Get("/export/audit.csv", export.csv)
	r.Get("/export/audit.xlsx", export.xlsx)
	r.Get("/export/audit.jsonl", export.jsonLines)
	r.Options("/export/{file}", http.NotFound) // for cors, which comes before
}

// routeProviders are the addresses that merchants and providers come to.
func (a *router) routeProviders(r chi.Router) {
	r.Use(middleware.RequestSize(maxWebhook))
	install := installPages{installs: a.Installs, publicURL: a.PublicURL, limiter: a.limiter, log: a.Log}
	r.Group(func(r chi.Router) {
		r.Use(install.counted)
		r.Get("/install/link/{link}", install.invitation)
		r.Post("/install/link/{link}", install.begin)
		r.Get("/install/end", install.end)
		r.Get("/install/{provider}/callback", install.callback)
	})
	r.Post("/webhooks/{provider}", install.webhook)
	r.Post("/webhooks/{provider}/{topic}", install.webhook)
}

// routePages are the addresses of the admin page. They alone are compressed, as they are the same for all callers: a
// compressor would hold an event stream back, and a compressed secret tells of itself by its length.
func (a *router) routePages(r chi.Router) {
	r.Use(middleware.Compress(5))
	r.Get("/assets/*", a.pages.asset)
	r.Get("/graphiql", a.pages.graphiql)
	r.Get("/*", a.pages.app)
}
