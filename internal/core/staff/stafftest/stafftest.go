// Package stafftest gives the tests of the rooms of operators a house: all the rooms over a database of their own.
package stafftest

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const (
	// Issuer is the public URL of the house.
	Issuer = "https://portal.example"
	// Password is the password of every operator.
	Password = "correct horse battery staple"
)

// House is the rooms, with what a test needs to look behind them.
type House struct {
	*staff.Staff
	Store *store.Store
	Keys  *seal.Keyset
	Clock *Clock
}

// Each runs test over a house on SQLite and one on PostgreSQL, both without an operator.
func Each(t *testing.T, test func(t *testing.T, h House)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		test(t, New(t, s))
	})
}

// New returns a house over a database.
func New(t testing.TB, s *store.Store) House {
	t.Helper()
	keys, err := seal.NewKeyset()
	must.Do(t, err)
	h := House{Store: s, Keys: keys, Clock: &Clock{}}
	h.Staff = h.Instance(t)
	return h
}

// Instance returns the rooms once more over the same database, as another process has them.
func (h House) Instance(t testing.TB) *staff.Staff {
	t.Helper()
	return h.InstanceOf(t, "", password.ForTesting(t))
}

// InstanceOf is Instance of a portal that knows the name of its organisation, with a hasher.
func (h House) InstanceOf(t testing.TB, organization string, hasher *password.Hasher) *staff.Staff {
	t.Helper()
	public, err := url.Parse(Issuer)
	must.Do(t, err)
	rooms, err := staff.New(staff.Options{
		Store: h.Store, Keys: h.Keys, Hasher: hasher, PublicURL: public, Organization: organization, Now: h.Clock.Now,
	})
	must.Do(t, err)
	must.Do(t, rooms.Signing.Load(t.Context()))
	return rooms
}

// Hire makes an operator.
func (h House) Hire(t testing.TB, email string, role principal.Role) *ent.Operator {
	t.Helper()
	in := operator.Input{Name: "Ana", Email: email, Password: Password, Role: role}
	person, err := h.Operators.Create(AsSystem(t), in)
	must.Do(t, err)
	return person
}

// Login logs an operator in.
func (h House) Login(t testing.TB, email string) login.Result {
	t.Helper()
	result, err := h.Logins.Login(t.Context(), email, Password, session.Browser{})
	must.Do(t, err)
	return result
}

// AsSystem returns a context with the rights of the program.
func AsSystem(t testing.TB) context.Context { return principal.AsSystem(t.Context(), "test") }

// Clock is the time of day, which a test may move.
type Clock struct {
	mu      sync.Mutex
	ahead   time.Duration
	stopped time.Time
}

// Stop makes the time stand still but for Advance, so that a slow machine changes nothing.
func (c *Clock) Stop() {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped, c.ahead = now, 0
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped.Add(c.ahead)
	}
	return time.Now().UTC().Truncate(time.Microsecond).Add(c.ahead)
}

// Advance moves the time.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
