package login

import (
	"context"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
)

// BeginPasskey asks for any passkey of this portal: the one that answers says which operator it is. It counts as a try
// of an address that no operator logged in from lately: it returns a fault.Throttled after too many.
func (s *Service) BeginPasskey(ctx context.Context, browser session.Browser) (factor.PasskeyRequest, error) {
	ctx = principal.AsSystem(ctx, task)
	origin, err := s.throttle.OriginOf(ctx, "", browser.Address, browser.Device)
	if err != nil {
		return factor.PasskeyRequest{}, err
	}
	if err := s.throttle.Attempt(ctx, "", origin); err != nil {
		return factor.PasskeyRequest{}, err
	}
	var request factor.PasskeyRequest
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		request, err = s.factors.AskAnyPasskey(ctx, tx)
		return err
	})
	return request, err
}

// Complete ends a log-in that needs a second factor, or one with a passkey alone. It returns the fault.List of
// TICKET_INVALID when the log-in is unknown, too old, or has no try left, and of SECOND_FACTOR_INVALID when the proof
// is not right.
func (s *Service) Complete(
	ctx context.Context, text string, proof factor.Proof, browser session.Browser,
) (result Result, err error) {
	defer func() { s.measureOutcome(result, err) }()
	ctx = principal.AsSystem(ctx, task)
	row, err := s.tickets.Try(ctx, text, ticket.SecondFactor, ticket.PasskeyLogin)
	if err != nil {
		return Result{}, err
	}
	content, err := s.factors.ContentOf(row)
	if err != nil {
		return Result{}, err
	}
	origin, err := s.throttle.OriginOf(ctx, ticket.OperatorIDOf(row), browser.Address, browser.Device)
	if err != nil {
		return Result{}, err
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := s.tickets.Use(ctx, tx, row); err != nil {
			return err
		}
		person, methods, err := s.proveLogin(ctx, tx, row, proof, content)
		if err != nil {
			return err
		}
		if person.DisabledAt != nil {
			return fault.New(fault.TicketInvalid, "ticket")
		}
		if err := s.throttle.Forgive(ctx, tx, person.Email, origin); err != nil {
			return err
		}
		result.Session, err = s.sessions.Begin(ctx, tx, person, browser, methods)
		return err
	})
	if !factor.IsRefusal(err) {
		return result, err
	}
	return Result{}, s.refuseProof(ctx, row, err)
}

// proveLogin checks the proof of a log-in. It returns the operator that the proof is of, and how the whole log-in was
// proved.
func (s *Service) proveLogin(
	ctx context.Context, tx *ent.Tx, row *ent.OneTimeToken, proof factor.Proof, content factor.Content,
) (person *ent.Operator, methods string, err error) {
	if ticket.Purpose(row.Purpose) == ticket.PasskeyLogin {
		if proof.Passkey == nil {
			return nil, "", fault.New(fault.SecondFactorInvalid)
		}
		person, err := s.factors.ProveAnyPasskey(ctx, tx, *proof.Passkey, content)
		return person, session.ByPasskey, err
	}
	person, err = s.sessions.LockOperator(ctx, tx, *row.OperatorID)
	if err != nil {
		return nil, "", err
	}
	method, err := s.factors.Prove(ctx, tx, person, proof, content)
	return person, session.ByPassword + " " + method, err
}

// refuseProof records a proof that failed and returns the refusal. The failed passkey of an unknown person counts as a
// stranger's try.
func (s *Service) refuseProof(ctx context.Context, row *ent.OneTimeToken, refusal error) error {
	if row.OperatorID == nil {
		if err := s.strangers.RecordTry(ctx, audit.Event{Action: audit.PasskeyFailed}); err != nil {
			return err
		}
		return refusal
	}
	event := audit.Event{Action: "session.second_factor_failed", ObjectID: *row.OperatorID}
	return s.recordRefusal(ctx, refusal, event)
}
