// Package token has the tokens that callers send to prove a right: their form, how they are made, and what is stored of
// them. Whether a token was issued, and to which client or script, only the packages of core know.
//
//	access key, service token   chv_<environment>_<id>_<secret><check>   New, Parse; found by its visible part
//	opaque token                43 characters of base64url               NewOpaque; found by its hash
//
// An opaque token opens one row for a short time: a refresh token, a ticket, the state of an install. The database
// keeps the SHA-256 of each token and never its text.
package token
