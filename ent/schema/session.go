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

// Session is one log-in of an operator in one browser.
type Session struct{ ent.Schema }

// Mixin gives the id and the time.
func (Session) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.Session}, granting{}}
}

// Fields of a session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.String("operator_id").NotEmpty().Immutable(),
		field.Time("authenticated_at").Comment("When the operator last proved who is at the keyboard."),
		field.String("methods").Default("pwd").MaxLen(20).
			Comment("How, as RFC 8176 names it, separated by blanks: pwd, otp, hwk."),
		field.Time("last_used_at").Default(Now),
		field.Time("expires_at").Immutable().Comment("The absolute end; a session left idle ends before."),
		field.Bytes("user_agent_hash").Immutable(),
		field.String("browser").Default("").MaxLen(60 * 4).Immutable().Comment("Browser and system, for a person."),
		field.String("address").MaxLen(64).Immutable(),
		field.String("last_browser").Optional().Nillable().MaxLen(60 * 4).
			Comment("Of the last refresh, as browser; absent before the first."),
		field.String("last_address").Optional().Nillable().MaxLen(64).
			Comment("Of the last refresh; absent before the first."),
		field.Bytes("last_agent_hash").Optional().
			Comment("Of the last refresh, as user_agent_hash; absent before the first."),
		field.Time("moved_at").Optional().Nillable().
			Comment("When another browser in another network refreshed it; absent once the operator has proved to be there."),
		field.Time("changes_since").Optional().Nillable().
			Comment("The log-in before: what changed of the account between that and this one is shown."),
		field.Time("ended_at").Optional().Nillable(),
		field.String("end_reason").Optional().Nillable().MaxLen(40),
	}
}

// Edges of a session.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("operator", Operator.Type).Ref("sessions").Field("operator_id").Unique().Required().Immutable(),
		edge.To("refresh_tokens", RefreshToken.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes find the sessions of an operator, and those to be swept.
func (Session) Indexes() []ent.Index {
	return []ent.Index{index.Fields("operator_id", "id"), index.Fields("expires_at"),
		index.Fields("operator_id", "address")}
}

// Policy keeps sessions to the program itself.
func (Session) Policy() ent.Policy { return policy.SystemOnly() }
