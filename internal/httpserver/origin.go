package httpserver

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

const requestIDHeader = "X-Request-Id"

// maxCallerID is how many characters of a caller's own id of a request are kept.
const maxCallerID = 64

// proxies are the networks whose word on where a request came from is believed.
type proxies struct {
	trusted []netip.Prefix
	// misread is told the shape of each address of theirs that cannot be read.
	misread func(shape string)
}

// newProxies returns the trusted proxies of a portal. The log has the first address that cannot be read: they all come
// from one setting of the proxy.
func newProxies(o Options) proxies {
	var first sync.Once
	return proxies{o.TrustedProxies, func(shape string) {
		first.Do(func() {
			o.Log.Warn("a trusted proxy sends an address that cannot be read: its own is taken for its callers'", "shape", shape)
		})
		if o.Misread != nil {
			o.Misread(shape)
		}
	}}
}

// withOrigin puts into the context where a request came from, and the id that names it here and in the answer. That is
// the portal's own always: two callers may choose the same, and one may choose that of another's request. What the
// caller calls the request is kept beside it, for the log.
func (p proxies) withOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		w.Header().Set(requestIDHeader, id)
		ctx := audit.WithOrigin(r.Context(), audit.Origin{
			Address: p.clientAddress(r), RequestID: id, CallerRequestID: callerIDOf(r.Header.Get(requestIDHeader)),
		})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// callerIDOf returns what a caller calls its request, as the log may have it: at most maxCallerID characters, of which
// none can be mistaken for anything else in a line.
func callerIDOf(sent string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-._:/+", r) {
			return r
		}
		return '?'
	}, fmt.Sprintf("%.*s", maxCallerID, sent))
}

// clientAddress returns the address of whoever sent the request: the peer's, or, when the peer is a trusted proxy,
// the last one that it says it came by which no trusted proxy has. What stands left of that was written by the caller.
func (p proxies) clientAddress(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	client := peer.Addr().Unmap().WithZone("")
	for _, hop := range slices.Backward(hopsOf(r.Header)) {
		if !isIn(p.trusted, client) {
			break
		}
		before, ok := addressOf(hop)
		if !ok {
			p.misread(shapeOf(hop))
			break
		}
		client = before
	}
	return client.String()
}

// hopsOf returns what proxies say a request came by, the nearest last: X-Forwarded-For, or without it what Forwarded
// (RFC 7239) has for each.
func hopsOf(h http.Header) []string {
	if lines := h.Values("X-Forwarded-For"); len(lines) > 0 {
		return strings.Split(strings.Join(lines, ","), ",")
	}
	lines := h.Values("Forwarded")
	if len(lines) == 0 {
		return nil
	}
	var hops []string
	for element := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		hop := ""
		for pair := range strings.SplitSeq(element, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "for") {
				hop = value
			}
		}
		hops = append(hops, hop)
	}
	return hops
}

// addressOf reads an address as proxies write it: alone or with a port, of IPv6 also in brackets, with blanks or quotes
// around.
func addressOf(hop string) (netip.Addr, bool) {
	hop = strings.Trim(hop, " \t\"")
	if with, err := netip.ParseAddrPort(hop); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	alone, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(hop, "["), "]"))
	return alone.Unmap().WithZone(""), err == nil
}

// shapeOf returns what a text looks like, without what it says: its letters as a and its digits as 9, of the first 60.
func shapeOf(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsLetter(r):
			return 'a'
		case r < ' ' || r > '~':
			return '?'
		default:
			return r
		}
	}, fmt.Sprintf("%.60s", text))
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
