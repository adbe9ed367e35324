package graph

import (
	"context"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	keys "github.com/chaveiro/chaveiro/internal/core/accesskey"
)

// readAhead reads the marketplaces of an answer before its first field is resolved: their statement brings the version
// of the shop, by which the right of the key is decided anew. Where the one or the other fails it leaves both to the
// fields: each of them asks, and reports the error at its own place.
func (r *Resolver) readAhead(ctx context.Context, answer *model.Integration) {
	found, asOf, err := r.Connections.OfKey(ctx)
	if err != nil {
		return
	}
	_, err = shopOf(ctx).get(ctx, func(ctx context.Context) (keys.Shop, error) { return r.Keys.OwnShopAsOf(ctx, asOf) })
	if err == nil {
		answer.ReadAhead = &found
	}
}

// marketplacesOf returns the marketplaces that were read ahead, or reads them. It keeps nothing: the answers of a
// subscription are of one and the same model.Integration.
func (r *Resolver) marketplacesOf(ctx context.Context, answer *model.Integration) ([]*ent.Marketplace, error) {
	if answer.ReadAhead != nil {
		return *answer.ReadAhead, nil
	}
	found, _, err := r.Connections.OfKey(ctx)
	return found, err
}
