// Package secretstate holds the facts about a secret that may be shown.
package secretstate

import "time"

// State is stored for one secret of a marketplace, beside the sealed secret itself.
type State struct {
	// SetAt is when the secret was last set.
	SetAt time.Time `json:"setAt"`
	// SetBy is the name of the operator who set it.
	SetBy string `json:"setBy"`
	// ExpiresAt is when the secret ends; nil when it does not or when that is unknown.
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	// Fingerprint is 8 characters of a hash keyed for this row and secret: equal secrets entered here have equal ones.
	Fingerprint string `json:"boundFingerprint"`
	// Unbound is the fingerprint of an older version, which did not depend on the row. The next start replaces it.
	Unbound string `json:"fingerprint,omitempty"`
}
