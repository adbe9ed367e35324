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

// readRequest gives the engine the request that is already parsed, in place of what the engine's transports parse.
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

// withoutBody returns a request without a query string and with an empty body, for the engine's transports.
func withoutBody(r *http.Request) *http.Request {
	empty := *r
	empty.URL = &url.URL{Path: r.URL.Path}
	empty.Body = io.NopCloser(strings.NewReader("{}"))
	return &empty
}

// persistedQueryNotSupported is a code and notSupported a message. Clients of the persisted query protocol send the
// whole document when they get them.
const (
	persistedQueryNotSupported fault.Refusal = "PERSISTED_QUERY_NOT_SUPPORTED"
	notSupported               string        = "PersistedQueryNotSupported"
)

// namesDocument reports whether a request has the hash of a document in place of its text.
func namesDocument(request graphqlhttp.Request) bool {
	_, hashed := request.Extensions["persistedQuery"]
	return hashed && request.Query == ""
}
