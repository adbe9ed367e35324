package factor

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/ent/recoverycode"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Method is a way to prove a second factor.
type Method string

// The methods.
const (
	TOTP         Method = "TOTP"
	RecoveryCode Method = "RECOVERY_CODE"
	Passkey      Method = "PASSKEY"
)

// Options are what a Service works with.
type Options struct {
	Store    *store.Store
	Keys     *seal.Keyset
	Tickets  *ticket.Service
	Sessions *session.Service
	// PublicURL is what passkeys are bound to.
	PublicURL *url.URL
	// AdminOrigins are further origins that host the admin page: passkeys may answer there too. It may be empty.
	AdminOrigins []string
	// Organization is the name of the software house, under which apps and passkeys list the portal; empty if it is
	// unknown.
	Organization string
	// Now is the clock.
	Now func() time.Time
}

// Service adds, removes and checks second factors.
type Service struct {
	store    *store.Store
	keys     *seal.Keyset
	tickets  *ticket.Service
	sessions *session.Service
	party    *webauthn.WebAuthn
	listing  string // the portal, as an app lists it
	now      func() time.Time
}

// New returns the service. It returns an error when passkeys cannot be bound to the public URL.
func New(o Options) (*Service, error) {
	party, err := newRelyingParty(o)
	if err != nil {
		return nil, err
	}
	return &Service{
		store: o.Store, keys: o.Keys, tickets: o.Tickets, sessions: o.Sessions,
		party: party, listing: listingOf(o.Organization), now: o.Now,
	}, nil
}

// listingOf returns the name under which a passkey and an app list the portal: the product's and, where it is known,
// the house's. A colon would end the name in an app's address.
func listingOf(organization string) string {
	if organization == "" {
		return "Chaveiro"
	}
	return "Chaveiro – " + strings.ReplaceAll(organization, ":", "")
}

// Proof is one proof of a second factor: one of its fields is set.
type Proof struct {
	Code         *string
	RecoveryCode *string
	Passkey      *string
}

// Content is what a ticket of a second factor stands for.
type Content struct {
	// Question is the challenge to a passkey.
	Question *webauthn.SessionData `json:"passkey,omitempty"`
	// Seed is the seed of an app's codes.
	Seed string `json:"seed,omitempty"`
}

// ContentOf returns what a ticket stands for.
func (s *Service) ContentOf(row *ent.OneTimeToken) (Content, error) {
	var content Content
	err := s.tickets.Open(row, &content)
	return content, err
}

// refuse returns the refusal of a proof that is not right; field is where the proof stands in the input.
func refuse(field ...string) error { return fault.New(fault.SecondFactorInvalid, field...) }

// IsRefusal reports whether an error is the refusal of a proof.
func IsRefusal(err error) bool {
	return fault.Is(err, fault.SecondFactorInvalid) || fault.Is(err, fault.CodeUsed)
}

// Prove checks a proof of an operator and uses it up. content is what the ticket of the proof stands for. It returns
// how the proof was given, or a fault.List of SECOND_FACTOR_INVALID, or of CODE_USED for a code that was taken before.
func (s *Service) Prove(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, proof Proof, content Content,
) (method string, err error) {
	switch {
	case proof.Code != nil:
		return session.ByCode, s.proveCode(ctx, tx, person, *proof.Code)
	case proof.RecoveryCode != nil:
		return session.ByCode, s.proveRecoveryCode(ctx, tx, person, *proof.RecoveryCode)
	case proof.Passkey != nil:
		return session.ByPasskey, s.provePasskey(ctx, tx, person, *proof.Passkey, content)
	default:
		return "", refuse()
	}
}

// MethodsOf returns how an operator can prove a second factor; nothing when there is none.
func (s *Service) MethodsOf(ctx context.Context, tx *ent.Tx, person *ent.Operator) ([]Method, error) {
	if !person.SecondFactor {
		return nil, nil
	}
	var methods []Method
	if person.TotpSince != nil {
		methods = append(methods, TOTP)
	}
	passkeys, err := tx.Passkey.Query().Where(passkey.OperatorID(person.ID)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for passkeys: %w", err)
	}
	if passkeys {
		methods = append(methods, Passkey)
	}
	codes, err := tx.RecoveryCode.Query().
		Where(recoverycode.OperatorID(person.ID), recoverycode.UsedAtIsNil()).
		Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for recovery codes: %w", err)
	}
	if codes {
		methods = append(methods, RecoveryCode)
	}
	return methods, nil
}

// followAdded does what follows an added second factor: the operator's other sessions end. It returns recovery codes
// with the first factor, and none with a later one.
func (s *Service) followAdded(ctx context.Context, tx *ent.Tx, account session.Account) ([]string, error) {
	id, sessionID := account.Actor.ID, account.Actor.SessionID
	if err := s.sessions.EndAllBut(ctx, tx, id, sessionID, "second factor changed"); err != nil {
		return nil, err
	}
	s.sessions.Forget(ctx, sessionID) // the remembered session may still lack a second factor
	if account.Operator.SecondFactor {
		return nil, nil
	}
	if err := tx.Operator.UpdateOneID(id).SetSecondFactor(true).Exec(ctx); err != nil {
		return nil, fmt.Errorf("note the second factor: %w", err)
	}
	return replaceRecoveryCodes(ctx, tx, id)
}

// followRemoved does what follows a removed second factor: the other sessions end, and the recovery codes go with the
// last factor. It returns a fault.List when the portal demands a factor of the operator and that was the last.
func (s *Service) followRemoved(ctx context.Context, tx *ent.Tx, account session.Account) error {
	id := account.Actor.ID
	if err := s.sessions.EndAllBut(ctx, tx, id, account.Actor.SessionID, "second factor changed"); err != nil {
		return err
	}
	person, err := tx.Operator.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read the operator: %w", err)
	}
	passkeys, err := tx.Passkey.Query().Where(passkey.OperatorID(id)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for passkeys: %w", err)
	}
	if passkeys || person.TotpSince != nil {
		return nil
	}
	if s.sessions.DemandsFactor(person) {
		return fault.New(fault.SecondFactorNeeded)
	}
	return noteNoFactor(ctx, tx, id)
}

// RemoveAll removes every second factor of an operator.
func (s *Service) RemoveAll(ctx context.Context, tx *ent.Tx, person *ent.Operator) error {
	if err := removeSeed(ctx, tx, person); err != nil {
		return err
	}
	if _, err := tx.Passkey.Delete().Where(passkey.OperatorID(person.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("remove the passkeys: %w", err)
	}
	return noteNoFactor(ctx, tx, person.ID)
}

// noteNoFactor notes that an operator has no second factor, and ends the recovery codes.
func noteNoFactor(ctx context.Context, tx *ent.Tx, operatorID string) error {
	if err := tx.Operator.UpdateOneID(operatorID).SetSecondFactor(false).Exec(ctx); err != nil {
		return fmt.Errorf("note that there is no second factor: %w", err)
	}
	if _, err := tx.RecoveryCode.Delete().Where(recoverycode.OperatorID(operatorID)).Exec(ctx); err != nil {
		return fmt.Errorf("end the recovery codes: %w", err)
	}
	return nil
}
