package httpserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/chaveiro/chaveiro/internal/base/etag"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// recall gives a back-office again what it was answered to the same request, while the version of its shop is the same.
// The caller is authenticated, counted and let in before, as for every request. All else that decides about the
// answer, such as its form, language and limits, depends on nothing but the request, and so was decided when the answer
// was made. Whatever is not plainly the common case goes the ordinary way.
type recall struct {
	answers *remember.Answers
	keys    Keys
	// measure counts an operation that was answered; nil counts none.
	measure func()
}

// decisive are the headers of a request that its answer depends on, beside If-None-Match.
var decisive = []string{"Authorization", "Accept", "Accept-Language", "Content-Type", "Content-Encoding"}

// unusual are headers that a program does not send. A request with one goes the ordinary way.
var unusual = []string{"Cookie", "Origin", "Upgrade", "X-Chaveiro-Csrf"}

// maxAsked caps the body of a request whose answer is remembered.
const maxAsked = 16 << 10

// handler answers what is remembered, and remembers what may be.
func (c recall) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, ok := principal.From(r.Context()).(principal.Key)
		if !ok || !key.AsOf.IsKnown() || !isCommon(r) {
			next.ServeHTTP(w, r)
			return
		}
		asked, err := takeBody(r)
		if err != nil {
			next.ServeHTTP(w, r) // who reads the body again gets the same error
			return
		}
		question := remember.Question{Shop: key.ClientProductID, AsOf: key.AsOf, Hash: hashOf(r, asked)}
		if answer, found := c.answers.Find(question); found && c.again(w, r, answer) {
			return
		}
		notes := &remember.Notes{}
		body := &copied{}
		sent := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		sent.Tee(body)
		next.ServeHTTP(sent, r.WithContext(remember.With(r.Context(), notes)))
		if answer, complete := notes.Answer(); complete && putAnswer(&answer, sent, body) {
			answer.Operation = exchangeFrom(r.Context()).operation
			c.answers.Keep(question, answer)
		}
	})
}

// isCommon reports whether a request looks like those of most back-offices.
func isCommon(r *http.Request) bool {
	for _, name := range unusual {
		if _, sent := r.Header[name]; sent {
			return false
		}
	}
	if r.Method == http.MethodGet {
		return r.ContentLength == 0
	}
	return r.ContentLength > 0 && r.ContentLength <= maxAsked && !wantsStream(r)
}

// takeBody reads the body of a request, and lets it be read again.
func takeBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	rest := io.Reader(r.Body)
	if err != nil {
		rest = failed{err}
	}
	r.Body = readAgain{io.MultiReader(bytes.NewReader(body[:n]), rest), r.Body}
	return body, err
}

type readAgain struct {
	io.Reader
	io.Closer
}

// failed is a reader that has failed.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// hashOf returns a hash of all of a request that its answer depends on. Each part follows its length, so that no two
// requests have the same parts.
func hashOf(r *http.Request, body []byte) [sha256.Size]byte {
	text := make([]byte, 0, 1024+len(body)+len(r.URL.RawQuery))
	part := func(p string) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(p))) // #nosec G115 -- the server bounds headers and bodies
		text = append(text, p...)
	}
	part(r.Method)
	part(r.URL.RawQuery)
	for _, name := range decisive {
		values := r.Header[name]
		text = binary.BigEndian.AppendUint32(text, uint32(len(values))) // #nosec G115 -- as above
		for _, value := range values {
			part(value)
		}
	}
	text = append(text, body...)
	return sha256.Sum256(text)
}

// again gives a remembered answer. It returns false, and has done nothing that the caller sees, when the request has to
// go the ordinary way.
func (c recall) again(w http.ResponseWriter, r *http.Request, answer remember.Answer) bool {
	ctx := r.Context()
	unchanged := etag.Confirms(r, answer.ETag)
	switch {
	case !unchanged && answer.Body == nil, !ratelimit.Spend(ctx, answer.Points).OK:
		return false
	case !unchanged && c.keys.HandOutAgain(ctx, answer.Reads) != nil: // the ordinary way says why
		return false
	}
	seen := exchangeFrom(ctx)
	seen.operation, seen.remembered = answer.Operation, true
	if c.measure != nil {
		c.measure()
	}
	header := w.Header()
	if answer.ETag != "" {
		header.Set("ETag", answer.ETag)
		header.Set("Vary", answer.Vary)
	}
	if unchanged {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	header.Set("Content-Type", answer.ContentType)
	header.Set("Content-Length", strconv.Itoa(len(answer.Body)))
	_, _ = w.Write(answer.Body) // fails only when the caller is gone
	return true
}

// copied is the body of an answer, or only its first part if it is too large to be remembered.
type copied struct{ bytes.Buffer }

func (c *copied) Write(p []byte) (int, error) {
	if c.Len() <= remember.MaxBody {
		return c.Buffer.Write(p)
	}
	return len(p), nil
}

// putAnswer puts what was sent into an answer. It returns false when that must not be sent again.
func putAnswer(answer *remember.Answer, sent middleware.WrapResponseWriter, body *copied) bool {
	header, status := sent.Header(), sent.Status()
	answer.ContentType, answer.ETag, answer.Vary = header.Get("Content-Type"), header.Get("ETag"), header.Get("Vary")
	if status == http.StatusOK {
		answer.Body = body.Bytes()
		return true
	}
	return status == http.StatusNotModified && answer.ETag != ""
}

// sweepEvery is how often answers that have ended are dropped.
const sweepEvery = time.Minute

// forget drops answers when they have ended or their shop has changed, and all of them when ctx ends. It is thrift: an
// answer that no longer holds would not be given anyway.
func (c recall) forget(ctx context.Context, changes <-chan live.Event) {
	defer c.answers.Close()
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.answers.Sweep()
		case change, ok := <-changes:
			if !ok { // ctx has ended
				changes = nil
				continue
			}
			c.forgetShop(ctx, change.ClientProductID)
		}
	}
}

// forgetShop drops the answers of a shop, unless they are of its present version: news of a change comes later than the
// change. It drops those of all shops for the empty id, as the change is of no single one.
func (c recall) forgetShop(ctx context.Context, id string) {
	var asOf principal.Version
	if id != "" {
		if !c.answers.Knows(id) {
			return
		}
		var err error
		if asOf, err = c.keys.ShopVersion(ctx, id); err != nil {
			asOf = principal.Version{} // what cannot be asked is dropped
		}
	}
	c.answers.Forget(id, asOf)
}

// isOfShops reports whether an event is of what answers to back-offices show.
func isOfShops(e live.Event) bool {
	return e.Topic == live.MarketplaceChanged || e.Topic == live.RightsChanged && e.ClientID != ""
}
