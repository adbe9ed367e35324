package auth

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
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// maxPasskeys is how many passkeys an operator may have.
const maxPasskeys = 10

// PasskeyRequest is what the browser is to ask a passkey for.
type PasskeyRequest struct {
	Ticket  string
	Options string
}

// newRelyingParty returns this portal as the passkeys know it: by the host of its public URL. A passkey always asks who is
// there (a finger, a face, a PIN), as it may stand for password and second factor both. Copies of the page on other hosts
// use the same passkeys, as far as the browser asks the portal's host for leave.
func newRelyingParty(o Options) (*webauthn.WebAuthn, error) {
	party, err := webauthn.New(&webauthn.Config{
		RPID:          relyingParty(o.PublicURL.Hostname()),
		RPDisplayName: listedAs(o.Organization),
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

// relyingParty returns the name that passkeys belong to. Browsers know none for an address such as 127.0.0.1, the default of
// a first start: the page offers no passkey there, and the name of this machine keeps the rest of the portal going.
func relyingParty(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return "localhost"
	}
	return host
}

// passkeyOwner is an operator as the WebAuthn library sees one.
type passkeyOwner struct {
	who         *ent.Operator
	credentials []webauthn.Credential
}

// WebAuthnID is the user handle: the operator's id, which says nothing of the person.
func (o passkeyOwner) WebAuthnID() []byte { return []byte(o.who.ID) }

// WebAuthnName is what the passkey is listed as.
func (o passkeyOwner) WebAuthnName() string { return o.who.Email }

// WebAuthnDisplayName is the name for a person.
func (o passkeyOwner) WebAuthnDisplayName() string { return o.who.Name }

// WebAuthnCredentials are the operator's passkeys.
func (o passkeyOwner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// ownerOf reads the passkeys of an operator.
func (s *Service) ownerOf(ctx context.Context, db *ent.PasskeyClient, who *ent.Operator) (passkeyOwner, error) {
	rows, err := db.Query().Where(passkey.OperatorID(who.ID)).Limit(maxPasskeys).All(ctx)
	if err != nil {
		return passkeyOwner{}, fmt.Errorf("read the passkeys: %w", err)
	}
	owner := passkeyOwner{who: who}
	for _, row := range rows {
		if !store.Vouches(ctx, s.store, row) {
			continue
		}
		var credential webauthn.Credential
		if err := json.Unmarshal(row.Credential, &credential); err != nil {
			return passkeyOwner{}, fmt.Errorf("decode passkey %s: %w", row.ID, err)
		}
		owner.credentials = append(owner.credentials, credential)
	}
	return owner, nil
}

// askPasskey makes a ticket for the answer of one of an operator's passkeys.
func (s *Service) askPasskey(ctx context.Context, tx *ent.Tx, of purpose, who *ent.Operator) (PasskeyRequest, error) {
	owner, err := s.ownerOf(ctx, tx.Passkey, who)
	if err != nil {
		return PasskeyRequest{}, err
	}
	assertion, asked, err := s.party.BeginLogin(owner)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.asked(ctx, tx, of, who.ID, assertion.Response, asked)
}

// asked makes the ticket of what a passkey is asked.
func (s *Service) asked(ctx context.Context, tx *ent.Tx, of purpose, operatorID string, options any, asked *webauthn.SessionData) (PasskeyRequest, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("encode what the passkey is asked: %w", err)
	}
	ticket, err := s.newTicket(ctx, tx, of, operatorID, &begun{Passkey: asked}, ticketLife)
	return PasskeyRequest{Ticket: ticket, Options: string(text)}, err
}

// BeginPasskeyLogin asks for any passkey of this portal: which one answers says who it is. It counts as a try of an
// address that no operator logged in from lately: it returns a fault.Throttled after too many.
func (s *Service) BeginPasskeyLogin(ctx context.Context, from Browser) (PasskeyRequest, error) {
	ctx = principal.AsSystem(ctx, "log-in")
	where, err := s.originOf(ctx, "", from)
	if err != nil {
		return PasskeyRequest{}, err
	}
	if err := s.attempt(ctx, "", where); err != nil {
		return PasskeyRequest{}, err
	}
	assertion, what, err := s.party.BeginDiscoverableLogin()
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	var request PasskeyRequest
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		request, err = s.asked(ctx, tx, passkeyLogin, "", assertion.Response, what)
		return err
	})
	return request, err
}

// provePasskey checks what a passkey of who answered.
func (s *Service) provePasskey(ctx context.Context, tx *ent.Tx, who *ent.Operator, answer string, what begun) error {
	if what.Passkey == nil {
		return refused("passkey")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil { // the library's error repeats the input
		return refused("passkey")
	}
	owner, err := s.ownerOf(ctx, tx.Passkey, who)
	if err != nil {
		return err
	}
	used, err := s.party.ValidateLogin(owner, *what.Passkey, parsed)
	if err != nil {
		return refused("passkey")
	}
	return s.usedPasskey(ctx, tx, used)
}

// whosePasskey checks what a passkey answered that was asked of nobody in particular, and returns whose it is.
func (s *Service) whosePasskey(ctx context.Context, tx *ent.Tx, answer string, what begun) (*ent.Operator, error) {
	if what.Passkey == nil {
		return nil, refused("passkey")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, refused("passkey")
	}
	var (
		who    *ent.Operator
		broken error // what is our fault, and no answer of a passkey
	)
	find := func(credentialID, handle []byte) (webauthn.User, error) {
		row, err := tx.Passkey.Query().Where(passkey.CredentialID(credentialID)).WithOperator().Only(ctx)
		if ent.IsNotFound(err) || err == nil && (row.OperatorID != string(handle) || !store.Vouches(ctx, s.store, row.Edges.Operator)) {
			return nil, errors.New("no such passkey")
		}
		if err != nil {
			broken = fmt.Errorf("find the passkey: %w", err)
			return nil, broken
		}
		who = row.Edges.Operator
		owner, err := s.ownerOf(ctx, tx.Passkey, who)
		broken = err
		return owner, err
	}
	_, used, err := s.party.ValidatePasskeyLogin(find, *what.Passkey, parsed)
	switch {
	case broken != nil:
		return nil, broken
	case err != nil:
		return nil, refused("passkey")
	default:
		return who, s.usedPasskey(ctx, tx, used)
	}
}

// usedPasskey keeps the counter of a passkey. One that goes backwards is a copy's.
func (s *Service) usedPasskey(ctx context.Context, tx *ent.Tx, used *webauthn.Credential) error {
	if used.Authenticator.CloneWarning {
		return refused("passkey")
	}
	credential, err := json.Marshal(used)
	if err != nil {
		return fmt.Errorf("encode the passkey: %w", err)
	}
	err = tx.Passkey.Update().
		Where(passkey.CredentialID(used.ID)).
		SetCredential(credential).
		SetLastUsedAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("note the use of the passkey: %w", err)
	}
	return nil
}
