package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// AuditEvent says who did what, when and from where. It is written in the transaction of the change itself, as a link
// of a chain of keyed hashes. Triggers of the database allow only what package audit does to it: adopt an event from
// before the chain, erase its details, and trim what a checkpoint vouches for.
type AuditEvent struct{ ent.Schema }

// Mixin gives the id and the time.
func (AuditEvent) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.AuditEvent}} }

// Fields of an audit event.
func (AuditEvent) Fields() []ent.Field {
	return []ent.Field{
		field.String("actor_kind").NotEmpty().MaxLen(20).Immutable(),
		field.String("actor_id").Optional().Nillable().Immutable(),
		field.String("actor_label").MaxLen(200 * 4),
		field.String("address").MaxLen(64),
		field.String("request_id").MaxLen(64).Immutable(),
		field.String("action").NotEmpty().MaxLen(60).Immutable(),
		field.String("object_id").Optional().Nillable().Immutable(),
		field.String("client_id").Optional().Nillable().Immutable(),
		field.Enum("result").Values("DONE", "REFUSED").Default("DONE").Immutable(),
		field.JSON("changes", json.RawMessage{}).Optional().
			SchemaType(map[string]string{dialect.Postgres: "json"}). // jsonb would change the text that details_mac covers
			Comment("Names of the changed fields, with old and new for those that are no secrets."),
		field.Int64("seq").Optional().Nillable().Unique().
			Comment("Place in the chain, from 1; none before an old event is adopted."),
		field.Bytes("details_mac").Optional().
			Comment("Keyed hash of changes, actor_label and address, which an erasure empties."),
		field.Bytes("hash").Optional().Comment("Keyed hash of the hash before and of everything else."),
	}
}

// Indexes serve the trail of one client, one actor, one object and one action.
func (AuditEvent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("client_id", "id"),
		index.Fields("actor_id", "id"),
		index.Fields("object_id", "id"),
		index.Fields("action", "id"),
	}
}

// Policy lets only the program itself append, at the end of a change. Administrators read the trail, and an operator
// what the operator did.
func (AuditEvent) Policy() ent.Policy { return policy.Trail() }

// AuditHead is the end of the chain of audit events: one row, locked by each transaction that appends.
type AuditHead struct{ ent.Schema }

// Fields of the head.
func (AuditHead) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable(),
		field.Int64("seq").NonNegative(),
		field.Bytes("hash").NotEmpty(),
	}
}

// Policy keeps the head to the program itself.
func (AuditHead) Policy() ent.Policy { return policy.SystemOnly() }

// AuditCheckpoint vouches for the beginning of the chain, which was trimmed, or which the installation's key can no
// longer verify.
type AuditCheckpoint struct{ ent.Schema }

// Mixin gives the id and the time.
func (AuditCheckpoint) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.AuditCheckpoint}}
}

// Fields of a checkpoint.
func (AuditCheckpoint) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values("TRIM", "RECOVERY").Immutable(),
		field.Int64("through_seq").Positive().Immutable().Comment("The last event that it stands for."),
		field.Bytes("hash").NotEmpty().Immutable().Comment("That event's hash, with which the chain goes on."),
		field.Int64("events").NonNegative().Immutable().Comment("How many events were trimmed."),
		field.Bytes("mac").NotEmpty().Immutable().Comment("Keyed hash of all the others."),
	}
}

// Policy keeps checkpoints to the program itself.
func (AuditCheckpoint) Policy() ent.Policy { return policy.SystemOnly() }
