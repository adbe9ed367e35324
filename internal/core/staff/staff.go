package staff

import (
	"cmp"
	"net/url"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/servicetoken"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/signing"
	"github.com/chaveiro/chaveiro/internal/core/throttle"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// Staff is the rooms.
type Staff struct {
	Signing       *signing.Service
	Sessions      *session.Service
	Factors       *factor.Service
	Logins        *login.Service
	Operators     *operator.Service
	ServiceTokens *servicetoken.Service
}

// Options are what the rooms are made of.
type Options struct {
	Store  *store.Store
	Keys   *seal.Keyset
	Hasher *password.Hasher
	// PublicURL stands in the access tokens as their issuer, begins the links, and is what passkeys are bound to.
	PublicURL *url.URL
	// AdminOrigins are where the admin page is hosted beside that: passkeys may answer there too. It may be empty.
	AdminOrigins []string
	// SecondFactor says of which operators a second factor is demanded; the zero value demands it of none.
	SecondFactor session.Demand
	// Measure counts how each log-in, or half of one, ended. It must not block; nil counts nothing.
	Measure func(login.Outcome)
	// Strangers records the log-ins that fail; nil is one of the rooms' own.
	Strangers *audit.Strangers
	// Organization is the name of the software house, which no password may contain; empty if it is unknown.
	Organization string
	// Live publishes the operators and tokens whose rights have changed; nil publishes nothing.
	Live *live.Bus
	// Now is the clock.
	Now func() time.Time
}

// New returns the rooms. Signing.Load is called before they serve. It returns an error when passkeys cannot be bound to
// the public URL.
func New(o Options) (*Staff, error) {
	strangers := cmp.Or(o.Strangers, audit.NewStrangers(o.Store, o.Now, nil))
	keys := signing.New(signing.Options{Store: o.Store, Keys: o.Keys, Issuer: o.PublicURL.String(), Now: o.Now})
	tickets := ticket.New(o.Store, o.Keys, o.Now)
	counts := throttle.New(throttle.Options{Store: o.Store, Keys: o.Keys, Strangers: strangers, Now: o.Now})
	tokens := servicetoken.New(o.Store, o.Live, o.Now)
	sessions, err := session.New(session.Options{
		Store: o.Store, Keys: o.Keys, Signing: keys, Tickets: tickets, Throttle: counts,
		SecondFactor: o.SecondFactor, Live: o.Live, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	factors, err := factor.New(factor.Options{
		Store: o.Store, Keys: o.Keys, Tickets: tickets, Sessions: sessions,
		PublicURL: o.PublicURL, AdminOrigins: o.AdminOrigins, Organization: o.Organization, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	logins := login.New(login.Options{
		Store: o.Store, Keys: o.Keys, Hasher: o.Hasher, Tickets: tickets, Throttle: counts, Sessions: sessions,
		Factors: factors, Strangers: strangers, Measure: o.Measure,
	})
	operators := operator.New(operator.Options{
		Store: o.Store, Hasher: o.Hasher, Tickets: tickets, Throttle: counts, Sessions: sessions, Factors: factors,
		Logins: logins, ServiceTokens: tokens, PublicURL: o.PublicURL, Organization: o.Organization,
		Live: o.Live, Now: o.Now,
	})
	return &Staff{
		Signing: keys, Sessions: sessions, Factors: factors, Logins: logins, Operators: operators,
		ServiceTokens: tokens,
	}, nil
}
