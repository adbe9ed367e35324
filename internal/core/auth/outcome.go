package auth

import (
	"errors"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// LoginOutcome is how a log-in, or half of one, ended.
type LoginOutcome string

// The outcomes.
const (
	// LoggedIn is a session that was begun.
	LoggedIn LoginOutcome = "done"
	// ProofAsked is a right password that a second factor is to follow.
	ProofAsked LoginOutcome = "second_factor_asked"
	// LoginRefused is a wrong e-mail address or password, or a disabled operator.
	LoginRefused LoginOutcome = "refused"
	// ProofRefused is a wrong second factor or passkey, or one that came too late.
	ProofRefused LoginOutcome = "second_factor_refused"
	// LoginThrottled is a log-in that has to wait, after too many failures.
	LoginThrottled LoginOutcome = "throttled"
	// LoginFailed is one that nobody has decided on: the portal was too busy, or failed.
	LoginFailed LoginOutcome = "failed"
)

// LoginOutcomes are all of them.
var LoginOutcomes = []LoginOutcome{LoggedIn, ProofAsked, LoginRefused, ProofRefused, LoginThrottled, LoginFailed}

// measureLogin tells how a log-in ended.
func (s *Service) measureLogin(begun Session, err error) {
	if s.measure != nil {
		s.measure(outcomeOf(begun, err))
	}
}

func outcomeOf(begun Session, err error) LoginOutcome {
	switch {
	case err == nil && begun.SecondFactor != nil:
		return ProofAsked
	case err == nil:
		return LoggedIn
	case fault.Is(err, fault.InvalidCredentials):
		return LoginRefused
	case isRefused(err), fault.Is(err, fault.TicketInvalid), fault.Is(err, fault.TicketUsed):
		return ProofRefused
	case errors.As(err, new(fault.Throttled)):
		return LoginThrottled
	default:
		return LoginFailed
	}
}
