package clients

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	keys "github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// Filter narrows a list of clients. A nil field does not narrow it.
type Filter struct {
	// HasProblem asks for clients with, or without, a marketplace in trouble.
	HasProblem *bool
	// ExceptIncidents does not count a marketplace that waits for the end of its provider's incident as in trouble.
	ExceptIncidents bool
	// WithoutKey asks for clients that lack, or do not lack, an access key for an active product that takes them.
	WithoutKey *bool
	// HasWrongShop asks for clients with, or without, a marketplace whose shop is another's and not confirmed.
	HasWrongShop *bool
	// Tags asks for clients that have all of these.
	Tags []string
	// Archived asks for archived clients; otherwise the list has active ones.
	Archived bool
}

// OrderField is what a list of clients is sorted by, a value of the GraphQL enum ClientOrderField.
type OrderField string

// The offered orders.
const (
	ByName      OrderField = "NAME"
	ByCreatedAt OrderField = "CREATED_AT"
	ByTrouble   OrderField = "TROUBLE"
)

// ListInput says which clients, in which order.
type ListInput struct {
	Search  string
	Filter  Filter
	OrderBy OrderField
	Desc    bool
	Page    page.Args
	// Counted is whether the total will be asked for.
	Counted bool
	// Columns are what is read of each client, beside its id and what the list is sorted by; nil is all.
	Columns []string
}

// List returns a page of clients. It returns a fault.BadRequest when the arguments are invalid.
func (s *Service) List(ctx context.Context, in ListInput) (*page.Connection[*ent.ClientRecord], error) {
	order := page.Order{Column: clientrecord.FieldNameKey, Desc: in.Desc}
	position := func(c *ent.ClientRecord) (string, string) { return c.NameKey, c.ID }
	switch in.OrderBy {
	case ByCreatedAt:
		order.Column = "" // ids rise with the time they were made
	case ByTrouble:
		order.Column = clientrecord.FieldTrouble
		position = func(c *ent.ClientRecord) (string, string) { return c.Trouble, c.ID }
	}
	window, err := in.Page.Window(order)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(in.Search) > 200 {
		return nil, fault.BadRequest{Detail: fault.SearchTooLong}
	}
	found := search.Page{
		Text: in.Search, ButByCPF: principal.HidesCPF(ctx), Where: s.narrow(in.Filter), Window: window, Counted: in.Counted,
	}
	query := s.store.Reader().ClientRecord.Query()
	if in.Columns != nil {
		query.Select(append(window.Columns(), in.Columns...)...)
	}
	if found.IsIndexed() {
		query.Modify(found.Apply)
	} else {
		query.Where(found.Matches()...).Where(window.Apply)
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return page.New(window, rows, position,
		func(ctx context.Context) (int, error) {
			if n, known, err := found.Total(rows); known || err != nil {
				return n, err
			}
			return s.store.Reader().ClientRecord.Query().Where(found.Matches()...).Count(ctx)
		},
	), nil
}

// narrow returns the conditions of a filter.
func (s *Service) narrow(by Filter) []predicate.ClientRecord {
	where := []predicate.ClientRecord{clientrecord.ArchivedAtIsNil()}
	if by.Archived {
		where = []predicate.ClientRecord{clientrecord.ArchivedAtNotNil(), clientrecord.ErasedAtIsNil()}
	}
	if by.HasProblem != nil {
		where = append(where, inSubquery(*by.HasProblem, func(dialect string) *sql.Selector {
			return inTrouble(dialect, by.ExceptIncidents)
		}))
	}
	if by.HasWrongShop != nil {
		where = append(where, inSubquery(*by.HasWrongShop, ofWrongShop))
	}
	where = append(where, hasTags(by.Tags)...)
	if by.WithoutKey != nil {
		now := s.now()
		where = append(where,
			inSubquery(*by.WithoutKey, func(dialect string) *sql.Selector { return lacksKey(dialect, now) }))
	}
	return where
}

// inSubquery matches the clients whose id is, or is not, among those that a subquery selects.
func inSubquery(in bool, subquery func(dialect string) *sql.Selector) predicate.ClientRecord {
	return func(s *sql.Selector) {
		if in {
			s.Where(sql.In(s.C(clientrecord.FieldID), subquery(s.Dialect())))
		} else {
			s.Where(sql.NotIn(s.C(clientrecord.FieldID), subquery(s.Dialect())))
		}
	}
}

// inTrouble selects the clients that have a marketplace in trouble. The states are literals, not parameters: only then
// can the planner use the partial index marketplaces_in_trouble.
func inTrouble(dialect string, exceptIncidents bool) *sql.Selector {
	states := make([]string, len(provider.InTrouble))
	for i, state := range provider.InTrouble {
		states[i] = "'" + string(state) + "'"
	}
	m := sql.Table(marketplace.Table)
	found := sql.Dialect(dialect).Select(m.C(marketplace.FieldClientID)).From(m).
		Where(sql.ExprP("health_state IN (" + strings.Join(states, ", ") + ")"))
	if exceptIncidents {
		found.Where(sql.NEQ(m.C(marketplace.FieldHealthReason), string(provider.Incident)))
	}
	return found
}

// ofWrongShop selects the clients that have a marketplace of another's shop. The reason is a literal, so that the
// planner can use the partial index marketplaces_of_another_shop.
func ofWrongShop(dialect string) *sql.Selector {
	m := sql.Table(marketplace.Table)
	return sql.Dialect(dialect).Select(m.C(marketplace.FieldClientID)).From(m).
		Where(sql.ExprP("health_reason = '" + string(provider.WrongShop) + "'"))
}

// lacksKey selects the clients with an active product that takes access keys, and without a key in force for it.
func lacksKey(dialect string, now time.Time) *sql.Selector {
	cp, p, k := sql.Table(clientproduct.Table).As("cp"), sql.Table(product.Table).As("p"),
		sql.Table(accesskey.Table).As("k")
	inForce := sql.Dialect(dialect).Select(k.C(accesskey.FieldID)).From(k).
		Where(sql.ColumnsEQ(k.C(accesskey.FieldClientProductID), cp.C(clientproduct.FieldID)))
	keys.InForce(now)(inForce)
	return sql.Dialect(dialect).Select(cp.C(clientproduct.FieldClientID)).From(cp).
		Join(p).On(cp.C(clientproduct.FieldProductID), p.C(product.FieldID)).
		Where(sql.And(
			sql.IsNull(cp.C(clientproduct.FieldSuspendedAt)),
			sql.IsTrue(p.C(product.FieldHasAccessKeys)),
			sql.Not(sql.Exists(inForce)),
		))
}
