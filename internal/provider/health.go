package provider

import "time"

// State is the state of a connection, a value of the GraphQL enum MarketplaceHealthState.
type State string

// The states; the GraphQL schema says what each means.
const (
	Waiting        State = "WAITING"
	Connected      State = "CONNECTED"
	Expiring       State = "EXPIRING"
	Failing        State = "FAILING"
	NeedsAttention State = "NEEDS_ATTENTION"
	Suspended      State = "SUSPENDED"
	NotTestable    State = "NOT_TESTABLE"
)

// States are all of them.
var States = []State{Waiting, Connected, Expiring, Failing, NeedsAttention, Suspended, NotTestable}

// InTrouble are the states that somebody should look at. The index marketplaces_in_trouble serves just these.
var InTrouble = []State{Failing, NeedsAttention, Suspended}

// Reason is why a connection is in its state, a value of the GraphQL enum MarketplaceHealthReason.
type Reason string

// The reasons; the GraphQL schema says what each means.
const (
	WaitingForMerchant  Reason = "WAITING_FOR_MERCHANT"
	NotCheckedYet       Reason = "NOT_CHECKED_YET"
	NoTestAvailable     Reason = "NO_TEST_AVAILABLE"
	CheckPassed         Reason = "CHECK_PASSED"
	RenewalDelayed      Reason = "RENEWAL_DELAYED"
	CredentialsEndSoon  Reason = "CREDENTIALS_END_SOON"
	Unreachable         Reason = "UNREACHABLE"
	ProviderFault       Reason = "PROVIDER_FAULT"
	RateLimited         Reason = "RATE_LIMITED"
	CredentialsExpired  Reason = "CREDENTIALS_EXPIRED"
	PasswordRefused     Reason = "PASSWORD_REFUSED"
	TokenRefused        Reason = "TOKEN_REFUSED"
	RenewalRefused      Reason = "RENEWAL_REFUSED"
	RenewalLost         Reason = "RENEWAL_LOST"
	AccessRevoked       Reason = "ACCESS_REVOKED"
	SecretsLost         Reason = "SECRETS_LOST"
	SuspendedByProvider Reason = "SUSPENDED_BY_PROVIDER"
	RenewalInterrupted  Reason = "RENEWAL_INTERRUPTED"
	RenewalIncomplete   Reason = "RENEWAL_INCOMPLETE"
	Incident            Reason = "PROVIDER_INCIDENT"
	StoreUnknown        Reason = "STORE_UNKNOWN"
	HostChanged         Reason = "HOST_CHANGED"
	WrongShop           Reason = "WRONG_SHOP"
)

// states says of each reason which state it is a reason for.
var states = map[Reason]State{
	WaitingForMerchant:  Waiting,
	NotCheckedYet:       Waiting,
	NoTestAvailable:     NotTestable,
	CheckPassed:         Connected,
	RenewalDelayed:      Expiring,
	CredentialsEndSoon:  Expiring,
	Unreachable:         Failing,
	ProviderFault:       Failing,
	RateLimited:         Failing,
	CredentialsExpired:  Failing,
	PasswordRefused:     NeedsAttention,
	TokenRefused:        NeedsAttention,
	RenewalRefused:      NeedsAttention,
	RenewalLost:         NeedsAttention,
	AccessRevoked:       NeedsAttention,
	SecretsLost:         NeedsAttention,
	SuspendedByProvider: Suspended,
	RenewalInterrupted:  Expiring,
	RenewalIncomplete:   Expiring,
	Incident:            Failing,
	StoreUnknown:        NeedsAttention,
	HostChanged:         NeedsAttention,
	WrongShop:           NeedsAttention,
}

// Health is why a connection is in its state; the reason implies the state.
type Health struct{ Reason Reason }

// State returns the state that the reason is of.
func (h Health) State() State { return states[h.Reason] }

// soon is how long before the end of credentials without a renewal the portal says so.
const soon = 7 * 24 * time.Hour

// Situation is what a transition looks at beside the result.
type Situation struct {
	// Renewing is whether the result is of a renewal, and not of a test.
	Renewing bool
	// Renewable is whether the portal can renew the credentials.
	Renewable bool
	// Left is how long the credentials still live, negative once they have ended; nil when that is not known.
	Left *time.Duration
}

// After returns the health of a connection once a result is known: the moves of the state machine drawn in
// docs/health.md. New credentials are the one move that is not here: they start again from what Unchecked says.
//
// A fault of the provider says nothing of the credentials, so it never moves a connection to NEEDS_ATTENTION, and takes
// none out of NEEDS_ATTENTION or SUSPENDED: what the provider said there still stands.
func (h Health) After(r Result, s Situation) Health {
	ended := s.Left != nil && *s.Left <= 0
	if r.Reason == HouseLoginRefused || r.Reason == SessionEnded {
		r = Result{Outcome: Transient, Reason: ProviderFault} // the house was refused, and not this connection
	}
	switch r.Outcome {
	case OK:
		if r.Reason == RenewalIncomplete {
			return Health{RenewalIncomplete}
		}
		if !s.Renewable && s.Left != nil && *s.Left <= soon {
			return Health{CredentialsEndSoon}
		}
		return Health{CheckPassed}
	case Refused, Halted:
		if state := states[r.Reason]; state == NeedsAttention || state == Suspended {
			return Health{r.Reason}
		}
		if r.Outcome == Halted {
			return Health{SuspendedByProvider}
		}
		return Health{TokenRefused}
	case Untestable:
		if h.State() == NeedsAttention || h.State() == Suspended {
			return h
		}
		return Health{NoTestAvailable}
	default:
		switch {
		case h.State() == NeedsAttention || h.State() == Suspended:
			return h
		case s.Renewing && ended:
			return Health{CredentialsExpired}
		case s.Renewing && s.Left != nil:
			return Health{RenewalDelayed}
		case states[r.Reason] == Failing:
			return Health{r.Reason}
		default:
			return Health{ProviderFault}
		}
	}
}

// Trouble is how bad a state is, for sorting: the column trouble of a client has the worst of its marketplaces.
func (s State) Trouble() string {
	switch s {
	case Waiting, Expiring:
		return "1"
	case Failing:
		return "2"
	case NeedsAttention, Suspended:
		return "3"
	default:
		return "0"
	}
}
