package throttle

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// maxAddresses caps how many addresses are read that operators logged in from.
const maxAddresses = 1000

// Origin is where a log-in comes from, as far as its failures are counted.
type Origin struct {
	address, network string
	// device is the browser, where it is one that the operator logged in from lately; empty otherwise.
	device string
	// known is whether the operator logged in from the browser or the network lately.
	known bool
}

// IsKnown reports whether the operator logged in from there lately.
func (o Origin) IsKnown() bool { return o.known }

// StrangeOrigin returns the origin of a log-in to an account that does not exist.
func StrangeOrigin(address string) Origin {
	return Origin{address: address, network: ratelimit.Network(address)}
}

// OriginOf returns where an operator logs in from: a network address, and the cookie of the browser, which may be
// empty. The operator "" is not known yet: any operator's browser and network are known then.
func (s *Service) OriginOf(ctx context.Context, operatorID, address, cookie string) (Origin, error) {
	o := StrangeOrigin(address)
	if found, ok := s.deviceOf(operatorID, cookie); ok {
		o.device, o.known = found.id, true
		return o, nil
	}
	query := s.store.Reader().Session.Query().Where(session.CreatedAtGT(s.now().Add(-knownFor)))
	if operatorID != "" {
		query.Where(session.OperatorID(operatorID))
	}
	var addresses []string
	err := query.Unique(true).Limit(maxAddresses).Select(session.FieldAddress).Scan(ctx, &addresses)
	if err != nil {
		return Origin{}, fmt.Errorf("read the addresses that operators logged in from: %w", err)
	}
	for _, before := range addresses {
		if ratelimit.Network(before) == o.network {
			o.known = true
		}
	}
	return o, nil
}
