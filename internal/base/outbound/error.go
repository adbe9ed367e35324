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

// Error is a call that brought no answer. It holds nothing of what was to be sent,
// or came back, but the method, the host and the first part of the path. What it
// wraps is context.Canceled, context.DeadlineExceeded or an error of no type.
type Error struct {
	// Sent is false only if surely nothing of the request was sent: then it may be
	// made again whatever it does. If true, the provider may have done it, or not.
	Sent bool
	Kind Kind

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
		return &Error{Kind: Canceled, Sent: connected, err: context.Canceled}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Kind: TimedOut, Sent: connected, err: context.DeadlineExceeded}
	case !valid:
		return &Error{Kind: Refused, err: errors.New("not valid HTTP")}
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort),
		errors.Is(err, ssrf.ErrProhibitedNetwork):
		return &Error{Kind: Refused, Sent: connected, err: errors.New("not a public address")}
	case errors.Is(err, errTooLarge):
		return &Error{Kind: TooLarge, Sent: connected, err: errTooLarge}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Kind: TimedOut, Sent: connected, err: cause(err)}
	default:
		return &Error{Kind: Unreachable, Sent: connected, err: cause(err)}
	}
}

// cause returns why a connection failed, in words of this machine alone: what
// net/http says may quote the answer. It returns nil if there are none.
func cause(err error) error {
	var (
		name        *net.DNSError
		number      syscall.Errno
		certificate *tls.CertificateVerificationError
		alert       tls.AlertError
	)
	switch {
	case errors.As(err, &name):
		return errors.New(name.Err)
	case errors.As(err, &number):
		return errors.New(number.Error())
	case errors.As(err, &certificate):
		return fmt.Errorf("certificate not trusted: %.200q", certificate.Err.Error())
	case errors.As(err, &alert):
		return errors.New(alert.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("connection cut")
	default:
		return nil
	}
}
