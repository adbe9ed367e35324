// Package operator keeps the operators: the people of the software house who log in.
//
//	set-up token ── CreateFirstAdministrator ──┐
//	Invite ── invited ── SetPassword by link ──┴── active ── Disable ── disabled ── Enable ── active or invited
//
// An administrator invites, changes and disables the others; the last administrator who can log in stays one. Every
// operator changes the own name, e-mail address and password. What makes an operator less powerful ends the sessions,
// and the service tokens and installs of the operator's making.
package operator
