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

// Relation is how a shop's document relates to that of the client.
type Relation int

// The relations.
const (
	// Unknown: the provider gave no document.
	Unknown Relation = iota
	// Same: it has the client's own document.
	Same
	// Branch: it has another CNPJ of the same root.
	Branch
	// Other: it has the document of another.
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

// IsWrongShop reports whether the shop of a connection is not the client's, and no operator has confirmed it. document
// is the shop's as the provider just gave it; empty means the one in the row.
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
	// When the client's document was changed outside the program, no shop is known to be its own.
	return RelationOf(client.Document, document) == Other || !store.VouchesWithin(ctx, client), nil
}

// ConfirmShop hands out the credentials of a shop that is not the client's, when an operator confirms the shop. The
// operator types its name, or its document where the provider gave no name. It returns a fault.List when the text does
// not match. A connection that does not wait for this stays as it is.
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

// names reports whether a text names the shop of a row: by its name, whatever the accents and case, or by its document
// where the row has no name.
func names(m *Row, typed string) bool {
	if m.AccountName != nil {
		return search.Fold(typed) == search.Fold(*m.AccountName)
	}
	document, err := brdoc.Parse(typed)
	return err == nil && document.String() == *m.AccountDocument
}

// EnforceShops withholds the credentials of every connection whose shop is known not to be the client's: an earlier
// version only warned. It runs at a start, before BindHosts, which marks the rows that are done.
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
		if fault.Is(err, fault.Altered) { // an altered row hands out nothing anyway
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
