// Package staff puts together the rooms that know the operators and their scripts. It decides nothing itself.
//
//	operator ──> login ──> factor ──> session ──> ticket
//	   │           │                     ├──> signing
//	   │           └──> throttle <───────┘
//	   └──> servicetoken
//
// An arrow is an import: a room knows those that its arrows reach, and none that comes before it.
package staff
