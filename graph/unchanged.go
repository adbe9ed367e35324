package graph

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/etag"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// unlessUnchanged spares a back-office that polls integration with GET and If-None-Match an answer that it has: as long
// as nothing has changed it is answered 304, and no secret is opened. When a connection was last checked is no change.
func unlessUnchanged(s *store.Store, now func() time.Time) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		key, ok := principal.From(ctx).(principal.Key)
		answer, request := etag.From(ctx), graphql.GetOperationContext(ctx)
		if !ok || !answer.Live() || !asksOnlyIntegration(request.Operation) {
			return next(ctx)
		}
		tag, err := integrationTag(ctx, s, key, request, now())
		if err != nil {
			return next(ctx) // the operation itself will say what is wrong
		}
		if answer.Matches(tag) {
			answer.Set(tag)
			answer.NotModified()
			return graphql.OneShot(&graphql.Response{Data: json.RawMessage("null")})
		}
		respond := next(ctx)
		return func(ctx context.Context) *graphql.Response {
			response := respond(ctx)
			if response != nil && len(response.Errors) == 0 {
				answer.Set(tag)
			}
			return response
		}
	}
}

// asksOnlyIntegration reports whether an operation has no other root field, and none behind a fragment.
func asksOnlyIntegration(operation *ast.OperationDefinition) bool {
	for _, selection := range operation.SelectionSet {
		if field, ok := selection.(*ast.Field); !ok || field.Name != "integration" {
			return false
		}
	}
	return operation.Operation == ast.Query
}

// integrationTag names the answer: by all that it is made of and that can change.
func integrationTag(
	ctx context.Context, s *store.Store, key principal.Key, request *graphql.OperationContext, now time.Time,
) (string, error) {
	owner, err := s.Reader().ClientProduct.Query().Where(clientproduct.ID(key.ClientProductID)).WithClient().Only(ctx)
	if err != nil {
		return "", err
	}
	own, err := s.Reader().AccessKey.Query().Where(accesskey.ID(key.ID)).Only(ctx)
	if err != nil {
		return "", err
	}
	healths, err := healthsOf(ctx, s, key, now)
	if err != nil {
		return "", err
	}
	parts, err := json.Marshal([]any{
		healths, key.ID, own.Name, own.ExpiresAt, own.OverlapEndsAt, owner.Revision, owner.Edges.Client.UpdatedAt,
		i18n.From(ctx), request.RawQuery, request.OperationName, request.Variables,
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(parts)
	return base64.RawURLEncoding.EncodeToString(sum[:18]), nil
}

// healthsOf returns why each connection of a key is in its state now: that changes as time passes, also when nobody
// touches the rows and so the revision stays.
func healthsOf(ctx context.Context, s *store.Store, key principal.Key, now time.Time) ([]provider.Reason, error) {
	rows, err := s.Reader().Marketplace.Query().Where(marketplace.ClientProductID(key.ClientProductID)).
		Order(marketplace.ByID()).
		Select(marketplace.FieldHealthState, marketplace.FieldHealthReason, marketplace.FieldCredentialsExpireAt,
			marketplace.FieldRenewAt).
		All(ctx)
	if err != nil {
		return nil, err
	}
	healths := make([]provider.Reason, len(rows))
	for i, row := range rows {
		is, _ := connection.HealthAt(row, now)
		healths[i] = is.Reason
	}
	return healths, nil
}
