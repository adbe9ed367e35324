package factor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// MaxPasskeys is how many passkeys an operator may have.
const MaxPasskeys = 10

// PasskeyRequest is what the browser is to ask a passkey for.
type PasskeyRequest struct {
	Ticket  string
	Options string
}

// newRelyingParty returns this portal as passkeys know it: by the host of its public URL. A passkey always checks a
// finger, a face or a PIN, as it may stand for both password and second factor. Copies of the page on other hosts use
// the same passkeys, if the browser gets the permission of the portal's host.
func newRelyingParty(o Options) (*webauthn.WebAuthn, error) {
	party, err := webauthn.New(&webauthn.Config{
		RPID:          relyingParty(o.PublicURL.Hostname()),
		RPDisplayName: listingOf(o.Organization),
		RPOrigins:     append([]string{o.PublicURL.String()}, o.AdminOrigins...),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementPreferred,
			RequireResidentKey: protocol.ResidentKeyNotRequired(),
			UserVerification:   protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up passkeys: %w", err)
	}
	return party, nil
}

// relyingParty returns the name that passkeys belong to. Browsers accept no IP address such as 127.0.0.1, the default
// of a first start. The page then offers no passkeys, and the name localhost lets the rest of the portal work.
func relyingParty(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return "localhost"
	}
	return host
}

// owner is an operator as the WebAuthn library sees one.
type owner struct {
	person      *ent.Operator
	credentials []webauthn.Credential
}

// WebAuthnID is the user handle: the operator's id, which says nothing of the person.
func (o owner) WebAuthnID() []byte { return []byte(o.person.ID) }

// WebAuthnName is what the passkey is listed as.
func (o owner) WebAuthnName() string { return o.person.Email }

// WebAuthnDisplayName is the name for a person.
func (o owner) WebAuthnDisplayName() string { return o.person.Name }

// WebAuthnCredentials are the operator's passkeys.
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// ownerOf reads the passkeys of an operator.
func (s *Service) ownerOf(ctx context.Context, rows *ent.PasskeyClient, person *ent.Operator) (owner, error) {
	found, err := rows.Query().Where(passkey.OperatorID(person.ID)).Limit(MaxPasskeys).All(ctx)
	if err != nil {
		return owner{}, fmt.Errorf("read the passkeys: %w", err)
	}
	o := owner{person: person}
	for _, row := range found {
		if !store.Vouches(ctx, s.store, row) {
			continue
		}
		var credential webauthn.Credential
		if err := json.Unmarshal(row.Credential, &credential); err != nil {
			return owner{}, fmt.Errorf("decode passkey %s: %w", row.ID, err)
		}
		o.credentials = append(o.credentials, credential)
	}
	return o, nil
}

// AskPasskey makes a ticket for the answer of one of an operator's passkeys.
func (s *Service) AskPasskey(
	ctx context.Context, tx *ent.Tx, purpose ticket.Purpose, person *ent.Operator,
) (PasskeyRequest, error) {
	o, err := s.ownerOf(ctx, tx.Passkey, person)
	if err != nil {
		return PasskeyRequest{}, err
	}
	assertion, question, err := s.party.BeginLogin(o)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.createRequest(ctx, tx, purpose, person.ID, assertion.Response, question)
}

// AskAnyPasskey makes a ticket for the answer of any passkey of this portal: the one that answers says which operator
// it is.
func (s *Service) AskAnyPasskey(ctx context.Context, tx *ent.Tx) (PasskeyRequest, error) {
	assertion, question, err := s.party.BeginDiscoverableLogin()
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.createRequest(ctx, tx, ticket.PasskeyLogin, "", assertion.Response, question)
}

// createRequest makes the ticket of a question to a passkey.
func (s *Service) createRequest(
	ctx context.Context, tx *ent.Tx, purpose ticket.Purpose, operatorID string,
	options any, question *webauthn.SessionData,
) (PasskeyRequest, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("encode what the passkey is asked: %w", err)
	}
	secret, err := s.tickets.Create(ctx, tx, ticket.Draft{
		Purpose: purpose, OperatorID: operatorID, Content: Content{Question: question}, Life: ticket.Life,
	})
	return PasskeyRequest{Ticket: secret, Options: string(text)}, err
}

// provePasskey checks what a passkey of an operator answered.
func (s *Service) provePasskey(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, answer string, content Content,
) error {
	if content.Question == nil {
		return refuse("passkey")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil { // the library's error repeats the input
		return refuse("passkey")
	}
	o, err := s.ownerOf(ctx, tx.Passkey, person)
	if err != nil {
		return err
	}
	credential, err := s.party.ValidateLogin(o, *content.Question, parsed)
	if err != nil {
		return refuse("passkey")
	}
	return s.noteUse(ctx, tx, credential)
}

// ProveAnyPasskey checks what a passkey answered to AskAnyPasskey, and returns the operator that the passkey belongs
// to.
func (s *Service) ProveAnyPasskey(
	ctx context.Context, tx *ent.Tx, answer string, content Content,
) (*ent.Operator, error) {
	if content.Question == nil {
		return nil, refuse("passkey")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, refuse("passkey")
	}
	var (
		person *ent.Operator
		broken error // an error of the portal, not of the passkey's answer
	)
	find := func(credentialID, handle []byte) (webauthn.User, error) {
		row, err := tx.Passkey.Query().Where(passkey.CredentialID(credentialID)).WithOperator().Only(ctx)
		if ent.IsNotFound(err) ||
			err == nil && (row.OperatorID != string(handle) || !store.Vouches(ctx, s.store, row.Edges.Operator)) {
			return nil, errors.New("no such passkey")
		}
		if err != nil {
			broken = fmt.Errorf("find the passkey: %w", err)
			return nil, broken
		}
		person = row.Edges.Operator
		o, err := s.ownerOf(ctx, tx.Passkey, person)
		broken = err
		return o, err
	}
	_, credential, err := s.party.ValidatePasskeyLogin(find, *content.Question, parsed)
	switch {
	case broken != nil:
		return nil, broken
	case err != nil:
		return nil, refuse("passkey")
	default:
		return person, s.noteUse(ctx, tx, credential)
	}
}

// noteUse stores the counter of a passkey. It refuses a passkey whose counter goes backwards, which is a copy.
func (s *Service) noteUse(ctx context.Context, tx *ent.Tx, credential *webauthn.Credential) error {
	if credential.Authenticator.CloneWarning {
		return refuse("passkey")
	}
	encoded, err := json.Marshal(credential)
	if err != nil {
		return fmt.Errorf("encode the passkey: %w", err)
	}
	err = tx.Passkey.Update().
		Where(passkey.CredentialID(credential.ID)).
		SetCredential(encoded).
		SetLastUsedAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("note the use of the passkey: %w", err)
	}
	return nil
}
