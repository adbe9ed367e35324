package operator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/ent/recoverycode"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/typed"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// maxAccountEvents caps how many changes of the account are listed to its operator.
const maxAccountEvents = 20

// Account is what an operator sees of the own account.
type Account struct {
	Operator             *ent.Operator
	TotpSince            *time.Time
	RecoveryCodesLeft    int
	Passkeys             []*ent.Passkey
	Sessions             []*ent.Session
	SecondFactorRequired bool
	MinPasswordLength    int
	// Events are what happened to the account between the log-in before and this session's, newest first.
	Events []*ent.AuditEvent
}

// Account returns the account of the operator who asks.
func (s *Service) Account(ctx context.Context) (*Account, error) {
	actor, err := principal.Person(ctx)
	if err != nil {
		return nil, err
	}
	ctx, db := principal.AsSystem(ctx, session.TaskAccount), s.store.Reader()
	person, err := db.Operator.Get(ctx, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("read the operator: %w", err)
	}
	account := &Account{
		Operator: person, TotpSince: person.TotpSince,
		SecondFactorRequired: s.sessions.DemandsFactor(person), MinPasswordLength: minPassword(person),
	}
	account.RecoveryCodesLeft, err = db.RecoveryCode.Query().
		Where(recoverycode.OperatorID(actor.ID), recoverycode.UsedAtIsNil()).
		Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the recovery codes: %w", err)
	}
	account.Passkeys, err = db.Passkey.Query().
		Where(passkey.OperatorID(actor.ID)).
		Order(passkey.ByID()).
		Limit(factor.MaxPasskeys).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the passkeys: %w", err)
	}
	if account.Sessions, err = s.sessions.List(ctx, actor); err != nil {
		return nil, err
	}
	account.Events, err = s.listEvents(ctx, actor, account.Sessions)
	return account, err
}

// listEvents returns the changes of an operator's account between the log-in before this session's and this session's
// log-in. The operator sees them, in case an intruder made them.
func (s *Service) listEvents(
	ctx context.Context, actor principal.Operator, sessions []*ent.Session,
) ([]*ent.AuditEvent, error) {
	i := slices.IndexFunc(sessions, func(row *ent.Session) bool { return row.ID == actor.SessionID })
	if i < 0 || sessions[i].ChangesSince == nil {
		return nil, nil
	}
	events, err := s.store.Reader().AuditEvent.Query().
		Where(
			auditevent.ObjectID(actor.ID), auditevent.ResultEQ(auditevent.ResultDONE),
			auditevent.CreatedAtGT(*sessions[i].ChangesSince), auditevent.CreatedAtLTE(sessions[i].CreatedAt),
			auditevent.Or(
				auditevent.ActionHasPrefix("account."), auditevent.ActionHasPrefix("operator."),
				auditevent.ActionIn("session.reuse_detected", "session.moved"),
			),
		).
		Order(ent.Desc(auditevent.FieldID)).
		Limit(maxAccountEvents).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the changes of the account: %w", err)
	}
	return events, nil
}

// AccountUpdate is what an operator changes of the own account.
type AccountUpdate struct {
	Name, Email string
	// EmailConfirmation is a new e-mail address once more: a mistyped one would lock the operator out.
	EmailConfirmation *string
	// Version is that of the operator as the caller has seen it; nil when the caller does not say.
	Version *int
}

// UpdateAccount changes the name and the e-mail address of the operator who acts. It returns fault.PresenceRequired for
// a new e-mail address without a proof of presence, and an edit.Conflict when somebody else has saved the operator
// since the version that the caller has seen.
func (s *Service) UpdateAccount(ctx context.Context, in AccountUpdate) error {
	var bad fault.List
	name, email := checkIdentity(&bad, in.Name, in.Email)
	if err := bad.Err(); err != nil {
		return err
	}
	update := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		person := account.Operator
		changes := audit.Difference("name", person.Name, name)
		changes = append(changes, audit.Difference("email", person.Email, email)...)
		if len(changes) == 0 {
			return audit.Event{}, nil
		}
		if err := checkVersion(ctx, tx, person, in.Version); err != nil {
			return audit.Event{}, err
		}
		if person.Email != email {
			if err := s.requireEmailChange(ctx, tx, account.Actor, email, in.EmailConfirmation); err != nil {
				return audit.Event{}, err
			}
		}
		err := tx.Operator.UpdateOne(person).AddVersion(1).SetName(name).SetEmail(email).Exec(ctx)
		if store.IsUniqueViolation(err, operator.Table, operator.FieldEmail) {
			return audit.Event{}, fault.New(fault.EmailTaken, "email")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("store the operator: %w", err)
		}
		if err := edit.Tell(ctx, tx, s.live, live.Event{ObjectID: person.ID}); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "account.update", Changes: changes}, endLinks(ctx, tx, person.ID)
	}
	return s.sessions.ChangeAccount(ctx, update)
}

// requireEmailChange returns why an operator may not get a new e-mail address: it was not typed twice alike, another
// operator has it, or there is no proof of presence.
func (s *Service) requireEmailChange(
	ctx context.Context, tx *ent.Tx, actor principal.Operator, email string, confirmation *string,
) error {
	if err := requireSameEmail(email, confirmation); err != nil {
		return err
	}
	if err := requireFreeEmail(ctx, tx, email, actor.ID); err != nil {
		return err
	}
	return s.sessions.UsePresence(ctx, tx, actor)
}

// requireSameEmail returns a fault.List unless an e-mail address was typed twice alike.
func requireSameEmail(email string, confirmation *string) error {
	switch {
	case confirmation == nil || strings.TrimSpace(*confirmation) == "":
		return fault.New(fault.Required, "emailConfirmation")
	case typed.Email(*confirmation) != email:
		return fault.New(fault.EmailMismatch, "emailConfirmation")
	default:
		return nil
	}
}

// ChangePassword changes the password of the operator who acts, and ends all other sessions. It returns
// fault.PresenceRequired without a proof of presence.
func (s *Service) ChangePassword(ctx context.Context, text string) error {
	actor, err := principal.Person(ctx)
	if err != nil {
		return err
	}
	person, err := s.store.Reader().Operator.Get(principal.AsSystem(ctx, session.TaskAccount), actor.ID)
	if err != nil {
		return fmt.Errorf("read the operator: %w", err)
	}
	if err := s.checkNew(text, person); err != nil {
		return err
	}
	if actor.Presence == "" { // the portal hashes nothing without a claim of presence
		return fault.PresenceRequired
	}
	hash, err := s.hashNew(ctx, text, person) // hashing is slow: it is done before the transaction
	if err != nil {
		return err
	}
	setHash := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		if err := tx.Operator.UpdateOne(account.Operator).SetPasswordHash(hash).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("store the password hash: %w", err)
		}
		if err := endLinks(ctx, tx, actor.ID); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "account.password_changed", Changes: []audit.Change{{Field: "password"}}},
			s.sessions.EndAllBut(ctx, tx, actor.ID, actor.SessionID, "password changed")
	}
	return s.sessions.ChangeAccountInPresence(ctx, setHash)
}
