package httpserver

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// apiPath is the address of the API.
const apiPath = "/graphql"

// routeAPIPath serves the API also at addresses with extra slashes, as a program makes that joins a base address and a
// path. It does not redirect: many clients turn a redirected POST into a GET.
func routeAPIPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if strings.HasPrefix(path, "/") && "/"+strings.Trim(path, "/") == apiPath {
			chi.RouteContext(r.Context()).RoutePath = apiPath
		}
		next.ServeHTTP(w, r)
	})
}

// ignoreUpgrade drops an offer to switch the protocol, which a server may ignore (RFC 9110, 7.8). Java's HttpClient and
// curl offer HTTP/2 this way, and the GraphQL engine would refuse the request.
func ignoreUpgrade(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			r = r.Clone(r.Context())
			r.Header.Del("Upgrade")
		}
		next.ServeHTTP(w, r)
	})
}

// answerHead answers a HEAD as the GET that it stands for. net/http leaves the body out, because it goes by the
// original request.
func answerHead(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// isPlain reports whether a Content-Encoding means an unencoded body. Some client libraries write the character
// encoding there.
func isPlain(contentEncoding string) bool {
	switch strings.ToLower(strings.TrimSpace(contentEncoding)) {
	case "", "identity", "utf-8", "utf8":
		return true
	default:
		return false
	}
}

// isUTF8 reports whether a charset is UTF-8, the only encoding of JSON.
func isUTF8(charset string) bool {
	charset = strings.ToLower(charset)
	return charset == "utf-8" || charset == "utf8"
}

// withoutMark returns a body without a leading byte order mark, which some programs write.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }
