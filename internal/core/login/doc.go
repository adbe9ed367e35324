// Package login decides whether a person at a browser is an operator. It begins sessions, and takes the proofs of
// operators who are logged in already.
//
//	password given ──┬── wrong, or too many failures ── refused, or told to wait
//	                 ├── right, no second factor ─────── session
//	                 └── right ── ticket ── second factor given ──┬── right ── session
//	                                                              └── wrong ── refused; a ticket takes 5 proofs
//	passkey asked ── ticket ── a passkey answers ── session
//	logged in ── Reauthenticate: password, code or passkey ── new access token of the same session
//
// A refusal never says whether an e-mail address is known: each log-in costs the same work.
package login
