package auth

// Method is a way to prove a second factor.
type Method string

// The methods.
const (
	TOTP         Method = "TOTP"
	RecoveryCode Method = "RECOVERY_CODE"
	PasskeyProof Method = "PASSKEY"
)

// SecondFactorRequest is what a log-in needs after the password.
type SecondFactorRequest struct {
	Ticket         string
	Methods        []Method
	PasskeyOptions *string
}

// PasskeyRequest is what the browser is to ask a passkey for.
type PasskeyRequest struct {
	Ticket  string
	Options string
}

// TOTPRequest is what an app is to be set up with.
type TOTPRequest struct {
	Ticket, Seed, Address, Picture string
}

// Status says whether an operator can log in.
type Status string

// The states.
const (
	Invited  Status = "INVITED"
	Active   Status = "ACTIVE"
	Disabled Status = "DISABLED"
)
