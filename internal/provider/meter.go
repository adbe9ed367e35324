package provider

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/span"
)

// Meter counts the calls to providers and their outcomes. Its methods must not block.
type Meter interface {
	// CountCall records a request to a provider: the status of its answer or, without an answer, the error.
	CountCall(provider Code, status int, err error, took time.Duration)
	// CountRenewal records how a renewal ended. err is why its outcome could not be saved; nil if it was saved.
	CountRenewal(provider Code, outcome Outcome, err error)
}

// Meters count together.
type Meters []Meter

// CountCall implements Meter.
func (m Meters) CountCall(provider Code, status int, err error, took time.Duration) {
	for _, one := range m {
		one.CountCall(provider, status, err, took)
	}
}

// CountRenewal implements Meter.
func (m Meters) CountRenewal(provider Code, outcome Outcome, err error) {
	for _, one := range m {
		one.CountRenewal(provider, outcome, err)
	}
}

// MeasureCalls returns a client that reports its calls as calls to one provider: to meter, unless that is nil, and to
// the trace of a call's context, if it has one. The provider, a third party, learns nothing of that trace.
func MeasureCalls(client *outbound.Client, meter Meter, code Code) *outbound.Client {
	return client.WithObserver(func(ctx context.Context, method string, status int, err error, took time.Duration) {
		if meter != nil {
			meter.CountCall(code, status, err, took)
		}
		span.Past(ctx, "call provider", took, err != nil || status >= 500, span.Provider.String(string(code)),
			span.Method.String(span.MethodOf(method)), span.Outcome.String(OutcomeOfCall(status, err)))
	})
}

// OutcomeOfCall returns how a call ended, in few words: the class of the answer's status, or how the call failed.
func OutcomeOfCall(status int, err error) string {
	if e, ok := outbound.AsError(err); ok {
		return strings.ReplaceAll(string(e.Kind), " ", "_")
	}
	return strconv.Itoa(status/100) + "xx"
}
