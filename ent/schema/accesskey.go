package schema

import (
	"net/netip"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// AccessKey is what a back-office calls the API with. Only a hash of the key is kept.
type AccessKey struct{ ent.Schema }

// Mixin gives the id and the times.
func (AccessKey) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.AccessKey}, changing{}, edited{}, granting{}}
}

// Fields of an access key.
func (AccessKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("client_product_id").NotEmpty().Immutable(),
		field.String("client_id").NotEmpty().Immutable(),
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.String("visible_part").NotEmpty().MaxLen(40).Unique().Immutable().
			Annotations(entsql.Annotation{Collation: "C"}).
			Comment("The key up to its secret, by which it is found."),
		field.String("last4").NotEmpty().MaxLen(4).Immutable(),
		field.Bytes("hash").MaxLen(32).Immutable().Sensitive().
			Comment("SHA-256 of the whole key."),
		field.String("created_by").NotEmpty().Immutable(),
		field.String("created_by_id").Default("").Immutable().
			Comment("The operator or service token that made it; empty where an earlier version did not keep it."),
		field.Time("expires_at").Optional().Nillable().Immutable(),
		field.Time("overlap_ends_at").Optional().Nillable(),
		field.String("replaced_by_id").Optional().Nillable(),
		field.Time("revoked_at").Optional().Nillable(),
		field.Time("last_used_at").Optional().Nillable(),
		field.String("last_used_address").Optional().Nillable().MaxLen(64),
		field.Time("exposed_at").Optional().Nillable().
			Comment("When the key first came in a place where others can read it."),
		field.JSON("addresses", []netip.Prefix{}).Optional().
			Comment("The networks that the key is taken from, at most 20; from anywhere when null."),
		field.Time("refused_at").Optional().Nillable().
			Comment("When the key last came from outside of its addresses."),
		field.String("refused_address").Optional().Nillable().MaxLen(64),
		field.Time("bait_since").Optional().Nillable().Comment("When it was marked as bait: nobody should use it."),
		field.Time("bait_used_at").Optional().Nillable().
			Comment("When it was first used as bait, or as a key of a client that is bait."),
	}
}

// Edges of an access key.
func (AccessKey) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("client_product", ClientProduct.Type).Ref("access_keys").Field("client_product_id").
			Unique().Required().Immutable(),
	}
}

// Indexes serve the lists of one client's product, of one client and of one maker.
func (AccessKey) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("client_product_id", "id"),
		index.Fields("client_id", "id"),
		index.Fields("created_by_id", "id"),
	}
}

// Policy says who reaches access keys. Some changes need one scope and some the other: package accesskey checks which.
func (AccessKey) Policy() ent.Policy {
	return policy.Policy(policy.OwnAccessKey(), principal.Write, principal.Keys)
}
