package provider

import (
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

// Meter counts the calls to providers and their outcomes. Its methods must not block.
type Meter interface {
	// CountCall records a request to a provider: the status of its answer or, without an answer, the error.
	CountCall(provider Code, status int, err error, took time.Duration)
	// CountRenewal records how a renewal ended. err is why its outcome could not be saved; nil if it was saved.
	CountRenewal(provider Code, outcome Outcome, err error)
}

// MeasureCalls returns a client that reports its calls to meter as calls to one provider.
func MeasureCalls(client *outbound.Client, meter Meter, code Code) *outbound.Client {
	if meter == nil {
		return client
	}
	return client.WithObserver(
		func(status int, err error, took time.Duration) { meter.CountCall(code, status, err, took) })
}
