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

// ClientProduct says that a client has a product.
type ClientProduct struct{ ent.Schema }

// Mixin gives the id and the times.
func (ClientProduct) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.ClientProduct}, changing{}, edited{}, granting{}}
}

// Fields of a client's product.
func (ClientProduct) Fields() []ent.Field {
	return []ent.Field{
		field.String("client_id").NotEmpty().Immutable(),
		field.String("product_id").NotEmpty().Immutable(),
		field.Time("suspended_at").Optional().Nillable(),
		field.Int64("revision").Default(1).
			Comment("Rises with each change of a marketplace, its credentials or its health."),
	}
}

// Edges of a client's product.
func (ClientProduct) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("client", ClientRecord.Type).Ref("products").Field("client_id").Unique().Required().Immutable(),
		edge.From("product", Product.Type).Ref("client_products").Field("product_id").Unique().Required().Immutable(),
		edge.To("marketplaces", Marketplace.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
		edge.To("access_keys", AccessKey.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
	}
}

// Indexes keep a product to one per client.
func (ClientProduct) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("client_id", "product_id").Unique(),
		index.Fields("product_id"),
	}
}

// Policy says who reaches a client's products.
func (ClientProduct) Policy() ent.Policy { return policy.Policy(policy.OwnClientProduct()) }
