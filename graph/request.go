package graph

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/graphqlhttp"
)

// readRequest gives the engine the request that was read already, in place of what its transports read.
type readRequest struct{}

// ExtensionName implements graphql.HandlerExtension.
func (readRequest) ExtensionName() string { return "ReadRequest" }

// Validate implements graphql.HandlerExtension.
func (readRequest) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements graphql.OperationParameterMutator.
func (readRequest) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	request := graphqlhttp.From(ctx)
	params.Query, params.OperationName = request.Query, request.OperationName
	params.Variables, params.Extensions = request.Variables, request.Extensions
	return nil
}

// withoutBody returns a request in which the engine's transports find nothing to read.
func withoutBody(r *http.Request) *http.Request {
	empty := *r
	empty.URL = &url.URL{Path: r.URL.Path}
	empty.Body = io.NopCloser(strings.NewReader("{}"))
	return &empty
}

// persistedQueryNotSupported is the code, and notSupported the message, by which clients of the protocol of persisted
// queries know that they have to send the whole document.
const (
	persistedQueryNotSupported fault.Refusal = "PERSISTED_QUERY_NOT_SUPPORTED"
	notSupported               string        = "PersistedQueryNotSupported"
)

// namesDocument reports whether a request has the hash of a document instead of it.
func namesDocument(request graphqlhttp.Request) bool {
	_, hashed := request.Extensions["persistedQuery"]
	return hashed && request.Query == ""
}
