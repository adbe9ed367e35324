package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/policy"
)

// CredentialRead says that an access key read the credentials of a marketplace: which version, from which address, on
// which day and how often. It outlives the marketplace, so that a leak can be answered after it was removed.
type CredentialRead struct{ ent.Schema }

// Mixin gives the id and the time.
func (CredentialRead) Mixin() []ent.Mixin {
	return []ent.Mixin{identity{prefix: ident.CredentialRead}}
}

// Fields of a read.
func (CredentialRead) Fields() []ent.Field {
	return []ent.Field{
		field.String("access_key_id").NotEmpty().Immutable(),
		field.String("client_id").NotEmpty().Immutable(),
		field.String("marketplace_id").NotEmpty().Immutable(),
		field.Int64("credential_version").Immutable(),
		field.String("address").MaxLen(64).Immutable(),
		field.Time("day").Immutable().
			Comment("The day of these reads: its beginning, in UTC. The first of the month where that is counted together."),
		field.Int64("count"),
		field.Time("first_at"),
		field.Time("last_at"),
	}
}

// Indexes count the reads of one day together, say whether a key read a version from an address before, and find the
// reads of a key, those of a client and old ones.
func (CredentialRead) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("access_key_id", "marketplace_id", "credential_version", "address", "day").Unique().
			StorageKey("credential_reads_once"),
		index.Fields("access_key_id", "id"),
		index.Fields("client_id"),
		index.Fields("day", "id"),
	}
}

// Policy lets operators read; the program itself alone writes, as a read by a key changes nothing for the key.
func (CredentialRead) Policy() ent.Policy { return policy.OperatorsRead() }

// ReadDigest is up to when the audit trail vouches for the reads of credentials: one row. A save holds it against a
// digest, so that no read comes to a day after its digest.
type ReadDigest struct{ ent.Schema }

// Fields of the row.
func (ReadDigest) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable(),
		field.Time("through").Optional().Nillable().
			Comment("The beginning of the first day, in UTC, that has no digest; none before the first digest."),
	}
}

// Policy keeps the row to the program itself.
func (ReadDigest) Policy() ent.Policy { return policy.SystemOnly() }
