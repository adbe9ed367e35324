package factor

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// maxPasskeyName caps the characters of a passkey's name.
const maxPasskeyName = 60

// PasskeyAnswer is what a passkey answered to a request.
type PasskeyAnswer struct{ Ticket, Response string }

// BeginPasskeyRegistration asks the browser for a new passkey; AddPasskey takes the answer, whose ticket stands for the
// proof of presence. It returns fault.PresenceRequired without one.
func (s *Service) BeginPasskeyRegistration(ctx context.Context) (PasskeyRequest, error) {
	var request PasskeyRequest
	begin := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		o, err := s.ownerOf(ctx, tx.Passkey, account.Operator)
		if err != nil {
			return audit.Event{}, err
		}
		creation, question, err := s.party.BeginRegistration(o,
			webauthn.WithExclusions(webauthn.Credentials(o.credentials).CredentialDescriptors()))
		if err != nil {
			return audit.Event{}, fmt.Errorf("ask for a new passkey: %w", err)
		}
		id := account.Actor.ID
		request, err = s.createRequest(ctx, tx, ticket.PasskeyRegistration, id, creation.Response, question)
		return audit.Event{}, err
	}
	err := s.sessions.ChangeAccountInPresence(ctx, begin)
	return request, err
}

// AddPasskey registers a passkey. It returns recovery codes with the first second factor, and none with a later one.
func (s *Service) AddPasskey(ctx context.Context, name string, answer PasskeyAnswer) ([]string, error) {
	actor, err := principal.Person(ctx)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	name = bad.Line(name, maxPasskeyName, "name")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	system := principal.AsSystem(ctx, session.TaskAccount)
	registration, err := s.tickets.TryOf(system, actor.ID, answer.Ticket, ticket.PasskeyRegistration)
	if err != nil {
		return nil, err
	}
	content, err := s.ContentOf(registration)
	if err != nil {
		return nil, err
	}
	var codes []string
	add := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		if err := s.tickets.Use(ctx, tx, registration); err != nil {
			return audit.Event{}, err
		}
		if err := s.storePasskey(ctx, tx, account.Operator, name, answer.Response, content); err != nil {
			return audit.Event{}, err
		}
		codes, err = s.followAdded(ctx, tx, account)
		return audit.Event{
			Action: "account.passkey_added", Changes: []audit.Change{{Field: "passkey", New: name}},
		}, err
	}
	err = s.sessions.ChangeAccount(ctx, add)
	return codes, err
}

// storePasskey stores the passkey that a browser answered with.
func (s *Service) storePasskey(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, name, response string, content Content,
) error {
	o, err := s.ownerOf(ctx, tx.Passkey, person)
	if err != nil {
		return err
	}
	if len(o.credentials) >= MaxPasskeys {
		return fault.List{{Code: fault.LimitReached, Args: []any{MaxPasskeys}}}
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(response))
	if err != nil || content.Question == nil {
		return refuse("answer")
	}
	made, err := s.party.CreateCredential(o, *content.Question, parsed)
	if err != nil {
		return refuse("answer")
	}
	credential, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("encode the passkey: %w", err)
	}
	err = tx.Passkey.Create().
		SetOperatorID(person.ID).
		SetCredentialID(made.ID).
		SetCredential(credential).
		SetName(name).
		Exec(ctx)
	if store.IsUniqueViolation(err, passkey.Table, passkey.FieldCredentialID) {
		return refuse("answer")
	}
	if err != nil {
		return fmt.Errorf("store the passkey: %w", err)
	}
	return nil
}

// RemovePasskey removes a passkey of the acting operator. It returns fault.PresenceRequired without a proof of
// presence.
func (s *Service) RemovePasskey(ctx context.Context, id string) error {
	remove := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		row, err := tx.Passkey.Query().Where(passkey.ID(id), passkey.OperatorID(account.Actor.ID)).Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the passkey: %w", err)
		}
		if err := tx.Passkey.DeleteOne(row).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("remove the passkey: %w", err)
		}
		return audit.Event{
			Action: "account.passkey_removed", Changes: []audit.Change{{Field: "passkey", Old: row.Name}},
		}, s.followRemoved(ctx, tx, account)
	}
	return s.sessions.ChangeAccountInPresence(ctx, remove)
}
