package login

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/typed"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/throttle"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// task is what the program does for a browser that has no session yet.
const task = "log-in"

// Options are what a Service works with.
type Options struct {
	Store    *store.Store
	Keys     *seal.Keyset
	Hasher   *password.Hasher
	Tickets  *ticket.Service
	Throttle *throttle.Service
	Sessions *session.Service
	Factors  *factor.Service
	// Strangers records the log-ins that fail.
	Strangers *audit.Strangers
	// Measure counts how each log-in, or half of one, ended. It must not block; nil counts nothing.
	Measure func(Outcome)
}

// Service takes log-ins and proofs.
type Service struct {
	store     *store.Store
	keys      *seal.Keyset
	hasher    *password.Hasher
	tickets   *ticket.Service
	throttle  *throttle.Service
	sessions  *session.Service
	factors   *factor.Service
	strangers *audit.Strangers
	measure   func(Outcome)
}

// New returns the service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, keys: o.Keys, hasher: o.Hasher, tickets: o.Tickets, throttle: o.Throttle,
		sessions: o.Sessions, factors: o.Factors, strangers: o.Strangers, measure: o.Measure,
	}
}

// Result is what a log-in comes to: a session, or what it still needs.
type Result struct {
	session.Session
	// SecondFactor says what the log-in still needs; nil when there is a session.
	SecondFactor *SecondFactorRequest
}

// SecondFactorRequest is what a log-in needs after the password.
type SecondFactorRequest struct {
	Ticket         string
	Methods        []factor.Method
	PasskeyOptions *string
	// PasskeysMadeAt is the address that the operator's passkeys were made at when they can never work here; nil
	// otherwise.
	PasskeysMadeAt *string
}

// Login begins a session, or says which second factor it needs. It returns the fault.List of INVALID_CREDENTIALS, and
// never says more, for an unknown e-mail address, a wrong password and a disabled operator, all after the same work;
// fault.Throttled after too many failures; fault.Busy when too many log in at once.
func (s *Service) Login(ctx context.Context, email, text string, browser session.Browser) (result Result, err error) {
	defer func() { s.measureOutcome(result, err) }()
	ctx = principal.AsSystem(ctx, task)
	email = typed.Email(email)
	person, err := s.findByEmail(ctx, email)
	if err != nil {
		return Result{}, err
	}
	origin, err := s.originOf(ctx, person, browser)
	if err != nil {
		return Result{}, err
	}
	if err := s.throttle.Attempt(ctx, email, origin); err != nil {
		return Result{}, err
	}
	if origin.IsKnown() {
		ctx = password.Known(ctx)
	}
	if person == nil || person.PasswordHash == "" {
		if err := s.hasher.VerifyDummy(ctx, text); err != nil {
			return Result{}, s.undoAttempt(ctx, email, origin, err)
		}
		return Result{}, s.refuse(ctx, email, person)
	}
	right, rehash, err := s.hasher.Verify(ctx, text, person.PasswordHash)
	if err != nil {
		return Result{}, s.undoAttempt(ctx, email, origin, err)
	}
	if !right || person.DisabledAt != nil {
		return Result{}, s.refuse(ctx, email, person)
	}
	hash := person.PasswordHash
	if rehash {
		if hash, err = s.hasher.Hash(ctx, text); err != nil {
			return Result{}, err
		}
	}
	result, err = s.admit(ctx, person, hash, browser, origin)
	if fault.Is(err, fault.InvalidCredentials) {
		return Result{}, s.refuse(ctx, email, person)
	}
	return result, err
}

// findByEmail returns the operator of an e-mail address; nil when there is none. An operator whose row was changed
// behind the program has no password here, and so does not log in.
func (s *Service) findByEmail(ctx context.Context, email string) (*ent.Operator, error) {
	person, err := s.store.Reader().Operator.Query().Where(operator.Email(email)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the operator: %w", err)
	}
	if !store.Vouches(ctx, s.store, person) {
		person.PasswordHash = ""
	}
	return person, nil
}

// originOf returns where a log-in of an operator comes from; nil is an unknown one.
func (s *Service) originOf(
	ctx context.Context, person *ent.Operator, browser session.Browser,
) (throttle.Origin, error) {
	if person == nil {
		return throttle.StrangeOrigin(browser.Address), nil
	}
	return s.throttle.OriginOf(ctx, person.ID, browser.Address, browser.Device)
}

// undoAttempt returns the error of a hasher. When the hasher had no free turn, the password was not checked, and the
// try does not count: a flood of log-ins does not make the operators wait.
func (s *Service) undoAttempt(ctx context.Context, email string, origin throttle.Origin, err error) error {
	if !errors.Is(err, password.ErrBusy) {
		return err
	}
	if undoErr := s.throttle.Undo(ctx, email, origin); undoErr != nil {
		return undoErr
	}
	return err
}

// admit goes on with a password that was right: it stores hash, which may be a new one of the same password.
func (s *Service) admit(
	ctx context.Context, found *ent.Operator, hash string, browser session.Browser, origin throttle.Origin,
) (result Result, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		// Read again: while the hash was made, the operator may have changed a stolen password.
		person, err := s.sessions.LockOperator(ctx, tx, found.ID)
		if err != nil {
			return err
		}
		if person.PasswordHash != found.PasswordHash || person.DisabledAt != nil {
			return fault.New(fault.InvalidCredentials)
		}
		if hash != found.PasswordHash {
			if err := tx.Operator.UpdateOneID(person.ID).SetPasswordHash(hash).Exec(ctx); err != nil {
				return fmt.Errorf("store the new password hash: %w", err)
			}
		}
		result, err = s.Proceed(ctx, tx, person, browser, origin)
		return err
	})
	return result, err
}

// Proceed goes on after a password was right, or was set by a link: to the second factor when there is one, or to the
// session.
func (s *Service) Proceed(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, browser session.Browser, origin throttle.Origin,
) (Result, error) {
	methods, err := s.factors.MethodsOf(ctx, tx, person)
	if err != nil {
		return Result{}, err
	}
	if person.SecondFactor {
		request, err := s.askFactor(ctx, tx, person, methods)
		return Result{SecondFactor: request}, err
	}
	if err := s.throttle.Forgive(ctx, tx, person.Email, origin); err != nil {
		return Result{}, err
	}
	tokens, err := s.sessions.Begin(ctx, tx, person, browser, session.ByPassword)
	return Result{Session: tokens}, err
}

// askFactor makes the ticket of the second half of a log-in. It asks no passkey that can never work here.
func (s *Service) askFactor(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, methods []factor.Method,
) (*SecondFactorRequest, error) {
	request := &SecondFactorRequest{Methods: methods}
	if slices.Contains(methods, factor.Passkey) {
		moved, err := s.factors.FindMoved(ctx, tx, person)
		if err != nil {
			return nil, err
		}
		if moved.MadeAt != "" {
			request.PasskeysMadeAt = &moved.MadeAt
		}
		if !moved.AnyWorks {
			request.Methods = slices.DeleteFunc(methods, func(m factor.Method) bool { return m == factor.Passkey })
		}
	}
	if slices.Contains(request.Methods, factor.Passkey) {
		question, err := s.factors.AskPasskey(ctx, tx, ticket.SecondFactor, person)
		request.Ticket, request.PasskeyOptions = question.Ticket, &question.Options
		return request, err
	}
	text, err := s.tickets.Create(ctx, tx, ticket.Draft{
		Purpose: ticket.SecondFactor, OperatorID: person.ID, Life: ticket.Life,
	})
	request.Ticket = text
	return request, err
}

// refuse records a log-in that failed and returns the refusal. It stores an e-mail address of no operator as a hash.
func (s *Service) refuse(ctx context.Context, email string, person *ent.Operator) error {
	event := audit.Event{Action: audit.LoginFailed}
	if person != nil {
		event.ObjectID = person.ID
	} else {
		event.Changes = []audit.Change{{Field: "unknownEmail", New: s.keys.Fingerprint(email)}}
	}
	if err := s.strangers.RecordTry(ctx, event); err != nil {
		return err
	}
	return fault.New(fault.InvalidCredentials)
}

// recordRefusal records a proof that failed, in a transaction of its own, and returns the refusal.
func (s *Service) recordRefusal(ctx context.Context, refusal error, event audit.Event) error {
	event.Refused = true
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return audit.Append(ctx, tx, event) })
	if err != nil {
		return err
	}
	return refusal
}
