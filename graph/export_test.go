package graph

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"github.com/chaveiro/chaveiro/graph/generated"
	"github.com/chaveiro/chaveiro/graph/model"
)

// NewHandlerWithoutDirectives returns the API with the first layer of authorization off: no gate, and a directive
// allow that lets everybody through. What is refused now, the privacy policies refuse.
func NewHandlerWithoutDirectives(r *Resolver, _ Refuse, log *slog.Logger) (http.Handler, error) {
	pass := func(ctx context.Context, _ any, next graphql.Resolver, _ []model.Caller, _ bool) (any, error) {
		return next(ctx)
	}
	passAll := func(ctx context.Context, _ any, next graphql.Resolver) (any, error) { return next(ctx) }
	schema := generated.NewExecutableSchema(generated.Config{
		Resolvers:  r,
		Directives: generated.DirectiveRoot{Allow: pass, RecentLogin: passAll},
	})
	return newEngine(schema, r, log), nil
}

// Access is access.
var Access = access

// NewHandlerOf is NewHandler over another schema than the API's.
var NewHandlerOf = newGate

// ClientName returns the name of a client as the loaders of the context read it.
func ClientName(ctx context.Context, id string) (string, error) {
	client, err := load(ctx).client.Load(ctx, id)
	if err != nil {
		return "", err
	}
	return client.Name, nil
}
