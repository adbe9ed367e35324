// Package finder finds what a text is about, among all that operators work with: clients, connections, access keys,
// operators and service tokens. Each kind costs one statement, which an index serves, and gives few rows.
package finder

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

const (
	maxText = 200
	// most caps the rows of a kind.
	most = 8
	// candidates caps what an index gives before it is sorted, so that a common word costs no more than a rare one.
	candidates = 200
)

// Service finds rows by a text.
type Service struct{ store *store.Store }

// New returns the service over a store.
func New(s *store.Store) *Service { return &Service{s} }

// Found is what a text finds of one kind.
type Found[T any] struct {
	// Nodes are the rows, at most 8.
	Nodes []T
	// More is whether there are others.
	More bool
}

// Text is a text that is searched for.
type Text struct {
	text string
	// scope is among how much the caller may search.
	scope search.Scope
}

// Text checks a text. It returns a fault.BadRequest when the text is too long.
func (s *Service) Text(ctx context.Context, text string) (*Text, error) {
	if utf8.RuneCountInString(text) > maxText {
		return nil, fault.BadRequest{Detail: fault.SearchTooLong}
	}
	return &Text{
		text: strings.TrimSpace(text), scope: search.Scope{ButByCPF: principal.HidesCPF(ctx), Most: candidates},
	}, nil
}

// Clients finds clients by any part of their name, trade name or document, in the order of their names. Archived ones
// are among them unless all words of the text are shorter than three characters. Only the named columns are read; all
// when columns is nil.
func (s *Service) Clients(ctx context.Context, t *Text, columns []string) (Found[*ent.ClientRecord], error) {
	if _, ok := search.Clients(t.text); !ok {
		return Found[*ent.ClientRecord]{}, nil
	}
	window, err := page.Args{First: new(most)}.Window(page.Order{Column: clientrecord.FieldNameKey})
	if err != nil {
		return Found[*ent.ClientRecord]{}, err
	}
	found := search.Page{
		Text: t.text, ButByCPF: t.scope.ButByCPF, Where: []predicate.ClientRecord{clientrecord.ErasedAtIsNil()},
		Window: window,
	}
	query := s.store.Reader().ClientRecord.Query()
	if columns != nil {
		query.Select(append(window.Columns(), columns...)...)
	}
	if found.IsIndexed() {
		query.Modify(found.Apply)
	} else {
		found.Where = []predicate.ClientRecord{clientrecord.ArchivedAtIsNil()} // the index of names has these alone
		query.Where(found.Matches()...).Where(window.Apply)
	}
	rows, err := query.All(ctx)
	return cut(rows, err, "clients")
}

// Marketplaces finds connections by their description, their user at the provider, and the shop's number, name or CNPJ
// there; the newest first. Only the named columns are read; all when columns is nil.
func (s *Service) Marketplaces(ctx context.Context, t *Text, columns []string) (Found[*ent.Marketplace], error) {
	matches, ok := search.Marketplaces(t.text, t.scope)
	if !ok {
		return Found[*ent.Marketplace]{}, nil
	}
	query := s.store.Reader().Marketplace.Query().Where(matches).Order(marketplace.ByID(sql.OrderDesc())).Limit(most + 1)
	if columns != nil {
		query.Select(columns...)
	}
	rows, err := query.All(ctx)
	return cut(rows, err, "marketplaces")
}

// AccessKeys finds access keys by any part of their name or visible part, by their last four characters, and by their
// client. Those that are not revoked come first, each time the newest.
func (s *Service) AccessKeys(ctx context.Context, t *Text) (Found[*ent.AccessKey], error) {
	matches, ok := search.AccessKeysOrOfClients(t.text, t.scope)
	if !ok {
		return Found[*ent.AccessKey]{}, nil
	}
	rows, err := s.store.Reader().AccessKey.Query().Where(matches).Order(accesskey.ForemostFirst).Limit(most + 1).All(ctx)
	return cut(rows, err, "access keys")
}

// Operators finds operators by any part of their name or e-mail address, for administrators alone.
func (s *Service) Operators(ctx context.Context, t *Text) (Found[*ent.Operator], error) {
	matches, ok := search.Operators(t.text, t.scope)
	if _, err := principal.Only(ctx, principal.Admin); err != nil || !ok {
		return Found[*ent.Operator]{}, nil
	}
	rows, err := s.store.Reader().Operator.Query().Where(matches).Order(operator.ByID()).Limit(most + 1).All(ctx)
	return cut(rows, err, "operators")
}

// ServiceTokens finds service tokens as AccessKeys finds keys, for administrators alone; the newest first.
func (s *Service) ServiceTokens(ctx context.Context, t *Text) (Found[*ent.ServiceToken], error) {
	matches, ok := search.ServiceTokens(t.text, t.scope)
	if _, err := principal.Only(ctx, principal.Admin); err != nil || !ok {
		return Found[*ent.ServiceToken]{}, nil
	}
	rows, err := s.store.Reader().ServiceToken.Query().Where(matches).
		Order(servicetoken.ByID(sql.OrderDesc())).Limit(most + 1).All(ctx)
	return cut(rows, err, "service tokens")
}

// cut keeps most of the rows that a query for one more has found.
func cut[T any](rows []T, err error, kind string) (Found[T], error) {
	if err != nil {
		return Found[T]{}, fmt.Errorf("find %s: %w", kind, err)
	}
	return Found[T]{rows[:min(len(rows), most)], len(rows) > most}, nil
}
