package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// pages reads all pages of a search, three rows each, and returns the ids in their order. It checks the total of each.
func pages(t *testing.T, s *store.Store, of search.Page, order page.Order, backward bool, total int) (ids []string) {
	t.Helper()
	size := 3
	for args := (page.Args{}); ; {
		args.First, args.Last = &size, nil
		if backward {
			args.First, args.Last = nil, &size
		}
		window, err := args.Window(order)
		if err != nil {
			t.Fatal(err)
		}
		of.Window = window
		query := s.Reader().ClientRecord.Query()
		query.Modify(of.Apply)
		rows, err := query.All(asSystem(t))
		if err != nil {
			t.Fatal(err)
		}
		n, known, err := of.Total(rows)
		if err != nil || known != (of.Counted && len(rows) > 0) || known && n != total {
			t.Errorf("the total is %d (%t, %v), want %d", n, known, err, total)
		}
		found := page.New(window, rows, func(c *ent.ClientRecord) (string, string) {
			return map[string]string{"name_key": c.NameKey, "trouble": c.Trouble}[order.Column], c.ID
		}, nil)
		var shown []string
		for _, edge := range found.Edges {
			shown = append(shown, edge.Node.ID)
		}
		if backward {
			ids, args.Before = append(shown, ids...), found.PageInfo.StartCursor
		} else {
			ids, args.After = append(ids, shown...), found.PageInfo.EndCursor
		}
		if !found.PageInfo.HasNextPage && !backward || !found.PageInfo.HasPreviousPage && backward {
			return ids
		}
	}
}

// shelf returns shops of which some are archived, some erased and some in trouble, and whose names repeat.
func shelf(t *testing.T, s *store.Store) []*ent.ClientRecord {
	t.Helper()
	var shops []shop
	for i := range 40 {
		shops = append(shops, shop{
			name: []string{"Padaria União", "Mercado União", "Padaria Central"}[i%3], document: fmt.Sprintf("%014d", i),
		})
	}
	shops = append(shops, shop{name: "Maria Padaria", document: "39053344705"})
	add(t, s, shops...)
	err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		all, err := tx.ClientRecord.Query().Order(clientrecord.ByDocument()).All(ctx)
		if err != nil {
			return err
		}
		for i, c := range all {
			update := tx.ClientRecord.UpdateOne(c).SetTrouble(fmt.Sprint(i % 4))
			if i%5 == 0 {
				update.SetArchivedAt(time.Now())
			}
			if i%10 == 0 {
				update.SetErasedAt(time.Now())
			}
			if i == 7 {
				update.SetName("Zelador da Padaria").SetNameKey("zelador da padaria").SetSearchText("zelador da padaria 7")
			}
			if err := update.Exec(ctx); err != nil {
				return err
			}
		}
		return tx.ClientRecord.DeleteOne(all[9]).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Reader().ClientRecord.Query().All(asSystem(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every case runs on both databases, and is compared with what Go finds among all rows.
func TestThePagesOfASearchHaveEveryMatchOnceInItsOrderAndTheTotal(t *testing.T) {
	t.Parallel()
	lists := map[string]struct {
		where []predicate.ClientRecord
		has   func(c *ent.ClientRecord) bool
	}{
		"active": {[]predicate.ClientRecord{clientrecord.ArchivedAtIsNil()},
			func(c *ent.ClientRecord) bool { return c.ArchivedAt == nil }},
		"archived": {[]predicate.ClientRecord{clientrecord.ArchivedAtNotNil(), clientrecord.ErasedAtIsNil()},
			func(c *ent.ClientRecord) bool { return c.ArchivedAt != nil && c.ErasedAt == nil }},
		"none": {[]predicate.ClientRecord{clientrecord.ArchivedAtIsNil(), clientrecord.ID("")},
			func(*ent.ClientRecord) bool { return false }},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := shelf(t, s)
		for name, list := range lists {
			for _, text := range []string{"padaria", "adar", "união padaria", "padaria ce", "905.334", "nenhuma"} {
				for _, order := range []page.Order{{Column: "name_key"}, {Column: "trouble", Desc: true}, {}, {Desc: true}} {
					for i := range 8 {
						of := search.Page{Text: text, Where: list.where, Counted: i&1 != 0, ButByCPF: i&2 != 0}
						backward := i&4 != 0
						want := matches(all, of, order, list.has)
						got := pages(t, s, of, order, backward, len(want))
						if !slices.Equal(got, want) {
							t.Errorf("%s, %q by %v, but by CPF %t, backward %t:\n got %v\nwant %v",
								name, text, order, of.ButByCPF, backward, got, want)
						}
					}
				}
			}
		}
	})
}

// matches returns the ids of the clients that a page's search finds, in an order.
func matches(
	all []*ent.ClientRecord, of search.Page, order page.Order, has func(*ent.ClientRecord) bool,
) (ids []string) {
	text := strings.Fields(search.Fold(strings.ReplaceAll(of.Text, ".", "")))
	found := slices.DeleteFunc(slices.Clone(all), func(c *ent.ClientRecord) bool {
		in := c.SearchText
		if of.ButByCPF && len(c.Document) == 11 {
			in = strings.TrimSuffix(in, c.Document)
		}
		return !has(c) || slices.ContainsFunc(text, func(word string) bool { return !strings.Contains(in, word) })
	})
	place := func(c *ent.ClientRecord) string {
		return map[string]string{"name_key": c.NameKey, "trouble": c.Trouble}[order.Column] + "\x00" + c.ID
	}
	slices.SortFunc(found, func(a, b *ent.ClientRecord) int { return strings.Compare(place(a), place(b)) })
	if order.Desc {
		slices.Reverse(found)
	}
	for _, c := range found {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestAConditionOfTheQueryHoldsForTheTotalToo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := shelf(t, s)
		window, err := page.Args{}.Window(page.Order{})
		if err != nil {
			t.Fatal(err)
		}
		of := search.Page{Text: "maria", Window: window, Counted: true}
		for id, want := range map[string]int{all[len(all)-1].ID: 1, all[0].ID: 0} {
			query := s.Reader().ClientRecord.Query().Where(clientrecord.ID(id)) // as a policy narrows it
			query.Modify(of.Apply)
			rows, err := query.All(asSystem(t))
			if err != nil || len(rows) != want {
				t.Errorf("%d rows (%v), want %d", len(rows), err, want)
			}
			if n, known, err := of.Total(rows); n != want || known != (want > 0) || err != nil {
				t.Errorf("the total is %d (%t, %v), want %d", n, known, err, want)
			}
		}
	})
}
