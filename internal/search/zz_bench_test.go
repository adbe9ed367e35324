package search_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestZZ(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("ZZ"))
	if n == 0 {
		t.Skip()
	}
	f := func(t *testing.T, s *store.Store) {
		var shops []shop
		kinds := []string{"Padaria", "Mercearia", "Farmácia", "Livraria", "Papelaria", "Ótica", "Floricultura", "Açougue", "Sapataria", "Relojoaria"}
		for i := range n {
			shops = append(shops, shop{fmt.Sprintf("%s Número %06d Ltda", kinds[i%len(kinds)], i), "", fmt.Sprintf("%014d", 10_000_000+i*7)})
		}
		start := time.Now()
		add(t, s, shops...)
		t.Log("insert", time.Since(start))
		if s.Dialect() == dialect.Postgres {
			s.DB().ExecContext(t.Context(), "VACUUM ANALYZE clients")
		}
		const tail = " AND archived_at IS NULL ORDER BY name_key, id LIMIT 26"
		variants := map[string]string{}
		if s.Dialect() == dialect.Postgres {
			variants["cte"] = "SELECT * FROM clients WHERE id IN (WITH m AS MATERIALIZED (SELECT id FROM clients WHERE search_text LIKE $1) SELECT id FROM m)" + tail
			variants["array"] = "SELECT * FROM clients WHERE id = ANY(ARRAY(SELECT id FROM clients WHERE search_text LIKE $1))" + tail
			variants["plain"] = "SELECT * FROM clients WHERE search_text LIKE $1" + tail
			variants["off0"] = "SELECT * FROM (SELECT * FROM clients WHERE search_text LIKE $1 OFFSET 0) x WHERE true" + tail
			variants["cte count"] = "SELECT count(*) FROM clients WHERE id IN (WITH m AS MATERIALIZED (SELECT id FROM clients WHERE search_text LIKE $1) SELECT id FROM m) AND archived_at IS NULL"
			variants["array count"] = "SELECT count(*) FROM clients WHERE id = ANY(ARRAY(SELECT id FROM clients WHERE search_text LIKE $1)) AND archived_at IS NULL"
		} else {
			variants["nested"] = "SELECT * FROM clients WHERE id IN (SELECT client_id FROM clients_search_rows WHERE n IN (SELECT rowid FROM clients_search WHERE clients_search MATCH ?1))" + tail
			variants["join"] = "SELECT * FROM clients WHERE id IN (SELECT client_id FROM clients_search JOIN clients_search_rows ON n = clients_search.rowid WHERE clients_search MATCH ?1)" + tail
			variants["join +id"] = "SELECT * FROM clients WHERE +id IN (SELECT client_id FROM clients_search JOIN clients_search_rows ON n = clients_search.rowid WHERE clients_search MATCH ?1)" + tail
			variants["plain"] = "SELECT * FROM clients WHERE instr(search_text, trim(?1, '\"')) > 0" + tail
			variants["nested count"] = "SELECT count(*) FROM clients WHERE id IN (SELECT client_id FROM clients_search_rows WHERE n IN (SELECT rowid FROM clients_search WHERE clients_search MATCH ?1)) AND archived_at IS NULL"
			variants["join count"] = "SELECT count(*) FROM clients WHERE id IN (SELECT client_id FROM clients_search JOIN clients_search_rows ON n = clients_search.rowid WHERE clients_search MATCH ?1) AND archived_at IS NULL"
			variants["join +id count"] = "SELECT count(*) FROM clients WHERE +id IN (SELECT client_id FROM clients_search JOIN clients_search_rows ON n = clients_search.rowid WHERE clients_search MATCH ?1) AND archived_at IS NULL"
		}
		for _, w := range []string{"004321", "0432", "padaria numero 00", "padaria", "ltda"} {
			arg := "%" + w + "%"
			if s.Dialect() == dialect.SQLite {
				arg = `"` + w + `"`
			}
			for name, q := range variants {
				p, err := s.DB().PrepareContext(t.Context(), q)
				if err != nil {
					t.Fatal(name, err)
				}
				var best time.Duration = time.Hour
				for range 15 {
					start := time.Now()
					rows, err := p.Query(arg)
					if err != nil {
						t.Fatal(err)
					}
					for rows.Next() {
					}
					rows.Close()
					best = min(best, time.Since(start))
				}
				t.Log(w, strings.Repeat(" ", 20-len(w)), name, best)
				p.Close()
			}
		}
	}
	storetest.Each(t, f)
}
