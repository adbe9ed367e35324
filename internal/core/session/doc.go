// Package session keeps the sessions of operators. A session is one log-in in one browser: package login begins it, and
// the browser goes on with refresh tokens, each good for one exchange.
//
//	begun ── Refresh ── refreshed ──┬── Refresh ── refreshed ...
//	                                ├── another browser in another network ── moved: it waits for a proof (Renew)
//	                                ├── a refresh token comes twice ───────────────── ended
//	                                ├── log-out, a change of the account, a new role ── ended
//	                                └── 30 minutes unused, or 12 hours old ──────────── over
//
// Verify says which operator an access token stands for: it reads the session and the operator's row, and remembers
// both for some seconds. What an operator changes of the own account goes through ChangeAccount. A change of what the
// operator logs in with needs a proof of presence, which the access token names and which is used up with the change.
package session
