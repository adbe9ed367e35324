package operator

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// taskLink is what the program does where an operator comes with a link.
const taskLink = "password link"

// LinkPurpose is why a link for setting a password was made.
type LinkPurpose string

// The purposes.
const (
	Invitation = LinkPurpose(ticket.Invitation)
	Reset      = LinkPurpose(ticket.Reset)
)

// linkLife is how long the links work.
var linkLife = map[LinkPurpose]time.Duration{Invitation: 72 * time.Hour, Reset: 30 * time.Minute}

// PasswordLink is what a link for setting a password is for.
type PasswordLink struct {
	Purpose   LinkPurpose
	Name      string
	Email     string
	MinLength int
}

// Link is a link that was just made.
type Link struct {
	URL       string
	ExpiresAt time.Time
	Purpose   LinkPurpose
}

// createLink makes a link for an operator to set the password, and ends those that were made before.
func (s *Service) createLink(ctx context.Context, tx *ent.Tx, person *ent.Operator) (Link, error) {
	purpose := Reset
	if StatusOf(person) == Invited {
		purpose = Invitation
	}
	if err := endLinks(ctx, tx, person.ID); err != nil {
		return Link{}, err
	}
	secret, err := s.tickets.Create(ctx, tx, ticket.Draft{
		Purpose: ticket.Purpose(purpose), OperatorID: person.ID, Life: linkLife[purpose],
	})
	if err != nil {
		return Link{}, err
	}
	// The secret follows the #: browsers do not send that part, so no log has it.
	url := s.publicURL + "/senha#link=" + secret
	return Link{URL: url, ExpiresAt: s.now().Add(linkLife[purpose]), Purpose: purpose}, nil
}

// endLinks ends the links of an operator.
func endLinks(ctx context.Context, tx *ent.Tx, operatorID string) error {
	if err := ticket.End(ctx, tx, operatorID, ticket.Invitation, ticket.Reset); err != nil {
		return fmt.Errorf("end the links that were made before: %w", err)
	}
	return nil
}

// PasswordLink returns what the link with a secret is for; nil when the link does not work, or no longer.
func (s *Service) PasswordLink(ctx context.Context, secret string) (*PasswordLink, error) {
	ctx = principal.AsSystem(ctx, taskLink)
	row, person, err := s.findLink(ctx, secret)
	if err != nil || person == nil {
		return nil, err
	}
	return &PasswordLink{
		Purpose: LinkPurpose(row.Purpose), Name: person.Name, Email: person.Email, MinLength: minPassword(person),
	}, nil
}

// findLink returns the ticket and the operator of a link; neither when the link does not work.
func (s *Service) findLink(ctx context.Context, secret string) (*ent.OneTimeToken, *ent.Operator, error) {
	row, err := s.tickets.Find(ctx, s.store.Reader().OneTimeToken, secret, ticket.Invitation, ticket.Reset)
	if err != nil || row == nil {
		return nil, nil, err
	}
	person, err := s.store.Reader().Operator.Get(ctx, *row.OperatorID)
	if ent.IsNotFound(err) || err == nil && (person.DisabledAt != nil || !store.Vouches(ctx, s.store, person)) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find the operator of the link: %w", err)
	}
	return row, person, nil
}

// SetPassword sets a password with a link and logs in, as far as the second factor lets it. It returns a fault.List
// when the input can be mended, among it a link that does not work.
func (s *Service) SetPassword(
	ctx context.Context, secret, text string, browser session.Browser,
) (result login.Result, err error) {
	ctx = principal.AsSystem(ctx, taskLink)
	row, person, err := s.findLink(ctx, secret)
	if err != nil {
		return login.Result{}, err
	}
	if person == nil {
		refusal := ticket.Refusal{Invalid: fault.LinkInvalid, Used: fault.LinkUsed, Field: "link"}
		return login.Result{}, s.tickets.Refuse(
			ctx, s.store.Reader().OneTimeToken, secret, refusal, ticket.Invitation, ticket.Reset)
	}
	hash, err := s.hashNew(ctx, text, person)
	if err != nil {
		return login.Result{}, err
	}
	origin, err := s.throttle.OriginOf(ctx, person.ID, browser.Address, browser.Device)
	if err != nil {
		return login.Result{}, err
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		locked, err := s.useLink(ctx, tx, row, hash)
		if err != nil {
			return err
		}
		if err := s.throttle.Forgive(ctx, tx, locked.Email, origin); err != nil {
			return err
		}
		err = audit.Append(ctx, tx, audit.Event{
			Action: "operator.password_set", ObjectID: locked.ID,
			Changes: []audit.Change{{Field: "password"}, {Field: "link", New: row.Purpose}},
		})
		if err != nil {
			return err
		}
		result, err = s.logins.Proceed(ctx, tx, locked, browser, origin)
		return err
	})
	return result, err
}

// useLink uses a link up: it stores the hash of the new password and ends the sessions. It returns the operator,
// locked.
func (s *Service) useLink(ctx context.Context, tx *ent.Tx, row *ent.OneTimeToken, hash string) (*ent.Operator, error) {
	err := s.tickets.Use(ctx, tx, row)
	if fault.Is(err, fault.TicketUsed) {
		return nil, fault.New(fault.LinkUsed, "link")
	}
	if err != nil {
		return nil, err
	}
	// Read again: the second factor may have changed.
	person, err := s.sessions.LockOperator(ctx, tx, *row.OperatorID)
	if err != nil {
		return nil, err
	}
	if err := tx.Operator.UpdateOneID(person.ID).SetPasswordHash(hash).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store the password hash: %w", err)
	}
	return person, s.sessions.EndAll(ctx, tx, person.ID, "password set by link")
}

// hashNew checks and hashes a password that an operator is to get. It returns a fault.List at password.
func (s *Service) hashNew(ctx context.Context, text string, person *ent.Operator) (string, error) {
	if err := s.checkNew(text, person); err != nil {
		return "", err
	}
	return s.hasher.Hash(ctx, text)
}

// checkNew checks a password that an operator is to get. It returns a fault.List at password.
func (s *Service) checkNew(text string, person *ent.Operator) error {
	var bad fault.List
	s.checkPassword(&bad, text, person.Email, minPassword(person))
	return bad.Err()
}

// minPassword is the least number of characters in a password of an operator.
func minPassword(person *ent.Operator) int {
	if person.SecondFactor {
		return password.MinLengthWithSecondFactor
	}
	return password.MinLength
}
