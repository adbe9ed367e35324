package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// purpose is what a one-time token is for. Those of links are LinkPurposes.
type purpose string

const (
	setup        purpose = "setup"
	secondHalf   purpose = "log-in"         // the password was right
	passkeyLogin purpose = "passkey log-in" // nothing was said of who it is
	passkeyProof purpose = "passkey proof"  // of who is logged in
	presence     purpose = "presence"       // proved, and not used for a change yet
	registration purpose = "passkey registration"
	totpSetup    purpose = "totp"
)

const (
	ticketLife = 5 * time.Minute
	// totpSetupLife is longer: an app may have to be found first.
	totpSetupLife = 15 * time.Minute
	// maxTries is how many proofs a ticket takes.
	maxTries = 5
)

// begun is what a ticket stands for, kept sealed until it is proved.
type begun struct {
	// Passkey is what a passkey was asked.
	Passkey *webauthn.SessionData `json:"passkey,omitempty"`
	// Seed is that of an app.
	Seed string `json:"seed,omitempty"`
}

// newTicket makes a one-time token of an operator, "" for nobody's, and returns its text.
func (s *Service) newTicket(ctx context.Context, tx *ent.Tx, of purpose, operatorID string, what *begun, life time.Duration) (string, error) {
	text, hash := newToken()
	id := ident.New(ident.OneTimeToken)
	create := tx.OneTimeToken.Create().SetID(id).SetPurpose(string(of)).SetHash(hash).SetExpiresAt(s.now().Add(life))
	if operatorID != "" {
		create.SetOperatorID(operatorID)
	}
	if what != nil {
		plain, err := json.Marshal(what)
		if err != nil {
			return "", fmt.Errorf("encode what the ticket is for: %w", err)
		}
		sealed, err := s.keys.Seal(ticketPlace(id), plain)
		if err != nil {
			return "", fmt.Errorf("seal what the ticket is for: %w", err)
		}
		create.SetDataSealed(sealed)
	}
	if err := create.Exec(ctx); err != nil {
		return "", fmt.Errorf("insert the one-time token: %w", err)
	}
	return text, nil
}

func ticketPlace(id string) seal.Place {
	return seal.Place{Table: onetimetoken.Table, Column: onetimetoken.FieldDataSealed, RowID: id}
}

// open returns what a ticket stands for.
func (s *Service) open(ticket *ent.OneTimeToken) (begun, error) {
	var what begun
	if len(ticket.DataSealed) == 0 {
		return what, nil
	}
	plain, err := s.keys.Open(ticketPlace(ticket.ID), ticket.DataSealed)
	if err != nil {
		return what, fmt.Errorf("open what the ticket is for: %w", err)
	}
	if err := json.Unmarshal(plain, &what); err != nil {
		return what, fmt.Errorf("decode what the ticket is for: %w", err)
	}
	return what, nil
}

// isFor matches one-time tokens of these purposes.
func isFor(of []purpose) predicate.OneTimeToken {
	purposes := make([]string, len(of))
	for i, p := range of {
		purposes[i] = string(p)
	}
	return onetimetoken.PurposeIn(purposes...)
}

// working matches a one-time token by its text, as long as it may still be used.
func (s *Service) working(text string, of ...purpose) predicate.OneTimeToken {
	return onetimetoken.And(
		onetimetoken.Hash(hashToken(text)),
		isFor(of),
		onetimetoken.UsedAtIsNil(),
		onetimetoken.ExpiresAtGT(s.now()),
		onetimetoken.TriesLT(maxTries),
	)
}

// find returns the one-time token of a text, as long as it may still be used; nil when there is none.
func (s *Service) find(ctx context.Context, among *ent.OneTimeTokenClient, text string, of ...purpose) (*ent.OneTimeToken, error) {
	found, err := among.Query().Where(s.working(text, of...)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find the one-time token: %w", err)
	case !store.Vouches(ctx, s.store, found):
		return nil, nil
	}
	return found, nil
}

// try finds a ticket and counts one proof of it, before the proof is looked at: the count stands whatever becomes of
// that. It returns a fault.List of TICKET_USED when it was used up, and of TICKET_INVALID when there is no such ticket or no
// try is left.
func (s *Service) try(ctx context.Context, text string, of ...purpose) (*ent.OneTimeToken, error) {
	var ticket *ent.OneTimeToken
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		counted, err := tx.OneTimeToken.Update().Where(s.working(text, of...)).AddTries(1).Save(ctx)
		if err != nil {
			return fmt.Errorf("count a try of the ticket: %w", err)
		}
		if counted == 0 {
			return s.notWorking(ctx, tx.OneTimeToken, text, fault.TicketInvalid, fault.TicketUsed, "ticket", of...)
		}
		ticket, err = tx.OneTimeToken.Query().Where(onetimetoken.Hash(hashToken(text))).Only(ctx)
		return err
	})
	if err == nil && !store.Vouches(ctx, s.store, ticket) {
		return nil, fault.New(fault.TicketInvalid, "ticket")
	}
	return ticket, err
}

// notWorking returns the refusal of a one-time token that does not work: used when it did what it was for, which whoever
// sends a request twice is to know, and invalid otherwise.
func (s *Service) notWorking(ctx context.Context, tokens *ent.OneTimeTokenClient, text string, invalid, used fault.Code, field string, of ...purpose) error {
	done, err := tokens.Query().
		Where(onetimetoken.Hash(hashToken(text)), isFor(of), onetimetoken.UsedAtNotNil()).
		Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for a used one-time token: %w", err)
	}
	if done {
		return fault.New(used, field)
	}
	return fault.New(invalid, field)
}

// use uses up a ticket that was tried. It returns a fault.List of TICKET_USED when another was faster.
func (s *Service) use(ctx context.Context, tx *ent.Tx, ticket *ent.OneTimeToken) error {
	used, err := tx.OneTimeToken.Update().
		Where(onetimetoken.ID(ticket.ID), onetimetoken.UsedAtIsNil()).
		SetUsedAt(s.now()).
		Save(ctx)
	if err != nil {
		return fmt.Errorf("use up the ticket: %w", err)
	}
	if used == 0 {
		return fault.New(fault.TicketUsed, "ticket")
	}
	return nil
}
