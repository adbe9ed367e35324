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

// ClientTag is a word that clients are told apart by: who serves the shop, its ERP, its region.
type ClientTag struct{ ent.Schema }

// Mixin gives the id and the time.
func (ClientTag) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.ClientTag}} }

// Fields of a tag.
func (ClientTag) Fields() []ent.Field {
	return []ent.Field{
		field.String("client_id").NotEmpty().Immutable(),
		field.String("tag").NotEmpty().MaxLen(40 * 4).Immutable(),
		field.String("tag_key").NotEmpty().MaxLen(40 * 4).Immutable().Annotations(entsql.Annotation{Collation: "C"}).
			Comment("The tag without accents and in lower case: what it is found by."),
	}
}

// Edges of a tag.
func (ClientTag) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("client", ClientRecord.Type).Ref("tags").Field("client_id").Unique().Required().Immutable(),
	}
}

// Indexes keep a tag to one per client, and find the clients of a tag.
func (ClientTag) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("client_id", "tag_key").Unique(),
		index.Fields("tag_key", "client_id"),
	}
}

// Policy says who reaches tags.
func (ClientTag) Policy() ent.Policy { return policy.OperatorsKeep() }

// ClientContact is a person to call about a client.
type ClientContact struct{ ent.Schema }

// Mixin gives the id, the times and the version.
func (ClientContact) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.ClientContact}, changing{}, edited{}}
}

// Fields of a contact.
func (ClientContact) Fields() []ent.Field {
	return []ent.Field{
		field.String("client_id").NotEmpty().Immutable(),
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.String("position").Optional().Nillable().MaxLen(100 * 4).Comment("What the person is at the shop."),
		field.String("phone").Optional().Nillable().MaxLen(40),
		field.String("email").Optional().Nillable().MaxLen(254),
		field.String("note").Optional().Nillable().MaxLen(500 * 4),
	}
}

// Edges of a contact.
func (ClientContact) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("client", ClientRecord.Type).Ref("contacts").Field("client_id").Unique().Required().Immutable(),
	}
}

// Indexes find the contacts of a client.
func (ClientContact) Indexes() []ent.Index { return []ent.Index{index.Fields("client_id", "id")} }

// Policy says who reaches contacts.
func (ClientContact) Policy() ent.Policy { return policy.OperatorsKeep() }

// ClientNote is what an operator wrote down about a client.
type ClientNote struct{ ent.Schema }

// Mixin gives the id, the times and the version.
func (ClientNote) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.ClientNote}, changing{}, edited{}}
}

// Fields of a note.
func (ClientNote) Fields() []ent.Field {
	return []ent.Field{
		field.String("client_id").NotEmpty().Immutable(),
		field.String("text").NotEmpty().MaxLen(2000 * 4),
		field.String("author_id").NotEmpty().Immutable(),
		field.String("author").NotEmpty().MaxLen(200 * 4).Immutable().Comment("Name of the author then."),
	}
}

// Edges of a note.
func (ClientNote) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("client", ClientRecord.Type).Ref("notes").Field("client_id").Unique().Required().Immutable(),
	}
}

// Indexes find the notes of a client.
func (ClientNote) Indexes() []ent.Index { return []ent.Index{index.Fields("client_id", "id")} }

// Policy says who reaches notes.
func (ClientNote) Policy() ent.Policy { return policy.OwnNotes() }
