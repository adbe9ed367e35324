package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/auth/rule"
	"github.com/chaveiro/chaveiro/internal/ident"
)

// AuditEvent says who did what, when and from where. It is written in the transaction of the change itself and
// never changed.
type AuditEvent struct{ ent.Schema }

// Mixin gives the id and the time.
func (AuditEvent) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.AuditEvent}} }

// Fields of an audit event.
func (AuditEvent) Fields() []ent.Field {
	return []ent.Field{
		field.String("actor_kind").NotEmpty().MaxLen(20).Immutable(),
		field.String("actor_id").Optional().Nillable().Immutable(),
		field.String("actor_label").MaxLen(200 * 4).Immutable(),
		field.String("address").MaxLen(64).Immutable(),
		field.String("request_id").MaxLen(64).Immutable(),
		field.String("action").NotEmpty().MaxLen(60).Immutable(),
		field.String("object_id").Optional().Nillable().Immutable(),
		field.String("client_id").Optional().Nillable().Immutable(),
		field.JSON("changes", json.RawMessage{}).Optional().Immutable().
			Comment("Names of the changed fields, with old and new for those that are no secrets."),
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

// Policy lets whoever may change something append, within its own change. Administrators read the trail, and an operator
// what the operator did.
func (AuditEvent) Policy() ent.Policy { return rule.AppendOnly() }
