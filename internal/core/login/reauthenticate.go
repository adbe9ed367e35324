package login

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/throttle"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Reauthentication is one proof that the operator is at the keyboard: one of its fields is set.
type Reauthentication struct {
	Password *string
	Code     *string
	Passkey  *factor.PasskeyAnswer
}

// Reauthenticate takes a proof that the operator is at the keyboard, and returns a new access token of the same
// session. It returns what Login returns of failures, and SECOND_FACTOR_INVALID and TICKET_INVALID as Complete does.
//
// There are two things to prove, and the token says which were proved. The second factor or, without one, the password
// renews the log-in. The password is a proof of presence, for one change of what the operator logs in with: a thief who
// has a token from an open page, or a code from an app, lacks the password. A passkey proves both.
func (s *Service) Reauthenticate(
	ctx context.Context, proof Reauthentication, browser session.Browser,
) (session.Session, error) {
	actor, err := principal.Person(ctx)
	if err != nil {
		return session.Session{}, err
	}
	system := principal.AsSystem(ctx, session.TaskAccount)
	person, err := s.store.Reader().Operator.Get(system, actor.ID)
	if err != nil {
		return session.Session{}, fmt.Errorf("read the operator: %w", err)
	}
	if !store.Vouches(system, s.store, person) {
		return session.Session{}, fault.Unauthenticated
	}
	origin, err := s.throttle.OriginOf(system, actor.ID, browser.Address, browser.Device)
	if err != nil {
		return session.Session{}, err
	}
	if err := s.throttle.Attempt(system, person.Email, origin); err != nil {
		return session.Session{}, err
	}
	c := proofCheck{person: person, actor: actor, origin: origin, proof: factor.Proof{Code: proof.Code}}
	switch {
	case proof.Password != nil:
		err = s.checkPassword(ctx, c, *proof.Password)
	case proof.Passkey != nil:
		err = s.openQuestion(system, &c, *proof.Passkey)
	}
	if err != nil {
		return session.Session{}, err
	}
	renewed, err := s.renew(system, c, proof)
	if factor.IsRefusal(err) {
		event := audit.Event{Action: "session.reauthentication_failed", ObjectID: actor.ID}
		return session.Session{}, s.recordRefusal(principal.With(ctx, actor), err, event)
	}
	return renewed, err
}

// proofCheck is the check of one proof of an operator who is logged in.
type proofCheck struct {
	person *ent.Operator
	actor  principal.Operator
	origin throttle.Origin
	proof  factor.Proof
	// ticket and content belong to the question to a passkey; nil and empty for another proof.
	ticket  *ent.OneTimeToken
	content factor.Content
}

// checkPassword checks the password of an operator who is logged in, and records a wrong one.
func (s *Service) checkPassword(ctx context.Context, c proofCheck, text string) error {
	right, _, err := s.hasher.Verify(password.Known(ctx), text, c.person.PasswordHash)
	if err != nil {
		return s.undoAttempt(principal.AsSystem(ctx, session.TaskAccount), c.person.Email, c.origin, err)
	}
	if !right {
		event := audit.Event{Action: "session.reauthentication_failed", ObjectID: c.actor.ID}
		return s.recordRefusal(principal.With(ctx, c.actor), fault.New(fault.InvalidCredentials, "password"), event)
	}
	return nil
}

// openQuestion reads the question that a passkey has answered, for the check.
func (s *Service) openQuestion(ctx context.Context, c *proofCheck, answer factor.PasskeyAnswer) (err error) {
	if c.ticket, err = s.tickets.TryOf(ctx, c.actor.ID, answer.Ticket, ticket.PasskeyProof); err != nil {
		return err
	}
	c.content, err = s.factors.ContentOf(c.ticket)
	c.proof.Passkey = &answer.Response
	return err
}

// renew checks any proof but a password, which is checked before. It renews the session as far as the proof allows.
func (s *Service) renew(
	ctx context.Context, c proofCheck, proof Reauthentication,
) (renewed session.Session, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if c.ticket != nil {
			if err := s.tickets.Use(ctx, tx, c.ticket); err != nil {
				return err
			}
		}
		if proof.Password == nil {
			if _, err := s.factors.Prove(ctx, tx, c.person, c.proof, c.content); err != nil {
				return err
			}
		}
		if err := s.throttle.Forgive(ctx, tx, c.person.Email, c.origin); err != nil {
			return err
		}
		renewed, err = s.sessions.Renew(ctx, tx, c.person, c.actor, session.Renewal{
			Login:    proof.Password == nil || !c.person.SecondFactor,
			Presence: proof.Code == nil,
		})
		return err
	})
	return renewed, err
}

// BeginPasskeyReauthentication asks for one of the passkeys of the operator who acts; Reauthenticate takes the answer.
// It returns a fault.BadRequest when there is none.
func (s *Service) BeginPasskeyReauthentication(ctx context.Context) (factor.PasskeyRequest, error) {
	var request factor.PasskeyRequest
	ask := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		has, err := tx.Passkey.Query().Where(passkey.OperatorID(account.Actor.ID)).Exist(ctx)
		if err != nil {
			return audit.Event{}, fmt.Errorf("look for passkeys: %w", err)
		}
		if !has {
			return audit.Event{}, fault.BadRequest{Detail: fault.OperatorNoPasskey}
		}
		request, err = s.factors.AskPasskey(ctx, tx, ticket.PasskeyProof, account.Operator)
		return audit.Event{}, err
	}
	err := s.sessions.ChangeAccount(ctx, ask)
	return request, err
}
