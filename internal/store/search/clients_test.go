package search_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// shop is a client in a test.
type shop struct{ name, trade, document string }

func (s shop) create(tx *ent.Tx) *ent.ClientRecordCreate {
	return tx.ClientRecord.Create().SetName(s.name).SetTradeName(s.trade).SetDocument(s.document).
		SetNameKey(search.Fold(s.name)).SetSearchText(search.Fold(s.name + " " + s.trade + " " + s.document))
}

func add(t *testing.T, s *store.Store, shops ...shop) {
	t.Helper()
	err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		for batch := range slices.Chunk(shops, 1000) {
			creates := make([]*ent.ClientRecordCreate, len(batch))
			for i, shop := range batch {
				creates[i] = shop.create(tx)
			}
			if err := tx.ClientRecord.CreateBulk(creates...).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func asSystem(t *testing.T) context.Context { return principal.AsSystem(t.Context(), "test") }

// find returns the names of the clients that text finds, in the order of a page.
func find(t *testing.T, s *store.Store, text string) []string {
	t.Helper()
	query := s.Reader().ClientRecord.Query().Where(clientrecord.ArchivedAtIsNil())
	if predicate, ok := search.Clients(text); ok {
		query.Where(predicate)
	}
	clients, err := query.Order(clientrecord.ByNameKey(), clientrecord.ByID()).All(asSystem(t))
	if err != nil {
		t.Errorf("search %q: %v", text, err)
	}
	names := make([]string, len(clients))
	for i, c := range clients {
		names[i] = c.Name
	}
	return names
}

// Every case runs on both databases: they find the same.
func TestASearchFindsTheClientsThatContainEachWord(t *testing.T) {
	t.Parallel()
	const (
		acai    = "AÇAÍ da Vovó Ltda"
		joao    = "João & Maria Comércio S/A"
		strange = `50% "Off" O'Hara_C:\d * (NEAR) [x]`
		like    = "50 percent"
		bakery  = "Padaria São José"
		cjk     = "東京ラーメン店"
	)
	shops := []shop{
		{acai, "Açaí do Zé", "12ABC34501DE35"},
		{joao, "Loja-7 Conceição", "39053344705"},
		{strange, "Größe NEAR AND OR NOT", "11222333000181"},
		{like, "", "98765432000198"},
		{bakery, "", "45997418000153"},
		{cjk, "", "33000167000101"},
	}
	cases := []struct {
		why, text string
		want      []string
	}{
		{"one word", "padaria", []string{bakery}},
		{"part of a word", "omérc", []string{joao}},
		{"accents typed or not", "acai", []string{acai}},
		{"accents typed or not", "AÇAÍ", []string{acai}},
		{"a decomposed accent", "Jose\u0301", []string{bakery}},
		{"sharp s", "GROSSE", []string{strange}},
		{"words in any order", "josé padaria", []string{bakery}},
		{"words of name and trade name", "maria conceição", []string{joao}},
		{"a word that is missing", "padaria maria", nil},
		{"spaces around and between", "  são \t\n josé ", []string{bakery}},
		{"a short word narrows a long one", "padaria sã", []string{bakery}},
		{"a short word that is missing", "padaria zz", nil},
		{"only a short word begins the name", "jo", []string{joao}},
		{"only a short word begins the name", "sã", nil},
		{"only short words, of which the first begins the name", "50 %", []string{strange}},
		{"only short words, of which the first begins the name", "a da", []string{acai}},
		{"a script without spaces", "ラーメン", []string{cjk}},
		{"a script without spaces, short", "東京", []string{cjk}},

		{"a whole document", "12ABC34501DE35", []string{acai}},
		{"a document in lower case", "12abc34501de35", []string{acai}},
		{"a document with punctuation", "12.ABC.345/01DE-35", []string{acai}},
		{"a piece of a document with punctuation", "12.abc.345", []string{acai}},
		{"the end of a document with punctuation", "01de-35", []string{acai}},
		{"a document with spaces", "12.ABC.345 / 01DE - 35", []string{acai}},
		{"a CPF with punctuation", "390.533.447-05", []string{joao}},
		{"a document as a paste brings it", "“12.\u200bABC.345/01DE–35”\u00a0", []string{acai}},
		{"a document with blanks that do not break", "12.ABC.345\u00a0/\u00a001DE\u00a0–\u00a035", []string{acai}},
		{"punctuation that is in a name", "s/a", []string{joao}},
		{"punctuation that is in a name", "loja-7", []string{joao}},
		{"a document that nobody has", "99.999.999/0001-91", nil},

		{"a percent sign is no wildcard", "0%", nil},
		{"a percent sign is no wildcard", "50%", []string{strange}},
		{"a percent sign is no wildcard", "p%t", nil},
		{"a percent sign is no wildcard", "%%%", nil},
		{"an underscore is no wildcard", "p_daria", nil},
		{"an underscore is no wildcard", "hara_c", []string{strange}},
		{"an underscore is no wildcard", "___", nil},
		{"an underscore is no wildcard", "padaria _", nil},
		{"a backslash escapes nothing", `c:\d`, []string{strange}},
		{"a backslash escapes nothing", `\padaria`, nil},
		{"a backslash escapes nothing", `padaria \`, nil},
		{"a quote ends nothing", `"off"`, []string{strange}},
		{"a quote ends nothing", `padaria" OR "maria`, nil},
		{"a quote ends nothing", `"""`, nil},
		{"a quote ends nothing", `o'hara`, []string{strange}},
		{"a quote ends nothing", `'; DROP TABLE clients; --`, nil},
		{"a star is no prefix", "pad*", nil},
		{"a star is no prefix", "50% *", []string{strange}},
		{"a caret begins nothing", "^padaria", nil},
		{"a column is no filter", "search_text:padaria", nil},
		{"a minus takes nothing away", "padaria -josé", []string{bakery}},
		{"NEAR is a word", "NEAR(padaria josé)", nil},
		{"NEAR is a word", "(near)", []string{strange}},
		{"AND is a word", "padaria AND josé", nil},
		{"AND is a word", "größe and", []string{strange}},
		{"OR is a word", "padaria OR maria", nil},
		{"NOT is a word", "padaria NOT josé", nil},
		{"NUL ends nothing", "padaria\x00josé", []string{bakery}},
		{"bytes that are no UTF-8", "padaria\xff", nil},

		{"the first eight words count", "a b c d e f g h missing", nil},
		{"the first eight words count", "padaria são josé padaria são josé padaria são missing", []string{bakery}},
		{"the first 200 characters count", "padaria" + strings.Repeat(" ", 10) + strings.Repeat("x", 1_000_000), nil},
		{"nothing to look for", "", []string{like, strange, acai, joao, bakery, cjk}},
		{"nothing to look for", " ./- - \x00", []string{like, strange, acai, joao, bakery, cjk}},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		add(t, s, shops...)
		for _, c := range cases {
			if got := find(t, s, c.text); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("%s: %.40q finds %q, want %q", c.why, c.text, got, c.want)
			}
		}
	})
}

func TestASearchFollowsEveryChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		write := func(fn func(ctx context.Context, tx *ent.Tx) error) {
			t.Helper()
			if err := s.Write(asSystem(t), fn); err != nil {
				t.Fatal(err)
			}
		}
		check := func(text string, want ...string) {
			t.Helper()
			if got := find(t, s, text); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
		add(t, s, shop{"Padaria", "", "1"}, shop{"Mercearia", "", "2"})
		check("padaria", "Padaria")

		write(func(ctx context.Context, tx *ent.Tx) error {
			return tx.ClientRecord.Update().Where(clientrecord.Document("1")).
				SetName("Farmácia").SetNameKey("farmacia").SetSearchText("farmacia 1").Exec(ctx)
		})
		check("padaria")
		check("farmacia", "Farmácia")

		write(func(ctx context.Context, tx *ent.Tx) error {
			_, err := tx.ClientRecord.Delete().Where(clientrecord.Document("1")).Exec(ctx)
			return err
		})
		check("farmacia")
		check("mercearia", "Mercearia")

		add(t, s, shop{"Farmácia Nova", "", "3"})
		check("farmacia", "Farmácia Nova")
	})
}

// VACUUM may number the rows of clients anew.
func TestASearchOfSQLiteOutlivesVacuum(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	add(t, s, shop{"Padaria", "", "1"}, shop{"Mercearia", "", "2"})
	err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		_, err := tx.ClientRecord.Delete().Where(clientrecord.Document("1")).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var original string
	if err := s.DB().QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&original); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", original)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	path := filepath.Join(t.TempDir(), "copy.db")
	if _, err := raw.Exec("VACUUM INTO ?", path); err != nil {
		t.Fatal(err)
	}
	c, err := store.Open(t.Context(), "sqlite:"+path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Keep(storetest.AuditKeys{})
	add(t, c, shop{"Farmácia", "", "3"})
	for text, want := range map[string]string{"mercearia": "Mercearia", "farmacia": "Farmácia"} {
		if got := find(t, c, text); !slices.Equal(got, []string{want}) {
			t.Errorf("%q finds %q", text, got)
		}
	}
}

// manyShops returns clients of which all are Ltda, one in ten is a bakery, each has a number of its own, and three are
// greengrocers.
func manyShops() []shop {
	kinds := []string{"Padaria", "Mercearia", "Farmácia", "Livraria", "Papelaria", "Ótica", "Floricultura", "Açougue",
		"Sapataria", "Relojoaria"}
	shops := make([]shop, 10_000)
	for i := range shops {
		shops[i] = shop{fmt.Sprintf("%s Número %05d Ltda", kinds[i%len(kinds)], i), "", fmt.Sprintf("%014d", 10_000_000+i*7)}
	}
	for i := range 3 {
		shops[i].name = fmt.Sprintf("Quitanda Número %d Ltda", i)
	}
	return shops
}

func TestAPageOfASearchIsServedByIndexes(t *testing.T) {
	t.Parallel()
	const trigrams, names = "clients_search", clientrecord.Table + "_active_by_name"
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		add(t, s, manyShops()...)
		if s.Dialect() == dialect.Postgres { // otherwise it would do so itself, a minute later
			if _, err := s.DB().ExecContext(t.Context(), "ANALYZE clients"); err != nil {
				t.Fatal(err)
			}
		}
		for text, index := range map[string]string{
			"04321":                trigrams,
			"padaria":              trigrams,
			"padaria número 04320": trigrams,
			"padaria 04 20":        trigrams,
			"00.000.010/0432-10":   trigrams,
			"padaria que não há":   trigrams,
			"qu":                   names,
			"qu 1":                 names,
		} {
			steps := strings.Join(plan(t, s, text), "\n")
			if !strings.Contains(steps, index) || !servedByIndexes(steps) {
				t.Errorf("%q is not served by %s:\n%s", text, index, steps)
			}
		}
	})
}

// servedByIndexes reports whether no step scans all clients, or all active ones.
func servedByIndexes(steps string) bool {
	for step := range strings.Lines(steps) {
		step = strings.TrimSpace(step)
		if strings.Contains(step, "Seq Scan") || strings.HasPrefix(step, "SCAN clients") &&
			!strings.Contains(step, "VIRTUAL TABLE INDEX 0:M") {
			return false
		}
		// An index that is read only for its order has no condition.
		if strings.Contains(step, "Index Scan using clients_active_by_name") &&
			!strings.Contains(steps, "Index Cond: (((name_key)") {
			return false
		}
	}
	return true
}

// plan returns how the database would answer the first page of a search.
func plan(t *testing.T, s *store.Store, text string) (steps []string) {
	t.Helper()
	window, err := page.Args{}.Window(page.Order{Column: clientrecord.FieldNameKey})
	if err != nil {
		t.Fatal(err)
	}
	clients := entsql.Table(clientrecord.Table)
	rows := entsql.Dialect(s.Dialect()).Select(clients.Columns(clientrecord.Columns...)...).From(clients)
	of := search.Page{
		Text: text, Where: []predicate.ClientRecord{clientrecord.ArchivedAtIsNil()}, Window: window, Counted: true,
	}
	if of.IsIndexed() {
		of.Apply(rows)
	} else {
		for _, narrow := range of.Matches() {
			narrow(rows)
		}
		window.Apply(rows)
	}
	return explained(t, s, rows)
}

// explained returns the database's plan of a query, made under settings of PostgreSQL.
func explained(t *testing.T, s *store.Store, rows *entsql.Selector, settings ...string) (steps []string) {
	t.Helper()
	conn, err := s.DB().Conn(t.Context())
	must.Do(t, err)
	defer func() { must.Do(t, conn.Close()) }()
	query, args := rows.Query()
	explain := "EXPLAIN QUERY PLAN "
	if s.Dialect() == dialect.Postgres {
		explain = "EXPLAIN "
		for _, set := range settings {
			_, err := conn.ExecContext(t.Context(), set)
			must.Do(t, err)
			name, _, _ := strings.Cut(strings.TrimPrefix(set, "SET "), " ")
			defer func() {
				_, err := conn.ExecContext(t.Context(), "RESET "+name)
				must.Do(t, err)
			}()
		}
	}
	explained, err := conn.QueryContext(t.Context(), explain+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer explained.Close()
	for explained.Next() {
		var step string
		var ignored sql.RawBytes
		to := []any{&step}
		if s.Dialect() == dialect.SQLite {
			to = []any{&ignored, &ignored, &ignored, &step}
		}
		if err := explained.Scan(to...); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := explained.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
