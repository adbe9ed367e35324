package keeper

import (
	"math/rand/v2"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	// keepPrevious is how long the secrets before a renewal are stored: a later renewal that is refused tries them too.
	keepPrevious    = 24 * time.Hour
	firstPause      = time.Minute
	longestPause    = time.Hour
	longestWait     = 6 * time.Hour // caps the pause that a provider asks for
	suspendedPause  = 24 * time.Hour
	incidentPause   = 30 * time.Minute // mostly the incident ends before
	shortestRenewal = 5 * time.Minute
	// mintEvery is how often the house's log-in may ask for new credentials of one connection.
	mintEvery = time.Hour
)

// answer is a provider's answer, and what it was asked.
type answer struct {
	provider.Renewed
	// asked is whether the provider was asked at all.
	asked bool
	// renewing is whether new credentials were asked for, and not only a check.
	renewing bool
	// minted is whether the house's log-in was used.
	minted bool
}

// facts are what decide decides by.
type facts struct {
	now time.Time
	old *connection.Row
	answer
	// sealing and previous are the new secrets and those before, sealed; nil where there are none.
	sealing  *connection.Sealing
	previous []byte
	// unread is an answer that could not be read, sealed; nil where there is none.
	unread []byte
	// plan returns the plan by which credentials are renewed; nil when they are not.
	plan func(provider.Record) *provider.Renewal
	// renews is whether the provider renews credentials at all. planned is whether it renews those before the answer.
	renews, planned bool
	// spends is whether a renewal may use up the token that it is made with.
	spends bool
	// accountFree is whether no other connection has the shop that the answer names.
	accountFree bool
	// wrongShop is whether the shop's document is not the client's and no operator has confirmed that.
	wrongShop bool
	// incident is whether the provider as a whole is in trouble, not single shops.
	incident bool
	// mintAt is when the house's log-in may get new credentials; nil when it cannot.
	mintAt *time.Time
	// checkEvery is the time from a good check to the next one.
	checkEvery time.Duration
	// spread moves a time a little, so that checks that began together do not stay together.
	spread func(time.Duration) time.Duration
}

// decide returns what an answer does to a connection. It is pure.
func decide(f facts) connection.Visit {
	v := connection.Visit{
		Asked: f.asked, Minted: f.minted, State: f.State, Account: f.Account,
		Cause: string(f.Cause), Detail: f.Detail,
		Unread: f.unread, UnreadUntil: f.now.Add(connection.KeepUnread),
		Pending: f.renewing && f.spends && f.Outcome == provider.Transient && !f.Unsent,
	}
	if f.old.ExternalAccount != nil || !f.accountFree {
		v.Account.ID = "" // the account is known, or another connection has it: the page warns of that
	}
	after := connection.Record(f.old)
	if f.State != nil {
		after.ProviderState = f.State
	}
	if f.sealing != nil {
		v.Renewal = &connection.Renewal{Secrets: f.sealing, Previous: f.previous, PreviousUntil: f.now.Add(keepPrevious)}
		after.States, after.ExpireAt = f.sealing.States, f.sealing.Ends()
	}
	if f.Outcome == provider.Transient {
		v.Failures = f.old.Failures + 1
	}
	v.Health = f.health(after)
	if f.wrongShop {
		v.Health = provider.Health{Reason: provider.WrongShop}
	}
	v.Message = f.message(v.Health)
	v.RenewAt = f.renewAt(after, v.Health)
	v.NextCheckAt = f.next(v)
	return v
}

// message returns the provider's message to store: nil leaves the stored one, an empty one clears it. What the provider
// said before is no answer to a call that did not reach it, unless the connection is still in the state that it told.
func (f facts) message(now provider.Health) *string {
	told := now.State() == provider.NeedsAttention || now.State() == provider.Suspended
	if f.Outcome == provider.OK || f.Outcome == provider.Untestable || f.Cause != "" && !told {
		return new(string)
	}
	if f.Message == "" {
		return nil
	}
	return &f.Message
}

// health returns the health of a connection after the answer. While the provider has an incident, neither a fault nor a
// refusal counts as the shop's own.
func (f facts) health(after provider.Record) provider.Health {
	was := provider.Health{Reason: provider.Reason(f.old.HealthReason)}
	said := was.State() == provider.NeedsAttention || was.State() == provider.Suspended
	if f.incident && (f.Outcome == provider.Transient || f.Outcome == provider.Refused) {
		if said {
			return was
		}
		return provider.Health{Reason: provider.Incident}
	}
	if was.Reason == provider.RenewalIncomplete && f.Outcome == provider.OK && !f.renewing {
		return was // it works, and whether it can be renewed is still not known
	}
	at := provider.Situation{Renewing: f.renewing, Renewable: f.planned}
	if after.ExpireAt != nil && (f.planned || !f.renews) {
		left := after.ExpireAt.Sub(f.now)
		at.Left = &left
	}
	return was.After(f.Result, at)
}

// renewAt returns when the credentials are to be renewed. Without a planned time they are due now, and an overdue
// renewal keeps its time.
func (f facts) renewAt(after provider.Record, h provider.Health) *time.Time {
	if h.State() == provider.NeedsAttention || h.State() == provider.Suspended {
		return nil
	}
	plan := f.plan(after)
	if plan == nil {
		return nil
	}
	at := plan.At
	if at.IsZero() {
		if at = f.now; f.old.RenewAt != nil && f.old.RenewAt.Before(f.now) {
			at = *f.old.RenewAt
		}
	}
	// New credentials that are due again at once would be renewed without end. Credentials whose end is not known are
	// renewed at once, as the renewal tells the end, but only once.
	known := after.ExpireAt != nil || f.sealing != nil
	if soonest := f.now.Add(shortestRenewal); f.Outcome == provider.OK && known && at.Before(soonest) {
		at = soonest
	}
	return &at
}

// next returns when a connection is visited next; nil when no visit helps before a person acts.
func (f facts) next(v connection.Visit) *time.Time {
	var at time.Time
	switch h := v.Health; {
	case h.Reason == provider.Incident:
		// A renewal waits too: its refusal says nothing now, and it would be due again at once. The pause is no shorter than
		// that of working connections, or the few that are really refused would get all the probes.
		at = f.now.Add(f.spread(max(incidentPause, f.checkEvery)))
		return &at
	case h.State() == provider.NeedsAttention:
		if f.mintAt == nil || !mendable[h.Reason] {
			return nil
		}
		may := *f.mintAt
		if f.minted { // that was the one try of this hour
			may = f.now.Add(mintEvery)
		}
		at = may.Add(f.spread(time.Minute))
		if soonest := f.now.Add(f.spread(firstPause)); at.Before(soonest) {
			at = soonest
		}
		return &at
	case h.State() == provider.NotTestable && f.Outcome == provider.Untestable && v.RenewAt == nil:
		return nil
	case h.State() == provider.Suspended:
		at = f.now.Add(f.spread(suspendedPause))
	case f.Outcome == provider.Transient:
		pause := f.spread(min(firstPause<<min(v.Failures-1, 10), longestPause))
		at = f.now.Add(max(pause, min(f.RetryAfter, longestWait)))
	default:
		at = f.now.Add(f.spread(f.checkEvery))
	}
	if f.Outcome != provider.Transient && v.RenewAt != nil && v.RenewAt.Before(at) {
		at = *v.RenewAt
	}
	return &at
}

// mendable are the reasons of a refusal that new credentials by the house's log-in may mend.
var mendable = map[provider.Reason]bool{
	provider.TokenRefused: true, provider.RenewalRefused: true, provider.RenewalLost: true, provider.StoreUnknown: true,
}

// spread returns a duration that is up to a tenth shorter or longer.
func spread(d time.Duration) time.Duration {
	if d < 10 {
		return d
	}
	return d - d/10 + rand.N(d/5) // #nosec G404 -- a time to check is no secret
}
