package schema

import (
	"encoding/json"
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

// Operator is a person of the software house who logs in.
type Operator struct{ ent.Schema }

// Mixin gives the id and the times.
func (Operator) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.Operator}, changing{}, edited{}, granting{}}
}

// Fields of an operator.
func (Operator) Fields() []ent.Field {
	return []ent.Field{
		field.String("email").NotEmpty().MaxLen(254).Unique().Comment("Lower case."),
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.Enum("role").GoType(principal.Role("")),
		field.String("password_hash").Sensitive().Comment("argon2id, as a PHC string; empty when no password was set yet."),
		field.Time("disabled_at").Optional().Nillable(),
		field.Time("last_login_at").Optional().Nillable(),
		field.Bool("second_factor").Default(false).Comment("Whether there is an app or a passkey: kept in step with them."),
		field.Bytes("totp_sealed").Optional().Sensitive().Comment("The seed of the codes of an app."),
		field.Time("totp_since").Optional().Nillable(),
		field.Int64("totp_step").Default(0).Comment("The time step of the last code that was taken: each is taken once."),
	}
}

// Edges of an operator.
func (Operator) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("sessions", Session.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("passkeys", Passkey.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("recovery_codes", RecoveryCode.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Policy says who reaches operators.
func (Operator) Policy() ent.Policy { return policy.SelfReads() }

// Passkey is a WebAuthn credential of an operator. What is kept of it is public.
type Passkey struct{ ent.Schema }

// Mixin gives the id and the time.
func (Passkey) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.Passkey}, granting{}} }

// Fields of a passkey.
func (Passkey) Fields() []ent.Field {
	return []ent.Field{
		field.String("operator_id").NotEmpty().Immutable(),
		field.Bytes("credential_id").NotEmpty().MaxLen(1023).Unique().Immutable(),
		field.JSON("credential", json.RawMessage{}).
			Comment("Public key, counter and flags, as the WebAuthn library keeps them."),
		field.String("name").NotEmpty().MaxLen(60 * 4),
		field.Time("last_used_at").Optional().Nillable(),
	}
}

// Edges of a passkey.
func (Passkey) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("operator", Operator.Type).Ref("passkeys").Field("operator_id").Unique().Required().Immutable(),
	}
}

// Indexes find the passkeys of an operator.
func (Passkey) Indexes() []ent.Index { return []ent.Index{index.Fields("operator_id", "id")} }

// Policy keeps passkeys to the program itself.
func (Passkey) Policy() ent.Policy { return policy.SystemOnly() }

// RecoveryCode lets an operator in once without the app or the passkey.
type RecoveryCode struct{ ent.Schema }

// Mixin gives the id and the time.
func (RecoveryCode) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.RecoveryCode}, granting{}}
}

// Fields of a recovery code.
func (RecoveryCode) Fields() []ent.Field {
	return []ent.Field{
		field.String("operator_id").NotEmpty().Immutable(),
		field.Bytes("hash").MaxLen(32).Unique().Immutable().Sensitive().
			Comment("SHA-256 of the code, of 80 random bits, with the operator's id."),
		field.Time("used_at").Optional().Nillable(),
	}
}

// Edges of a recovery code.
func (RecoveryCode) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("operator", Operator.Type).Ref("recovery_codes").Field("operator_id").Unique().Required().Immutable(),
	}
}

// Indexes find the codes of an operator.
func (RecoveryCode) Indexes() []ent.Index { return []ent.Index{index.Fields("operator_id")} }

// Policy keeps recovery codes to the program itself.
func (RecoveryCode) Policy() ent.Policy { return policy.SystemOnly() }

// ServiceToken is what a script calls the API with, as an operator of a role. Only a hash of the token is kept.
type ServiceToken struct{ ent.Schema }

// Mixin gives the id and the time.
func (ServiceToken) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.ServiceToken}, granting{}}
}

// Fields of a service token.
func (ServiceToken) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.Enum("role").GoType(principal.Role("")).Immutable(),
		field.String("visible_part").NotEmpty().MaxLen(40).Unique().Immutable().
			Comment("The token up to its secret, by which it is found."),
		field.String("last4").NotEmpty().MaxLen(4).Immutable(),
		field.Bytes("hash").MaxLen(32).Immutable().Sensitive().Comment("SHA-256 of the whole token."),
		field.String("created_by").NotEmpty().Immutable(),
		field.String("created_by_id").Default("").Immutable().
			Comment("With whom the token ends: an operator who is disabled or loses the role."),
		field.String("scopes").GoType(principal.Scopes("")).Default(string(principal.DefaultScopes)).MaxLen(100).Immutable().
			Comment("What it may do beside reading."),
		field.JSON("addresses", []netip.Prefix{}).Optional().Immutable().
			Comment("The networks that the token is taken from, at most 20; from anywhere when null."),
		field.Time("expires_at").Immutable(),
		field.Time("revoked_at").Optional().Nillable(),
		field.Time("last_used_at").Optional().Nillable(),
		field.String("last_used_address").Optional().Nillable().MaxLen(64),
		field.Time("exposed_at").Optional().Nillable().
			Comment("When the token first came where others can read it: in a URL, a cookie or a body."),
	}
}

// Policy says who reaches service tokens.
func (ServiceToken) Policy() ent.Policy { return policy.AdminOnly() }

// Throttle counts the log-ins that failed from one address, for one operator, or both: see package throttle.
type Throttle struct{ ent.Schema }

// Fields of a throttle.
func (Throttle) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().MaxLen(64).Immutable().Comment("What is counted, as a keyed hash."),
		field.Int("failures").Default(0),
		field.Time("since").Comment("When the first of these failures was."),
		field.Time("until").Optional().Nillable().Comment("Nothing is tried before."),
		field.Time("expires_at").Comment("When the row says nothing any more."),
	}
}

// Indexes find the rows to be swept.
func (Throttle) Indexes() []ent.Index { return []ent.Index{index.Fields("expires_at")} }

// Policy keeps throttles to the program itself.
func (Throttle) Policy() ent.Policy { return policy.SystemOnly() }
