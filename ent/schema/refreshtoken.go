package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// RefreshToken is one link in a session's chain of refresh tokens: each is used once, and names its successor.
type RefreshToken struct{ ent.Schema }

// Mixin gives the id and the time.
func (RefreshToken) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.RefreshToken}, granting{}}
}

// Fields of a refresh token.
func (RefreshToken) Fields() []ent.Field {
	return []ent.Field{
		field.String("session_id").NotEmpty().Immutable(),
		field.Bytes("hash").MaxLen(32).Immutable().Sensitive().Comment("SHA-256 of the token."),
		field.Time("used_at").Optional().Nillable(),
		field.Bytes("successor_sealed").Optional().Sensitive().
			Comment("The token that followed, for the few seconds in which a second tab may ask for it."),
		field.Bool("grace_used").Default(false),
	}
}

// Edges of a refresh token.
func (RefreshToken) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("session", Session.Type).Ref("refresh_tokens").Field("session_id").Unique().Required().Immutable(),
	}
}

// Indexes find a token by its hash.
func (RefreshToken) Indexes() []ent.Index {
	return []ent.Index{index.Fields("hash").Unique(), index.Fields("session_id")}
}

// Policy keeps refresh tokens to the program itself.
func (RefreshToken) Policy() ent.Policy { return policy.SystemOnly() }
