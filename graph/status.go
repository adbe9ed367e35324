package graph

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

type writerKey struct{}

// withWriter lets sayWait set a status other than 200, unless the answer is an event stream.
func withWriter(r *http.Request, w http.ResponseWriter) *http.Request {
	if acceptsStream(r.Header) {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), writerKey{}, w))
}

// sayWait answers 503 to an operation that failed only because the portal is busy, and 429 to one that failed only
// because a log-in is throttled. Proxies and old programs understand these statuses without reading the body, and
// retry.
func sayWait(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	w, ok := ctx.Value(writerKey{}).(http.ResponseWriter)
	if !ok || response == nil {
		return response
	}
	if status, seconds := waitOf(response); status != 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		w.WriteHeader(status) // the engine writes the body, and sets no status
	}
	return response
}

// waitOf returns the status and the seconds to wait of a response that only asks the caller to retry; 0 of any other.
func waitOf(response *graphql.Response) (status, seconds int) {
	if data := bytes.TrimSpace(response.Data); len(data) > 0 && string(data) != "null" {
		return 0, 0
	}
	for _, err := range response.Errors {
		switch err.Extensions["code"] {
		case string(fault.Busy):
			status, seconds = http.StatusServiceUnavailable, max(seconds, 1)
		case string(throttled):
			wait, _ := err.Extensions[retryAfter].(int)
			status, seconds = http.StatusTooManyRequests, max(seconds, wait)
		default:
			return 0, 0
		}
	}
	return status, seconds
}
