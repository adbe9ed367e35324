// Package principal says on whose behalf something is done. The principal travels in the context: the HTTP server
// puts it there, the access directive and the ent privacy policies read it, and a context without one may do nothing.
package principal

import "context"

// Role is what an operator may do.
type Role string

// The roles, from the most to the least powerful.
const (
	Admin  Role = "ADMIN"
	Editor Role = "OPERATOR"
	Viewer Role = "VIEWER"
)

// Principal is one of Operator, Key and System.
type Principal interface{ principal() }

// Operator is a person of the software house, logged in.
type Operator struct {
	ID        string
	Name      string
	Role      Role
	SessionID string
}

// Key is a back-office that sent an access key. It reaches the rows of its own client's product and no other.
type Key struct {
	ID              string
	Name            string
	ClientID        string
	ClientProductID string
}

// System is the program itself, at work for no particular caller. Task says at what, for the audit trail.
type System struct{ Task string }

func (Operator) principal() {}
func (Key) principal()      {}
func (System) principal()   {}

type contextKey struct{}

// With returns a context in which p is the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the principal of the context, or nil when there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}

// AsSystem returns a context in which the program itself acts at task. Each use is a place where the caller's own
// rights do not decide: keep them few.
func AsSystem(ctx context.Context, task string) context.Context {
	return With(ctx, System{Task: task})
}
