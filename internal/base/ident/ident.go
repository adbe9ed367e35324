// Package ident makes the opaque ids of the portal's objects: a prefix of three letters that tells the type, an
// underscore, and a UUIDv7 in base32. Ids of one type sort by the time they were made.
package ident

import (
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The prefixes, one for each type of object.
const (
	Operator              = "opr"
	Session               = "ses"
	Client                = "cli"
	Product               = "prd"
	ClientProduct         = "cpr"
	Marketplace           = "mkp"
	AccessKey             = "key"
	AuditEvent            = "aud"
	InstallLink           = "ilk"
	UnclaimedInstallation = "uin"
	ProviderNotice        = "ntc"
	Passkey               = "psk"
	ServiceToken          = "svt"
	CredentialRead        = "crd"
	AuditCheckpoint       = "ack"
	RefreshToken          = "rft"
	InstallState          = "ist"
	ProviderSetting       = "pst"
	SigningKey            = "sgk"
	OneTimeToken          = "ott"
	IdempotentRequest     = "idm"
	RecoveryCode          = "rcv"
	AccessToken           = "jti"
	Instance              = "ins" // a running process
	ProviderIncident      = "inc"
	ClientTag             = "tag"
	ClientContact         = "cct"
	ClientNote            = "cnt"
)

// encoding keeps the order of the bytes: its digits rise with their values.
var encoding = base32.HexEncoding.WithPadding(base32.NoPadding)

// New returns a new id of the type that prefix names. It panics when the system has no randomness, as nothing can
// be done then.
func New(prefix string) string {
	u := uuid.Must(uuid.NewV7())
	return prefix + "_" + strings.ToLower(encoding.EncodeToString(u[:]))
}

// FirstAt returns the smallest id of a type that can have been made at an instant, to the millisecond. Ids that sort
// before it were made before.
func FirstAt(prefix string, at time.Time) string {
	var u uuid.UUID
	ms := uint64(max(at.UnixMilli(), 0))
	binary.BigEndian.PutUint64(u[:], ms<<16)
	return prefix + "_" + strings.ToLower(encoding.EncodeToString(u[:]))
}

// Maker returns a function that makes ids of one type, for the default of a column.
func Maker(prefix string) func() string {
	return func() string { return New(prefix) }
}

// Prefix returns the prefix of an id, or "" when it has none. It does not check the rest.
func Prefix(id string) string {
	prefix, _, found := strings.Cut(id, "_")
	if !found {
		return ""
	}
	return prefix
}
