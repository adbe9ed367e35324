// Package principal says on whose behalf code acts. The principal travels in the context: the HTTP server puts it
// there, and the access directive and the ent privacy policies read it. A context without one may do nothing.
package principal

import (
	"context"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Role is what an operator may do.
type Role string

// The roles, from the most to the least powerful.
const (
	Admin  Role = "ADMIN"
	Editor Role = "OPERATOR"
	Viewer Role = "VIEWER"
)

// Values are all roles, as ent asks of an enum.
func (Role) Values() []string { return []string{string(Admin), string(Editor), string(Viewer)} }

// Principal is one of Operator, Key and System.
type Principal interface{ principal() }

// Operator is a person of the software house, logged in, or a script with a service token, which has the rights of an
// operator of its role.
type Operator struct {
	// ID is the id of the operator, or of the service token.
	ID   string
	Name string
	Role Role
	// SessionID is empty for a service token: it has no session, and no account of its own.
	SessionID string
	// AuthenticatedAt is when the operator last proved who is at the keyboard.
	AuthenticatedAt time.Time
	// Scopes are what a script may do beside reading; a person has and needs none.
	Scopes Scopes
	// Presence names a proof of presence that is not used yet, from the access token; empty when there is none.
	Presence string
	// LacksSecondFactor is set when the portal demands a second factor and the operator has none: until there is one,
	// nothing else may be done.
	LacksSecondFactor bool
	// MustProve is set when the session went on in another browser and another network: until the operator has proved to
	// be there, nothing else may be done.
	MustProve bool
}

// IsService reports whether it is a script with a service token.
func (o Operator) IsService() bool { return o.SessionID == "" }

// Key is a back-office that sent an access key. It reaches the rows of its own client's product and no other.
type Key struct {
	ID              string
	Name            string
	VisiblePart     string
	ClientID        string
	ClientProductID string
	// Bound is set when the key works only from certain addresses.
	Bound bool
	// AsOf is the version of its shop when the key was found good: what is read later is at least as new.
	AsOf Version
}

// Version names a state of all that the answers to a back-office can depend on. Two equal versions of the same shop
// mean that nothing of it has changed in between. The zero Version is unknown.
type Version struct {
	// Shop rises with the rows of the shop, Revision is what back-offices poll, and Settings rises with the settings of
	// the providers.
	Shop, Revision, Settings int64
}

// IsKnown reports whether it is a version that was read.
func (v Version) IsKnown() bool { return v != Version{} }

// Same reports whether two principals are the same caller with the same rights, whenever they were found so.
func Same(a, b Principal) bool { return unversioned(a) == unversioned(b) }

func unversioned(p Principal) Principal {
	if key, ok := p.(Key); ok {
		key.AsOf = Version{}
		return key
	}
	return p
}

// System is the program itself, at work for no particular caller. Task names the work, for the audit trail.
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

// AsSystem returns a context in which the program itself acts at task. Each use bypasses the caller's own rights: keep
// them few.
func AsSystem(ctx context.Context, task string) context.Context {
	return With(ctx, System{Task: task})
}

// Only returns the operator of the context, or fault.Forbidden unless it has one of these roles. It guards what the
// program does on an operator's behalf, where no privacy policy applies.
func Only(ctx context.Context, roles ...Role) (Operator, error) {
	operator, ok := From(ctx).(Operator)
	if !ok || !slices.Contains(roles, operator.Role) {
		return Operator{}, fault.Forbidden
	}
	return operator, nil
}

// Changer is Only for changes: it also returns fault.Forbidden for a script without the scope Write.
func Changer(ctx context.Context, roles ...Role) (Operator, error) {
	operator, err := Only(ctx, roles...)
	if err == nil && operator.IsService() && !operator.Scopes.Has(Write) {
		return Operator{}, fault.Forbidden
	}
	return operator, err
}

// Person returns the person of the context. It returns fault.Forbidden for every other principal: a script with a
// service token has no account of its own.
func Person(ctx context.Context) (Operator, error) {
	person, ok := From(ctx).(Operator)
	if !ok || person.IsService() {
		return Operator{}, fault.Forbidden
	}
	return person, nil
}

// Administrator is Person of an administrator: it returns fault.Forbidden for a person of another role.
func Administrator(ctx context.Context) (Operator, error) {
	person, err := Person(ctx)
	if err == nil && person.Role != Admin {
		return Operator{}, fault.Forbidden
	}
	return person, err
}

// HidesCPF reports whether the caller of the context sees the CPF of a person only in part, and so cannot search by it.
func HidesCPF(ctx context.Context) bool {
	p, ok := From(ctx).(Operator)
	return ok && p.Role == Viewer
}
