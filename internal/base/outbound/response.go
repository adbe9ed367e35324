package outbound

import (
	"net/http"
	"strconv"
	"time"
)

// Response is an answer, of whatever status: a redirect too is only returned.
// Beside an error it is what has arrived of one; the zero value when nothing has.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // at most 1 MiB
}

// maxRetryAfter bounds a wait that the other side asks for.
const maxRetryAfter = time.Hour

// RetryAfter returns how long the answer asks to be left alone from now on: at
// most an hour, 0 if it does not ask.
func (r Response) RetryAfter(now time.Time) time.Duration {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
