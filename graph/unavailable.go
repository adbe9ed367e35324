package graph

import (
	"bytes"
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"github.com/chaveiro/chaveiro/internal/fault"
)

type writerKey struct{}

// withWriter lets the answer to a request have another status than 200, unless it is a stream of answers.
func withWriter(r *http.Request, w http.ResponseWriter) *http.Request {
	if acceptsStream(r.Header) {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), writerKey{}, w))
}

// sayUnavailable answers 503 where nothing came of an operation but that the portal cannot do it now: proxies and
// programs know that without reading the answer, and try again.
func sayUnavailable(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if w, ok := ctx.Value(writerKey{}).(http.ResponseWriter); ok && response != nil && isUnavailable(response) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable) // the engine writes the body, and no status of its own
	}
	return response
}

func isUnavailable(response *graphql.Response) bool {
	if data := bytes.TrimSpace(response.Data); len(data) > 0 && string(data) != "null" {
		return false
	}
	for _, err := range response.Errors {
		if err.Extensions["code"] != string(fault.Busy) {
			return false
		}
	}
	return len(response.Errors) > 0
}
