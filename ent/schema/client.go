package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// ClientRecord is a shop, known by its CNPJ or CPF. ent keeps the name Client for itself, hence Record.
type ClientRecord struct{ ent.Schema }

// Annotations names the table.
func (ClientRecord) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Table("clients")}
}

// Mixin gives the id and the times.
func (ClientRecord) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.Client}, changing{}, edited{}, granting{}}
}

// Fields of a client.
func (ClientRecord) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(200 * 4),
		field.String("trade_name").Optional().Nillable().MaxLen(200 * 4),
		field.String("document").NotEmpty().MaxLen(14).Unique().
			Comment("CNPJ or CPF without punctuation, 14 or 11 characters."),
		field.String("name_key").NotEmpty().Annotations(entsql.Annotation{Collation: "C"}).
			Comment("The name without accents and in lower case: what lists are sorted by."),
		field.String("search_text").NotEmpty().
			Comment("Name, trade name and document, folded like name_key: what a search looks in."),
		field.String("trouble").Default("0").MaxLen(1).
			Comment("How bad the worst state of its marketplaces is, 0 to 3: what a list is sorted by."),
		field.Time("archived_at").Optional().Nillable(),
		field.Time("bait_since").Optional().Nillable().Comment("When it was marked as bait: nobody should use its keys."),
		field.Time("erased_at").Optional().Nillable().
			Comment("When what is personal of it was erased; the row stays, archived, for what refers to it."),
		field.Bytes("erased_document").MaxLen(32).Optional().Sensitive().
			Comment("Keyed hash of the document of an erased client: tells whether a shop was erased, and nothing else."),
	}
}

// Edges of a client.
func (ClientRecord) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("products", ClientProduct.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
		edge.To("tags", ClientTag.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
		edge.To("contacts", ClientContact.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
		edge.To("notes", ClientNote.Type).Annotations(entsql.OnDelete(entsql.Restrict)),
	}
}

// Indexes serve the offered orders, for active and archived clients apart.
func (ClientRecord) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("name_key", "id").StorageKey("clients_active_by_name").
			Annotations(entsql.IndexWhere("archived_at IS NULL")),
		index.Fields("name_key", "id").StorageKey("clients_archived_by_name").
			Annotations(entsql.IndexWhere("archived_at IS NOT NULL")),
		index.Fields("trouble", "id").StorageKey("clients_active_by_trouble").
			Annotations(entsql.IndexWhere("archived_at IS NULL")),
		index.Fields("trouble", "id").StorageKey("clients_archived_by_trouble").
			Annotations(entsql.IndexWhere("archived_at IS NOT NULL")),
		index.Fields("id").StorageKey("clients_archived_by_age").
			Annotations(entsql.IndexWhere("archived_at IS NOT NULL")),
		index.Fields("erased_document"),
	}
}

// Policy says who reaches clients.
func (ClientRecord) Policy() ent.Policy { return policy.Policy(policy.OwnClient()) }
