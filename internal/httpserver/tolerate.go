package httpserver

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// apiPath is the address of the API.
const apiPath = "/graphql"

// routeAPIPath serves the API also where its address has slashes too many, as it has in a program that joins a base
// address and a path. Nothing is redirected: many a client turns a redirected POST into a GET.
func routeAPIPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if strings.HasPrefix(path, "/") && "/"+strings.Trim(path, "/") == apiPath {
			chi.RouteContext(r.Context()).RoutePath = apiPath
		}
		next.ServeHTTP(w, r)
	})
}

// ignoreUpgrade drops the offer to go on in another protocol, which nobody has to take up (RFC 9110, 7.8): Java's
// HttpClient and curl offer HTTP/2 so. The engine would refuse the request because of it.
func ignoreUpgrade(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			r = r.Clone(r.Context())
			r.Header.Del("Upgrade")
		}
		next.ServeHTTP(w, r)
	})
}

// answerHead lets a HEAD be answered as the GET that it stands for. The server itself leaves the body out, as it goes
// by the request that it read.
func answerHead(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// isPlain reports whether a Content-Encoding says that the body is as it is. Some components write the character
// encoding there.
func isPlain(contentEncoding string) bool {
	switch strings.ToLower(strings.TrimSpace(contentEncoding)) {
	case "", "identity", "utf-8", "utf8":
		return true
	default:
		return false
	}
}

// isUTF8 reports whether a charset is the only encoding that JSON has.
func isUTF8(charset string) bool {
	charset = strings.ToLower(charset)
	return charset == "utf-8" || charset == "utf8"
}

// withoutMark returns a body without the byte order mark that some programs write before it.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }
