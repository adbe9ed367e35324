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
	// operationTime bounds an operation with all its statements, unless longer is for one of its root fields.
	operationTime = 5 * time.Second
	// maxErrors is how many errors are told of one operation.
	maxErrors = 10
	// keepAlive is how often a silent event stream says that it is there, so that no proxy takes it for dead.
	keepAlive = 15 * time.Second
)

// longer are the times of the root fields that may wait for more than the database.
var longer = map[string]time.Duration{
	// For a provider: to be tested, or for a renewal that is under way.
	"testMarketplace": 10 * time.Second, "testMarketplaceConfig": 10 * time.Second,
	"reportMarketplaceFailure": 10 * time.Second, "integration": 10 * time.Second,
	// For the house's log-in and the shop's credentials, within the time that the server has for an answer.
	"connectMarketplace": 27 * time.Second,
	// For a password to be hashed, which takes its time on a busy processor.
	"login": 10 * time.Second, "reauthenticate": 10 * time.Second, "changePassword": 10 * time.Second,
	"setPassword": 10 * time.Second, "createFirstAdministrator": 10 * time.Second,
}

// Schema returns the GraphQL schema. It is the generated one without the directive defer, which the parser brings
// along: the answers that it asks for in parts are none that a transport here sends.
var Schema = sync.OnceValue(func() *ast.Schema {
	schema := *generated.NewExecutableSchema(generated.Config{}).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
})

// Refuse answers a request that GraphQL does not look at, with a status and one error.
type Refuse func(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal, message string)

// NewHandler returns the handler of POST and GET /graphql. It expects a request whose principal, language and
// graphqlhttp.Request are in its context; it reads no body. It returns an error when a root field of the
// schema does not say who may call it.
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
	return measureOperation(r.Measure, &gate{
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
	server.AddTransport(transport.GET{})
	server.AddTransport(transport.POST{})
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
	server.AroundOperations(unlessUnchanged(r.Store, r.Now))
	server.AroundResponses(sayWait)
	// A query has one response; a subscription has one for each event, and reads its rows again for each. What begins a
	// subscription has no loaders: it would hand on rows of long ago.
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(withLoaders(ctx, r.Store, r.Now))
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

// rulesWithoutSuggestions returns the rules by which documents are validated, none of which tells a name that was not
// in the document. SetDisableSuggestion does that for two of the five rules that would.
func rulesWithoutSuggestions() *rules.Rules {
	all := rules.NewDefaultRules()
	all.ReplaceRule("KnownArgumentNames", rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	all.ReplaceRule("KnownTypeNames", rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	all.ReplaceRule("ValuesOfCorrectType", rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	return all
}

// withDeadline gives an operation its time. A subscription has no such limit, but needs an event stream: without one
// its caller would wait for the first event, and never get the second.
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
		defer cancel() // the response is whole, and there is no other
		return respond(ctx)
	}
}

// timeOf returns how long an operation may take. A fragment on a root is not looked into: its operation has the shorter
// time.
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
