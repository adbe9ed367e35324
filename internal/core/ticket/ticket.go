package ticket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Purpose is what a ticket is for.
type Purpose string

// The purposes, as the database has them.
const (
	// Setup is the set-up token of the first administrator. It belongs to no operator.
	Setup Purpose = "setup"
	// SecondFactor is a log-in whose password was right.
	SecondFactor Purpose = "log-in"
	// PasskeyLogin is a log-in with a passkey alone. It belongs to no operator until a passkey answers.
	PasskeyLogin Purpose = "passkey log-in"
	// PasskeyProof is a question to a passkey of an operator who is logged in.
	PasskeyProof Purpose = "passkey proof"
	// Presence is a proof of presence that no change has used yet.
	Presence Purpose = "presence"
	// PasskeyRegistration is a passkey that is to be added.
	PasskeyRegistration Purpose = "passkey registration"
	// TOTPSetup is the seed of an app that has not shown a code yet.
	TOTPSetup Purpose = "totp"
	// Invitation and Reset are links for setting a password.
	Invitation Purpose = "INVITATION"
	Reset      Purpose = "RESET"
)

const (
	// Life is how long a ticket works within one visit of the page.
	Life = 5 * time.Minute
	// maxTries is how many proofs a ticket takes.
	maxTries = 5
)

// Service creates, finds and uses up tickets.
type Service struct {
	store *store.Store
	keys  *seal.Keyset
	now   func() time.Time
}

// New returns the service.
func New(s *store.Store, keys *seal.Keyset, now func() time.Time) *Service {
	return &Service{store: s, keys: keys, now: now}
}

// Draft is a ticket to be created.
type Draft struct {
	Purpose Purpose
	// OperatorID is the operator that the ticket belongs to; empty for none.
	OperatorID string
	// Content is what the ticket stands for, as JSON has it; nil for nothing.
	Content any
	// Life is how long the ticket works.
	Life time.Duration
}

// Create stores a ticket and returns its text.
func (s *Service) Create(ctx context.Context, tx *ent.Tx, draft Draft) (string, error) {
	text, hash := token.NewOpaque()
	id := ident.New(ident.OneTimeToken)
	create := tx.OneTimeToken.Create().
		SetID(id).
		SetPurpose(string(draft.Purpose)).
		SetHash(hash).
		SetExpiresAt(s.now().Add(draft.Life))
	if draft.OperatorID != "" {
		create.SetOperatorID(draft.OperatorID)
	}
	if draft.Content != nil {
		plain, err := json.Marshal(draft.Content)
		if err != nil {
			return "", fmt.Errorf("encode what the ticket is for: %w", err)
		}
		sealed, err := s.keys.Seal(place(id), plain)
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

func place(id string) seal.Place {
	return seal.Place{Table: onetimetoken.Table, Column: onetimetoken.FieldDataSealed, RowID: id}
}

// Open reads what a ticket stands for into content, which stays as it is when the ticket stands for nothing.
func (s *Service) Open(ticket *ent.OneTimeToken, content any) error {
	if len(ticket.DataSealed) == 0 {
		return nil
	}
	plain, err := s.keys.Open(place(ticket.ID), ticket.DataSealed)
	if err != nil {
		return fmt.Errorf("open what the ticket is for: %w", err)
	}
	if err := json.Unmarshal(plain, content); err != nil {
		return fmt.Errorf("decode what the ticket is for: %w", err)
	}
	return nil
}

// isFor matches the tickets of some purposes.
func isFor(purposes []Purpose) predicate.OneTimeToken {
	texts := make([]string, len(purposes))
	for i, p := range purposes {
		texts[i] = string(p)
	}
	return onetimetoken.PurposeIn(texts...)
}

// works matches a ticket by its text, as long as it may still be used.
func (s *Service) works(text string, purposes []Purpose) predicate.OneTimeToken {
	return onetimetoken.And(
		onetimetoken.Hash(token.HashOpaque(text)),
		isFor(purposes),
		onetimetoken.UsedAtIsNil(),
		onetimetoken.ExpiresAtGT(s.now()),
		onetimetoken.TriesLT(maxTries),
	)
}

// Find returns the ticket of a text, as long as it may still be used; nil when there is none.
func (s *Service) Find(
	ctx context.Context, rows *ent.OneTimeTokenClient, text string, purposes ...Purpose,
) (*ent.OneTimeToken, error) {
	found, err := rows.Query().Where(s.works(text, purposes)).Only(ctx)
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

// Try finds a ticket and counts one proof of it, before the proof is checked: the count stands whatever the proof is.
// It returns a fault.List of TICKET_USED when the ticket was used up, and of TICKET_INVALID when there is no such
// ticket or no try is left.
func (s *Service) Try(ctx context.Context, text string, purposes ...Purpose) (*ent.OneTimeToken, error) {
	var ticket *ent.OneTimeToken
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		counted, err := tx.OneTimeToken.Update().Where(s.works(text, purposes)).AddTries(1).Save(ctx)
		if err != nil {
			return fmt.Errorf("count a try of the ticket: %w", err)
		}
		if counted == 0 {
			refusal := Refusal{Invalid: fault.TicketInvalid, Used: fault.TicketUsed, Field: "ticket"}
			return s.Refuse(ctx, tx.OneTimeToken, text, refusal, purposes...)
		}
		ticket, err = tx.OneTimeToken.Query().Where(onetimetoken.Hash(token.HashOpaque(text))).Only(ctx)
		return err
	})
	if err == nil && !store.Vouches(ctx, s.store, ticket) {
		return nil, fault.New(fault.TicketInvalid, "ticket")
	}
	return ticket, err
}

// TryOf is Try of a ticket that belongs to one operator.
func (s *Service) TryOf(ctx context.Context, operatorID, text string, purpose Purpose) (*ent.OneTimeToken, error) {
	ticket, err := s.Try(ctx, text, purpose)
	if err != nil {
		return nil, err
	}
	if !BelongsTo(ticket, operatorID) {
		return nil, fault.New(fault.TicketInvalid, "ticket")
	}
	return ticket, nil
}

// BelongsTo reports whether a ticket is an operator's.
func BelongsTo(ticket *ent.OneTimeToken, operatorID string) bool {
	return OperatorIDOf(ticket) == operatorID
}

// OperatorIDOf returns the operator that a ticket belongs to; empty for none.
func OperatorIDOf(ticket *ent.OneTimeToken) string {
	if ticket.OperatorID == nil {
		return ""
	}
	return *ticket.OperatorID
}

// Refusal is how a ticket that does not work is refused: Used when it has done what it was for, and Invalid otherwise.
// A caller that sends a request twice learns the difference.
type Refusal struct {
	Invalid, Used fault.Code
	Field         string
}

// Refuse returns the refusal of a ticket that does not work.
func (s *Service) Refuse(
	ctx context.Context, rows *ent.OneTimeTokenClient, text string, refusal Refusal, purposes ...Purpose,
) error {
	used, err := rows.Query().
		Where(onetimetoken.Hash(token.HashOpaque(text)), isFor(purposes), onetimetoken.UsedAtNotNil()).
		Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for a used one-time token: %w", err)
	}
	if used {
		return fault.New(refusal.Used, refusal.Field)
	}
	return fault.New(refusal.Invalid, refusal.Field)
}

// Use uses up a ticket. It returns a fault.List of TICKET_USED when another request was faster.
func (s *Service) Use(ctx context.Context, tx *ent.Tx, ticket *ent.OneTimeToken) error {
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

// UseAll uses up the tickets of a purpose that an operator still has: a browser that sends one of them learns that the
// step is done.
func (s *Service) UseAll(ctx context.Context, tx *ent.Tx, operatorID string, purpose Purpose) error {
	err := tx.OneTimeToken.Update().
		Where(onetimetoken.OperatorID(operatorID), isFor([]Purpose{purpose}), onetimetoken.UsedAtIsNil()).
		SetUsedAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("use up the tickets of other tabs: %w", err)
	}
	return nil
}

// End ends an operator's tickets of some purposes.
func End(ctx context.Context, tx *ent.Tx, operatorID string, purposes ...Purpose) error {
	_, err := tx.OneTimeToken.Delete().Where(onetimetoken.OperatorID(operatorID), isFor(purposes)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end older tickets: %w", err)
	}
	return nil
}

// EndAll ends the tickets of a purpose, whichever operator they belong to.
func EndAll(ctx context.Context, tx *ent.Tx, purpose Purpose) error {
	if _, err := tx.OneTimeToken.Delete().Where(isFor([]Purpose{purpose})).Exec(ctx); err != nil {
		return fmt.Errorf("end older tickets: %w", err)
	}
	return nil
}
