package auth

import (
	"time"

	"github.com/chaveiro/chaveiro/ent"
)

// Account is what an operator sees of itself.
type Account struct {
	Operator             *ent.Operator
	TotpSince            *time.Time
	RecoveryCodesLeft    int
	Passkeys             []*ent.Passkey
	Sessions             []*ent.Session
	SecondFactorRequired bool
	MinPasswordLength    int
}
