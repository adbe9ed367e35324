// Package model has the Go types of GraphQL types that are no row of the model and no type of a deciding package.
package model

import (
	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/finder"
)

// Node is a row of the model, as ent generates them: what the GraphQL interface Node can be.
type Node interface {
	Value(name string) (ent.Value, error)
}

// The pages of the lists, and their rows. These aliases stand in a folder named internal: gqlgen takes an alias
// elsewhere for a type without methods, and wants a resolver for each field of it.
type (
	ClientConnection     = page.Connection[*ent.ClientRecord]
	ClientEdge           = page.Edge[*ent.ClientRecord]
	ProductConnection    = page.Connection[*ent.Product]
	ProductEdge          = page.Edge[*ent.Product]
	ClientNoteConnection = page.Connection[*ent.ClientNote]
	ClientNoteEdge       = page.Edge[*ent.ClientNote]
	AccessKeyConnection  = page.Connection[*ent.AccessKey]
	AccessKeyEdge        = page.Edge[*ent.AccessKey]

	OperatorConnection       = page.Connection[*ent.Operator]
	OperatorEdge             = page.Edge[*ent.Operator]
	ServiceTokenConnection   = page.Connection[*ent.ServiceToken]
	ServiceTokenEdge         = page.Edge[*ent.ServiceToken]
	CredentialReadConnection = page.Connection[*ent.CredentialRead]
	CredentialReadEdge       = page.Edge[*ent.CredentialRead]
	AuditEventConnection     = page.Connection[*ent.AuditEvent]
	AuditEventEdge           = page.Edge[*ent.AuditEvent]

	FoundClients       = finder.Found[*ent.ClientRecord]
	FoundMarketplaces  = finder.Found[*ent.Marketplace]
	FoundAccessKeys    = finder.Found[*ent.AccessKey]
	FoundOperators     = finder.Found[*ent.Operator]
	FoundServiceTokens = finder.Found[*ent.ServiceToken]

	ProviderIncidentConnection = page.Connection[*ent.ProviderIncident]
	ProviderIncidentEdge       = page.Edge[*ent.ProviderIncident]
)

// AuditObject is what something was done to.
type AuditObject struct {
	// ID is its id.
	ID string
}

// Integration is what an access key opens.
type Integration struct {
	// Key is the key that was sent.
	Key principal.Key
	// ReadAhead are its marketplaces; nil where they are still to be read.
	ReadAhead *[]*ent.Marketplace
}
