package generated

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

func TestAnElementThatPanicsIsNullAndTheErrorSaysWhichItIs(t *testing.T) {
	t.Parallel()
	var paths []ast.Path
	present := func(ctx context.Context, err error) *gqlerror.Error {
		paths = append(paths, graphql.GetPath(ctx))
		return gqlerror.Wrap(err)
	}
	ctx := graphql.WithResponseContext(t.Context(), present,
		func(context.Context, any) error { return errors.New("a panic") })
	var out bytes.Buffer
	marshalInTurn(ctx, 3, func(ctx context.Context, i int) graphql.Marshaler {
		if i == 1 {
			panic("boom")
		}
		return graphql.MarshalInt(i)
	}).MarshalGQL(&out)
	if out.String() != "[0,null,2]" {
		t.Errorf("the list is %s", out.String())
	}
	if len(paths) != 1 || paths[0].String() != "[1]" {
		t.Errorf("the errors are at %v", paths)
	}
}
