package live

import "time"

// SetTimes changes how long the listening connection may be silent and how long it may take to answer.
func SetTimes(b *Bus, silence, answer time.Duration) { b.times = times{silence, answer} }

// The limits.
const (
	MaxSubscribers = maxSubscribers
	Backlog        = backlog
	Channel        = channel
)
