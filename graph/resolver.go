// Package graph is the GraphQL API: it translates between the schema and the packages that decide, and decides nothing
// itself. The schema is in the .graphql files; the resolvers of NAME.graphql are in NAME.resolvers.go.
package graph

import (
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/due"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// Resolver has what the resolvers ask.
type Resolver struct {
	// Store is read for single rows and their edges; every decision and every change is a service's.
	Store *store.Store
	// Staff has Operators, Logins, Factors, Sessions and ServiceTokens. It and the services below decide.
	*staff.Staff
	Clients          *clients.Service
	Products         *products.Service
	Connections      *connection.Service
	ProviderSettings *providersettings.Service
	Installs         *install.Service
	Keeper           *keeper.Keeper
	Keys             *accesskey.Service
	Due              *due.Service
	// Trail is the audit trail.
	Trail *audit.Trail
	// Live tells of changes.
	Live *live.Bus
	// Denials are told who was denied what.
	Denials Denials
	// HideSchema keeps the schema from callers: no introspection.
	HideSchema bool
	// Measure is told of each operation: what it is, "" when that was not known, and the code of its first error, "" when
	// it had none. Of a subscription it is told when that has ended. It must not wait for anything; nil tells nobody.
	Measure func(operation ast.Operation, code fault.Refusal)
	// Now is the clock.
	Now func() time.Time
}
