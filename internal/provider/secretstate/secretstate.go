// Package secretstate holds what may be told of a secret without telling the secret.
package secretstate

import "time"

// State is what the portal remembers of one secret of a marketplace, beside the sealed secret itself.
type State struct {
	// SetAt is when the secret was last set.
	SetAt time.Time `json:"setAt"`
	// SetBy is the name of the operator who set it.
	SetBy string `json:"setBy"`
	// ExpiresAt is when the secret ends; nil when it does not or that is not known.
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	// Fingerprint is 8 characters of a hash that is keyed for this row and secret: equal for equal secrets put in here.
	Fingerprint string `json:"boundFingerprint"`
	// Unbound is the fingerprint of an older program, which was equal in all rows: the next start binds it.
	Unbound string `json:"fingerprint,omitempty"`
}
