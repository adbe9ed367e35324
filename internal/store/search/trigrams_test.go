package search_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// furnished gives each of some shops a connection and two keys, and returns them by the names of the shops.
func furnished(t *testing.T, s *store.Store, shops ...shop) map[string]*ent.Marketplace {
	t.Helper()
	add(t, s, shops...)
	made := map[string]*ent.Marketplace{}
	must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		product, err := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		clients, err := tx.ClientRecord.Query().All(ctx)
		if err != nil {
			return err
		}
		for i, c := range clients {
			of, err := tx.ClientProduct.Create().SetClientID(c.ID).SetProductID(product.ID).Save(ctx)
			if err != nil {
				return err
			}
			made[c.Name], err = tx.Marketplace.Create().SetClientProductID(of.ID).SetClientID(c.ID).
				SetProvider("MEU_CARRINHO").SetDescription("Delivery").SetHealthState("CONNECTED").
				SetHealthReason("CHECK_PASSED").SetSettings(json.RawMessage(fmt.Sprintf(`{"username":"usuário%05d"}`, i))).
				SetExternalAccount(fmt.Sprintf("LJ-%05d", i)).SetAccountName("Shopping " + c.Name).Save(ctx)
			if err != nil {
				return err
			}
			for n, name := range []string{"Retaguarda", "Caixa"} {
				err := tx.AccessKey.Create().SetClientProductID(of.ID).SetClientID(c.ID).SetName(name).
					SetVisiblePart(fmt.Sprintf("chv_live_%06dAbCd%02d", i, n)).SetLast4(fmt.Sprintf("%03dz", i%1000)).
					SetHash([]byte{1}).SetCreatedBy("x").Exec(ctx)
				if err != nil {
					return err
				}
			}
		}
		return nil
	}))
	return made
}

// foundMarketplaces returns the accounts of the marketplaces that a text finds, in their order.
func foundMarketplaces(t *testing.T, s *store.Store, text string, scope search.Scope) []string {
	t.Helper()
	matches, ok := search.Marketplaces(text, scope)
	if !ok {
		return nil
	}
	rows, err := s.Reader().Marketplace.Query().Where(matches).Order(marketplace.ByID()).All(asSystem(t))
	must.Do(t, err)
	names := []string{}
	for _, m := range rows {
		names = append(names, *m.AccountName)
	}
	return names
}

// foundKeys returns the visible parts of the access keys that a text finds, in their order.
func foundKeys(t *testing.T, s *store.Store, text string, scope search.Scope) []string {
	t.Helper()
	matches, ok := search.AccessKeysOrOfClients(text, scope)
	if !ok {
		return nil
	}
	rows, err := s.Reader().AccessKey.Query().Where(matches).Order(accesskey.ByVisiblePart()).All(asSystem(t))
	must.Do(t, err)
	parts := []string{}
	for _, k := range rows {
		parts = append(parts, k.VisiblePart)
	}
	return parts
}

var (
	bakery = shop{"Padaria São José", "Pão Quente", "11222333000181"}
	maria  = shop{"Maria Silva", "", "39053344705"}
)

func TestAConnectionIsFoundByWhatTheProviderAndTheHouseCallIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		made := furnished(t, s, bakery)
		of := made[bakery.name]
		must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.UpdateOne(of).SetDescription("Hub São João").SetAccountDocument("11444777000161").Exec(ctx)
		}))
		for text, found := range map[string]bool{
			"hub":                true,
			"SAO joão":           true,
			"usuario00000":       true, // of the settings
			"lj-00000":           true, // its number
			"shopping padaria":   true, // its name
			"11.444.777/0001":    true, // its CNPJ
			"hub sã":             true, // a short word narrows
			"hub xx":             false,
			"delivery":           false, // as it was called before
			"username":           false,
			"padaria pão quente": false, // of the client alone
			"hu":                 false,
			"h_b":                false,
			"hub%":               false,
			`hub" OR "x`:         false,
		} {
			if got := len(foundMarketplaces(t, s, text, search.Scope{})) == 1; got != found {
				t.Errorf("%q finds it: %t", text, got)
			}
		}
		must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.DeleteOne(of).Exec(ctx)
		}))
		if got := foundMarketplaces(t, s, "hub", search.Scope{}); len(got) > 0 {
			t.Errorf("%q was removed", got)
		}
	})
}

func TestTheCPFOfAPersonFindsNoConnection(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		made := furnished(t, s, maria)
		must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.UpdateOne(made[maria.name]).SetAccountDocument(maria.document).Exec(ctx)
		}))
		if got := foundMarketplaces(t, s, maria.document, search.Scope{}); len(got) > 0 {
			t.Errorf("found %q", got)
		}
	})
}

func TestAKeyIsFoundByItsFaceItsNameAndItsClient(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		furnished(t, s, bakery, maria)
		whole, err := token.New(token.Live)
		must.Do(t, err)
		must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			of, err := tx.ClientProduct.Query().First(ctx)
			if err != nil {
				return err
			}
			return tx.AccessKey.Create().SetClientProductID(of.ID).SetClientID(of.ClientID).SetName("Integração").
				SetVisiblePart(whole.VisiblePart()).SetLast4(whole.Last4()).SetHash([]byte{1}).SetCreatedBy("x").Exec(ctx)
		}))
		both := func(i int) []string {
			return []string{fmt.Sprintf("chv_live_%06dAbCd00", i), fmt.Sprintf("chv_live_%06dAbCd01", i)}
		}
		if got := foundKeys(t, s, "000001abcd", search.Scope{}); !slices.Equal(got, both(1)) {
			t.Fatalf("%q", got)
		}
		cases := []struct {
			text string
			want []string
		}{
			{whole.VisiblePart(), []string{whole.VisiblePart()}},
			{"“" + whole.VisiblePart() + "” ", []string{whole.VisiblePart()}},
			{whole.VisiblePart() + "…" + whole.Last4(), []string{whole.VisiblePart()}},
			{whole.Reveal()[23:45], []string{}},
			{"000z", both(0)},
			{"caixa", []string{both(0)[1], both(1)[1]}},
			{"integracao", []string{whole.VisiblePart()}},
			{"caixa 000z", both(0)[1:]},
		}
		for _, c := range cases {
			if got := foundKeys(t, s, c.text, search.Scope{}); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("%q finds %q, want %q", c.text, got, c.want)
			}
		}
		if got := foundKeys(t, s, "quente padaria", search.Scope{}); len(got) < 2 {
			t.Errorf("the client's words find %q", got)
		}
		if got := foundKeys(t, s, maria.document, search.Scope{}); len(got) < 2 {
			t.Errorf("the client's document finds %q", got)
		}
		if got := foundKeys(t, s, maria.document, search.Scope{ButByCPF: true}); len(got) > 0 {
			t.Errorf("a viewer finds %q by the CPF of a person", got)
		}
	})
}

func TestASearchOfAllButClientsIsServedByIndexes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shops := manyShops()[:400]
		furnished(t, s, shops...)
		if s.Dialect() == dialect.Postgres {
			_, err := s.DB().ExecContext(t.Context(), "ANALYZE")
			must.Do(t, err)
		}
		for _, text := range []string{"usuario00234", "lj-00234", "quitanda"} {
			matches, _ := search.Marketplaces(text, search.Scope{Most: 200})
			servedBy(t, s, marketplace.Table, matches, "marketplaces_search")
		}
		for _, text := range []string{"000234AbCd00", "quitanda", "123z", "chv_live_000234"} {
			matches, _ := search.AccessKeysOrOfClients(text, search.Scope{Most: 200})
			servedBy(t, s, accesskey.Table, matches, "access_keys_search")
			matches, _ = search.AccessKeysOrOfClients(text, search.Scope{})
			servedBy(t, s, accesskey.Table, matches, "access_keys_search")
		}
	})
}

// servedBy fails unless an index finds what a predicate matches, and no step reads a whole table.
func servedBy(t *testing.T, s *store.Store, table string, matches func(*entsql.Selector), index string) {
	t.Helper()
	rows := entsql.Dialect(s.Dialect()).Select("id").From(entsql.Table(table))
	matches(rows)
	rows.OrderBy(entsql.Desc("id")).Limit(9)
	steps := strings.Join(explained(t, s, rows, "SET enable_seqscan = off"), "\n") // which small tables are read by
	for step := range strings.Lines(steps) {
		step = strings.TrimSpace(step)
		if strings.Contains(step, "Seq Scan on "+table) || strings.HasPrefix(step, "SCAN "+table) &&
			!(strings.Contains(step, "VIRTUAL TABLE INDEX") && strings.Contains(step, ":M")) {
			t.Errorf("%s is read whole:\n%s", table, steps)
		}
	}
	if !strings.Contains(steps, index) {
		t.Errorf("%s serves nothing:\n%s", index, steps)
	}
}
