package simulated

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// maxCalls is how many calls are remembered one by one.
const maxCalls = 10_000

// Call is a call of a provider's API, without what was in it.
type Call struct {
	Time    time.Time // by the caller's clock
	Method  string
	Path    string
	Query   string
	Pattern string // which call of the API it is, such as "GET /merchants/{id}"
	// Auth is how the call says who calls, without the token itself:
	// "Authorization: Bearer", "Authentication: bearer", or "".
	Auth        string
	UserAgent   string
	ContentType string
	Status      int // of the answer; 0 without one
}

// Calls is what was asked of a provider.
type Calls struct {
	Counts map[string]int // by pattern; what the API does not have is "GET unknown"
	List   []Call         // the last 10,000, the oldest first
}

// Calls returns what has been asked until now.
func (f *Faults) Calls() Calls {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Call, len(f.calls))
	for i, call := range f.calls {
		list[i] = *call
	}
	return Calls{maps.Clone(f.counts), list}
}

// recordCall remembers a call and returns what will go wrong with it, and how long its
// answer takes.
func (f *Faults) recordCall(r *http.Request) (*Call, Fault, time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := &Call{
		Time:        f.now(),
		Method:      r.Method,
		Path:        r.URL.Path,
		Query:       r.URL.RawQuery,
		Pattern:     r.Pattern,
		Auth:        spelling(r.Header),
		UserAgent:   r.UserAgent(),
		ContentType: r.Header.Get("Content-Type"),
	}
	if call.Pattern == "/" {
		call.Pattern = r.Method + " unknown"
	}
	if len(f.calls) == maxCalls {
		f.calls = f.calls[1:]
	}
	f.calls = append(f.calls, call)
	f.counts[call.Pattern]++
	slow := time.Duration(0)
	if f.slow != nil {
		slow = f.slow()
	}
	return call, f.next(r.URL.Path), slow
}

func (f *Faults) recordAnswer(call *Call, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	call.Status = status
}

// spelling returns the name of the header that says who calls, and its first word,
// unless that is the token.
func spelling(header http.Header) string {
	for _, name := range []string{"Authorization", "Authentication"} {
		if value := header.Get(name); value != "" {
			scheme, _, ok := strings.Cut(value, " ")
			if !ok {
				return name
			}
			return name + ": " + scheme
		}
	}
	return ""
}

// bearer returns the token of an Authorization header, "" if there is none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
