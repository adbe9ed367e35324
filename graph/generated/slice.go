package generated

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// marshalInTurn marshals the elements of a list one after the other, each with its place in the path of errors.
func marshalInTurn(
	ctx context.Context, length int, marshal func(ctx context.Context, i int) graphql.Marshaler,
) graphql.Array {
	all := make(graphql.Array, length)
	for i := range all {
		all[i] = marshalElement(graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i}), i, marshal)
	}
	return all
}

// marshalElement marshals an element, which is null when that panics.
func marshalElement(
	ctx context.Context, i int, marshal func(ctx context.Context, i int) graphql.Marshaler,
) (marshaled graphql.Marshaler) {
	defer func() {
		if cause := recover(); cause != nil {
			graphql.AddError(ctx, graphql.Recover(ctx, cause))
			marshaled = graphql.Null
		}
	}()
	return marshal(ctx, i)
}
