// Package signing signs the access tokens of sessions, and keeps the keys that sign them. All instances share the keys
// through the database.
//
//	published ── 10 minutes, in which every instance reads it ── signs ── 90 days, or Rotate ── verifies ── destroyed
//
// A key is destroyed when the last token that it signed has expired. What an operator may do is not in a token: it is
// read from the database with each request, so that a change acts at once.
package signing
