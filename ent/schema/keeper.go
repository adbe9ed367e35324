package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// Instance is a running process of the portal. Its beat rises every few seconds. An instance whose beat stands still is
// gone, and others take over its work.
type Instance struct{ ent.Schema }

// Mixin gives the id and the time.
func (Instance) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.Instance}} }

// Fields of an instance.
func (Instance) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("beat").Default(0).
			Comment("Rises while the process lives. Others compare it with what they saw before, and never their clocks."),
		field.Time("seen_at").Default(Now).Comment("When the beat last rose, by the instance's own clock: for people."),
	}
}

// Policy keeps instances to the program itself.
func (Instance) Policy() ent.Policy { return policy.SystemOnly() }

// ProviderIncident is a time in which a provider, and not its shops, is in trouble.
type ProviderIncident struct{ ent.Schema }

// Mixin gives the id and the time.
func (ProviderIncident) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.ProviderIncident}}
}

// Fields of an incident.
func (ProviderIncident) Fields() []ent.Field {
	return []ent.Field{
		field.String("provider").NotEmpty().MaxLen(40).Immutable(),
		field.Time("opened_at").Default(Now),
		field.Time("closed_at").Optional().Nillable(),
		field.Int("affected").Default(0).
			Comment("How many connections turned bad within the window when it was opened."),
		field.Int("connections").Default(0).Comment("How many connections the provider had then."),
		field.String("evidence").Optional().MaxLen(500 * 4).
			Comment("The most frequent reason then, with what the provider said, secrets taken out."),
	}
}

// Indexes keep a provider to one open incident.
func (ProviderIncident) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("provider").Unique().StorageKey("provider_incidents_open").
			Annotations(entsql.IndexWhere("closed_at IS NULL")),
		index.Fields("opened_at", "id"),
	}
}

// Policy lets operators read the incidents; the program itself opens and closes them.
func (ProviderIncident) Policy() ent.Policy { return policy.OperatorsRead() }
