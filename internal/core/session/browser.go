package session

import (
	"crypto/sha256"
	"strings"

	"github.com/chaveiro/chaveiro/ent"
)

// Browser is where a log-in comes from.
type Browser struct {
	// Address is the network address.
	Address string
	// UserAgent is the browser's own name; the session keeps a hash of it.
	UserAgent string
	// Device is the cookie of an earlier log-in in the browser; empty when there is none.
	Device string
}

func (b Browser) agentHash() []byte {
	sum := sha256.Sum256([]byte(b.UserAgent))
	return sum[:]
}

// label names a browser and its system as a person would; empty for an unknown one.
func (b Browser) label() string {
	browser := firstOf(b.UserAgent, "Edg/=Edge", "OPR/=Opera", "Firefox/=Firefox", "Chrome/=Chrome", "Safari/=Safari")
	system := firstOf(b.UserAgent,
		"iPhone=iPhone", "iPad=iPad", "Android=Android", "Windows=Windows", "Mac OS X=macOS", "Linux=Linux")
	return strings.Trim(browser+", "+system, ", ")
}

// firstOf returns the name of the first mark that text has; marks are written MARK=NAME.
func firstOf(text string, marks ...string) string {
	for _, entry := range marks {
		if mark, name, _ := strings.Cut(entry, "="); strings.Contains(text, mark) {
			return name
		}
	}
	return ""
}

// lastUse is the browser that last went on with a session.
type lastUse struct {
	agentHash      []byte
	address, label string
}

func lastUseOf(row *ent.Session) lastUse {
	if row.LastAddress == nil {
		return lastUse{row.UserAgentHash, row.Address, row.Browser}
	}
	last := lastUse{agentHash: row.LastAgentHash, address: *row.LastAddress}
	if row.LastBrowser != nil {
		last.label = *row.LastBrowser
	}
	return last
}
