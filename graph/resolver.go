// Package graph is the GraphQL API: it translates between the schema and the packages that decide, and decides nothing
// itself. The schema is in the .graphql files; the resolvers of NAME.graphql are in NAME.resolvers.go.
package graph

import (
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/due"
	"github.com/chaveiro/chaveiro/internal/core/finder"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/notes"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// Resolver holds the services that the resolvers call.
type Resolver struct {
	// Store is for reading single rows and their edges. The services make every decision and every change.
	Store *store.Store
	// Staff has Operators, Logins, Factors, Sessions and ServiceTokens. It and the services below decide.
	*staff.Staff
	Clients          *clients.Service
	Notes            *notes.Service
	Products         *products.Service
	Connections      *connection.Service
	ProviderSettings *providersettings.Service
	Installs         *install.Service
	Keeper           *keeper.Keeper
	Keys             *accesskey.Service
	Due              *due.Service
	Finder           *finder.Service
	// Trail is the audit trail.
	Trail *audit.Trail
	// Live publishes and delivers events of changes.
	Live *live.Bus
	// Denials records denials of root fields.
	Denials Denials
	// HideSchema disables introspection.
	HideSchema bool
	// Measure, unless nil, is called once per operation, when a subscription ends for that. operation is "" when it is
	// unknown, code is that of the first error or "". It must not block.
	Measure func(operation ast.Operation, code fault.Refusal)
	// Tracer begins a span for each operation; nil begins none.
	Tracer trace.Tracer
	// Now is the clock.
	Now func() time.Time
}
