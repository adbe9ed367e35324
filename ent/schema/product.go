package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// Product is something that the software house sells.
type Product struct{ ent.Schema }

// Mixin gives the id and the times.
func (Product) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.Product}, changing{}, edited{}}
}

// Fields of a product. Its capabilities are columns of their own, so that queries can ask for them in both dialects.
func (Product) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").NotEmpty().MaxLen(50).Unique().Immutable(),
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.String("name_key").NotEmpty().Annotations(entsql.Annotation{Collation: "C"}).
			Comment("The name without accents and in lower case: what lists are sorted by."),
		field.String("description").Optional().Nillable().MaxLen(2000 * 4),
		field.Bool("has_marketplaces").Comment("Its page has the block Marketplace."),
		field.Bool("has_access_keys").Comment("Its page has the block Chaves de acesso."),
	}
}

// Edges of a product.
func (Product) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("client_products", ClientProduct.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
	}
}

// Indexes serve the list by name.
func (Product) Indexes() []ent.Index {
	return []ent.Index{index.Fields("name_key", "id")}
}

// Policy says who reaches products.
func (Product) Policy() ent.Policy { return policy.AdminWrites() }
