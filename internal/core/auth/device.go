package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// device is a browser that an operator logged in from: what its cookie says, under a keyed hash. The cookie opens nothing. Who
// has it is counted by it when a log-in fails, and so does not wait for what strangers did; each log-in gives another.
type device struct {
	id, operatorID string
	since          time.Time
}

// maxDevice is the longest cookie of a device that is looked at.
const maxDevice = 200

// newDevice returns the cookie of a browser in which an operator logs in.
func (s *Service) newDevice(operatorID string) string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // it never fails: it ends the program instead
	said := base64.RawURLEncoding.EncodeToString(random) + "." + operatorID + "." + strconv.FormatInt(s.now().Unix(), 10)
	return said + "." + base64.RawURLEncoding.EncodeToString(s.keys.MAC("device", []byte(said)))
}

// readDevice reads the cookie of a device. It returns false for one that is none of ours or of which nothing was heard lately.
func (s *Service) readDevice(text string) (device, bool) {
	end := strings.LastIndexByte(text, '.')
	if len(text) > maxDevice || end < 0 {
		return device{}, false
	}
	said := text[:end]
	claimed, err := base64.RawURLEncoding.DecodeString(text[end+1:])
	if err != nil || !hmac.Equal(claimed, s.keys.MAC("device", []byte(said))) {
		return device{}, false
	}
	parts := strings.Split(said, ".")
	if len(parts) != 3 {
		return device{}, false
	}
	seconds, err := strconv.ParseInt(parts[2], 10, 64)
	since := time.Unix(seconds, 0)
	if err != nil || s.now().Sub(since) >= knownFor {
		return device{}, false
	}
	return device{id: parts[0], operatorID: parts[1], since: since}, true
}

// deviceOf is readDevice of an operator's; "" is anybody's.
func (s *Service) deviceOf(operatorID string, from Browser) (device, bool) {
	found, ok := s.readDevice(from.Device)
	return found, ok && (operatorID == "" || found.operatorID == operatorID)
}

// origin is from where a log-in comes, as far as its failures are counted.
type origin struct {
	address, network string
	// device is the browser, where it is one that the operator logged in from lately; empty otherwise.
	device string
	// known is whether the operator logged in from the browser or the network lately.
	known bool
}

// originOf returns from where an operator logs in; the operator "" is not known yet, and may be anybody.
func (s *Service) originOf(ctx context.Context, operatorID string, from Browser) (origin, error) {
	o := origin{address: from.Address, network: ratelimit.Network(from.Address)}
	if found, ok := s.deviceOf(operatorID, from); ok {
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
		return origin{}, fmt.Errorf("read the addresses that operators logged in from: %w", err)
	}
	for _, address := range addresses {
		if ratelimit.Network(address) == o.network {
			o.known = true
		}
	}
	return o, nil
}

// originFor is originOf of a log-in that says it is found's; nil is nobody's.
func (s *Service) originFor(ctx context.Context, found *ent.Operator, from Browser) (origin, error) {
	if found == nil {
		return origin{address: from.Address, network: ratelimit.Network(from.Address)}, nil
	}
	return s.originOf(ctx, found.ID, from)
}
