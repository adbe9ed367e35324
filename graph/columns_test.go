package graph_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// selectionOf returns a field with all that can be selected in it without going on to another node.
func selectionOf(field *gql.FieldDefinition) string {
	definition := graph.Schema().Types[field.Type.Name()]
	switch {
	case definition.IsLeafType():
		return field.Name
	case len(definition.Interfaces) > 0:
		return field.Name + " { id }"
	}
	var parts []string
	for _, possible := range graph.Schema().GetPossibleTypes(definition) {
		for _, inner := range possible.Fields {
			if len(inner.Arguments) > 0 || strings.HasPrefix(inner.Name, "__") {
				continue
			}
			part := selectionOf(inner)
			if definition.Kind == gql.Union { // fields of the same name may have other types
				part = fmt.Sprintf("... on %s { %s_%s: %s }", possible.Name, possible.Name, inner.Name, part)
			}
			parts = append(parts, part)
		}
	}
	return field.Name + " { " + strings.Join(parts, " ") + " }"
}

// Every field of the types of which columns are read as they are asked for is asked for alone. It must be what it is in
// a row of which all columns were read, as node does.
func TestAFieldThatIsAskedForAloneHasAllThatItNeeds(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		shop := p.newShop(t, "Padaria")
		// What may be absent is there, and the credentials have ended: the health tells it.
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			ago := p.clock.Now().Add(-time.Hour)
			if err := tx.ClientRecord.UpdateOneID(shop.clientID).SetTradeName("Pão").SetBaitSince(ago).Exec(ctx); err != nil {
				return err
			}
			return tx.Marketplace.UpdateOneID(shop.marketplaceID).SetHealthState("CONNECTED").SetHealthReason("CHECK_PASSED").
				SetCredentialsExpireAt(ago).SetLastCheckedAt(ago).SetNextCheckAt(ago).SetRenewedAt(ago).
				SetExternalAccount("4711").SetAccountName("Loja").SetAccountDocument("11222333000181").
				SetProviderMessage("no").SetUnreadSealed([]byte("?")).SetUnreadUntil(p.clock.Now().Add(time.Hour)).Exec(ctx)
		}))
		const inClient = "clients.edges.0.node"
		for object, list := range map[string]struct{ document, path string }{
			"Client":        {"{ clients { edges { node { %s } } } }", inClient},
			"ClientProduct": {"{ clients { edges { node { products { %s } } } } }", inClient + ".products.0"},
			"Marketplace": {"{ clients { edges { node { products { marketplaces { %s } } } } } }",
				inClient + ".products.0.marketplaces.0"},
		} {
			id := p.must(t, p.admin, fmt.Sprintf(list.document, "id"), nil).get(list.path + ".id")
			for _, field := range graph.Schema().Types[object].Fields {
				if strings.HasPrefix(field.Name, "__") {
					continue
				}
				selection := selectionOf(field)
				got := p.must(t, p.admin, fmt.Sprintf(list.document, selection), nil).get(list.path + "." + field.Name)
				want := p.must(t, p.admin, fmt.Sprintf("query($id: ID!) { node(id: $id) { ... on %s { %s } } }", object, selection),
					vars{"id": id}).get("node." + field.Name)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s.%s alone is %v, want %v", object, field.Name, got, want)
				}
			}
		}
	})
}

var selected = regexp.MustCompile("SELECT (.*?) FROM [`\"]marketplaces[`\"]")

func TestAListReadsOfAMarketplaceOnlyWhatIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.newShop(t, "Padaria")
		for fields, want := range map[string]int{
			"id":                                4, // with what it belongs to, and when there is no other order, its id
			"id provider description":           5,
			"provider health { state reason }":  11,
			"config { __typename }":             0,
			"provider config { __typename } id": 0,
		} {
			document := "{ clients { edges { node { products { marketplaces { " + fields + " } } } } } }"
			p.must(t, p.viewer, document, nil) // logs in
			columns := 0
			statements := storetest.Statements(t, p.store, func() { p.must(t, p.viewer, document, nil) })
			for _, statement := range statements {
				if found := selected.FindStringSubmatch(statement); found != nil {
					columns = strings.Count(found[1], ",") + 1
				}
			}
			if want > 0 && columns > want || want == 0 && columns < 20 || columns == 0 {
				t.Errorf("%s: %d columns, want at most %d", fields, columns, want)
			}
		}
	})
}
