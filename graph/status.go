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

// withWriter lets the answer to a request have another status than 200, unless it is a stream of answers.
func withWriter(r *http.Request, w http.ResponseWriter) *http.Request {
	if acceptsStream(r.Header) {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), writerKey{}, w))
}

// sayWait answers 503 where nothing came of an operation but that the portal cannot do it now, and 429 where nothing
// came of it but that a log-in has to wait: proxies and old programs know those without reading the answer, and try
// again later.
func sayWait(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	w, ok := ctx.Value(writerKey{}).(http.ResponseWriter)
	if !ok || response == nil {
		return response
	}
	if status, seconds := waitOf(response); status != 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		w.WriteHeader(status) // the engine writes the body, and no status of its own
	}
	return response
}

// waitOf returns the status of a response that is only an advice to wait, and for how many seconds; 0 of any other.
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
