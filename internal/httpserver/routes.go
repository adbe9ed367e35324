package httpserver

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/chaveiro/chaveiro/internal/base/etag"
)

// routes returns the handler of every address of the portal. Each Use applies to all routes below it, in order.
func routes(o Options, streams *streams, recall recall) http.Handler {
	a := &router{
		Options: o, streams: streams,
		pages:   newPages(o.Frontend, o.Organization, o.PublicURL),
		door:    newDoorkeeper(o, o.limiter),
		exposed: newExposure(o, o.limiter),
		recall:  recall,
	}
	r := chi.NewRouter()
	r.Use(
		newProxies(o).withOrigin,
		withLanguage,
		observe(o.Log, o.Measure, o.Tracer),
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
			// Browsers ask here which other origins may use the passkeys of this host.
			r.Method(http.MethodGet, protocol.WellKnownPathWebAuthn, protocol.RelatedOrigins{Origins: o.AdminOrigins})
		}
		r.Group(a.routeProviders)
		r.Group(a.routePages)
	})
	return r
}

// router holds the handlers of the addresses.
type router struct {
	Options
	streams *streams
	pages   pages
	door    doorkeeper
	exposed exposure
	recall  recall
}

// routeAPI adds the address of GraphQL.
func (a *router) routeAPI(r chi.Router) {
	r.Use(
		neverStored,
		ignoreUpgrade,
		answerHead,
		cors(adminPages(a.AdminOrigins), partners(a.CORSOrigins)),
		a.exposed.checkURL,
		a.exposed.checkCookie,
		a.door.authenticate,
		a.recall.handler,
		withCookie(a.PublicURL, a.AdminOrigins),
		a.exposed.readBody,
		etag.Handler,
		a.streams.handler,
	)
	r.Handle(apiPath, a.GraphQL)
}

// routeExports adds the addresses of the audit trail as a file.
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
	r.Options("/export/{file}", http.NotFound) // a preflight, which cors has answered before
}

// routeProviders adds the addresses for merchants and providers.
func (a *router) routeProviders(r chi.Router) {
	r.Use(middleware.RequestSize(maxWebhook))
	install := installPages{
		installs: a.Installs, house: a.Organization, contacts: a.Contacts, publicURL: a.PublicURL, limiter: a.limiter,
		log: a.Log,
	}
	r.Group(func(r chi.Router) {
		r.Use(install.counted)
		r.Get("/install/link/{link}", install.invitation)
		r.Post("/install/link/{link}", install.begin)
		r.Post("/install/link/{link}/decline", install.decline)
		r.Get("/install/end", install.end)
		r.Get("/install/{provider}/callback", install.callback)
	})
	r.Post("/webhooks/{provider}", install.webhook)
	r.Post("/webhooks/{provider}/{topic}", install.webhook)
}

// routePages adds the addresses of the admin page. Only these are compressed, because they are the same for all
// callers. A compressor would delay an event stream, and the length of a compressed answer can reveal a secret in it.
func (a *router) routePages(r chi.Router) {
	r.Use(middleware.Compress(5))
	r.Get("/assets/*", a.pages.asset)
	r.Get("/graphiql", a.pages.graphiql)
	r.Get("/*", a.pages.app)
}
