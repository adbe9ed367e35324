package graph

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/graph/model"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/ident"
)

// maxNodes is how many objects may be asked for at once.
const maxNodes = 100

// node returns the object with an id; nil when it does not exist, when the caller may not see it, and when the id is
// none: the caller cannot tell which.
func node(ctx context.Context, id string) (model.Node, error) {
	return thunk(ctx, id)()
}

// nodes returns the objects with these ids, in their order, with nil for each that node would return nil for.
func nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > maxNodes {
		return nil, fault.BadRequest{Detail: fmt.Sprintf("at most %d ids may be asked for at once", maxNodes)}
	}
	thunks := make([]func() (model.Node, error), len(ids))
	for i, id := range ids {
		thunks[i] = thunk(ctx, id)
	}
	found := make([]model.Node, len(ids))
	for i, get := range thunks {
		var err error
		if found[i], err = get(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// thunk begins to load the object with an id, so that many can be loaded together, and returns how to get it.
func thunk(ctx context.Context, id string) func() (model.Node, error) {
	l := load(ctx)
	switch ident.Prefix(id) {
	case ident.Client:
		return asNode(l.client.LoadThunk(ctx, id))
	case ident.Product:
		return asNode(l.product.LoadThunk(ctx, id))
	case ident.ClientProduct:
		return asNode(l.clientProduct.LoadThunk(ctx, id))
	case ident.Marketplace:
		return asNode(l.marketplace.LoadThunk(ctx, id))
	case ident.AccessKey:
		return asNode(l.accessKey.LoadThunk(ctx, id))
	case ident.Operator:
		return asNode(l.operator.LoadThunk(ctx, id))
	default:
		return func() (model.Node, error) { return nil, nil }
	}
}

func asNode[T any, P interface {
	*T
	model.Node
}](get func() (P, error)) func() (model.Node, error) {
	return func() (model.Node, error) {
		row, err := orNil[T](get())
		if row == nil || err != nil { // a nil row in a Node would be no nil
			return nil, err
		}
		return P(row), nil
	}
}
