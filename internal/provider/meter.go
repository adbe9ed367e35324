package provider

import (
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

// Meter is told how the work with providers goes. It must not wait for anything.
type Meter interface {
	// CountCall takes note of a request to a provider: of the status of its answer, or of the error that came instead.
	CountCall(provider Code, status int, err error, took time.Duration)
	// CountRenewal takes note of how a renewal ended. err says why what came of it could not be saved, nil if it was.
	CountRenewal(provider Code, outcome Outcome, err error)
}

// MeasureCalls returns a client whose calls are those to one provider.
func MeasureCalls(client *outbound.Client, meter Meter, code Code) *outbound.Client {
	if meter == nil {
		return client
	}
	return client.WithObserver(
		func(status int, err error, took time.Duration) { meter.CountCall(code, status, err, took) })
}
