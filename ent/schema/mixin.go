package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"

	"github.com/chaveiro/chaveiro/internal/base/ident"
)

// Now is the clock of the model: UTC, to the microsecond, which is what both databases keep.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// identity gives a type its id, made before the row is written, and the time it was made.
type identity struct {
	mixin.Schema
	prefix string
}

func (m identity) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").DefaultFunc(ident.Maker(m.prefix)).NotEmpty().Immutable(),
		field.Time("created_at").Default(Now).Immutable(),
	}
}

// changing adds to a type the time of its last change.
type changing struct{ mixin.Schema }

func (changing) Fields() []ent.Field {
	return []ent.Field{
		field.Time("updated_at").Default(Now).UpdateDefault(Now),
	}
}

// edited adds to a type the version that each change by a person raises, so that two who save the same row are told:
// see package edit. What the program itself changes leaves it.
type edited struct{ mixin.Schema }

func (edited) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("version").Default(1).Comment("Counts the changes that people made, from 1."),
	}
}

// granting adds a MAC to a type whose rows grant access. The MAC shows that the program wrote the row: see
// store.Vouches.
type granting struct{ mixin.Schema }

func (granting) Fields() []ent.Field {
	return []ent.Field{
		field.Bytes("mac").Optional().MaxLen(32).Sensitive().
			Comment("Keyed hash of all that the row grants. Whoever can write the database cannot make it."),
	}
}
