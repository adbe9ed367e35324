package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
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
		Directives: generated.DirectiveRoot{Allow: allow},
	})
	callers, err := access(schema.Schema())
	if err != nil {
		return nil, err
	}
	return &gate{schema: schema.Schema(), callers: callers, refuse: refuse, next: newEngine(schema, r, log)}, nil
}

// newEngine returns the GraphQL engine behind the gate.
func newEngine(schema graphql.ExecutableSchema, r *Resolver, log *slog.Logger) *handler.Server {
	server := handler.New(schema)
	server.AddTransport(transport.GET{})
	server.AddTransport(transport.POST{})
	server.Use(extension.Introspection{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](cachedQueries))
	server.SetParserTokenLimit(maxTokens)
	server.SetDisableSuggestion(true)
	server.SetErrorPresenter(presenter(log))
	server.SetRecoverFunc(recoverer(log))
	server.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(withLoaders(ctx, r.Store))
	})
	return server
}

// gate stands before the GraphQL engine and refuses what the engine should not even look at: a document of a stranger
// that asks for more than a stranger may, and a GET that would change something.
type gate struct {
	schema  *ast.Schema
	callers map[string][]model.Caller
	refuse  Refuse
	next    http.Handler
}

// ServeHTTP answers 401 to a stranger's document with anything but public fields, 405 to a GET with a mutation, and
// passes the rest on.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), operationTime)
	defer cancel()
	r = r.WithContext(ctx)

	stranger := principal.From(ctx) == nil
	if stranger || r.Method == http.MethodGet {
		query, err := documentText(r)
		if err != nil {
			g.refuse(w, r, http.StatusBadRequest, badUserInput, i18n.Text(ctx, "graphql.BAD_USER_INPUT", "the body cannot be read"))
			return
		}
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
			g.refuse(w, r, http.StatusMethodNotAllowed, badUserInput, i18n.Text(ctx, "graphql.BAD_USER_INPUT", "a mutation must be sent with POST"))
			return
		}
	}
	g.next.ServeHTTP(w, r)
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
	var params struct {
		Query string `json:"query"`
	}
	if err := json.Unmarshal(body, &params); err != nil {
		return "", err
	}
	return params.Query, nil
}

func changes(document *ast.QueryDocument) bool {
	for _, operation := range document.Operations {
		if operation.Operation != ast.Query {
			return true
		}
	}
	return false
}
