package httpserver

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// The places of a request where a key or service token may be read by others: proxies, logs, the browser's own store.
const (
	inURL    = "URL"
	inCookie = "cookie"
	inBody   = "body"
)

const (
	// maxExposed is how many keys of one request are looked at.
	maxExposed = 3
	// exposedTime bounds how long it may take to flag them.
	exposedTime = 5 * time.Second
)

var keyForm = regexp.MustCompile(token.Pattern)

// exposure refuses requests that have an access key or a service token elsewhere than in the Authorization header, and
// has it flagged. In what follows both are a key.
type exposure struct {
	keys    Keys
	limiter *ratelimit.Limiter
	log     *slog.Logger
}

// refuses answers a request that has a key in one of the texts, which are from a place of it. It returns false when
// there is none. A key is flagged before anybody is asked who calls: who sends a key has it.
func (e exposure) refuses(w http.ResponseWriter, r *http.Request, where string, texts ...string) bool {
	found := keyForm.FindAllString(strings.Join(texts, " "), maxExposed)
	if len(found) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(r.Context(), exposedTime)
	defer cancel()
	if !e.limiter.Request(nil, audit.OriginFrom(ctx).Address).OK {
		found = nil // who sends many of them makes no work: they are refused, and not looked for
	}
	slices.Sort(found)
	for _, key := range slices.Compact(found) {
		if err := e.keys.FlagExposed(ctx, key, where); err != nil { // the request is refused all the same
			e.log.ErrorContext(ctx, "an exposed key was not flagged", "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
		}
	}
	detail := map[string]fault.Detail{inURL: fault.KeyInURL, inCookie: fault.KeyInCookie, inBody: fault.KeyInBody}[where]
	writeBadRequest(w, r, http.StatusBadRequest, fault.BadRequest{Detail: detail})
	return true
}

// checkCookie refuses a request that has a key among its cookies.
func (e exposure) checkCookie(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies := strings.Join(r.Header.Values("Cookie"), " ")
		decoded, err := url.QueryUnescape(cookies)
		if err != nil {
			decoded = ""
		}
		if !e.refuses(w, r, inCookie, cookies, decoded) {
			next.ServeHTTP(w, r)
		}
	})
}
