package factor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Moved counts the passkeys that can never work: they were made for another host, before the public URL changed.
type Moved struct {
	Passkeys, Operators int
	// MadeAt is the address that one of them was made at; empty when there is none.
	MadeAt string
}

// CountMoved counts the passkeys of all operators that can never work at publicURL.
func CountMoved(ctx context.Context, s *store.Store, publicURL *url.URL) (Moved, error) {
	rows, err := s.Reader().Passkey.Query().All(principal.AsSystem(ctx, "doctor"))
	if err != nil {
		return Moved{}, fmt.Errorf("read the passkeys: %w", err)
	}
	var moved Moved
	operators := map[string]bool{}
	for _, row := range rows {
		madeAt, err := movedFrom(row.Credential, relyingParty(publicURL.Hostname()))
		if err != nil {
			return Moved{}, fmt.Errorf("decode passkey %s: %w", row.ID, err)
		}
		if madeAt != "" {
			operators[row.OperatorID] = true
			moved = Moved{moved.Passkeys + 1, len(operators), madeAt}
		}
	}
	return moved, nil
}

// MovedPasskeys says which passkeys of an operator can never work here: a browser offers them at the address that they
// were made at.
type MovedPasskeys struct {
	// MadeAt is the address that one of them was made at; empty when there is none.
	MadeAt string
	// AnyWorks is whether another passkey of the operator works here.
	AnyWorks bool
}

// FindMoved returns which passkeys of an operator can never work here.
func (s *Service) FindMoved(ctx context.Context, tx *ent.Tx, person *ent.Operator) (MovedPasskeys, error) {
	o, err := s.ownerOf(ctx, tx.Passkey, person)
	if err != nil {
		return MovedPasskeys{}, err
	}
	var moved MovedPasskeys
	for _, credential := range o.credentials {
		if at := movedOf(credential, s.party.Config.RPID); at != "" {
			moved.MadeAt = at
		} else {
			moved.AnyWorks = true
		}
	}
	return moved, nil
}

func movedFrom(stored json.RawMessage, host string) (string, error) {
	var credential webauthn.Credential
	err := json.Unmarshal(stored, &credential)
	return movedOf(credential, host), err
}

// movedOf returns the address that a passkey was made at, if it belongs to another host: a browser offers it only
// there. It returns "" for a passkey of host, and for one that does not tell.
func movedOf(credential webauthn.Credential, host string) string {
	var made protocol.AttestationObject
	err := webauthncbor.Unmarshal(credential.Attestation.Object, &made)
	if err != nil || len(made.RawAuthData) < sha256.Size {
		return ""
	}
	ours := sha256.Sum256([]byte(host))
	if bytes.Equal(made.RawAuthData[:sha256.Size], ours[:]) {
		return ""
	}
	var client protocol.CollectedClientData
	if err := json.Unmarshal(credential.Attestation.ClientDataJSON, &client); err != nil {
		return ""
	}
	return client.Origin
}
