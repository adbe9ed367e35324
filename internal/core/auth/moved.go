package auth

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

// Moved counts the passkeys that can never work: they were made for another host, before the public URL was changed.
type Moved struct {
	Passkeys, Operators int
	// MadeAt is the address that one of them was made at; empty when there is none.
	MadeAt string
}

// MovedPasskeys returns which passkeys of all operators can never work at publicURL.
func MovedPasskeys(ctx context.Context, s *store.Store, publicURL *url.URL) (Moved, error) {
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

// movedPasskeys returns the address that a passkey of who was made at which can never work here, empty when there is none such,
// and whether any works.
func (s *Service) movedPasskeys(ctx context.Context, tx *ent.Tx, who *ent.Operator) (madeAt string, anyWorks bool, err error) {
	owner, err := s.ownerOf(ctx, tx.Passkey, who)
	if err != nil {
		return "", false, err
	}
	for _, one := range owner.credentials {
		if at := movedOf(one, s.party.Config.RPID); at != "" {
			madeAt = at
		} else {
			anyWorks = true
		}
	}
	return madeAt, anyWorks, nil
}

func movedFrom(stored json.RawMessage, host string) (string, error) {
	var passkey webauthn.Credential
	err := json.Unmarshal(stored, &passkey)
	return movedOf(passkey, host), err
}

// movedOf returns the address that a passkey was made at, if it belongs to another host than that: a browser offers it there
// alone. It returns "" for one that works here, and for one that does not tell.
func movedOf(passkey webauthn.Credential, host string) string {
	var made protocol.AttestationObject
	if err := webauthncbor.Unmarshal(passkey.Attestation.Object, &made); err != nil || len(made.RawAuthData) < sha256.Size {
		return ""
	}
	ours := sha256.Sum256([]byte(host))
	if bytes.Equal(made.RawAuthData[:sha256.Size], ours[:]) {
		return ""
	}
	var client protocol.CollectedClientData
	if err := json.Unmarshal(passkey.Attestation.ClientDataJSON, &client); err != nil {
		return ""
	}
	return client.Origin
}
