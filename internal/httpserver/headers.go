package httpserver

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/cookie"
)

// securityHeaders sets the headers that every answer has. The pages add their content security policy.
func securityHeaders(publicURL *url.URL) func(http.Handler) http.Handler {
	// All answers share these values: none is ever changed, only replaced.
	every := http.Header{}
	every.Set("X-Content-Type-Options", "nosniff")
	every.Set("Referrer-Policy", "no-referrer")
	every.Set("Cross-Origin-Opener-Policy", "same-origin")
	every.Set("Cross-Origin-Resource-Policy", "same-origin")
	every.Set("X-Frame-Options", "DENY")
	every.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	if publicURL.Scheme == "https" {
		every.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			maps.Copy(w.Header(), every)
			next.ServeHTTP(w, r)
		})
	}
}

// ownHost refuses a request whose Host is not the portal's: another name may point at this address (DNS rebinding). A
// proxy in front must pass the Host header on.
func ownHost(publicURL *url.URL) func(http.Handler) http.Handler {
	own := hostAndPort(publicURL.Host, publicURL.Scheme)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if hostAndPort(r.Host, publicURL.Scheme) != own {
				http.Error(w, fmt.Sprintf("This is not the address of the portal. It is %s", publicURL),
					http.StatusMisdirectedRequest)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// hostAndPort returns a host in lower case, without the port if that is the default of the scheme.
func hostAndPort(host, scheme string) string {
	implied := map[string]string{"http": ":80", "https": ":443"}[scheme]
	return strings.TrimSuffix(strings.ToLower(host), implied)
}

// neverStored keeps the API's answers out of every cache. The GraphQL layer lifts this for answers with an ETag.
func neverStored(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Authorization, Accept-Language")
		next.ServeHTTP(w, r)
	})
}

// withCookie puts access to the refresh cookie into the context.
func withCookie(publicURL *url.URL, adminOrigins []string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			jar := cookie.New(w, r, publicURL, adminOrigins)
			next.ServeHTTP(w, r.WithContext(cookie.With(r.Context(), jar)))
		})
	}
}
