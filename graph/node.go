package graph

import (
	"context"
	"errors"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/privacy"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
)

// maxNodes is how many objects may be asked for at once.
const maxNodes = 100

// node returns the object with an id; nil when it does not exist, when the caller may not see it, and when the id is
// none: the caller cannot tell which.
func node(ctx context.Context, id string) (model.Node, error) {
	from := nodesOf(load(ctx), id)
	if from == nil {
		return nil, nil
	}
	return from.node(ctx, id)
}

// nodes returns the objects with these ids, in their order, with nil for each that node would return nil for.
func nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > maxNodes {
		return nil, fault.BadRequest{Detail: fault.TooManyIDs, About: maxNodes}
	}
	for _, id := range ids { // all of one type are read together
		if from := nodesOf(load(ctx), id); from != nil {
			from.expect(id)
		}
	}
	found := make([]model.Node, len(ids))
	for i, id := range ids {
		var err error
		if found[i], err = node(ctx, id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// nodeLoader reads objects of one type.
type nodeLoader interface {
	expect(ids ...string)
	node(ctx context.Context, id string) (model.Node, error)
}

// nodesOf returns who reads the objects of the type that an id names; nil when it names none.
func nodesOf(l *loaders, id string) nodeLoader {
	switch ident.Prefix(id) {
	case ident.Client:
		return asNodes[*ent.ClientRecord]{l.client}
	case ident.Product:
		return asNodes[*ent.Product]{l.product}
	case ident.ClientProduct:
		return asNodes[*ent.ClientProduct]{l.clientProduct}
	case ident.Marketplace:
		return asNodes[*ent.Marketplace]{l.marketplace}
	case ident.AccessKey:
		return asNodes[*ent.AccessKey]{l.accessKey}
	case ident.Operator:
		return asNodes[*ent.Operator]{l.operator}
	case ident.ServiceToken:
		return asNodes[*ent.ServiceToken]{l.serviceToken}
	case ident.AuditEvent:
		return asNodes[*ent.AuditEvent]{l.auditEvent}
	case ident.CredentialRead:
		return asNodes[*ent.CredentialRead]{l.credentialRead}
	case ident.ProviderIncident:
		return asNodes[*ent.ProviderIncident]{l.incident}
	default:
		return nil
	}
}

type asNodes[T model.Node] struct{ *loader[T] }

func (n asNodes[T]) node(ctx context.Context, id string) (model.Node, error) {
	row, err := n.Load(ctx, id)
	switch {
	case errors.Is(err, errNoRow), errors.Is(err, privacy.Deny):
		return nil, nil
	case err != nil: // a nil row in a Node would be no nil
		return nil, err
	}
	return row, nil
}
