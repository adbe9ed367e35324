package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/policy"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// Marketplace is one connection of a client's product to a provider. Plain settings and sealed secrets are two
// columns: nothing that lists marketplaces can open a secret.
type Marketplace struct{ ent.Schema }

// Mixin gives the id and the time.
func (Marketplace) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.Marketplace}, edited{}, granting{}}
}

// Fields of a marketplace.
func (Marketplace) Fields() []ent.Field {
	return []ent.Field{
		field.String("client_product_id").NotEmpty().Immutable(),
		field.String("client_id").NotEmpty().Immutable().
			Comment("The client of the client's product: part of what a sealed secret is bound to."),
		field.String("provider").NotEmpty().MaxLen(40).Immutable(),
		field.String("description").NotEmpty().MaxLen(200 * 4),
		field.JSON("settings", json.RawMessage{}),
		field.Bytes("secrets_sealed").Optional().Sensitive().
			Comment("The secrets as one JSON object, sealed and bound to this row; absent while there are none."),
		field.String("secrets_host").Optional().Nillable().MaxLen(300).
			Comment("The provider's host that the secrets were entered for, part of what they are sealed to; absent while " +
				"they are bound to none."),
		field.JSON("secret_states", map[string]secretstate.State{}).Optional(),
		field.String("external_account").Optional().Nillable().MaxLen(200).
			Comment("What the provider calls the shop, when it is known."),
		field.String("account_name").Optional().Nillable().MaxLen(200 * 4).
			Comment("Name of the shop, as the provider tells it."),
		field.String("account_document").Optional().Nillable().MaxLen(14).
			Comment("CNPJ or CPF of the shop without punctuation, as the provider tells it."),
		field.String("confirmed_document").Optional().Nillable().MaxLen(14).
			Comment("The account_document that an operator confirmed although it is not the client's."),
		field.JSON("provider_state", json.RawMessage{}).Optional().
			Comment("What the provider's package remembers between calls; nobody else reads it."),
		field.String("provider_message").Optional().Nillable().MaxLen(500 * 4).
			Comment("What the provider said when it last refused or failed, secrets taken out."),
		field.String("call_cause").Optional().Nillable().MaxLen(40).
			Comment("Why the last call brought no answer; absent when it brought one."),
		field.String("call_detail").Optional().Nillable().MaxLen(500 * 4).
			Comment("The same in a technical line, for administrators."),
		field.Int64("credential_version").Default(0),
		field.Time("credentials_expire_at").Optional().Nillable(),
		field.String("health_state").NotEmpty().MaxLen(40),
		field.String("health_reason").NotEmpty().MaxLen(60),
		field.Time("health_since").Default(Now),
		field.Time("health_reason_since").Optional().Nillable().
			Comment("Since when it has its reason; absent when that is health_since, where the state began."),
		field.Time("last_checked_at").Optional().Nillable(),
		field.Time("updated_at").Default(Now).
			Comment("When settings or credentials last changed: a check changes neither, and so it is set by hand."),
		field.Time("next_check_at").Optional().Nillable().
			Comment("When it is next to be checked or renewed; absent when nothing is planned."),
		field.Int("failures").Default(0).
			Comment("Faults of the provider one after the other, for the pause before the next try."),
		field.Time("lease_until").Optional().Nillable().
			Comment("Until when one process alone calls the provider for it."),
		field.String("lease_by").Optional().Nillable().MaxLen(60),
		field.Time("renewal_begun_at").Optional().Nillable().
			Comment("When a renewal was begun whose outcome is not known: the refresh token may be spent."),
		field.Time("renewed_at").Optional().Nillable(),
		field.Bytes("previous_sealed").Optional().Sensitive().
			Comment("The secrets before the last renewal, sealed like secrets_sealed and bound to this column."),
		field.Time("previous_until").Optional().Nillable(),
		field.Time("renew_at").Optional().Nillable().
			Comment("When the credentials are to be renewed: how late a renewal is counts from here, whatever puts it off. " +
				"Absent when nobody renews them."),
		field.Time("minted_at").Optional().Nillable().
			Comment("When new credentials were last asked for with the software house's own log-in."),
		field.Bytes("unread_sealed").Optional().Sensitive().
			Comment("An answer to a call that spent something which nobody could read, sealed and bound to this column, for " +
				"a person."),
		field.Time("unread_until").Optional().Nillable(),
	}
}

// Edges of a marketplace.
func (Marketplace) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("client_product", ClientProduct.Type).Ref("marketplaces").Field("client_product_id").
			Unique().Required().Immutable(),
		edge.To("install_links", InstallLink.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("install_states", InstallState.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes keep an account of a provider to one connection, and find the clients in trouble. Those of times that most
// connections do not have leave these out, as each index of a row costs its insertion.
func (Marketplace) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("client_product_id", "id"),
		index.Fields("provider", "external_account").Unique(),
		index.Fields("provider", "next_check_at").Annotations(entsql.IndexWhere("next_check_at IS NOT NULL")),
		index.Fields("client_id"),
		index.Fields("credentials_expire_at").Annotations(entsql.IndexWhere("credentials_expire_at IS NOT NULL")),
		index.Fields("renewed_at").Annotations(entsql.IndexWhere("renewed_at IS NOT NULL")),
		index.Fields("previous_until").Annotations(entsql.IndexWhere("previous_until IS NOT NULL")),
		index.Fields("provider", "renew_at", "credentials_expire_at", "next_check_at").StorageKey("marketplaces_to_renew").
			Annotations(entsql.IndexWhere("renew_at IS NOT NULL")),
		index.Fields("lease_by").Annotations(entsql.IndexWhere("lease_by IS NOT NULL")),
		index.Fields("unread_until").Annotations(entsql.IndexWhere("unread_until IS NOT NULL")),
		index.Fields("secrets_host", "id").StorageKey("marketplaces_without_host").
			Annotations(entsql.IndexWhere("secrets_host IS NULL")), // for each start, which looks for rows of old versions
		index.Fields("provider", "health_since").StorageKey("marketplaces_turned_bad").
			Annotations(entsql.IndexWhere("health_state IN ('FAILING', 'NEEDS_ATTENTION', 'SUSPENDED')")),
		index.Fields("client_id").StorageKey("marketplaces_of_another_shop").
			Annotations(entsql.IndexWhere("health_reason = 'WRONG_SHOP'")),
		index.Fields("client_id").StorageKey("marketplaces_in_trouble").
			Annotations(entsql.IndexWhere("health_state IN ('FAILING', 'NEEDS_ATTENTION', 'SUSPENDED')")),
	}
}

// Policy says who reaches marketplaces.
func (Marketplace) Policy() ent.Policy {
	return policy.Policy(policy.OwnMarketplaces(), principal.Write, principal.Keys) // attaching an install takes Keys
}
