// Package ticket keeps one-time tokens. A ticket stands for one step that an operator or a browser may take once: the
// second half of a log-in, a proof of presence, a link for a password, the set-up.
//
//	created ──┬── tried, up to 5 times ── used
//	          ├── its time has passed ── expired
//	          └── a newer ticket, or a change of the account ── ended (its row is deleted)
//
// Try counts a proof before it is checked; Use uses the ticket up in the transaction of the change that it allows. What
// a ticket stands for is sealed in its row, and its text is stored as a hash.
package ticket
