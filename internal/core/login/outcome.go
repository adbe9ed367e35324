package login

import (
	"errors"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/factor"
)

// Outcome is how a log-in, or half of one, ended.
type Outcome string

// The outcomes.
const (
	// Done is a session that was begun.
	Done Outcome = "done"
	// FactorAsked is a right password that a second factor is to follow.
	FactorAsked Outcome = "second_factor_asked"
	// Refused is a wrong e-mail address or password, or a disabled operator.
	Refused Outcome = "refused"
	// FactorRefused is a wrong second factor or passkey, or one that came too late.
	FactorRefused Outcome = "second_factor_refused"
	// Throttled is a log-in that has to wait, after too many failures.
	Throttled Outcome = "throttled"
	// Failed is a log-in without a decision: the portal was too busy, or failed.
	Failed Outcome = "failed"
)

// Outcomes are all of them.
var Outcomes = []Outcome{Done, FactorAsked, Refused, FactorRefused, Throttled, Failed}

// measureOutcome counts how a log-in ended.
func (s *Service) measureOutcome(result Result, err error) {
	if s.measure != nil {
		s.measure(outcomeOf(result, err))
	}
}

func outcomeOf(result Result, err error) Outcome {
	switch {
	case err == nil && result.SecondFactor != nil:
		return FactorAsked
	case err == nil:
		return Done
	case fault.Is(err, fault.InvalidCredentials):
		return Refused
	case factor.IsRefusal(err), fault.Is(err, fault.TicketInvalid), fault.Is(err, fault.TicketUsed):
		return FactorRefused
	case errors.As(err, new(fault.Throttled)):
		return Throttled
	default:
		return Failed
	}
}
