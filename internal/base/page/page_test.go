package page_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/page"
)

var byName = page.Order{Column: "name_key"}

func ptr[T any](v T) *T { return &v }

// connection returns the page of rows, each its own name and id, that a query gave.
func connection(t *testing.T, args page.Args, order page.Order, rows ...string) *page.Connection[string] {
	t.Helper()
	window, err := args.Window(order)
	if err != nil {
		t.Fatal(err)
	}
	return page.New(window, rows, func(row string) (string, string) { return row, row },
		func(context.Context) (int, error) { return 7, nil })
}

func nodes(c *page.Connection[string]) []string {
	var found []string
	for _, edge := range c.Edges {
		found = append(found, edge.Node)
	}
	return found
}

func TestTheExtraRowOnlyShowsThatTheListGoesOn(t *testing.T) {
	t.Parallel()
	cursor := connection(t, page.Args{}, byName, "a").PageInfo.StartCursor
	for name, c := range map[string]struct {
		args           page.Args
		rows, want     []string
		next, previous bool
	}{
		"the whole list":       {page.Args{First: ptr(2)}, []string{"a", "b"}, []string{"a", "b"}, false, false},
		"the first page":       {page.Args{First: ptr(2)}, []string{"a", "b", "c"}, []string{"a", "b"}, true, false},
		"a page in the middle": {page.Args{First: ptr(1), After: cursor}, []string{"b", "c"}, []string{"b"}, true, true},
		"the last page":        {page.Args{First: ptr(2), After: cursor}, []string{"b"}, []string{"b"}, false, true},
		"the end":              {page.Args{Last: ptr(2)}, []string{"d", "c", "b"}, []string{"c", "d"}, false, true},
		"backwards to the start": {page.Args{Last: ptr(2), Before: cursor}, []string{"b", "a"}, []string{"a", "b"},
			true, false},
		"nothing": {page.Args{}, nil, nil, false, false},
	} {
		got := connection(t, c.args, byName, c.rows...)
		if !slices.Equal(nodes(got), c.want) || got.PageInfo.HasNextPage != c.next ||
			got.PageInfo.HasPreviousPage != c.previous {
			t.Errorf("%s: %v %+v", name, nodes(got), got.PageInfo)
		}
		if empty := got.PageInfo.StartCursor == nil && got.PageInfo.EndCursor == nil; empty != (len(c.want) == 0) {
			t.Errorf("%s: cursors %v, %v", name, got.PageInfo.StartCursor, got.PageInfo.EndCursor)
		}
	}
}

func TestWithoutASizeAPageHasTwentyFiveRows(t *testing.T) {
	t.Parallel()
	got := connection(t, page.Args{}, page.Order{}, slices.Repeat([]string{"a"}, 26)...)
	if len(got.Edges) != 25 || !got.PageInfo.HasNextPage {
		t.Errorf("%d rows, %+v", len(got.Edges), got.PageInfo)
	}
}

func TestACursorIsOfOneOrder(t *testing.T) {
	t.Parallel()
	orders := []page.Order{byName, {Column: "name_key", Desc: true}, {}, {Desc: true}, {Column: "other"}}
	for _, made := range orders {
		cursor := connection(t, page.Args{}, made, "a").PageInfo.EndCursor
		for _, used := range orders {
			for _, args := range []page.Args{{After: cursor}, {Before: cursor}} {
				_, err := args.Window(used)
				var bad fault.BadRequest
				if made == used && err != nil || made != used && !errors.As(err, &bad) {
					t.Errorf("a cursor of %+v in %+v: %v", made, used, err)
				}
			}
		}
	}
}

func TestAForgedCursorIsRefused(t *testing.T) {
	t.Parallel()
	for _, json := range []string{``, `x`, `{}`, `[]`, `null`, `{"o":{"Column":"name_key","Desc":false}}`,
		`{"o":{"Column":"id; --","Desc":false},"i":"x"}`,
		`{"o":{"Column":"name_key","Desc":false},"v":"\u0000","i":"x"}`,
		`{"o":{"Column":"name_key","Desc":false},"i":"\u0000"}`} {
		cursor := base64.RawURLEncoding.EncodeToString([]byte(json))
		if _, err := (page.Args{After: &cursor}).Window(byName); err == nil {
			t.Errorf("%s is taken", json)
		}
	}
}
