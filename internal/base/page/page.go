// Package page cuts a list into pages by keyset, as the Relay connection specification asks. A page starts after the
// last row of the page before, found through an index, so that the hundredth page costs as much as the first.
package page

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

const (
	defaultSize = 25
	maxSize     = 100
	maxCursor   = 2048
)

// Args are the arguments of a connection.
type Args struct {
	First, Last   *int
	After, Before *string
}

// Order is the order of a list: by a column that is never null, and for equal values by id. Without a column it is by
// id alone, which is the order in which the rows were made.
type Order struct {
	Column string
	Desc   bool
}

// position is the place of a row in an order. It includes the order, so that a cursor of another order is refused
// instead of giving a page that makes no sense.
type position struct {
	Order Order  `json:"o"`
	Value string `json:"v,omitempty"`
	ID    string `json:"i"`
}

// Window is the part of a list that a page shows.
type Window struct {
	order         Order
	size          int
	backward      bool
	after, before *position
}

// Window checks the arguments of a connection in an order. It returns a fault.BadRequest when they make no sense.
func (a Args) Window(order Order) (Window, error) {
	w := Window{order: order, size: defaultSize}
	if a.First != nil && a.Last != nil {
		return Window{}, fault.BadRequest{Detail: fault.FirstAndLast}
	}
	if a.First != nil {
		w.size = *a.First
	}
	if a.Last != nil {
		w.size, w.backward = *a.Last, true
	}
	if w.size < 1 || w.size > maxSize {
		return Window{}, fault.BadRequest{Detail: fault.PageSize}
	}
	var err error
	if w.after, err = w.parse(a.After, "after"); err != nil {
		return Window{}, err
	}
	if w.before, err = w.parse(a.Before, "before"); err != nil {
		return Window{}, err
	}
	return w, nil
}

func (w Window) parse(cursor *string, name string) (*position, error) {
	if cursor == nil {
		return nil, nil
	}
	bad := fault.BadRequest{Detail: fault.CursorUnknown, About: name}
	if len(*cursor) > maxCursor {
		return nil, bad
	}
	data, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err != nil {
		return nil, bad
	}
	var p position
	if err := json.Unmarshal(data, &p); err != nil || p.ID == "" || p.Order != w.order ||
		strings.Contains(p.Value+p.ID, "\x00") {
		return nil, bad
	}
	return &p, nil
}

// Apply narrows a selection to the window and one row more, which shows whether the list goes on.
func (w Window) Apply(s *sql.Selector) {
	columns := w.columns(s)
	bound := func(p *position, greater bool) {
		if p == nil {
			return
		}
		args := []any{p.ID}
		if w.order.Column != "" {
			args = []any{p.Value, p.ID}
		}
		if greater {
			s.Where(sql.CompositeGT(columns, args...))
		} else {
			s.Where(sql.CompositeLT(columns, args...))
		}
	}
	bound(w.after, !w.order.Desc)
	bound(w.before, w.order.Desc)
	w.Sort(s)
	s.Limit(w.size + 1)
}

// Sort puts the rows of a selection in the order in which the window reads them.
func (w Window) Sort(s *sql.Selector) {
	for _, column := range w.columns(s) {
		if w.order.Desc != w.backward {
			s.OrderBy(sql.Desc(column))
		} else {
			s.OrderBy(sql.Asc(column))
		}
	}
}

// Columns are what the rows are sorted by.
func (w Window) Columns() []string {
	if w.order.Column == "" {
		return []string{"id"}
	}
	return []string{w.order.Column, "id"}
}

func (w Window) columns(s *sql.Selector) []string { return s.Columns(w.Columns()...) }

// Connection is one page of a list.
type Connection[T any] struct {
	// Edges are the rows of the page.
	Edges []*Edge[T]
	// PageInfo says where the page stands.
	PageInfo Info
	count    func(context.Context) (int, error)
}

// Edge is one row of a page.
type Edge[T any] struct {
	// Cursor is where the row stands.
	Cursor string
	// Node is the row.
	Node T
}

// Info says where a page stands in its list.
type Info struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// TotalCount counts the rows of the whole list. It queries the database only when it is called.
func (c *Connection[T]) TotalCount(ctx context.Context) (int, error) { return c.count(ctx) }

// New makes the page of the rows that a query with the window's Apply returned. key tells a row's value in the order's
// column, unused when there is none, and its id; count counts the whole list.
func New[T any](
	w Window, rows []T, key func(T) (value, id string), count func(context.Context) (int, error),
) *Connection[T] {
	more := len(rows) > w.size
	if more {
		rows = rows[:w.size]
	}
	if w.backward {
		slices.Reverse(rows)
	}
	c := &Connection[T]{Edges: make([]*Edge[T], len(rows)), count: count}
	for i, row := range rows {
		p := position{Order: w.order}
		p.Value, p.ID = key(row)
		if w.order.Column == "" {
			p.Value = ""
		}
		data, err := json.Marshal(p)
		if err != nil {
			panic(err) // strings and a bool always encode
		}
		c.Edges[i] = &Edge[T]{Cursor: base64.RawURLEncoding.EncodeToString(data), Node: row}
	}
	if w.backward {
		c.PageInfo.HasPreviousPage, c.PageInfo.HasNextPage = more, w.before != nil
	} else {
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = more, w.after != nil
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	return c
}
