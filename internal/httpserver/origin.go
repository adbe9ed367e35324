package httpserver

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/i18n"
)

const requestIDHeader = "X-Request-Id"

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// withOrigin puts into the context where a request came from, and the id that names it here and in the answer. A
// caller may bring an id of its own, as long as it cannot be mistaken for anything else in a log.
func withOrigin(trusted []netip.Prefix) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := r.Header.Get(requestIDHeader)
			if !requestIDForm.MatchString(id) {
				id = rand.Text()
			}
			w.Header().Set(requestIDHeader, id)
			ctx := audit.WithOrigin(r.Context(), audit.Origin{Address: clientAddress(r, trusted), RequestID: id})
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// clientAddress returns the address of whoever sent the request: the peer's, or, when the peer is a trusted proxy,
// the last one in X-Forwarded-For that no trusted proxy has. What stands left of that was written by the caller.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	client := peer.Addr().Unmap().WithZone("")

	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, entry := range slices.Backward(forwarded) {
		if !isIn(trusted, client) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(entry))
		if err != nil {
			break
		}
		client = before.Unmap().WithZone("")
	}
	return client.String()
}

func isIn(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(address) })
}

func withLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := i18n.With(r.Context(), i18n.Match(r.Header.Get("Accept-Language")))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
