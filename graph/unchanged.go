package graph

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/etag"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// remembered notes that the answer to a back-office may be given again: it asks only for integration, and has no error.
func remembered(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	respond := next(ctx)
	_, isKey := principal.From(ctx).(principal.Key)
	if !isKey || !asksOnlyIntegration(graphql.GetOperationContext(ctx).Operation) {
		return respond
	}
	return func(ctx context.Context) *graphql.Response {
		response := respond(ctx)
		if response != nil && len(response.Errors) == 0 {
			remember.From(ctx).Complete()
		}
		return response
	}
}

// noteEnds notes when the answer to a back-office shows something else although no row has changed.
func noteEnds(ctx context.Context, rows []*ent.Marketplace, now time.Time) {
	notes := remember.From(ctx)
	for _, row := range rows {
		notes.EndAt(connection.NextHealthChange(row, now))
		if row.CredentialsExpireAt != nil {
			notes.EndAt(*row.CredentialsExpireAt)
		}
	}
}

// unlessUnchanged answers 304, without opening a secret, to a back-office that polls integration with GET and
// If-None-Match while nothing has changed. A new check of a connection is not a change.
func unlessUnchanged(s *store.Store, keys *accesskey.Service, now func() time.Time) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		key, ok := principal.From(ctx).(principal.Key)
		answer, request := etag.From(ctx), graphql.GetOperationContext(ctx)
		if !ok || !answer.Live() || !asksOnlyIntegration(request.Operation) {
			return next(ctx)
		}
		tag, err := integrationTag(ctx, s, keys, key, request, now())
		if err != nil {
			return next(ctx) // the operation itself reports the error
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

// asksOnlyIntegration reports whether integration is the operation's only root field. A fragment on the root counts as
// another field.
func asksOnlyIntegration(operation *ast.OperationDefinition) bool {
	for _, selection := range operation.SelectionSet {
		if field, ok := selection.(*ast.Field); !ok || field.Name != "integration" {
			return false
		}
	}
	return operation.Operation == ast.Query
}

// integrationTag returns the ETag of the answer: a hash of everything that the answer depends on.
func integrationTag(
	ctx context.Context, s *store.Store, keys *accesskey.Service, key principal.Key, request *graphql.OperationContext,
	now time.Time,
) (string, error) {
	shop, err := keys.OwnShop(ctx)
	if err != nil {
		return "", err
	}
	healths, err := healthsOf(ctx, s, key, now)
	if err != nil {
		return "", err
	}
	parts, err := json.Marshal([]any{
		healths, key.ID, shop.Key.Name, shop.Key.ExpiresAt, shop.Key.OverlapEndsAt, shop.Revision, shop.Client.Name,
		shop.Client.Document, i18n.From(ctx), request.RawQuery, request.OperationName, request.Variables,
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(parts)
	return base64.RawURLEncoding.EncodeToString(sum[:18]), nil
}

// healthsOf returns the current reason of each connection of a key. A reason changes as time passes, even when no row,
// and so no revision, changes.
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
	noteEnds(ctx, rows, now)
	return healths, nil
}
