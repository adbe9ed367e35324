package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// Keyset is the installation's one set of sealing keys, encrypted by the master key, which is not in the database.
type Keyset struct{ ent.Schema }

// Annotations names the table.
func (Keyset) Annotations() []schema.Annotation { return []schema.Annotation{entsql.Table("keysets")} }

// Fields of the keyset.
func (Keyset) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable(),
		field.Bytes("encrypted").NotEmpty().Sensitive(),
		field.Bytes("canary").NotEmpty().Sensitive().Comment("A known value, sealed: opens, or the keyset is another's."),
		field.Time("created_at").Default(Now).Immutable(),
		field.Int64("revision").Default(1).Comment("Rises with each change of the keys, so that instances see it."),
		field.Enum("rotation").Values("PUBLISHED", "PROMOTED").Optional().Nillable().
			Comment("How far a rotation is: the new key is there, or seals. Empty when none is under way."),
		field.Time("rotation_since").Optional().Nillable(),
		field.String("trail_anchor").Optional().MaxLen(100).
			Comment("How far the audit chain had come, SEQ:HASH, kept apart from the chain; empty before the first note."),
		field.Bytes("trail_mac").Optional().Sensitive().Comment("Keyed hash of trail_anchor."),
	}
}

// Policy keeps the keyset to the program itself.
func (Keyset) Policy() ent.Policy { return policy.SystemOnly() }

// RetentionClock is until when old data was deleted: one row.
type RetentionClock struct{ ent.Schema }

// Fields of the clock.
func (RetentionClock) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable(),
		field.Time("believed_at").Comment("The latest time at which data was deleted; it never falls."),
	}
}

// Policy keeps the clock to the program itself.
func (RetentionClock) Policy() ent.Policy { return policy.SystemOnly() }

// SigningKey signs the access tokens of operators.
type SigningKey struct{ ent.Schema }

// Mixin gives the id, which is the kid of a token, and the time.
func (SigningKey) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.SigningKey}} }

// Fields of a signing key.
func (SigningKey) Fields() []ent.Field {
	return []ent.Field{
		field.Bytes("public_key").NotEmpty().Immutable(),
		field.Bytes("private_key_sealed").NotEmpty().Immutable().Sensitive(),
		field.Time("signs_from").Immutable(),
		field.Time("retired_at").Optional().Nillable(),
	}
}

// Policy keeps signing keys to the program itself.
func (SigningKey) Policy() ent.Policy { return policy.SystemOnly() }

// OneTimeToken is a secret that works once, stored as a hash: that of a link (set-up, invitation, reset), or the ticket
// of a step that has still to be proved (a log-in, a passkey, an app's codes).
type OneTimeToken struct{ ent.Schema }

// Mixin gives the id and the time.
func (OneTimeToken) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.OneTimeToken}, granting{}}
}

// Fields of a one-time token.
func (OneTimeToken) Fields() []ent.Field {
	return []ent.Field{
		field.String("purpose").NotEmpty().MaxLen(40).Immutable(),
		field.Bytes("hash").MaxLen(32).Unique().Immutable().Sensitive(),
		field.String("operator_id").Optional().Nillable().Immutable(),
		field.Bytes("data_sealed").Optional().Immutable().Sensitive().Comment("What was begun, sealed."),
		field.Int("tries").Default(0).Comment("How many proofs failed."),
		field.Time("expires_at").Immutable(),
		field.Time("used_at").Optional().Nillable(),
	}
}

// Indexes find the tokens of an operator.
func (OneTimeToken) Indexes() []ent.Index { return []ent.Index{index.Fields("operator_id", "purpose")} }

// Policy keeps one-time tokens to the program itself.
func (OneTimeToken) Policy() ent.Policy { return policy.SystemOnly() }

// IdempotentRequest remembers what a create mutation made for an idempotency key.
type IdempotentRequest struct{ ent.Schema }

// Mixin gives the id and the time.
func (IdempotentRequest) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.IdempotentRequest}}
}

// Fields of an idempotent request.
func (IdempotentRequest) Fields() []ent.Field {
	return []ent.Field{
		field.String("operator_id").NotEmpty().Immutable(),
		field.String("key").NotEmpty().MaxLen(400).Immutable(),
		field.String("operation").NotEmpty().MaxLen(60).Immutable(),
		field.String("input_fingerprint").NotEmpty().MaxLen(20).Immutable().
			Comment("Hash of the input, in which secrets are keyed hashes already."),
		field.String("object_id").NotEmpty().Immutable(),
	}
}

// Indexes find a request by its sender, its mutation and its key.
func (IdempotentRequest) Indexes() []ent.Index {
	return []ent.Index{index.Fields("operator_id", "operation", "key").Unique()}
}

// Policy keeps the requests to the program itself.
func (IdempotentRequest) Policy() ent.Policy { return policy.SystemOnly() }
