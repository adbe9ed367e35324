package graph

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/chaveiro/chaveiro/graph/generated"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

const (
	// operationTime limits an operation with all its statements, unless longer has a limit for one of its root fields.
	operationTime = 5 * time.Second
	// maxErrors caps how many errors one response has.
	maxErrors = 10
	// keepAlive is the interval of keep-alive messages on a silent event stream, so that no proxy closes it.
	keepAlive = 15 * time.Second
)

// longer has the time limits of root fields that may wait for more than the database.
var longer = map[string]time.Duration{
	// They wait for a provider: for its test, or for a renewal that is running.
	"testMarketplace": 10 * time.Second, "testMarketplaceConfig": 10 * time.Second,
	"reportMarketplaceFailure": 10 * time.Second, "integration": 10 * time.Second,
	// It waits for the house's log-in and the shop's credentials. The limit is below the server's limit for an answer.
	"connectMarketplace": 27 * time.Second,
	// Hashing a password takes long on a busy processor.
	"login": 10 * time.Second, "reauthenticate": 10 * time.Second, "changePassword": 10 * time.Second,
	"setPassword": 10 * time.Second, "createFirstAdministrator": 10 * time.Second,
}

// Schema returns the GraphQL schema: the generated one without the directive defer, which the parser adds. No transport
// here sends answers in parts.
var Schema = sync.OnceValue(func() *ast.Schema {
	schema := *generated.NewExecutableSchema(generated.Config{}).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
})

// Refuse answers a request before it reaches GraphQL, with a status and one error.
type Refuse func(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal, message string)

// NewHandler returns the handler of POST and GET /graphql. It reads no body: it expects the principal, the language and
// a graphqlhttp.Request in the context. It returns an error when a root field of the schema lacks the directive allow.
func NewHandler(r *Resolver, refuse Refuse, log *slog.Logger) (http.Handler, error) {
	schema := generated.NewExecutableSchema(generated.Config{
		Schema:     Schema(),
		Resolvers:  r,
		Directives: generated.DirectiveRoot{Allow: allow(r.Denials), RecentLogin: recentLogin(r.Now, r.Denials)},
	})
	return newGate(schema, r, refuse, log)
}

// newGate returns the gate before the engine of a schema.
func newGate(schema graphql.ExecutableSchema, r *Resolver, refuse Refuse, log *slog.Logger) (http.Handler, error) {
	callers, err := access(schema.Schema())
	if err != nil {
		return nil, err
	}
	documents := newDocumentCache()
	return measureOperation(r.Measure, r.Tracer, schema.Schema(), &gate{
		schema:    schema.Schema(),
		callers:   callers,
		documents: documents,
		refuse:    refuse,
		next:      newEngine(schema, r, documents, log),
	}), nil
}

// newEngine returns the GraphQL engine behind the gate.
func newEngine(schema graphql.ExecutableSchema, r *Resolver, documents documentCache, log *slog.Logger) http.Handler {
	server := handler.New(schema)
	server.AddTransport(transport.SSE{KeepAlivePingInterval: keepAlive}) // before POST, which would take its requests
	server.AddTransport(plain{transport.GET{}})
	server.AddTransport(plain{transport.POST{}})
	if !r.HideSchema {
		server.Use(extension.Introspection{})
	}
	server.Use(readRequest{})
	server.SetQueryCache(documents)
	server.SetParserTokenLimit(maxTokens)
	server.SetDisableSuggestion(true)
	server.SetValidationRulesFn(rulesWithoutSuggestions)
	server.SetErrorPresenter(presenter(log))
	server.SetRecoverFunc(recoverer(log))
	server.AroundOperations(withDeadline)
	server.AroundOperations(remembered)
	server.AroundOperations(unlessUnchanged(r.Store, r.Keys, r.Now))
	server.AroundResponses(sayWait)
	// Each response gets fresh loaders: a query has one response, a subscription one per event. The start of a
	// subscription gets none, because its later events would reuse stale rows.
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(withLoaders(ctx, r))
		most := maxErrors
		if principal.From(ctx) == nil {
			most = 1
		}
		if response != nil && len(response.Errors) > most {
			response.Errors = response.Errors[:most]
		}
		return response
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.ServeHTTP(w, withoutBody(r)) })
}

// rulesWithoutSuggestions returns validation rules whose errors suggest no names of the schema. SetDisableSuggestion
// covers only two of the five rules with suggestions.
func rulesWithoutSuggestions() *rules.Rules {
	all := rules.NewDefaultRules()
	all.ReplaceRule("KnownArgumentNames", rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	all.ReplaceRule("KnownTypeNames", rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	all.ReplaceRule("ValuesOfCorrectType", rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	return all
}

// withDeadline sets the deadline of an operation. A subscription has none but requires an event stream: without one its
// caller would get only the first event.
func withDeadline(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	request := graphql.GetOperationContext(ctx)
	if request.Operation.Operation == ast.Subscription {
		if !acceptsStream(request.Headers) {
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{
				refuse(ctx, badUserInput, i18n.BadRequest(ctx, fault.BadRequest{Detail: fault.StreamNeeded})),
			}})
		}
		return next(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, timeOf(request.Operation))
	respond := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		defer cancel() // the response is complete, and there is only one
		return respond(ctx)
	}
}

// timeOf returns the time limit of an operation. It does not look into a fragment on a root: such an operation gets the
// shorter limit.
func timeOf(operation *ast.OperationDefinition) time.Duration {
	most := operationTime
	for _, selection := range operation.SelectionSet {
		if field, ok := selection.(*ast.Field); ok {
			most = max(most, longer[field.Name])
		}
	}
	return most
}

// acceptsStream reports whether a POST with these headers is answered with Server-Sent Events.
func acceptsStream(header http.Header) bool {
	return strings.Contains(header.Get("Accept"), "text/event-stream")
}
