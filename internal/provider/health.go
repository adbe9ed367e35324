package provider

import (
	"slices"
	"time"
)

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

// States lists all states.
var States = []State{Waiting, Connected, Expiring, Failing, NeedsAttention, Suspended, NotTestable}

// InTrouble are the states that need an operator's attention. The index marketplaces_in_trouble covers exactly these.
var InTrouble = []State{Failing, NeedsAttention, Suspended}

// Reason is the reason of a connection's state. It is a value of the GraphQL enum MarketplaceHealthReason.
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

// states maps each reason to its state.
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

// numbers are how the history of connections stores reasons: the number of one is its place, from 1. A new reason goes
// to the end, and none ever leaves.
var numbers = []Reason{
	WaitingForMerchant, NotCheckedYet, NoTestAvailable, CheckPassed, RenewalDelayed, CredentialsEndSoon, Unreachable,
	ProviderFault, RateLimited, CredentialsExpired, PasswordRefused, TokenRefused, RenewalRefused, RenewalLost,
	AccessRevoked, SecretsLost, SuspendedByProvider, RenewalInterrupted, RenewalIncomplete, Incident, StoreUnknown,
	HostChanged, WrongShop,
}

// Number returns the number of a reason; 0 for an unknown one.
func (r Reason) Number() int64 { return int64(slices.Index(numbers, r) + 1) }

// ReasonOf returns the reason with a number; empty for an unknown one.
func ReasonOf(number int64) Reason {
	if number < 1 || number > int64(len(numbers)) {
		return ""
	}
	return numbers[number-1]
}

// IsDown reports whether a connection in this state does not work.
func (s State) IsDown() bool { return slices.Contains(InTrouble, s) }

// Health is the health of a connection: its reason, which implies the state.
type Health struct{ Reason Reason }

// State returns the state of the reason.
func (h Health) State() State { return states[h.Reason] }

// soon is how long before the end of credentials that the portal cannot renew it shows a warning.
const soon = 7 * 24 * time.Hour

// Situation is the input of a transition beside the result.
type Situation struct {
	// Renewing is true if the result is of a renewal, and false if it is of a test.
	Renewing bool
	// Renewable is true if the portal can renew the credentials.
	Renewable bool
	// Left is the remaining life of the credentials, negative after their end; nil when it is unknown.
	Left *time.Duration
}

// After returns the health of a connection after a result. It implements the moves of the state machine in
// docs/health.md, except the one for new credentials, which restart from Unchecked.
//
// A transient fault says nothing about the credentials. It never moves a connection to NEEDS_ATTENTION, and never out
// of NEEDS_ATTENTION or SUSPENDED, because the provider's last word still holds.
func (h Health) After(r Result, s Situation) Health {
	ended := s.Left != nil && *s.Left <= 0
	if r.Reason == HouseLoginRefused || r.Reason == SessionEnded {
		r = Result{Outcome: Transient, Reason: ProviderFault} // the provider refused the house, not this connection
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

// Trouble returns the rank of a state for sorting. The column trouble of a client holds the worst rank of its
// marketplaces.
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
