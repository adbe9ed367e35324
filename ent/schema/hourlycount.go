package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	"github.com/chaveiro/chaveiro/internal/policy"
)

// HourlyCount is how often something happened in one hour, or how many there were of it then. Package activity writes
// and reads it.
type HourlyCount struct{ ent.Schema }

// Fields of a count.
func (HourlyCount) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().MaxLen(100).Immutable().
			Comment("The hour in UTC, what is counted, and of which provider, as in 2026112821 RENEWED PLUG4MARKET: counts " +
				"are found, added to and removed by it alone."),
		field.Int64("n"),
	}
}

// Policy lets operators read; the program itself alone writes.
func (HourlyCount) Policy() ent.Policy { return policy.OperatorsRead() }
