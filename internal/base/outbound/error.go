package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"code.dny.dev/ssrf"
)

// Kind says how a call failed.
type Kind string

// The kinds of failure.
const (
	// Refused is a request that this client does not make: its URL or the address
	// behind it is not allowed, or it is not valid HTTP.
	Refused Kind = "refused"
	// Unreachable is a name that does not resolve, a connection that is not made or
	// not trusted, that is cut, or on which something else than HTTP comes back.
	Unreachable Kind = "unreachable"
	// TimedOut is a call for which its time was not enough.
	TimedOut Kind = "timed out"
	// TooLarge is an answer of more than 1 MiB.
	TooLarge Kind = "answer too large"
	// Canceled is a call that its caller gave up.
	Canceled Kind = "canceled"
)

// Cause says what kept a call from an answer, for a person.
type Cause string

// The causes.
const (
	// HostUnknown is a name that does not resolve.
	HostUnknown Cause = "HOST_UNKNOWN"
	// ConnectionRefused is a host on which nothing listens.
	ConnectionRefused Cause = "CONNECTION_REFUSED"
	// HostUnreachable is an address that no network of this machine leads to.
	HostUnreachable Cause = "HOST_UNREACHABLE"
	// AddressNotAllowed is an address that this client does not call.
	AddressNotAllowed Cause = "ADDRESS_NOT_ALLOWED"
	// CertificateNotTrusted is a host that does not prove who it is.
	CertificateNotTrusted Cause = "CERTIFICATE_NOT_TRUSTED"
	// EncryptionFailed is a host with which no TLS connection comes about.
	EncryptionFailed Cause = "ENCRYPTION_FAILED"
	// ConnectionCut is a connection that ended before the answer did.
	ConnectionCut Cause = "CONNECTION_CUT"
	// NoTime is a call for which its time was not enough.
	NoTime Cause = "TIMED_OUT"
	// AnswerTooLarge is an answer of more than 1 MiB.
	AnswerTooLarge Cause = "ANSWER_TOO_LARGE"
	// NoAnswer is any other.
	NoAnswer Cause = "NO_ANSWER"
)

// Error is a call that brought no answer. It holds nothing of what was to be sent,
// or came back, but the method, the host and the first part of the path. What it
// wraps is context.Canceled, context.DeadlineExceeded or an error of no type.
type Error struct {
	// Sent is false only if surely nothing of the request was sent: then it may be
	// made again whatever it does. If true, the provider may have done it, or not.
	Sent bool
	Kind Kind
	// Cause is why, for a person.
	Cause Cause

	call string
	err  error
}

// Error implements error.
func (e *Error) Error() string {
	text := string(e.Kind)
	if e.call != "" {
		text = e.call + ": " + text
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	if e.Sent {
		text += " (the request may have arrived)"
	}
	return text
}

// Unwrap returns why the call failed, in as far as that may be told.
func (e *Error) Unwrap() error { return e.err }

// AsError returns the *Error in a chain of errors, false if there is none.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

var errTooLarge = errors.New("more than 1 MiB")

// newError sorts what net/http says of a call. Invalid is a request for which it
// did not even look for a connection.
func newError(ctx context.Context, err error, valid, connected bool) *Error {
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Kind: Canceled, Cause: NoAnswer, Sent: connected, err: context.Canceled}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Kind: TimedOut, Cause: NoTime, Sent: connected, err: context.DeadlineExceeded}
	case !valid:
		return &Error{Kind: Refused, Cause: NoAnswer, err: errors.New("not valid HTTP")}
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort),
		errors.Is(err, ssrf.ErrProhibitedNetwork):
		return &Error{
			Kind: Refused, Cause: AddressNotAllowed, Sent: connected, err: errors.New("not a public address"),
		}
	case errors.Is(err, errTooLarge):
		return &Error{Kind: TooLarge, Cause: AnswerTooLarge, Sent: connected, err: errTooLarge}
	case errors.As(err, &timeout) && timeout.Timeout():
		_, why := findCause(err)
		return &Error{Kind: TimedOut, Cause: NoTime, Sent: connected, err: why}
	default:
		cause, why := findCause(err)
		return &Error{Kind: Unreachable, Cause: cause, Sent: connected, err: why}
	}
}

// findCause returns why a connection failed, also in words of this machine alone: what
// net/http says may quote the answer. The words are nil if there are none.
func findCause(err error) (Cause, error) {
	var (
		name        *net.DNSError
		number      syscall.Errno
		certificate *tls.CertificateVerificationError
		alert       tls.AlertError
		record      tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &name):
		return HostUnknown, errors.New(name.Err)
	case errors.As(err, &number):
		return causeOf(number), errors.New(number.Error())
	case errors.As(err, &certificate):
		return CertificateNotTrusted, fmt.Errorf("certificate not trusted: %.200q", certificate.Err.Error())
	case errors.As(err, &alert):
		return EncryptionFailed, errors.New(alert.Error())
	case errors.As(err, &record):
		return EncryptionFailed, errors.New("not TLS")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ConnectionCut, errors.New("connection cut")
	default:
		return NoAnswer, nil
	}
}

// causeOf returns the cause of an error of the operating system.
func causeOf(number syscall.Errno) Cause {
	switch number {
	case syscall.ECONNREFUSED:
		return ConnectionRefused
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return ConnectionCut
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH:
		return HostUnreachable
	default:
		return NoAnswer
	}
}
