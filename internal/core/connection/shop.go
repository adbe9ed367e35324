package connection

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// Relation is how a shop stands to the client whose connection it is.
type Relation int

// The relations.
const (
	// Unknown: the provider told no document.
	Unknown Relation = iota
	// Same: it has the client's own document.
	Same
	// Branch: it has another CNPJ of the same root.
	Branch
	// Other: it is another's.
	Other
)

// cnpjLength and rootLength are how many characters a CNPJ has, and the part of it that all branches share.
const (
	cnpjLength = 14
	rootLength = 8
)

// RelationOf compares the documents of a client and a shop, both without punctuation.
func RelationOf(client, shop string) Relation {
	switch {
	case shop == "":
		return Unknown
	case shop == client:
		return Same
	case len(shop) == cnpjLength && len(client) == cnpjLength && shop[:rootLength] == client[:rootLength]:
		return Branch
	default:
		return Other
	}
}

// IsWrongShop reports whether the shop behind a connection is another's than the client's, and no operator has
// confirmed it. document is what was just told of it; empty where that is what the row says.
func IsWrongShop(ctx context.Context, tx *ent.Tx, m *Row, document string) (bool, error) {
	if document == "" && m.AccountDocument != nil {
		document = *m.AccountDocument
	}
	if document == "" || m.ConfirmedDocument != nil && *m.ConfirmedDocument == document {
		return false, nil
	}
	client, err := tx.ClientRecord.Query().Where(clientrecord.ID(m.ClientID)).Only(ctx)
	if err != nil {
		return false, fmt.Errorf("find the client: %w", err)
	}
	// A client whose document somebody changed behind the program has no shop that is known to be its own.
	return RelationOf(client.Document, document) == Other || !store.VouchesWithin(ctx, client), nil
}

// ConfirmShop hands out the credentials of a shop that is another's than the client's, as an operator says by typing
// its name, or its document where the provider told no name. It returns a fault.List when that is not it. A connection
// that does not wait for this stays as it is.
func (s *Service) ConfirmShop(ctx context.Context, id, typed string) (*ent.Marketplace, error) {
	if _, err := principal.Changer(ctx, principal.Admin, principal.Editor); err != nil {
		return nil, err
	}
	var confirmed *ent.Marketplace
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := Lock(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		confirmed = old
		if provider.Reason(old.HealthReason) != provider.WrongShop || old.AccountDocument == nil {
			return nil
		}
		if !names(old, typed) {
			return fault.New(fault.ShopName, "shopName")
		}
		if confirmed, err = s.Move(ctx, tx, old, Confirmed(old, s.now())); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.confirm_shop", ObjectID: id, ClientID: old.ClientID,
			Changes: []audit.Change{{Field: "shop", New: old.AccountName}, {Field: "document", New: old.AccountDocument}},
		})
	})
	if err == nil {
		s.Wake()
	}
	return confirmed, err
}

// names reports whether a text is the name of the shop of a row; accents and case do not matter.
func names(m *Row, typed string) bool {
	if m.AccountName != nil {
		return search.Fold(typed) == search.Fold(*m.AccountName)
	}
	document, err := brdoc.Parse(typed)
	return err == nil && document.String() == *m.AccountDocument
}

// EnforceShops holds back the credentials of every connection whose shop is known to be another's, as a version that
// only warned of that has left them. It is for a start, before BindHosts, which marks what was seen to.
func (s *Service) EnforceShops(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "shops of others")
	for last := ""; ; {
		rows, err := s.store.Reader().Marketplace.Query().
			Where(
				marketplace.SecretsHostIsNil(), marketplace.SecretsSealedNotNil(), marketplace.AccountDocumentNotNil(),
				marketplace.HealthReasonNEQ(string(provider.WrongShop)), marketplace.IDGT(last),
			).
			Order(marketplace.ByID()).Limit(rebindBatch).All(ctx)
		if err != nil {
			return fmt.Errorf("read the marketplaces with known shops: %w", err)
		}
		for _, m := range rows {
			last = m.ID
			if err := s.enforceShop(ctx, m); err != nil {
				return err
			}
		}
		if len(rows) < rebindBatch {
			return nil
		}
	}
}

func (s *Service) enforceShop(ctx context.Context, m *ent.Marketplace) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if wrong, err := IsWrongShop(ctx, tx, m, ""); err != nil || !wrong {
			return err
		}
		if _, err := products.Hold(ctx, tx, m.ClientProductID); err != nil {
			return err
		}
		old, err := Find(ctx, tx, m.ID, "id")
		if fault.Is(err, fault.Altered) { // it hands out nothing
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := s.Move(ctx, tx, old, Mismatched(old, s.now())); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.health", ObjectID: m.ID, ClientID: m.ClientID, Changes: []audit.Change{
				{Field: "state", Old: old.HealthState, New: provider.NeedsAttention},
				{Field: "reason", Old: old.HealthReason, New: provider.WrongShop},
			},
		})
	})
}
