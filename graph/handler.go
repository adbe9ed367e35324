package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chaveiro/chaveiro/graph/generated"
	"github.com/chaveiro/chaveiro/graph/model"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/i18n"
)

const (
	// maxTokens bounds a document: validation costs more than its length says.
	maxTokens          = 1000
	maxTokensAnonymous = 200
	// operationTime bounds an operation with all its statements.
	operationTime = 10 * time.Second
	cachedQueries = 200
	// keepAlive is how often a silent event stream says that it is there, so that no proxy takes it for dead.
	keepAlive = 15 * time.Second
)

// Schema returns the GraphQL schema.
func Schema() *ast.Schema {
	return generated.NewExecutableSchema(generated.Config{}).Schema()
}

// Refuse answers a request that GraphQL does not look at, with a status and one error.
type Refuse func(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal, message string)

// NewHandler returns the handler of POST and GET /graphql. It expects a request whose principal and language are in
// its context and whose body has been read to be JSON of a bounded size. It returns an error when a root field of the
// schema does not say who may call it.
func NewHandler(r *Resolver, refuse Refuse, log *slog.Logger) (http.Handler, error) {
	schema := generated.NewExecutableSchema(generated.Config{
		Resolvers:  r,
		Directives: generated.DirectiveRoot{Allow: allow, RecentLogin: recentLogin(r.Now)},
	})
	return newGate(schema, r, refuse, log)
}

// newGate returns the gate before the engine of a schema.
func newGate(schema graphql.ExecutableSchema, r *Resolver, refuse Refuse, log *slog.Logger) (http.Handler, error) {
	callers, err := access(schema.Schema())
	if err != nil {
		return nil, err
	}
	return &gate{schema: schema.Schema(), callers: callers, refuse: refuse, next: newEngine(schema, r, log)}, nil
}

// newEngine returns the GraphQL engine behind the gate.
func newEngine(schema graphql.ExecutableSchema, r *Resolver, log *slog.Logger) *handler.Server {
	server := handler.New(schema)
	server.AddTransport(transport.SSE{KeepAlivePingInterval: keepAlive}) // before POST, which would take its requests
	server.AddTransport(transport.GET{})
	server.AddTransport(transport.POST{})
	server.Use(extension.Introspection{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](cachedQueries))
	server.SetParserTokenLimit(maxTokens)
	server.SetDisableSuggestion(true)
	server.SetErrorPresenter(presenter(log))
	server.SetRecoverFunc(recoverer(log))
	server.AroundOperations(bounded)
	server.AroundOperations(unlessUnchanged(r.Store))
	// A query has one response; a subscription has one for each event, and reads its rows again for each. What begins a
	// subscription has no loaders: it would hand on rows of long ago.
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		return next(withLoaders(ctx, r.Store, r.Now))
	})
	return server
}

// bounded gives an operation its time. A subscription has no such limit, but needs an event stream: without one its
// caller would wait for the first event, and never get the second.
func bounded(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	request := graphql.GetOperationContext(ctx)
	if request.Operation.Operation == ast.Subscription {
		if !acceptsStream(request.Headers) {
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{
				refuse(ctx, badUserInput, i18n.Text(ctx, "graphql.BAD_USER_INPUT", "a subscription must be sent with Accept: text/event-stream")),
			}})
		}
		return next(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, operationTime)
	respond := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		defer cancel() // the response is whole, and there is no other
		return respond(ctx)
	}
}

// acceptsStream reports whether a POST with these headers is answered with Server-Sent Events.
func acceptsStream(header http.Header) bool {
	return strings.Contains(header.Get("Accept"), "text/event-stream")
}

// gate stands before the GraphQL engine and refuses what the engine should not even look at: a document of a stranger
// that asks for more than a stranger may, a GET that would change something, and a body that is no GraphQL request, which
// the engine would repeat, in the answer and even in the log.
type gate struct {
	schema  *ast.Schema
	callers map[string][]model.Caller
	refuse  Refuse
	next    http.Handler
}

// ServeHTTP answers 401 to a stranger's document with anything but public fields, 405 to a GET with a mutation or a
// subscription, 400 to what cannot be read, and passes the rest on.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	query, err := documentText(r)
	if err != nil {
		g.refuse(w, r, http.StatusBadRequest, badUserInput, i18n.Text(ctx, "graphql.BAD_USER_INPUT", "the body cannot be read"))
		return
	}
	stranger := principal.From(ctx) == nil
	if stranger || r.Method == http.MethodGet {
		limit := maxTokens
		if stranger {
			limit = maxTokensAnonymous
		}
		document, parseErr := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, limit)
		switch {
		case stranger && (parseErr != nil || !public(g.schema, g.callers, document)):
			g.refuse(w, r, http.StatusUnauthorized, fault.Unauthenticated, i18n.Text(ctx, "graphql.UNAUTHENTICATED"))
			return
		case r.Method == http.MethodGet && parseErr == nil && changes(document):
			w.Header().Set("Allow", http.MethodPost)
			g.refuse(w, r, http.StatusMethodNotAllowed, badUserInput, i18n.Text(ctx, "graphql.BAD_USER_INPUT", "only a query may be sent with GET"))
			return
		}
	}
	withStatus(g.next, w, r)
}

// documentText returns the GraphQL document of a request, and leaves the body as it was.
func documentText(r *http.Request) (string, error) {
	if r.Method == http.MethodGet {
		return r.URL.Query().Get("query"), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var params graphql.RawParams // decoded as the engine does, so that what is read here is read there
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err = decoder.Decode(&params)
	return params.Query, err
}

func changes(document *ast.QueryDocument) bool {
	for _, operation := range document.Operations {
		if operation.Operation != ast.Query {
			return true
		}
	}
	return false
}
