package factor

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
)

// TOTPRequest is what an app is set up with.
type TOTPRequest struct {
	Ticket  string
	Seed    string
	Address string
	Picture string
}

// totpForm is the form that all apps know: RFC 6238 with SHA-1, 6 digits and 30 seconds.
var totpForm = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

const (
	totpPeriod = 30
	// totpSkew is how many steps a clock may be off.
	totpSkew    = 1
	totpPicture = 240 // pixels
	// totpSetupLife is longer than a ticket's: an app may have to be found first.
	totpSetupLife = 15 * time.Minute
)

// newTOTP makes the seed of an app for an operator, with all that the app is set up with but the ticket.
func (s *Service) newTOTP(person *ent.Operator) (TOTPRequest, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: s.listing, AccountName: person.Email, Period: totpPeriod, SecretSize: 20,
	})
	if err != nil {
		return TOTPRequest{}, fmt.Errorf("make the seed of an app: %w", err)
	}
	picture, err := key.Image(totpPicture, totpPicture)
	if err != nil {
		return TOTPRequest{}, fmt.Errorf("draw the seed of an app: %w", err)
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		return TOTPRequest{}, fmt.Errorf("draw the seed of an app: %w", err)
	}
	return TOTPRequest{
		Seed:    key.Secret(),
		Address: key.URL(),
		Picture: "data:image/png;base64," + base64.StdEncoding.EncodeToString(encoded.Bytes()),
	}, nil
}

// totpStep returns the time step that a code of a seed is of; 0 for a code of no step near now.
func totpStep(seed, code string, now time.Time) (int64, error) {
	code = strings.Join(strings.Fields(code), "")
	var found int64
	for skew := int64(-totpSkew); skew <= totpSkew; skew++ {
		step := now.Unix()/totpPeriod + skew
		right, err := totp.GenerateCodeCustom(seed, time.Unix(step*totpPeriod, 0), totpForm)
		if err != nil {
			return 0, fmt.Errorf("calculate the code of an app: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(right), []byte(code)) == 1 {
			found = step
		}
	}
	return found, nil
}

func totpPlace(operatorID string) seal.Place {
	return seal.Place{Table: operator.Table, Column: operator.FieldTotpSealed, RowID: operatorID}
}

// BeginTOTP makes the seed of an app. Nothing changes until ConfirmTOTP, whose ticket stands for the proof of presence.
// It returns fault.PresenceRequired without one.
func (s *Service) BeginTOTP(ctx context.Context) (TOTPRequest, error) {
	var request TOTPRequest
	begin := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		var err error
		if request, err = s.newTOTP(account.Operator); err != nil {
			return audit.Event{}, err
		}
		request.Ticket, err = s.tickets.Create(ctx, tx, ticket.Draft{
			Purpose: ticket.TOTPSetup, OperatorID: account.Actor.ID,
			Content: Content{Seed: request.Seed}, Life: totpSetupLife,
		})
		return audit.Event{}, err
	}
	err := s.sessions.ChangeAccountInPresence(ctx, begin)
	return request, err
}

// ConfirmTOTP turns the codes of an app on, once the app has shown a right one. It returns recovery codes with the
// first second factor, and none with a later one.
func (s *Service) ConfirmTOTP(ctx context.Context, text, code string) ([]string, error) {
	actor, err := principal.Person(ctx)
	if err != nil {
		return nil, err
	}
	setup, err := s.tickets.TryOf(principal.AsSystem(ctx, session.TaskAccount), actor.ID, text, ticket.TOTPSetup)
	if err != nil {
		return nil, err
	}
	content, err := s.ContentOf(setup)
	if err != nil {
		return nil, err
	}
	if content.Seed == "" { // the row was changed outside the program
		return nil, fault.New(fault.TicketInvalid, "ticket")
	}
	step, err := totpStep(content.Seed, code, s.now())
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, refuse("code")
	}
	var codes []string
	confirm := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		if err := s.tickets.Use(ctx, tx, setup); err != nil {
			return audit.Event{}, err
		}
		// Each browser tab has its own ticket, but only one app counts. Using up all tickets tells the other tabs.
		if err := s.tickets.UseAll(ctx, tx, account.Actor.ID, ticket.TOTPSetup); err != nil {
			return audit.Event{}, err
		}
		if err := s.storeSeed(ctx, tx, account.Operator, content.Seed, step); err != nil {
			return audit.Event{}, err
		}
		codes, err = s.followAdded(ctx, tx, account)
		return audit.Event{Action: "account.totp_on", Changes: []audit.Change{{Field: "totp"}}}, err
	}
	err = s.sessions.ChangeAccount(ctx, confirm)
	return codes, err
}

// storeSeed stores the seed of an app that has shown the code of a step.
func (s *Service) storeSeed(ctx context.Context, tx *ent.Tx, person *ent.Operator, seed string, step int64) error {
	sealed, err := s.keys.Seal(totpPlace(person.ID), []byte(seed))
	if err != nil {
		return fmt.Errorf("seal the seed of the app: %w", err)
	}
	err = tx.Operator.UpdateOne(person).SetTotpSealed(sealed).SetTotpSince(s.now()).SetTotpStep(step).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the seed of the app: %w", err)
	}
	return nil
}

// RemoveTOTP turns the codes of an app off. It returns fault.PresenceRequired without a proof of presence.
func (s *Service) RemoveTOTP(ctx context.Context) error {
	remove := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		if account.Operator.TotpSince == nil {
			return audit.Event{}, nil
		}
		if err := removeSeed(ctx, tx, account.Operator); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "account.totp_off", Changes: []audit.Change{{Field: "totp"}}},
			s.followRemoved(ctx, tx, account)
	}
	return s.sessions.ChangeAccountInPresence(ctx, remove)
}

// removeSeed removes the seed of an operator's app.
func removeSeed(ctx context.Context, tx *ent.Tx, person *ent.Operator) error {
	if err := tx.Operator.UpdateOne(person).ClearTotpSealed().ClearTotpSince().Exec(ctx); err != nil {
		return fmt.Errorf("forget the seed of the app: %w", err)
	}
	return nil
}

// proveCode checks a code of the operator's app. Each time step is taken once, so that a code that was read over a
// shoulder is worth nothing.
func (s *Service) proveCode(ctx context.Context, tx *ent.Tx, person *ent.Operator, code string) error {
	// A recovery without the master key deletes the seed, but not the factor.
	if person.TotpSince == nil || len(person.TotpSealed) == 0 {
		return refuse("code")
	}
	seed, err := s.keys.Open(totpPlace(person.ID), person.TotpSealed)
	if err != nil {
		return fmt.Errorf("open the seed of the app: %w", err)
	}
	step, err := totpStep(string(seed), code, s.now())
	if err != nil {
		return err
	}
	taken, err := tx.Operator.Update().
		Where(operator.ID(person.ID), operator.TotpStepLT(step)).
		SetTotpStep(step).
		Save(ctx)
	if err != nil {
		return fmt.Errorf("use up the code of the app: %w", err)
	}
	switch {
	case taken > 0:
		return nil
	case step > 0 && step == person.TotpStep:
		return fault.New(fault.CodeUsed, "code")
	default:
		return refuse("code")
	}
}
