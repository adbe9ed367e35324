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
	pages := newPages(o.Frontend, o.Organization, o.PublicURL)
	limiter := ratelimit.New(o.Rates, time.Now)
	door := newDoorkeeper(o, limiter)
	exposed := exposure{keys: o.Keys, limiter: limiter, log: o.Log}

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
	r.MethodNotAllowed(pages.nothing)
	r.Get("/healthz", alive)
	r.Get("/readyz", ready(o.Ready, o.Log))

	r.Group(func(r chi.Router) {
		r.Use(ownHost(o.PublicURL))

		r.Group(func(r chi.Router) {
			r.Use(
				neverStored,
				ignoreUpgrade,
				answerHead,
				cors(adminPages(o.AdminOrigins), partners(o.CORSOrigins)),
				exposed.checkURL,
				exposed.checkCookie,
				door.authenticate,
				withCookie(o.PublicURL, o.AdminOrigins),
				exposed.checkBody,
				etag.Handler,
				streams.handler,
			)
			r.Handle(apiPath, o.GraphQL)
		})

		r.Group(func(r chi.Router) {
			r.Use(
				neverStored,
				cors(adminPages(o.AdminOrigins)),
				exposed.checkURL,
				door.authenticate,
			)
			export := auditExport{trail: o.Trail, log: o.Log}
			r.Get("/export/audit.csv", export.csv)
			r.Get("/export/audit.xlsx", export.xlsx)
			r.Get("/export/audit.jsonl", export.jsonLines)
			r.Options("/export/{file}", http.NotFound) // for cors, which comes before
		})

		if len(o.AdminOrigins) > 0 {
			// Browsers ask here whether a page of another host may use the passkeys of this one.
			r.Method(http.MethodGet, protocol.WellKnownPathWebAuthn, protocol.RelatedOrigins{Origins: o.AdminOrigins})
		}

		r.Group(func(r chi.Router) {
			r.Use(middleware.RequestSize(maxWebhook))
			install := installPages{installs: o.Installs, publicURL: o.PublicURL, limiter: limiter, log: o.Log}
			r.Group(func(r chi.Router) {
				r.Use(install.counted)
				r.Get("/install/link/{link}", install.invitation)
				r.Post("/install/link/{link}", install.begin)
				r.Get("/install/end", install.end)
				r.Get("/install/{provider}/callback", install.callback)
			})
			r.Post("/webhooks/{provider}", install.webhook)
			r.Post("/webhooks/{provider}/{topic}", install.webhook)
		})

		r.Group(func(r chi.Router) {
			// Only what is the same for everybody is compressed, and no event stream: a stream would be held back, and a
			// compressed secret tells of itself by its length.
			r.Use(middleware.Compress(5))
			r.Get("/assets/*", pages.asset)
			r.Get("/graphiql", pages.graphiql)
			r.Get("/*", pages.app)
		})
	})
	return r
}
