package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// callerOf returns the principal of the context as a value of the directive allow.
func callerOf(ctx context.Context) model.Caller {
	switch p := principal.From(ctx).(type) {
	case principal.Operator:
		return model.Caller(p.Role)
	case principal.Key:
		return model.CallerAccessKey
	default:
		return model.CallerAnyone
	}
}

// Denials records that a principal was denied a root field.
type Denials interface {
	RecordDenial(ctx context.Context, field string)
}

// allow returns the first layer of authorization. A root field resolves only for the callers that its directive names.
// An operator who must confirm the log-in or lacks a second factor gets only fields with beforeSecondFactor.
func allow(
	denials Denials,
) func(ctx context.Context, _ any, next graphql.Resolver, to []model.Caller, beforeSecondFactor bool) (any, error) {
	return func(ctx context.Context, _ any, next graphql.Resolver, to []model.Caller,
		beforeSecondFactor bool) (any, error) {
		caller := callerOf(ctx)
		switch {
		case slices.Contains(to, model.CallerAnyone):
			return next(ctx)
		case caller == model.CallerAnyone:
			return nil, fault.Unauthenticated
		case !slices.Contains(to, caller):
			recordDenial(ctx, denials)
			return nil, fault.Forbidden
		}
		who, ok := principal.From(ctx).(principal.Operator)
		if ok && !beforeSecondFactor {
			switch {
			case who.MustProve:
				return nil, fault.Reauthenticate
			case who.LacksSecondFactor:
				return nil, fault.SecondFactorRequired
			}
		}
		if ok && who.IsService() && needsWrite(ctx) && !who.Scopes.Has(principal.Write) {
			recordDenial(ctx, denials)
			return nil, fault.Forbidden
		}
		return next(ctx)
	}
}

// needsWrite reports whether a service token needs the scope WRITE for the root field that is being resolved: for a
// mutation, unless the directive recentLogin asks for a scope of its own.
func needsWrite(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	return field.Object == "Mutation" && field.Field.Definition.Directives.ForName("recentLogin") == nil
}

// forAdministrators returns value for an administrator, and the zero value for any other caller.
func forAdministrators[T any](ctx context.Context, value T) (none T) {
	if _, err := principal.Only(ctx, principal.Admin); err != nil {
		return none
	}
	return value
}

func recordDenial(ctx context.Context, denials Denials) {
	field := graphql.GetFieldContext(ctx)
	denials.RecordDenial(ctx, field.Object+"."+field.Field.Name)
}

// recentLogin resolves a field only for an operator who has confirmed the log-in lately. A service token passes with
// the scope that the field names, if it names one.
func recentLogin(
	now func() time.Time, denials Denials,
) func(context.Context, any, graphql.Resolver, *principal.Scope) (any, error) {
	return func(ctx context.Context, _ any, next graphql.Resolver, orScope *principal.Scope) (any, error) {
		who, ok := principal.From(ctx).(principal.Operator)
		if !ok || who.IsService() && orScope == nil {
			recordDenial(ctx, denials)
			return nil, fault.Forbidden
		}
		var scope principal.Scope // an operator who logged in has no scopes and needs none
		if orScope != nil {
			scope = *orScope
		}
		err := who.Prove(now(), scope)
		if errors.Is(err, fault.Forbidden) {
			recordDenial(ctx, denials)
		}
		if err != nil {
			return nil, err
		}
		return next(ctx)
	}
}

// access returns the callers that each root field of a schema allows, by names such as "Query.clients". It returns an
// error that names the root fields without the directive allow.
func access(schema *ast.Schema) (map[string][]model.Caller, error) {
	callers := map[string][]model.Caller{}
	var silent []string
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		if root == nil {
			continue
		}
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue // introspection: for every authenticated caller
			}
			name := root.Name + "." + field.Name
			directive := field.Directives.ForName("allow")
			if directive == nil {
				silent = append(silent, name)
				continue
			}
			for _, child := range directive.Arguments.ForName("to").Value.Children {
				callers[name] = append(callers[name], model.Caller(child.Value.Raw))
			}
			if len(callers[name]) == 0 {
				silent = append(silent, name)
			}
		}
	}
	if len(silent) > 0 {
		return nil, fmt.Errorf("root fields without the directive allow: %s", strings.Join(silent, ", "))
	}
	return callers, nil
}

// public reports whether a document has only root fields that any caller may ask for. An unauthenticated caller's
// document is validated only then, so that validation errors do not reveal the schema.
func public(schema *ast.Schema, callers map[string][]model.Caller, document *ast.QueryDocument) bool {
	for _, operation := range document.Operations {
		root := map[ast.Operation]*ast.Definition{
			ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription,
		}[operation.Operation]
		if root == nil {
			return false
		}
		for _, selection := range operation.SelectionSet {
			field, ok := selection.(*ast.Field) // a fragment on a root could hide its fields
			if !ok {
				return false
			}
			if field.Name != "__typename" && !slices.Contains(callers[root.Name+"."+field.Name], model.CallerAnyone) {
				return false
			}
		}
	}
	return len(document.Operations) > 0
}
