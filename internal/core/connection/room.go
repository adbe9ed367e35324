package connection

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Describe returns the description of a connection as it is stored. It returns a fault.List when the text can be
// mended.
func Describe(text string) (string, error) {
	var bad fault.List
	text = bad.Line(text, maxDescription, "description")
	return text, bad.Err()
}

// Room returns nil when a client product may have one more connection: to the shop of a provider that has the client's
// own document. It returns a fault.List when the product has maxPerProduct connections, or when that shop is connected.
func (s *Service) Room(
	ctx context.Context, tx *ent.Tx, owner *products.Locked, code provider.Code, field ...string,
) error {
	if err := underLimit(owner); err != nil {
		return err
	}
	other, err := tx.Marketplace.Query().
		Where(
			marketplace.Provider(string(code)),
			marketplace.Or(
				marketplace.ExternalAccount(owner.Document),
				marketplace.And(marketplace.ClientID(owner.ClientID), marketplace.AccountDocument(owner.Document)),
			),
		).
		First(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the shop: %w", err)
	}
	return s.accountTaken(ctx, tx, other, field...)
}
