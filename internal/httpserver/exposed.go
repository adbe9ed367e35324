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

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/graphqlhttp"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/recent"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// The places of a request where others may read a key or service token: proxies, logs, the browser's store.
const (
	inURL    = "URL"
	inCookie = "cookie"
	inBody   = "body"
)

const (
	// maxExposed caps the keys of one request that are flagged.
	maxExposed = 3
	// exposedTime limits the time for flagging them.
	exposedTime = 5 * time.Second
)

var keyForm = regexp.MustCompile(token.Pattern)

// exposure refuses requests with an access key or a service token outside the Authorization header, and flags it.
// Below, "key" means both.
type exposure struct {
	keys    Keys
	limiter *ratelimit.Limiter
	log     *slog.Logger
	// queries are the requests of query strings without a key that were read before: back-offices poll with the same.
	queries *lru.Cache[string, graphqlhttp.Request]
}

// maxQueries caps the query strings that are kept as read. None is longer than maxQueryString.
const maxQueries = 200

func newExposure(o Options, limiter *ratelimit.Limiter) exposure {
	queries := recent.New[string, graphqlhttp.Request](maxQueries)
	return exposure{keys: o.Keys, limiter: limiter, log: o.Log, queries: queries}
}

// refuses answers a request that has a key in one of the texts, which come from the place where. It returns false when
// there is none. It flags the key before authentication: any sender of a key has the key.
func (e exposure) refuses(w http.ResponseWriter, r *http.Request, where string, texts ...string) bool {
	text := strings.Join(texts, " ")
	if !strings.Contains(text, keyPrefix) { // a tenth of what the expression costs
		return false
	}
	found := keyForm.FindAllString(text, maxExposed)
	if len(found) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(r.Context(), exposedTime)
	defer cancel()
	if !e.limiter.Request(nil, audit.OriginFrom(ctx).Address).OK {
		found = nil // over the rate: refuse without a look-up
	}
	slices.Sort(found)
	for _, key := range slices.Compact(found) {
		if err := e.keys.FlagExposed(ctx, key, where); err != nil { // the request is refused anyway
			e.log.ErrorContext(ctx, "flag an exposed key", "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
		}
	}
	detail := map[string]fault.Detail{inURL: fault.KeyInURL, inCookie: fault.KeyInCookie, inBody: fault.KeyInBody}[where]
	writeBadRequest(w, r, http.StatusBadRequest, fault.BadRequest{Detail: detail})
	return true
}

// checkCookie refuses a request with a key among its cookies.
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
