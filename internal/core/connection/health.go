package connection

import (
	"time"

	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// lateAfter is how long after its time a renewal may be made before the health says that it is late.
const lateAfter = 15 * time.Minute

// State returns the state that a row says.
func State(m *Row) provider.State { return provider.State(m.HealthState) }

// HealthAt returns the health of a connection at an instant, and since when. It is what the row says, but for a row
// that nobody has looked at: credentials are never said to work once their end has passed, and a renewal that is late
// is told.
func HealthAt(m *Row, now time.Time) (provider.Health, time.Time) {
	says := provider.Health{Reason: provider.Reason(m.HealthReason)}
	if s := says.State(); s != provider.Connected && s != provider.Expiring {
		return says, m.HealthSince
	}
	if m.CredentialsExpireAt == nil {
		return says, m.HealthSince
	}
	if !now.Before(*m.CredentialsExpireAt) {
		return provider.Health{Reason: provider.CredentialsExpired}, *m.CredentialsExpireAt
	}
	if says.State() == provider.Connected && m.RenewAt != nil {
		if late := m.RenewAt.Add(lateAfter); !now.Before(late) {
			return provider.Health{Reason: provider.RenewalDelayed}, late
		}
	}
	return says, m.HealthSince
}

// NextHealthChange returns when HealthAt will say something else although nobody has touched the row; the zero time
// when it will not.
func NextHealthChange(m *Row, now time.Time) time.Time {
	if s := State(m); s != provider.Connected && s != provider.Expiring || m.CredentialsExpireAt == nil {
		return time.Time{}
	}
	next := *m.CredentialsExpireAt
	if !next.After(now) { // it has ended, and nothing follows
		return time.Time{}
	}
	if State(m) == provider.Connected && m.RenewAt != nil {
		if late := m.RenewAt.Add(lateAfter); late.After(now) && late.Before(next) {
			next = late
		}
	}
	return next
}

// HasEnded matches the connections that are said to work although their credentials have ended.
func HasEnded(now time.Time) predicate.Marketplace {
	return marketplace.And(
		marketplace.CredentialsExpireAtLTE(now),
		marketplace.HealthStateIn(string(provider.Connected), string(provider.Expiring)),
	)
}

// OfActiveClient matches the connections that are counted and listed for people: nobody mends those of an archived
// client.
func OfActiveClient() predicate.Marketplace {
	return marketplace.HasClientProductWith(clientproduct.HasClientWith(clientrecord.ArchivedAtIsNil()))
}

// IsDue matches the connections of a provider that are to be checked or renewed by now, and that nobody has taken.
func IsDue(code provider.Code, now time.Time) predicate.Marketplace {
	return marketplace.And(marketplace.Provider(string(code)), marketplace.NextCheckAtLTE(now), IsFree(now))
}

// IsFree matches the connections that nobody has taken.
func IsFree(now time.Time) predicate.Marketplace {
	return marketplace.Or(marketplace.LeaseUntilIsNil(), marketplace.LeaseUntilLTE(now))
}
