package graph

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/documentlimit"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/graphqlhttp"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/remember"
)

// Limits on the tokens of a document. Validation costs more than the length suggests: some rules take quadratic time.
const (
	maxTokens          = 1000
	maxTokensAnonymous = 200
)

// limits apply to documents of operators and access keys; unauthenticated callers get a lower complexity. The depth of
// introspection is what the standard query of GraphQL.js needs.
var limits = documentlimit.Limits{
	Depth: 10, Introspection: 15,
	Aliases: 30, RootFields: 10, MutationFields: 1,
	SameField:  100,
	Directives: 50, NodeDirectives: 5,
	Fragments:  20,
	Complexity: 5000,
	Text:       16 << 10,
	Once:       "login",
}

const maxComplexityAnonymous = 100

// gate stands before the GraphQL engine. It refuses an unauthenticated caller's document with non-public fields, a
// document that would cost more than its limits, and a GET that would change something.
type gate struct {
	schema    *ast.Schema
	callers   map[string][]model.Caller
	documents documentCache
	refuse    Refuse
	next      http.Handler
}

// ServeHTTP answers 401 to an unauthenticated document with non-public fields, and 405 to a GET with a mutation or
// subscription. It answers 400 to a document that cannot be parsed or exceeds a limit, and 429 to an access key over
// its rate. It passes the rest on.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	request := graphqlhttp.From(ctx)
	if namesDocument(request) {
		// The protocol's clients expect status 200.
		g.turnAway(w, r, http.StatusOK, persistedQueryNotSupported, notSupported)
		return
	}
	stranger := principal.From(ctx) == nil
	document, err := g.parse(ctx, request.Query, stranger)
	if err == nil {
		noteOperation(ctx, document.Operations.ForName(request.OperationName))
	}
	switch {
	case stranger && (err != nil || !public(g.schema, g.callers, document)):
		g.turnAway(w, r, http.StatusUnauthorized, fault.Unauthenticated, i18n.Text(ctx, "graphql.UNAUTHENTICATED"))
		return
	case isTokenLimit(err):
		g.exceeded(w, r, documentlimit.Exceeded{Code: fault.LimitTokens, Limit: maxTokens})
		return
	case err != nil: // the engine reports the position
		g.next.ServeHTTP(w, withWriter(r, w))
		return
	case r.Method == http.MethodGet && changes(document):
		w.Header().Set("Allow", http.MethodPost)
		g.turnAway(w, r, http.StatusMethodNotAllowed, badUserInput,
			i18n.BadRequest(ctx, fault.BadRequest{Detail: fault.GetChanges}))
		return
	}

	allowed := limits
	if stranger {
		allowed.Complexity = maxComplexityAnonymous
	}
	complexity, err := allowed.Check(ctx, g.schema, document, request.Variables)
	var exceeded documentlimit.Exceeded
	if errors.As(err, &exceeded) {
		g.exceeded(w, r, exceeded)
		return
	}
	if err != nil { // the caller has disconnected
		g.turnAway(w, r, http.StatusServiceUnavailable, fault.Busy, i18n.Text(ctx, "graphql.BUSY"))
		return
	}
	if answer := ratelimit.Spend(ctx, complexity); !answer.OK {
		answer.SetHeaders(w.Header())
		g.turnAway(w, r, http.StatusTooManyRequests, fault.RateLimited,
			i18n.Text(ctx, "graphql.RATE_LIMITED", answer.RetryAfter))
		return
	}
	remember.From(ctx).Cost(complexity)
	g.next.ServeHTTP(w, withWriter(r, w))
}

// parse returns the parsed document, from the cache of validated documents if it is there.
func (g *gate) parse(ctx context.Context, text string, stranger bool) (*ast.QueryDocument, error) {
	if stranger {
		return parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokensAnonymous)
	}
	if document, ok := g.documents.Get(ctx, text); ok {
		return document, nil
	}
	return parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
}

// isTokenLimit reports whether the parser stopped at the token limit. The parser reports that only as text.
func isTokenLimit(err error) bool {
	return err != nil && strings.Contains(err.Error(), "exceeded token limit")
}

// turnAway refuses a request and measures the refusal.
func (g *gate) turnAway(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal, message string) {
	noteError(r.Context(), code)
	g.refuse(w, r, status, code, message)
}

// exceeded refuses a document that exceeds a limit.
func (g *gate) exceeded(w http.ResponseWriter, r *http.Request, e documentlimit.Exceeded) {
	var numbers []any
	for _, n := range []int{e.Limit, e.Found} {
		if n > 0 {
			numbers = append(numbers, n)
		}
	}
	g.turnAway(w, r, http.StatusBadRequest, e.Code, i18n.Text(r.Context(), "graphql."+string(e.Code), numbers...))
}

func changes(document *ast.QueryDocument) bool {
	for _, operation := range document.Operations {
		if operation.Operation != ast.Query {
			return true
		}
	}
	return false
}

// Limits of the cache of validated documents: how many, and the bytes of each.
const (
	cachedDocuments   = 200
	maxCachedDocument = 8 << 10
)

// documentCache keeps validated documents of authenticated callers. An unauthenticated caller can neither fill it nor
// learn from its timing what others send.
type documentCache struct {
	known graphql.Cache[*ast.QueryDocument]
}

func newDocumentCache() documentCache {
	return documentCache{lru.New[*ast.QueryDocument](cachedDocuments)}
}

// Get returns a cached document.
func (c documentCache) Get(ctx context.Context, text string) (*ast.QueryDocument, bool) {
	if principal.From(ctx) == nil {
		return nil, false
	}
	return c.known.Get(ctx, text)
}

// Add caches a document, unless it is too large.
func (c documentCache) Add(ctx context.Context, text string, document *ast.QueryDocument) {
	if principal.From(ctx) != nil && len(text) <= maxCachedDocument {
		c.known.Add(ctx, text, document)
	}
}
