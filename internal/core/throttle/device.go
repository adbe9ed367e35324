package throttle

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// device is a browser that an operator logged in from: the content of its cookie, which a keyed hash protects. The
// cookie gives no access. A failed log-in in that browser has a count of its own, and so does not wait for what
// strangers did. Each log-in gives a new cookie.
type device struct {
	id, operatorID string
	since          time.Time
}

// maxDevice is the longest cookie of a device that is read.
const maxDevice = 200

// NewDevice returns the cookie of a browser in which an operator logs in, and until when the browser is known by it.
func (s *Service) NewDevice(operatorID string) (cookie string, expiresAt time.Time) {
	now := s.now()
	random := make([]byte, 16)
	_, _ = rand.Read(random) // it never returns an error: it ends the program instead
	claim := base64.RawURLEncoding.EncodeToString(random) + "." + operatorID + "." + strconv.FormatInt(now.Unix(), 10)
	return claim + "." + base64.RawURLEncoding.EncodeToString(s.keys.MAC("device", []byte(claim))), now.Add(knownFor)
}

// readDevice reads the cookie of a device. It returns false for a cookie that this portal did not make, and for an old
// one.
func (s *Service) readDevice(text string) (device, bool) {
	end := strings.LastIndexByte(text, '.')
	if len(text) > maxDevice || end < 0 {
		return device{}, false
	}
	claim := text[:end]
	mac, err := base64.RawURLEncoding.DecodeString(text[end+1:])
	if err != nil || !hmac.Equal(mac, s.keys.MAC("device", []byte(claim))) {
		return device{}, false
	}
	parts := strings.Split(claim, ".")
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

// deviceOf reads the cookie of a device of an operator; "" takes that of any operator.
func (s *Service) deviceOf(operatorID, cookie string) (device, bool) {
	found, ok := s.readDevice(cookie)
	return found, ok && (operatorID == "" || found.operatorID == operatorID)
}

// DeviceSince returns when an operator logged in and got a cookie. It returns false when the cookie is not the
// operator's, or is old.
func (s *Service) DeviceSince(operatorID, cookie string) (time.Time, bool) {
	found, ok := s.deviceOf(operatorID, cookie)
	return found.since, ok
}
