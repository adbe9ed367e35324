package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// HealthInterval is a time in which a connection had one reason of its health, and which is over: the row of the
// connection has the one that goes on. It is written in the transaction that ends it. There are many of them, so that
// all columns are numbers.
type HealthInterval struct{ ent.Schema }

// Fields of an interval.
func (HealthInterval) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").DefaultFunc(ident.Number).Immutable().Annotations(entsql.Annotation{Incremental: new(bool)}).
			Comment("It rises with the time at which the interval was written."),
		field.Int64("marketplace").Immutable().
			Comment("The number of the marketplace, by ident.NumberOf: its id would make the table twice as large."),
		field.Int64("reason").Immutable().Comment("The number of the reason, by provider.Reason.Number."),
		field.Int64("since").Immutable().Comment("When it began, in seconds since 1970."),
		field.Int64("until").Immutable().Comment("When it ended, in seconds since 1970."),
	}
}

// Indexes find the intervals of a connection from an instant on.
func (HealthInterval) Indexes() []ent.Index {
	return []ent.Index{index.Fields("marketplace", "until")}
}

// Policy lets operators read; the program itself alone writes.
func (HealthInterval) Policy() ent.Policy { return policy.OperatorsRead() }
