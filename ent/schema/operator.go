package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/auth/rule"
	"github.com/chaveiro/chaveiro/internal/ident"
)

// Operator is a person of the software house who logs in.
type Operator struct{ ent.Schema }

// Mixin gives the id and the times.
func (Operator) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.Operator}, changing{}}
}

// Fields of an operator.
func (Operator) Fields() []ent.Field {
	return []ent.Field{
		field.String("email").NotEmpty().MaxLen(254).Unique().Comment("Lower case."),
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.Enum("role").Values(string(principal.Admin), string(principal.Editor), string(principal.Viewer)),
		field.String("password_hash").NotEmpty().Sensitive().Comment("argon2id, as a PHC string."),
		field.Time("disabled_at").Optional().Nillable(),
	}
}

// Edges of an operator.
func (Operator) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("sessions", Session.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Policy says who reaches operators.
func (Operator) Policy() ent.Policy { return rule.SelfReads() }
