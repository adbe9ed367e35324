package graph

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chaveiro/chaveiro/ent/privacy"
	"github.com/chaveiro/chaveiro/graph/generated"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// NewHandlerWithoutDirectives returns the API without the first layer of authorization: no gate, and a directive allow
// that accepts every caller. Only the privacy policies refuse.
func NewHandlerWithoutDirectives(r *Resolver, _ Refuse, log *slog.Logger) (http.Handler, error) {
	pass := func(ctx context.Context, _ any, next graphql.Resolver, _ []model.Caller, _ bool) (any, error) {
		return next(ctx)
	}
	passAll := func(ctx context.Context, _ any, next graphql.Resolver, _ *principal.Scope) (any, error) {
		return next(ctx)
	}
	schema := generated.NewExecutableSchema(generated.Config{
		Resolvers:  r,
		Directives: generated.DirectiveRoot{Allow: pass, RecentLogin: passAll},
	})
	return newEngine(schema, r, newDocumentCache(), log), nil
}

// NewHandlerWithoutPolicies returns the API without the second layer of authorization: every privacy policy allows.
// Only the directive refuses.
func NewHandlerWithoutPolicies(r *Resolver, refuse Refuse, log *slog.Logger) (http.Handler, error) {
	handler, err := NewHandler(r, refuse, log)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(privacy.DecisionContext(r.Context(), privacy.Allow)))
	}), nil
}

// Access exports access.
var Access = access

// NewHandlerOf returns NewHandler's handler for another schema.
var NewHandlerOf = newGate

// ClientName returns the name of a client as the loaders of the context read it.
func ClientName(ctx context.Context, id string) (string, error) {
	client, err := load(ctx).client.Load(ctx, id)
	if err != nil {
		return "", err
	}
	return client.Name, nil
}

// Limits exports limits.
var Limits = limits

// Longer exports longer.
var Longer = longer

// TimeOf returns the time limit of the first operation of a document.
func TimeOf(t *testing.T, document string) time.Duration {
	t.Helper()
	parsed, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		t.Fatal(err)
	}
	return timeOf(parsed.Operations[0])
}

// NewDocumentCache exports newDocumentCache.
var NewDocumentCache = newDocumentCache
