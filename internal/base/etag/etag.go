// Package etag lets GET /graphql answer 304 to a caller that has the answer already. Only the API knows what its answer
// is made of, so the API names that state with a tag:
//
//	answer := etag.From(ctx)
//	answer.Set(tag)
//	if answer.Matches(tag) {
//		answer.NotModified()
//	}
package etag

import (
	"context"
	"net/http"
	"strings"
	"sync"
)

// Answer is the answer to one request. The zero Answer, that of a request other than GET, matches nothing and changes
// nothing. It is safe for concurrent use.
type Answer struct {
	live        bool
	ifNoneMatch string

	mu          sync.Mutex
	tag         string
	notModified bool
}

type contextKey struct{}

// From returns the answer of the context, or one that does nothing when there is none.
func From(ctx context.Context) *Answer {
	if answer, ok := ctx.Value(contextKey{}).(*Answer); ok {
		return answer
	}
	return &Answer{}
}

// Live reports whether the request is a GET, whose answer may be a 304.
func (a *Answer) Live() bool { return a.live }

// Matches reports whether the caller has the answer that tag names. Tags are compared weakly: answers with the same tag
// mean the same, byte for byte or not.
func (a *Answer) Matches(tag string) bool {
	return a.live && valid(tag) && matches(a.ifNoneMatch, tag)
}

// Set names the answer: it goes out with the tag, and the caller may store it if it asks again before each use. The
// empty tag removes the name. An answer with an error in it must have none, or a 304 would confirm the error again and
// again. A tag with a blank, quote or control character is invalid, and counts as empty. Set works until the first byte
// is written, and only for an answer with the status 200 or 304.
func (a *Answer) Set(tag string) {
	if !a.live {
		return
	}
	if !valid(tag) {
		tag = ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tag = tag
}

// NotModified makes the answer a 304 without a body, whatever is written afterwards. It works until the first byte is
// written.
func (a *Answer) NotModified() {
	if !a.live {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notModified = true
}

func (a *Answer) state() (tag string, notModified bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tag, a.notModified
}

// Handler puts an Answer into the context of each GET, and applies it to the response.
func Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		answer := &Answer{live: true, ifNoneMatch: strings.Join(r.Header.Values("If-None-Match"), ",")}
		heeding := &writer{ResponseWriter: w, answer: answer}
		next.ServeHTTP(heeding, r.WithContext(context.WithValue(r.Context(), contextKey{}, answer)))
		if _, notModified := answer.state(); notModified && !heeding.begun {
			heeding.WriteHeader(http.StatusOK)
		}
	})
}

// writer applies an Answer to the response. It passes no Flush on, which would start the response before the Answer is
// applied.
type writer struct {
	http.ResponseWriter
	answer *Answer
	begun  bool
	silent bool // the answer has no body
}

func (w *writer) WriteHeader(status int) {
	if w.begun || status < http.StatusOK {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.begun = true
	header := w.Header()
	tag, notModified := w.answer.state()
	if notModified {
		w.silent = true
		status = http.StatusNotModified
		header.Del("Content-Type")
		header.Del("Content-Length")
	}
	if tag != "" && (status == http.StatusOK || status == http.StatusNotModified) {
		header.Set("ETag", `W/"`+tag+`"`)
		header.Set("Vary", "Authorization, Accept-Language, Accept")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	if w.silent {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// matches reports whether the value of If-None-Match has a tag, or the star that matches all. It reads up to the first
// invalid tag.
func matches(list, tag string) bool {
	if strings.TrimSpace(list) == "*" {
		return true
	}
	for {
		list = strings.TrimLeft(list, " \t,")
		quoted, ok := strings.CutPrefix(strings.TrimPrefix(list, "W/"), `"`)
		if !ok {
			return false
		}
		found, rest, ok := strings.Cut(quoted, `"`)
		if !ok || !valid(found) && found != "" {
			return false
		}
		if found == tag || withoutCoding(found) == tag {
			return true
		}
		list = rest
	}
}

// Confirms reports whether a request is a GET by a caller who has the answer with this ETag header already.
func Confirms(r *http.Request, header string) bool {
	tag, ok := strings.CutPrefix(header, `W/"`)
	return ok && r.Method == http.MethodGet &&
		matches(strings.Join(r.Header.Values("If-None-Match"), ","), strings.TrimSuffix(tag, `"`))
}

// withoutCoding returns a tag without the suffix that Apache and others add when they compress an answer.
func withoutCoding(tag string) string {
	for _, coding := range []string{"-gzip", ";gzip", "-br", ";br", "-zstd", "-deflate", "--gzip", "--br"} {
		if plain, ok := strings.CutSuffix(tag, coding); ok {
			return strings.TrimSuffix(plain, "-")
		}
	}
	return tag
}

// valid reports whether tag can stand in an ETag.
func valid(tag string) bool {
	for i := range len(tag) {
		if c := tag[i]; c <= ' ' || c == '"' || c == 0x7f {
			return false
		}
	}
	return tag != ""
}
