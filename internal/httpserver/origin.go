package httpserver

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

const requestIDHeader = "X-Request-Id"

// maxCallerID caps the characters of a caller's own request id.
const maxCallerID = 64

// proxies are the networks whose forwarding headers are believed.
type proxies struct {
	trusted *trust
	// misread is called with the shape of each address from a trusted proxy that cannot be parsed.
	misread func(shape string)
}

// trust is which networks are believed. They may change while the server runs.
type trust struct {
	networks atomic.Pointer[[]netip.Prefix]
}

func newTrust(networks []netip.Prefix) *trust {
	t := &trust{}
	t.networks.Store(&networks)
	return t
}

func (t *trust) has(address netip.Addr) bool { return isIn(*t.networks.Load(), address) }

// newProxies returns the trusted proxies of a portal. It logs only the first address that cannot be parsed, because all
// such addresses come from one setting of the proxy.
func newProxies(o Options) proxies {
	var first sync.Once
	return proxies{o.trust, func(shape string) {
		first.Do(func() {
			o.Log.Warn("a trusted proxy sends an address that cannot be read: requests count as the proxy's own", "shape", shape)
		})
		if o.Misread != nil {
			o.Misread(shape)
		}
	}}
}

// withOrigin puts the origin of a request into the context, with the id that the log and the answer show. The id is
// always the portal's own: callers could choose equal ids, or another caller's. The caller's id is logged beside it.
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

// callerIDOf returns the caller's request id in a form that is safe in a log line: at most maxCallerID characters, with
// "?" for each that is not an ASCII letter, a digit or one of a few signs.
func callerIDOf(sent string) string {
	if sent == "" {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-._:/+", r) {
			return r
		}
		return '?'
	}, fmt.Sprintf("%.*s", maxCallerID, sent))
}

// clientAddress returns the address of the caller. That is the peer's or, behind trusted proxies, the last address in
// the forwarding header that is not a trusted proxy's. Addresses to the left of it may be forged by the caller.
func (p proxies) clientAddress(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	client := peer.Addr().Unmap().WithZone("")
	for _, hop := range slices.Backward(hopsOf(r.Header)) {
		if !p.trusted.has(client) {
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

// hopsOf returns the addresses that proxies report, the nearest last: from X-Forwarded-For or, without it, from "for"
// in Forwarded (RFC 7239).
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

// addressOf parses an address as proxies write it: with or without a port, IPv6 perhaps in brackets, perhaps with
// blanks or quotes around it.
func addressOf(hop string) (netip.Addr, bool) {
	hop = strings.Trim(hop, " \t\"")
	if with, err := netip.ParseAddrPort(hop); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	alone, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(hop, "["), "]"))
	return alone.Unmap().WithZone(""), err == nil
}

// shapeOf returns the first 60 characters of a text with its content hidden: letters as a, digits as 9, others beyond
// ASCII as "?".
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
