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

// maxNodes caps how many objects one call may ask for.
const maxNodes = 100

// node returns the object with an id. It returns nil when the id is malformed, when no object has it, and when the
// caller may not see it, so that the caller cannot tell these apart.
func node(ctx context.Context, id string) (model.Node, error) {
	from := nodesOf(load(ctx), id)
	if from == nil {
		return nil, nil
	}
	return from.node(ctx, id)
}

// nodes returns node of each id, in the order of ids.
func nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > maxNodes {
		return nil, fault.BadRequest{Detail: fault.TooManyIDs, About: maxNodes}
	}
	for _, id := range ids { // one statement then reads all of one type
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

// nodesOf returns the reader for the type of an id; nil when the id names no type.
func nodesOf(l *loaders, id string) nodeLoader {
	switch ident.Prefix(id) {
	case ident.Client:
		return asNodes[*ent.ClientRecord]{l.client}
	case ident.ClientContact:
		return asNodes[*ent.ClientContact]{l.clientContact}
	case ident.ClientNote:
		return asNodes[*ent.ClientNote]{l.clientNote}
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
	case err != nil: // a nil *T in a Node would not equal nil
		return nil, err
	}
	return row, nil
}
