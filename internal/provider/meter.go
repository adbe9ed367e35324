package provider

import (
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

// Meter is told how the work with providers goes. It must not wait for anything.
type Meter interface {
	// Called takes note of a request to a provider: of the status of its answer, or of the error that came instead.
	Called(provider Code, status int, err error, took time.Duration)
	// Renewed takes note of how a renewal ended. err says why what came of it could not be saved, nil if it was.
	Renewed(provider Code, outcome Outcome, err error)
}

// Measured returns a client whose calls are those to one provider.
func Measured(client *outbound.Client, meter Meter, code Code) *outbound.Client {
	if meter == nil {
		return client
	}
	return client.Observed(func(status int, err error, took time.Duration) { meter.Called(code, status, err, took) })
}
