package connection

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// LateAfter is how long a renewal may be overdue before the health says that it is late.
const LateAfter = 15 * time.Minute

// State returns the state in a row.
func State(m *Row) provider.State { return provider.State(m.HealthState) }

// HealthAt returns the health of a connection at an instant, and since when. It is the health in the row, with two
// exceptions for a row that nothing has updated since. Credentials never count as working past their end, and a late
// renewal is reported.
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
		if late := m.RenewAt.Add(LateAfter); !now.Before(late) {
			return provider.Health{Reason: provider.RenewalDelayed}, late
		}
	}
	return says, m.HealthSince
}

// NextHealthChange returns when HealthAt will change without a change of the row; the zero time when it will not.
func NextHealthChange(m *Row, now time.Time) time.Time {
	if s := State(m); s != provider.Connected && s != provider.Expiring || m.CredentialsExpireAt == nil {
		return time.Time{}
	}
	next := *m.CredentialsExpireAt
	if !next.After(now) { // the end has passed, and no change follows
		return time.Time{}
	}
	if State(m) == provider.Connected && m.RenewAt != nil {
		if late := m.RenewAt.Add(LateAfter); late.After(now) && late.Before(next) {
			next = late
		}
	}
	return next
}

// HasEnded matches the connections whose row says that they work although their credentials have ended.
func HasEnded(now time.Time) predicate.Marketplace {
	return marketplace.And(
		marketplace.CredentialsExpireAtLTE(now),
		marketplace.HealthStateIn(string(provider.Connected), string(provider.Expiring)),
	)
}

// OfActiveClient matches the connections that are counted and listed for people: not those of archived clients, which
// no person mends.
func OfActiveClient() predicate.Marketplace {
	return marketplace.HasClientProductWith(clientproduct.HasClientWith(clientrecord.ArchivedAtIsNil()))
}

// StateCount is how many connections of a provider have one health.
type StateCount struct {
	Provider string `json:"provider"`
	State    string `json:"health_state"`
	Reason   string `json:"health_reason"`
	Count    int    `json:"count"`
}

// CountStates counts the connections of active clients by provider and health, as their rows say it.
func CountStates(ctx context.Context, s *store.Store) (counts []StateCount, err error) {
	err = s.Reader().Marketplace.Query().Where(OfActiveClient()).
		GroupBy(marketplace.FieldProvider, marketplace.FieldHealthState, marketplace.FieldHealthReason).
		Aggregate(ent.Count()).Scan(ctx, &counts)
	if err != nil {
		return nil, fmt.Errorf("count the marketplaces: %w", err)
	}
	return counts, nil
}

// IsDue matches the connections of a provider whose check or renewal is due at now, and that have no lease.
func IsDue(code provider.Code, now time.Time) predicate.Marketplace {
	return marketplace.And(marketplace.Provider(string(code)), marketplace.NextCheckAtLTE(now), IsFree(now))
}

// IsFree matches the connections without a lease at now.
func IsFree(now time.Time) predicate.Marketplace {
	return marketplace.Or(marketplace.LeaseUntilIsNil(), marketplace.LeaseUntilLTE(now))
}
