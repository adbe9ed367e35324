package search

import (
	"fmt"
	"slices"
	"strconv"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/page"
)

// The tables of SQLite: the trigram index, and what lists are sorted and narrowed by of each row of it.
const (
	index = "clients_search"
	rows  = "clients_search_rows"
)

// total is the name under which a row of a page has the number of all matches.
const total = "total"

// Page is a page of the clients that a text finds through the trigram index. Its query finds them once: it counts them
// and reads the rows of the window.
type Page struct {
	// Text is what is searched for, ButByCPF whether the documents of persons are left out.
	Text     string
	ButByCPF bool
	// Where narrows the clients by what a list is narrowed by, and not by other columns of theirs.
	Where  []predicate.ClientRecord
	Window page.Window
	// Counted is whether all matches are counted.
	Counted bool
}

// Matches returns the conditions that every match fulfils.
func (p Page) Matches() []predicate.ClientRecord {
	find := Clients
	if p.ButByCPF {
		find = ClientsButByCPF
	}
	if found, ok := find(p.Text); ok {
		return append(slices.Clip(p.Where), found)
	}
	return p.Where
}

// IsIndexed reports whether the trigram index finds the clients of a page: its text has a word that is long enough.
func (p Page) IsIndexed() bool {
	long, _ := words(p.Text)
	return len(long) > 0
}

// Apply makes a query of clients read the page. The conditions that the query has, such as those of the policies, hold
// for what is counted too.
func (p Page) Apply(s *sql.Selector) {
	matches := p.matches(s)
	// Materialized: otherwise PostgreSQL may read all names in their order, in the hope that the page fills up soon.
	s.Prefix(sql.ExprFunc(func(b *sql.Builder) {
		b.WriteString("WITH matches AS MATERIALIZED (").Join(matches).WriteString(")")
	}))
	if p.Counted {
		s.AppendSelectExprAs(sql.Raw("(SELECT COUNT(*) FROM matches)"), total)
	}
	shown := sql.Dialect(s.Dialect()).Select(clientrecord.FieldID).From(sql.Table("matches"))
	p.Window.Apply(shown)
	s.SetP(sql.In(s.C(clientrecord.FieldID), shown))
	p.Window.Sort(s)
}

// matches selects what all matches are sorted by.
func (p Page) matches(s *sql.Selector) *sql.Selector {
	matches := sql.Dialect(s.Dialect()).Select().From(sql.Table(clientrecord.Table))
	where := p.Matches()
	if long, short := words(p.Text); s.Dialect() == dialect.SQLite && len(short) == 0 && !p.ButByCPF {
		found := sql.Table(index).As(index)
		matches.From(sql.Table(rows).As(clientrecord.Table)).Join(found)
		// The plus lets the index be asked once, not for each row, and each match be found by its number.
		matches.OnP(sql.ExprP(matches.C("n")+" = +"+found.C("rowid")+" AND "+found.C(index)+" MATCH ?", match(long)))
		where = p.Where
	}
	matches.Select(matches.Columns(p.Window.Columns()...)...)
	for _, narrow := range where {
		narrow(matches)
	}
	if s.P() != nil {
		matches.Where(s.P())
	}
	return matches
}

// Total returns how many clients are found in all, as the rows that Apply read say. Of a page without rows, and without
// Apply, it is not known.
func (p Page) Total(found []*ent.ClientRecord) (n int, known bool, err error) {
	if !p.Counted || !p.IsIndexed() || len(found) == 0 {
		return 0, false, nil
	}
	value, err := found[0].Value(total)
	if err != nil {
		return 0, false, fmt.Errorf("count the clients that are found: %w", err)
	}
	n, err = strconv.Atoi(fmt.Sprint(value))
	return n, err == nil, err
}
