package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/ent/recoverycode"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Account is what an operator sees of itself.
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

// maxPasskeyName is in characters.
const maxPasskeyName = 60

// self returns the operator who acts. A service token has no account: it returns fault.Forbidden.
func self(ctx context.Context) (principal.Operator, error) {
	who, ok := principal.From(ctx).(principal.Operator)
	if !ok || who.IsService() {
		return principal.Operator{}, fault.Forbidden
	}
	return who, nil
}

// Account returns the account of the operator who asks.
func (s *Service) Account(ctx context.Context) (*Account, error) {
	me, err := self(ctx)
	if err != nil {
		return nil, err
	}
	ctx, db := principal.AsSystem(ctx, "own account"), s.store.Reader()
	who, err := db.Operator.Get(ctx, me.ID)
	if err != nil {
		return nil, fmt.Errorf("read the operator: %w", err)
	}
	account := &Account{
		Operator: who, TotpSince: who.TotpSince,
		SecondFactorRequired: s.demands(who), MinPasswordLength: minPassword(who),
	}
	account.RecoveryCodesLeft, err = db.RecoveryCode.Query().
		Where(recoverycode.OperatorID(me.ID), recoverycode.UsedAtIsNil()).
		Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the recovery codes: %w", err)
	}
	account.Passkeys, err = db.Passkey.Query().
		Where(passkey.OperatorID(me.ID)).
		Order(passkey.ByID()).
		Limit(maxPasskeys).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the passkeys: %w", err)
	}
	if account.Sessions, err = s.sessionsOf(ctx, me); err != nil {
		return nil, err
	}
	account.Events, err = s.accountEvents(ctx, me, account.Sessions)
	return account, err
}

// maxAccountEvents is how many changes of the account are told of.
const maxAccountEvents = 20

// accountEvents returns what changed the account of an operator between the log-in before that of the session that asks, and
// that: what the operator is to be told of, in case it was somebody else.
func (s *Service) accountEvents(ctx context.Context, me principal.Operator, sessions []*ent.Session) ([]*ent.AuditEvent, error) {
	i := slices.IndexFunc(sessions, func(row *ent.Session) bool { return row.ID == me.SessionID })
	if i < 0 || sessions[i].ChangesSince == nil {
		return nil, nil
	}
	events, err := s.store.Reader().AuditEvent.Query().
		Where(
			auditevent.ObjectID(me.ID), auditevent.ResultEQ(auditevent.ResultDONE),
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

// sessionsOf returns an operator's sessions that live, the one that asks first and then the newest.
func (s *Service) sessionsOf(ctx context.Context, me principal.Operator) ([]*ent.Session, error) {
	now := s.now()
	rows, err := s.store.Reader().Session.Query().
		Where(session.OperatorID(me.ID), session.EndedAtIsNil(), session.ExpiresAtGT(now), session.LastUsedAtGT(now.Add(-idleLife))).
		Order(ent.Desc(session.FieldID)).
		Limit(maxSessions).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	for i, row := range rows {
		if row.ID == me.SessionID {
			copy(rows[1:i+1], rows[:i])
			rows[0] = row
		}
	}
	return rows, nil
}

// own changes the account of the operator who acts, in one transaction in which change has the program's rights; the
// event that it returns is recorded as the operator's.
func (s *Service) own(ctx context.Context, change func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error)) error {
	me, err := self(ctx)
	if err != nil {
		return err
	}
	return s.store.Write(principal.AsSystem(ctx, "own account"), func(ctx context.Context, tx *ent.Tx) error {
		who, err := s.lockOperator(ctx, tx, me.ID)
		if err != nil {
			return err
		}
		event, err := change(ctx, tx, who, me)
		if err != nil || event.Action == "" {
			return err
		}
		event.ObjectID = me.ID
		return audit.Append(principal.With(ctx, me), tx, event)
	})
}

// ownProven is own for what wants a proof of presence for itself alone: it uses up the one that the access token names. It
// returns fault.PresenceRequired when there is none.
func (s *Service) ownProven(ctx context.Context, change func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error)) error {
	return s.own(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		if err := s.usePresence(ctx, tx, me); err != nil {
			return audit.Event{}, err
		}
		return change(ctx, tx, who, me)
	})
}

// usePresence uses up the proof of presence of the operator who acts.
func (s *Service) usePresence(ctx context.Context, tx *ent.Tx, me principal.Operator) error {
	proof, err := s.find(ctx, tx.OneTimeToken, me.Presence, presence)
	if err != nil {
		return err
	}
	if proof == nil || idOf(proof.OperatorID) != me.ID {
		return fault.PresenceRequired
	}
	err = s.use(ctx, tx, proof)
	if fault.Is(err, fault.TicketUsed) {
		return fault.PresenceRequired
	}
	return err
}

// AccountUpdate is what an operator changes of the own account.
type AccountUpdate struct {
	Name, Email string
	// EmailConfirmation is a new e-mail address once more: nobody can log in with a mistyped one.
	EmailConfirmation *string
}

// UpdateAccount changes the name and the e-mail address of the operator who acts. It returns fault.PresenceRequired for a new
// e-mail address without a proof of presence.
func (s *Service) UpdateAccount(ctx context.Context, in AccountUpdate) error {
	var bad fault.List
	name, email := checkIdentity(&bad, in.Name, in.Email)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.own(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		changes := changed("name", who.Name, name)
		changes = append(changes, changed("email", who.Email, email)...)
		if len(changes) == 0 {
			return audit.Event{}, nil
		}
		if who.Email != email {
			if err := confirmed(email, in.EmailConfirmation); err != nil {
				return audit.Event{}, err
			}
			if err := emailIsFree(ctx, tx, email, me.ID); err != nil {
				return audit.Event{}, err
			}
			if err := s.usePresence(ctx, tx, me); err != nil {
				return audit.Event{}, err
			}
		}
		err := tx.Operator.UpdateOne(who).SetName(name).SetEmail(email).Exec(ctx)
		if store.IsUniqueViolation(err, operator.Table, operator.FieldEmail) {
			return audit.Event{}, fault.New(fault.EmailTaken, "email")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("store the operator: %w", err)
		}
		return audit.Event{Action: "account.update", Changes: changes}, endLinks(ctx, tx, me.ID)
	})
}

// confirmed returns a fault.List unless an e-mail address was typed twice alike.
func confirmed(email string, again *string) error {
	switch {
	case again == nil || strings.TrimSpace(*again) == "":
		return fault.New(fault.Required, "emailConfirmation")
	case emailAddress(*again) != email:
		return fault.New(fault.EmailMismatch, "emailConfirmation")
	default:
		return nil
	}
}

// changed returns the change of one field, none when it stays.
func changed[T comparable](field string, before, after T) []audit.Change {
	if before == after {
		return nil
	}
	return []audit.Change{{Field: field, Old: before, New: after}}
}

// ChangePassword changes the password of the operator who acts, and ends all other sessions. It returns
// fault.PresenceRequired without a proof of presence.
func (s *Service) ChangePassword(ctx context.Context, pass string) error {
	me, err := self(ctx)
	if err != nil {
		return err
	}
	who, err := s.store.Reader().Operator.Get(principal.AsSystem(ctx, "own account"), me.ID)
	if err != nil {
		return fmt.Errorf("read the operator: %w", err)
	}
	if err := s.checkNew(pass, who); err != nil {
		return err
	}
	if me.Presence == "" { // nobody makes the portal hash for nothing
		return fault.PresenceRequired
	}
	hash, err := s.hashNew(ctx, pass, who) // it takes its time: before the transaction
	if err != nil {
		return err
	}
	return s.ownProven(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		if err := tx.Operator.UpdateOne(who).SetPasswordHash(hash).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("store the password hash: %w", err)
		}
		if err := endLinks(ctx, tx, me.ID); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "account.password_changed", Changes: []audit.Change{{Field: "password"}}},
			s.endSessions(ctx, tx, me.ID, me.SessionID, "password changed")
	})
}

// EndSession ends a session of the operator who acts. It returns the fault.List of NOT_FOUND when there is none.
func (s *Service) EndSession(ctx context.Context, id string) error {
	return s.own(ctx, func(ctx context.Context, tx *ent.Tx, _ *ent.Operator, me principal.Operator) (audit.Event, error) {
		row, err := tx.Session.Query().
			Where(session.ID(id), session.OperatorID(me.ID), session.EndedAtIsNil()).
			Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the session: %w", err)
		}
		return audit.Event{Action: "session.end"}, s.end(ctx, tx, row, "ended by the operator")
	})
}

// EndOtherSessions ends all sessions of the operator who acts but the one that asks.
func (s *Service) EndOtherSessions(ctx context.Context) error {
	return s.own(ctx, func(ctx context.Context, tx *ent.Tx, _ *ent.Operator, me principal.Operator) (audit.Event, error) {
		return audit.Event{Action: "session.end_others"}, s.endSessions(ctx, tx, me.ID, me.SessionID, "ended by the operator")
	})
}

// Reauthentication is one proof of who is at the keyboard: one of its fields is set.
type Reauthentication struct {
	Password *string
	Code     *string
	Passkey  *PasskeyAnswer
}

// PasskeyAnswer is what a passkey answered to a request.
type PasskeyAnswer struct{ Ticket, Response string }

// Reauthenticate proves who is at the keyboard and returns a new access token of the same session. It returns what Login
// returns of failures, and SECOND_FACTOR_INVALID and TICKET_INVALID as CompleteLogin does.
//
// There are two things to prove, and the token says which it has. The second factor or, without one, the password renews the
// log-in. The password is a proof of presence, for one change of what the operator logs in with: whoever has a token from an
// open page or the code from an app has not the password too. A passkey is both.
func (s *Service) Reauthenticate(ctx context.Context, proof Reauthentication, from Browser) (Session, error) {
	me, err := self(ctx)
	if err != nil {
		return Session{}, err
	}
	system := principal.AsSystem(ctx, "own account")
	who, err := s.store.Reader().Operator.Get(system, me.ID)
	if err != nil {
		return Session{}, fmt.Errorf("read the operator: %w", err)
	}
	if !store.Vouches(system, s.store, who) {
		return Session{}, fault.Unauthenticated
	}
	where, err := s.originOf(system, me.ID, from)
	if err != nil {
		return Session{}, err
	}
	if err := s.attempt(system, who.Email, where); err != nil {
		return Session{}, err
	}
	var answer begun
	var ticket *ent.OneTimeToken
	given := Proof{Code: proof.Code}
	switch {
	case proof.Password != nil:
		right, _, err := s.hasher.Verify(password.Known(ctx), *proof.Password, who.PasswordHash)
		if err != nil {
			return Session{}, s.notLookedAt(system, who.Email, where, err)
		}
		if !right {
			return Session{}, s.recordRefusal(principal.With(ctx, me), fault.New(fault.InvalidCredentials, "password"),
				audit.Event{Action: "session.reauthentication_failed", ObjectID: me.ID})
		}
	case proof.Passkey != nil:
		if ticket, answer, err = s.ownTicket(system, me, proof.Passkey.Ticket, passkeyProof); err != nil {
			return Session{}, err
		}
		given.Passkey = &proof.Passkey.Response
	}
	var renewed Session
	err = s.store.Write(system, func(ctx context.Context, tx *ent.Tx) error {
		if ticket != nil {
			if err := s.use(ctx, tx, ticket); err != nil {
				return err
			}
		}
		if proof.Password == nil {
			if _, err := s.prove(ctx, tx, who, given, answer); err != nil {
				return err
			}
		}
		if err := s.forgive(ctx, tx, who.Email, where); err != nil {
			return err
		}
		row, text, err := s.noteProof(ctx, tx, who, me, proof)
		if err != nil {
			return err
		}
		if err := audit.Append(principal.With(ctx, me), tx, audit.Event{Action: "session.reauthenticated", ObjectID: me.ID}); err != nil {
			return err
		}
		renewed, err = s.issue(ctx, row, who, "", text)
		return err
	})
	if isRefused(err) {
		return Session{}, s.recordRefusal(principal.With(ctx, me), err, audit.Event{Action: "session.reauthentication_failed", ObjectID: me.ID})
	}
	return renewed, err
}

// noteProof renews the log-in of the session of the operator who acts, as far as a proof is good for that, and returns the
// session and the proof of presence, "" when it is none.
func (s *Service) noteProof(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator, proof Reauthentication) (*ent.Session, string, error) {
	row, err := tx.Session.Get(ctx, me.SessionID)
	if err != nil {
		return nil, "", fmt.Errorf("read the session: %w", err)
	}
	if proof.Password == nil || !who.SecondFactor {
		if row, err = tx.Session.UpdateOneID(row.ID).SetAuthenticatedAt(s.now()).ClearMovedAt().Save(ctx); err != nil {
			return nil, "", fmt.Errorf("note the proof: %w", err)
		}
		store.AfterCommit(ctx, func() { s.known.Remove(me.SessionID) })
	}
	if proof.Code != nil {
		return row, "", nil
	}
	text, err := s.newTicket(ctx, tx, presence, me.ID, nil, ticketLife)
	return row, text, err
}

// ownTicket tries a ticket of the operator who acts.
func (s *Service) ownTicket(ctx context.Context, me principal.Operator, text string, of purpose) (*ent.OneTimeToken, begun, error) {
	ticket, err := s.try(ctx, text, of)
	if err != nil {
		return nil, begun{}, err
	}
	if idOf(ticket.OperatorID) != me.ID {
		return nil, begun{}, fault.New(fault.TicketInvalid, "ticket")
	}
	what, err := s.open(ticket)
	return ticket, what, err
}

// BeginPasskeyReauthentication asks for one of the passkeys of the operator who acts; Reauthenticate takes the answer. It
// returns a fault.BadRequest when there is none.
func (s *Service) BeginPasskeyReauthentication(ctx context.Context) (PasskeyRequest, error) {
	var request PasskeyRequest
	err := s.own(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		has, err := tx.Passkey.Query().Where(passkey.OperatorID(me.ID)).Exist(ctx)
		if err != nil {
			return audit.Event{}, fmt.Errorf("look for passkeys: %w", err)
		}
		if !has {
			return audit.Event{}, fault.BadRequest{Detail: fault.OperatorNoPasskey}
		}
		request, err = s.askPasskey(ctx, tx, passkeyProof, who)
		return audit.Event{}, err
	})
	return request, err
}

// BeginTOTP makes the seed of an app. Nothing changes until ConfirmTOTP, whose ticket stands for the proof of presence. It
// returns fault.PresenceRequired without one.
func (s *Service) BeginTOTP(ctx context.Context) (TOTPRequest, error) {
	var request TOTPRequest
	err := s.ownProven(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		var err error
		if request, err = s.newTOTP(who); err != nil {
			return audit.Event{}, err
		}
		request.Ticket, err = s.newTicket(ctx, tx, totpSetup, me.ID, &begun{Seed: request.Seed}, totpSetupLife)
		return audit.Event{}, err
	})
	return request, err
}

// endTickets ends an operator's tickets of a purpose.
func endTickets(ctx context.Context, tx *ent.Tx, operatorID string, of purpose) error {
	_, err := tx.OneTimeToken.Delete().Where(onetimetoken.OperatorID(operatorID), onetimetoken.Purpose(string(of))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end older tickets: %w", err)
	}
	return nil
}

// useOthers uses up the tickets of an operator's apps, one for each tab: only one app counts, and the others hear that it is
// done.
func (s *Service) useOthers(ctx context.Context, tx *ent.Tx, operatorID string) error {
	err := tx.OneTimeToken.Update().
		Where(onetimetoken.OperatorID(operatorID), onetimetoken.Purpose(string(totpSetup)), onetimetoken.UsedAtIsNil()).
		SetUsedAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("use up the tickets of other tabs: %w", err)
	}
	return nil
}

// ConfirmTOTP turns the codes of an app on, once the app has shown a right one. It returns recovery codes when there were
// none: with the first second factor.
func (s *Service) ConfirmTOTP(ctx context.Context, text, code string) ([]string, error) {
	me, err := self(ctx)
	if err != nil {
		return nil, err
	}
	ticket, what, err := s.ownTicket(principal.AsSystem(ctx, "own account"), me, text, totpSetup)
	if err != nil {
		return nil, err
	}
	if what.Seed == "" { // somebody took it away
		return nil, fault.New(fault.TicketInvalid, "ticket")
	}
	step, err := totpStep(what.Seed, code, s.now())
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, refused("code")
	}
	var codes []string
	err = s.own(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		if err := s.use(ctx, tx, ticket); err != nil {
			return audit.Event{}, err
		}
		if err := s.useOthers(ctx, tx, me.ID); err != nil {
			return audit.Event{}, err
		}
		sealed, err := s.keys.Seal(totpPlace(me.ID), []byte(what.Seed))
		if err != nil {
			return audit.Event{}, fmt.Errorf("seal the seed of the app: %w", err)
		}
		err = tx.Operator.UpdateOne(who).SetTotpSealed(sealed).SetTotpSince(s.now()).SetTotpStep(step).Exec(ctx)
		if err != nil {
			return audit.Event{}, fmt.Errorf("store the seed of the app: %w", err)
		}
		codes, err = s.strengthened(ctx, tx, who, me)
		return audit.Event{Action: "account.totp_on", Changes: []audit.Change{{Field: "totp"}}}, err
	})
	return codes, err
}

// strengthened follows a second factor that was added: the other sessions end, and with the first factor come recovery
// codes.
func (s *Service) strengthened(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) ([]string, error) {
	if err := s.endSessions(ctx, tx, me.ID, me.SessionID, "second factor changed"); err != nil {
		return nil, err
	}
	store.AfterCommit(ctx, func() { s.known.Remove(me.SessionID) }) // it may lack a second factor no longer
	if who.SecondFactor {
		return nil, nil
	}
	if err := tx.Operator.UpdateOneID(me.ID).SetSecondFactor(true).Exec(ctx); err != nil {
		return nil, fmt.Errorf("note the second factor: %w", err)
	}
	return newRecoveryCodes(ctx, tx, me.ID)
}

// weakened follows a second factor that was removed: the other sessions end, and with the last factor the recovery codes
// go. It returns a fault.List when that is the last of an operator of whom one is demanded.
func (s *Service) weakened(ctx context.Context, tx *ent.Tx, me principal.Operator) error {
	if err := s.endSessions(ctx, tx, me.ID, me.SessionID, "second factor changed"); err != nil {
		return err
	}
	who, err := tx.Operator.Get(ctx, me.ID)
	if err != nil {
		return fmt.Errorf("read the operator: %w", err)
	}
	left, err := tx.Passkey.Query().Where(passkey.OperatorID(me.ID)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for passkeys: %w", err)
	}
	if left || who.TotpSince != nil {
		return nil
	}
	if s.demands(who) {
		return fault.New(fault.SecondFactorNeeded)
	}
	return s.withoutFactor(ctx, tx, me.ID)
}

// withoutFactor notes that an operator has no second factor any more.
func (s *Service) withoutFactor(ctx context.Context, tx *ent.Tx, operatorID string) error {
	if err := tx.Operator.UpdateOneID(operatorID).SetSecondFactor(false).Exec(ctx); err != nil {
		return fmt.Errorf("note that there is no second factor: %w", err)
	}
	if _, err := tx.RecoveryCode.Delete().Where(recoverycode.OperatorID(operatorID)).Exec(ctx); err != nil {
		return fmt.Errorf("end the recovery codes: %w", err)
	}
	return nil
}

// forgetApp forgets the seed of an operator's app.
func forgetApp(ctx context.Context, tx *ent.Tx, who *ent.Operator) error {
	if err := tx.Operator.UpdateOne(who).ClearTotpSealed().ClearTotpSince().Exec(ctx); err != nil {
		return fmt.Errorf("forget the seed of the app: %w", err)
	}
	return nil
}

// RemoveTOTP turns the codes of an app off. It returns fault.PresenceRequired without a proof of presence.
func (s *Service) RemoveTOTP(ctx context.Context) error {
	return s.ownProven(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		if who.TotpSince == nil {
			return audit.Event{}, nil
		}
		if err := forgetApp(ctx, tx, who); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "account.totp_off", Changes: []audit.Change{{Field: "totp"}}}, s.weakened(ctx, tx, me)
	})
}

// CreateRecoveryCodes makes new recovery codes of the operator who acts; the old ones end. It returns a fault.BadRequest when
// there is nothing that they could stand in for, and fault.PresenceRequired without a proof of presence.
func (s *Service) CreateRecoveryCodes(ctx context.Context) ([]string, error) {
	var codes []string
	err := s.ownProven(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		if !who.SecondFactor {
			return audit.Event{}, fault.BadRequest{Detail: fault.OperatorNoFactor}
		}
		var err error
		codes, err = newRecoveryCodes(ctx, tx, me.ID)
		return audit.Event{Action: "account.recovery_codes", Changes: []audit.Change{{Field: "recoveryCodes"}}}, err
	})
	return codes, err
}

// BeginPasskeyRegistration asks the browser for a new passkey; AddPasskey takes the answer, whose ticket stands for the proof
// of presence. It returns fault.PresenceRequired without one.
func (s *Service) BeginPasskeyRegistration(ctx context.Context) (PasskeyRequest, error) {
	var request PasskeyRequest
	err := s.ownProven(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		owner, err := s.ownerOf(ctx, tx.Passkey, who)
		if err != nil {
			return audit.Event{}, err
		}
		creation, asked, err := s.party.BeginRegistration(owner,
			webauthn.WithExclusions(webauthn.Credentials(owner.credentials).CredentialDescriptors()))
		if err != nil {
			return audit.Event{}, fmt.Errorf("ask for a new passkey: %w", err)
		}
		request, err = s.asked(ctx, tx, registration, me.ID, creation.Response, asked)
		return audit.Event{}, err
	})
	return request, err
}

// AddPasskey registers a passkey. It returns recovery codes when there were none: with the first second factor.
func (s *Service) AddPasskey(ctx context.Context, name string, answer PasskeyAnswer) ([]string, error) {
	me, err := self(ctx)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	name = bad.Line(name, maxPasskeyName, "name")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	ticket, what, err := s.ownTicket(principal.AsSystem(ctx, "own account"), me, answer.Ticket, registration)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = s.own(ctx, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, me principal.Operator) (audit.Event, error) {
		if err := s.use(ctx, tx, ticket); err != nil {
			return audit.Event{}, err
		}
		if err := s.register(ctx, tx, who, name, answer.Response, what); err != nil {
			return audit.Event{}, err
		}
		codes, err = s.strengthened(ctx, tx, who, me)
		return audit.Event{Action: "account.passkey_added", Changes: []audit.Change{{Field: "passkey", New: name}}}, err
	})
	return codes, err
}

// register stores the passkey that a browser answered with.
func (s *Service) register(ctx context.Context, tx *ent.Tx, who *ent.Operator, name, response string, what begun) error {
	owner, err := s.ownerOf(ctx, tx.Passkey, who)
	if err != nil {
		return err
	}
	if len(owner.credentials) >= maxPasskeys {
		return fault.List{{Code: fault.LimitReached, Args: []any{maxPasskeys}}}
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(response))
	if err != nil || what.Passkey == nil {
		return refused("answer")
	}
	made, err := s.party.CreateCredential(owner, *what.Passkey, parsed)
	if err != nil {
		return refused("answer")
	}
	credential, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("encode the passkey: %w", err)
	}
	err = tx.Passkey.Create().SetOperatorID(who.ID).SetCredentialID(made.ID).SetCredential(credential).SetName(name).Exec(ctx)
	if store.IsUniqueViolation(err, passkey.Table, passkey.FieldCredentialID) {
		return refused("answer")
	}
	if err != nil {
		return fmt.Errorf("store the passkey: %w", err)
	}
	return nil
}

// RemovePasskey removes a passkey of the operator who acts. It returns fault.PresenceRequired without a proof of presence.
func (s *Service) RemovePasskey(ctx context.Context, id string) error {
	return s.ownProven(ctx, func(ctx context.Context, tx *ent.Tx, _ *ent.Operator, me principal.Operator) (audit.Event, error) {
		row, err := tx.Passkey.Query().Where(passkey.ID(id), passkey.OperatorID(me.ID)).Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the passkey: %w", err)
		}
		if err := tx.Passkey.DeleteOne(row).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("remove the passkey: %w", err)
		}
		return audit.Event{Action: "account.passkey_removed", Changes: []audit.Change{{Field: "passkey", Old: row.Name}}}, s.weakened(ctx, tx, me)
	})
}
