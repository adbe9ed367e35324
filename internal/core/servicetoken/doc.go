// Package servicetoken keeps the tokens that scripts call the API with. A token acts as an operator of its role, within
// its scopes, and it has no account of its own.
//
//	created ── Verify takes it ──┬── its end passes ──────────────────────────────── expired
//	                             └── an administrator revokes it, or its maker is ── revoked
//	                                 disabled or gets another role (EndOfMaker)
//
// The text of a token is told once, when it is made. A revoked token ends at once, and the installs that it began end
// with it.
package servicetoken
