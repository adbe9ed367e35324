// Package throttle makes log-ins wait that fail too often. It counts failures by the operator that is tried and by the
// network that the try comes from. The counts are in the database, so that all instances share them.
//
//	tried (Attempt counts a failure first) ──┬── log-in complete ── forgiven (Forgive)
//	                                         ├── nothing was checked: taken back (Undo)
//	                                         └── it failed: the count stays ── too many ── the next try waits
//
// A browser or a network that an operator logged in from lately is known: it waits for its own failures only, and
// strangers cannot lock the operator out.
package throttle
