package principal

import (
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Scope is what a service token may do beside reading, within its role.
type Scope string

// The scopes; the GraphQL schema says what each means.
const (
	Write Scope = "WRITE"
	Keys  Scope = "KEYS"
)

// Scopes are the scopes of one token, separated by blanks.
type Scopes string

// DefaultScopes are the scopes of a token for which none are named. No scope that leads to a secret is among them.
const DefaultScopes = Scopes(Write)

// ScopesOf returns scopes, each once.
func ScopesOf(list []Scope) Scopes {
	var names []string
	for _, scope := range []Scope{Write, Keys} {
		if slices.Contains(list, scope) {
			names = append(names, string(scope))
		}
	}
	return Scopes(strings.Join(names, " "))
}

// List returns the scopes one by one.
func (s Scopes) List() []Scope {
	list := []Scope{}
	for name := range strings.FieldsSeq(string(s)) {
		list = append(list, Scope(name))
	}
	return list
}

// Has reports whether a scope is among them.
func (s Scopes) Has(scope Scope) bool { return slices.Contains(s.List(), scope) }

// recent is how long a proof of who is at the keyboard lasts.
const recent = 5 * time.Minute

// Prove returns nil for a person who has proved lately who is at the keyboard, and for a script that has a scope in
// place of that. It returns fault.Reauthenticate for a person who has not, and fault.Forbidden for a script without the
// scope.
func (o Operator) Prove(now time.Time, scope Scope) error {
	switch {
	case o.IsService() && !o.Scopes.Has(scope):
		return fault.Forbidden
	case !o.IsService() && (o.MustProve || now.Sub(o.AuthenticatedAt) > recent):
		return fault.Reauthenticate
	default:
		return nil
	}
}
