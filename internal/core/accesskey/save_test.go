package accesskey

import (
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// A save that read all clients for the few it is given would cost a house of 10,000 shops more than all its reads.
func TestASaveFindsItsClientsAndKeysByTheirIDs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Postgres(t), 1, Brakes{Issued: 3, Read: 3})
	h.key(t, 0)
	db := h.store.DB()
	for _, statement := range []string{
		`INSERT INTO clients SELECT (jsonb_populate_record(c, jsonb_build_object('id', c.id || n, 'document', n))).*
			FROM clients c, generate_series(1, 5000) n`,
		`INSERT INTO access_keys SELECT (jsonb_populate_record(k, jsonb_build_object('id', k.id || n, 'visible_part', n,
			'hash', '\x' || lpad(n::text, 8, '0')))).* FROM access_keys k, generate_series(1, 5000) n`,
		`ANALYZE clients, access_keys`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for name, statement := range map[string]string{"states": statesQuery, "uses": usesUpdate} {
		rows, err := db.QueryContext(t.Context(), "EXPLAIN "+strings.ReplaceAll(statement, "$1", `'[["a","b","c"]]'`))
		if err != nil {
			t.Fatal(err)
		}
		var plan strings.Builder
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(line + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plan.String(), "Seq Scan") {
			t.Errorf("%s reads a whole table:\n%s", name, plan.String())
		}
	}
}
