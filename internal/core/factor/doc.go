// Package factor keeps the second factors of operators: the codes of an app (TOTP), passkeys, and recovery codes, which
// stand in for the other two.
//
//	app:     BeginTOTP ── seed in a ticket ── ConfirmTOTP (the app shows a right code) ── on ── RemoveTOTP ── off
//	passkey: BeginPasskeyRegistration ── question in a ticket ── AddPasskey ── on ── RemovePasskey ── off
//	codes:   made with the first factor, or CreateRecoveryCodes ── each used once ── gone with the last factor
//
// The operator's row says whether there is a second factor. A factor that is added or removed ends the operator's other
// sessions. Prove checks one proof and uses it up, for package login.
package factor
