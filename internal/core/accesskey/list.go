package accesskey

import (
	"context"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// Filter narrows a list of access keys. A nil field does not narrow it.
type Filter struct {
	ClientID        *string
	ClientProductID *string
	InForce         *bool
	NeverUsed       *bool
	// CreatedByID is the operator or service token that made the keys, see MadeBy.
	CreatedByID *string
}

// MadeBy matches the keys that an operator or a service token made. For an operator it also matches the keys that the
// operator's service tokens made.
func MadeBy(id string) predicate.AccessKey {
	return accesskey.Or(accesskey.CreatedByID(id), func(s *entsql.Selector) {
		tokens := entsql.Table(servicetoken.Table)
		s.Where(entsql.In(s.C(accesskey.FieldCreatedByID),
			entsql.Select(tokens.C(servicetoken.FieldID)).From(tokens).
				Where(entsql.EQ(tokens.C(servicetoken.FieldCreatedByID), id))))
	})
}

// Foremost matches the first n access keys of each of these client products, in the order of ForemostFirst.
func Foremost(clientProductIDs []string, n int) predicate.AccessKey {
	return func(s *entsql.Selector) {
		s.Where(entsql.P(func(b *entsql.Builder) {
			b.Ident(s.C(accesskey.FieldID)).WriteString(" IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (" +
				"PARTITION BY client_product_id ORDER BY " + revokedLast + ", id DESC) AS place " +
				"FROM access_keys WHERE client_product_id IN (")
			for i, id := range clientProductIDs {
				if i > 0 {
					b.Comma()
				}
				b.Arg(id)
			}
			b.WriteString(")) AS ranked WHERE place <= ").Arg(n).WriteString(")")
		}))
	}
}

const revokedLast = "CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END"

// ForemostFirst orders access keys: first those that are not revoked, then the revoked ones, each newest first.
func ForemostFirst(s *entsql.Selector) {
	s.OrderExpr(entsql.Expr(revokedLast))
	s.OrderBy(entsql.Desc(s.C(accesskey.FieldID)))
}

// ListInput selects keys and their order: by the time they were made, newest first unless Asc.
type ListInput struct {
	Search string
	Filter Filter
	Asc    bool
	Page   page.Args
}

// List returns a page of access keys. It returns a fault.BadRequest when the arguments are invalid.
func (s *Service) List(ctx context.Context, in ListInput) (*page.Connection[*ent.AccessKey], error) {
	window, err := in.Page.Window(page.Order{Desc: !in.Asc}) // ids rise with the time they were made
	if err != nil {
		return nil, err
	}
	where := s.narrow(ctx, in)
	rows, err := s.store.Reader().AccessKey.Query().Where(where...).Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list access keys: %w", err)
	}
	return page.New(window, rows,
		func(k *ent.AccessKey) (string, string) { return "", k.ID },
		func(ctx context.Context) (int, error) {
			return s.store.Reader().AccessKey.Query().Where(where...).Count(ctx)
		},
	), nil
}

func (s *Service) narrow(ctx context.Context, in ListInput) []predicate.AccessKey {
	var where []predicate.AccessKey
	if found, ok := search.AccessKeysOrOfClients(in.Search, search.Scope{ButByCPF: principal.HidesCPF(ctx)}); ok {
		where = append(where, found)
	}
	if in.Filter.ClientID != nil {
		where = append(where, accesskey.ClientID(*in.Filter.ClientID))
	}
	if in.Filter.ClientProductID != nil {
		where = append(where, accesskey.ClientProductID(*in.Filter.ClientProductID))
	}
	if in.Filter.InForce != nil {
		inForce := InForce(s.now())
		if !*in.Filter.InForce {
			inForce = accesskey.Not(inForce)
		}
		where = append(where, inForce)
	}
	if in.Filter.NeverUsed != nil {
		if *in.Filter.NeverUsed {
			where = append(where, accesskey.LastUsedAtIsNil())
		} else {
			where = append(where, accesskey.LastUsedAtNotNil())
		}
	}
	if in.Filter.CreatedByID != nil {
		where = append(where, MadeBy(*in.Filter.CreatedByID))
	}
	return where
}
