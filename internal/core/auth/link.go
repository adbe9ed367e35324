package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// LinkPurpose is why a link for setting a password was made.
type LinkPurpose string

// The purposes.
const (
	Invitation LinkPurpose = "INVITATION"
	Reset      LinkPurpose = "RESET"
)

// lives is how long the links work.
var lives = map[LinkPurpose]time.Duration{Invitation: 72 * time.Hour, Reset: 30 * time.Minute}

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

// newLink makes a link for an operator to set the password, and ends those that were made before.
func (s *Service) newLink(ctx context.Context, tx *ent.Tx, who *ent.Operator) (Link, error) {
	why := Reset
	if StatusOf(who) == Invited {
		why = Invitation
	}
	if err := endLinks(ctx, tx, who.ID); err != nil {
		return Link{}, err
	}
	secret, err := s.newTicket(ctx, tx, purpose(why), who.ID, nil, lives[why])
	if err != nil {
		return Link{}, err
	}
	// Behind the #, which browsers do not send: no log on the way has it.
	return Link{URL: s.publicURL + "/senha#link=" + secret, ExpiresAt: s.now().Add(lives[why]), Purpose: why}, nil
}

func endLinks(ctx context.Context, tx *ent.Tx, operatorID string) error {
	_, err := tx.OneTimeToken.Delete().
		Where(onetimetoken.OperatorID(operatorID), onetimetoken.PurposeIn(string(Invitation), string(Reset))).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("end the links that were made before: %w", err)
	}
	return nil
}

// PasswordLink returns what a link is for by its secret; nil when it does not work (any more).
func (s *Service) PasswordLink(ctx context.Context, secret string) (*PasswordLink, error) {
	ctx = principal.AsSystem(ctx, "password link")
	ticket, who, err := s.linked(ctx, secret)
	if err != nil || who == nil {
		return nil, err
	}
	return &PasswordLink{Purpose: LinkPurpose(ticket.Purpose), Name: who.Name, Email: who.Email, MinLength: minPassword(who)}, nil
}

// linked returns the ticket and the operator of a link; neither when it does not work.
func (s *Service) linked(ctx context.Context, secret string) (*ent.OneTimeToken, *ent.Operator, error) {
	ticket, err := s.find(ctx, s.store.Reader().OneTimeToken, secret, purpose(Invitation), purpose(Reset))
	if err != nil || ticket == nil {
		return nil, nil, err
	}
	who, err := s.store.Reader().Operator.Get(ctx, *ticket.OperatorID)
	if ent.IsNotFound(err) || err == nil && (who.DisabledAt != nil || !store.Vouches(ctx, s.store, who)) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find the operator of the link: %w", err)
	}
	return ticket, who, nil
}

// SetPassword sets a password with a link and logs in, as far as the second factor lets it. It returns a fault.List when
// the input can be mended, among it a link that does not work.
func (s *Service) SetPassword(ctx context.Context, secret, pass string, from Browser) (Session, error) {
	ctx = principal.AsSystem(ctx, "password link")
	ticket, who, err := s.linked(ctx, secret)
	if err != nil {
		return Session{}, err
	}
	if who == nil {
		return Session{}, s.notWorking(ctx, s.store.Reader().OneTimeToken, secret, fault.LinkInvalid, fault.LinkUsed, "link", purpose(Invitation), purpose(Reset))
	}
	hash, err := s.hashNew(ctx, pass, who)
	if err != nil {
		return Session{}, err
	}
	where, err := s.originOf(ctx, who.ID, from)
	if err != nil {
		return Session{}, err
	}
	var session Session
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		err := s.use(ctx, tx, ticket)
		if fault.Is(err, fault.TicketUsed) {
			return fault.New(fault.LinkUsed, "link")
		}
		if err != nil {
			return err
		}
		if who, err = s.lockOperator(ctx, tx, who.ID); err != nil { // its second factor may be another by now
			return err
		}
		if err := tx.Operator.UpdateOneID(who.ID).SetPasswordHash(hash).Exec(ctx); err != nil {
			return fmt.Errorf("store the password hash: %w", err)
		}
		if err := s.endSessions(ctx, tx, who.ID, "", "password set by link"); err != nil {
			return err
		}
		if err := s.forgive(ctx, tx, who.Email, where); err != nil {
			return err
		}
		err = audit.Append(ctx, tx, audit.Event{Action: "operator.password_set", ObjectID: who.ID, Changes: []audit.Change{{Field: "password"}, {Field: "link", New: ticket.Purpose}}})
		if err != nil {
			return err
		}
		session, err = s.proceed(ctx, tx, who, from, where)
		return err
	})
	return session, err
}

// hashNew checks and hashes a password that who is to get. It returns a fault.List at password.
func (s *Service) hashNew(ctx context.Context, pass string, who *ent.Operator) (string, error) {
	if err := s.checkNew(pass, who); err != nil {
		return "", err
	}
	hash, err := s.hasher.Hash(ctx, pass)
	return hash, busy(err)
}

// checkNew checks a password that who is to get. It returns a fault.List at password.
func (s *Service) checkNew(pass string, who *ent.Operator) error {
	var bad fault.List
	s.checkPassword(&bad, pass, who.Email, minPassword(who))
	return bad.Err()
}

// minPassword is the least characters of a password of who.
func minPassword(who *ent.Operator) int {
	if who.SecondFactor {
		return password.MinLengthWithSecondFactor
	}
	return password.MinLength
}
