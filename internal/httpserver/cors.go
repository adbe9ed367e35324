package httpserver

import (
	"net/http"
	"slices"
)

// caller is a kind of page from another origin.
type caller struct {
	origins []string
	// headers lists the headers that its requests may have.
	headers string
	// cookies allows its requests to send and receive the portal's cookies.
	cookies bool
}

// partners are pages that call the API with their own credential in the Authorization header. They cannot use the
// cookie.
func partners(origins []string) caller {
	return caller{origins: origins, headers: "Authorization, Content-Type, If-None-Match, X-Request-Id"}
}

// adminPages are copies of the admin page that are hosted elsewhere. Package cookie decides what the cookie allows
// them, and with which proof.
func adminPages(origins []string) caller {
	return caller{origins: origins, headers: "Authorization, Content-Type, X-Chaveiro-CSRF", cookies: true}
}

// cors lets pages of the listed origins call the API. An origin must match an entry exactly. Pages of any other origin
// get an answer that the browser withholds from them.
func cors(callers ...caller) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if !slices.ContainsFunc(callers, func(c caller) bool { return len(c.origins) > 0 }) {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Add("Vary", "Origin")
			origin := r.Header.Get("Origin")
			i := slices.IndexFunc(callers, func(c caller) bool { return slices.Contains(c.origins, origin) })
			if i < 0 {
				next.ServeHTTP(w, r)
				return
			}
			h.Set("Access-Control-Allow-Origin", origin)
			if callers[i].cookies {
				h.Set("Access-Control-Allow-Credentials", "true")
			}
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", "POST, GET")
				h.Set("Access-Control-Allow-Headers", callers[i].headers)
				h.Set("Access-Control-Max-Age", "600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
			h.Set("Access-Control-Expose-Headers",
				"ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id")
			next.ServeHTTP(w, r)
		})
	}
}
