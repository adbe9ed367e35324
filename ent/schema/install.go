package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// InstallLink is a link by which a merchant connects the shop to one marketplace, once. Only its hash is stored.
type InstallLink struct{ ent.Schema }

// Mixin gives the id and the time.
func (InstallLink) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.InstallLink}, granting{}}
}

// Fields of an install link.
func (InstallLink) Fields() []ent.Field {
	return []ent.Field{
		field.String("marketplace_id").NotEmpty().Immutable(),
		field.Bytes("hash").MaxLen(32).Unique().Immutable().Sensitive(),
		field.String("created_by").NotEmpty().MaxLen(200 * 4).Immutable().Comment("Name of the operator."),
		field.String("created_by_id").Default("").Immutable().
			Comment("The operator or service token that made it; empty where an earlier version did not keep it."),
		field.Time("expires_at").Immutable(),
		field.Time("used_at").Optional().Nillable(),
		field.Time("revoked_at").Optional().Nillable(),
	}
}

// Edges of an install link.
func (InstallLink) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("marketplace", Marketplace.Type).Ref("install_links").Field("marketplace_id").
			Unique().Required().Immutable(),
	}
}

// Indexes find the links of a marketplace.
func (InstallLink) Indexes() []ent.Index { return []ent.Index{index.Fields("marketplace_id", "id")} }

// Policy lets operators read the links; the program itself makes and uses them.
func (InstallLink) Policy() ent.Policy { return policy.OperatorsRead() }

// InstallState is an install that was started in one browser, with the hash of the state that comes back from the
// provider.
type InstallState struct{ ent.Schema }

// Mixin gives the id and the time.
func (InstallState) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.InstallState}, granting{}}
}

// Fields of an install state.
func (InstallState) Fields() []ent.Field {
	return []ent.Field{
		field.String("marketplace_id").NotEmpty().Immutable(),
		field.Bytes("hash").MaxLen(32).Unique().Immutable().Sensitive(),
		field.Bytes("browser_hash").MaxLen(32).Immutable().Sensitive().
			Comment("Hash of the cookie of the browser that began."),
		field.String("link_id").Optional().Nillable().Immutable().
			Comment("The link that the merchant came by; absent in the operator's own browser."),
		field.String("operator_id").Optional().Nillable().Immutable(),
		field.Time("expires_at").Immutable(),
		field.Time("spent_at").Optional().Nillable().
			Comment("When it came back: it is good once. The same message again is told how the first one ended."),
		field.String("ending").Optional().Nillable().MaxLen(20),
		field.String("owner_id").Optional().Nillable().Comment("The client that has the shop, when it was taken."),
	}
}

// Edges of an install state.
func (InstallState) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("marketplace", Marketplace.Type).Ref("install_states").Field("marketplace_id").
			Unique().Required().Immutable(),
	}
}

// Indexes find the states of a marketplace, and those that are over.
func (InstallState) Indexes() []ent.Index {
	return []ent.Index{index.Fields("marketplace_id"), index.Fields("expires_at")}
}

// Policy keeps install states to the program itself.
func (InstallState) Policy() ent.Policy { return policy.SystemOnly() }

// UnclaimedInstallation is an install that a merchant started at the provider. It is not known for which client it is.
type UnclaimedInstallation struct{ ent.Schema }

// Mixin gives the id and the time.
func (UnclaimedInstallation) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.UnclaimedInstallation}}
}

// Fields of an unclaimed installation.
func (UnclaimedInstallation) Fields() []ent.Field {
	return []ent.Field{
		field.String("provider").NotEmpty().MaxLen(40).Immutable(),
		field.String("external_account").NotEmpty().MaxLen(200).Immutable(),
		field.String("account_name").Optional().Nillable().MaxLen(200 * 4),
		field.String("account_document").Optional().Nillable().MaxLen(14),
		field.JSON("provider_state", json.RawMessage{}).Optional(),
		field.Bytes("secrets_sealed").NotEmpty().Sensitive(),
		field.String("secrets_host").Optional().Nillable().MaxLen(300).
			Comment("The provider's host that gave the token, part of what it is sealed to."),
	}
}

// Indexes keep an account to one installation.
func (UnclaimedInstallation) Indexes() []ent.Index {
	return []ent.Index{index.Fields("provider", "external_account").Unique()}
}

// Policy lets operators read the installations; the program itself makes and attaches them.
func (UnclaimedInstallation) Policy() ent.Policy { return policy.OperatorsRead() }

// ProviderNotice is what a provider asked of the portal by law and a person must handle.
type ProviderNotice struct{ ent.Schema }

// Mixin gives the id and the time.
func (ProviderNotice) Mixin() []ent.Mixin { return []ent.Mixin{identity{prefix: ident.ProviderNotice}} }

// Fields of a notice.
func (ProviderNotice) Fields() []ent.Field {
	return []ent.Field{
		field.String("provider").NotEmpty().MaxLen(40).Immutable(),
		field.String("topic").NotEmpty().MaxLen(60).Immutable(),
		field.String("external_account").NotEmpty().MaxLen(200).Immutable(),
		field.Time("proven_at").Optional().Nillable().
			Comment("When it came with the provider's signature; absent: anybody can have sent it."),
		field.Time("closed_at").Optional().Nillable(),
	}
}

// Indexes find the open notices.
func (ProviderNotice) Indexes() []ent.Index { return []ent.Index{index.Fields("closed_at", "id")} }

// Policy lets operators read the notices; the program itself writes them.
func (ProviderNotice) Policy() ent.Policy { return policy.OperatorsRead() }

// ProviderSetting is what an administrator set of a provider for the whole installation.
type ProviderSetting struct{ ent.Schema }

// Mixin gives the id and the times.
func (ProviderSetting) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.ProviderSetting}, changing{}}
}

// Fields of the settings of a provider.
func (ProviderSetting) Fields() []ent.Field {
	return []ent.Field{
		field.String("provider").NotEmpty().MaxLen(40).Unique().Immutable(),
		field.JSON("values", map[string]string{}),
		field.Bytes("secrets_sealed").Optional().Sensitive(),
		field.String("secrets_host").Optional().Nillable().MaxLen(300).
			Comment("The provider's host that the secrets were entered for, part of what they are sealed to."),
		field.JSON("secret_states", map[string]secretstate.State{}).Optional(),
		field.Time("changed_at").Optional().Nillable().
			Comment("When an administrator last changed a setting: the others are told."),
		field.String("changed_by").Optional().Nillable().MaxLen(200 * 4).Comment("Name of that administrator."),
		field.String("changed_by_id").Optional().Nillable(),
		field.Time("house_refused_at").Optional().Nillable().
			Comment("When the provider refused the software house's own log-in: it is not sent again until an administrator " +
				"changes the settings."),
	}
}

// Policy lets administrators change the settings; the program itself reads them.
func (ProviderSetting) Policy() ent.Policy { return policy.AdminOnly() }
