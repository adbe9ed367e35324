package graph

import (
	"context"
	"net/http"
	"strconv"

	"github.com/chaveiro/chaveiro/internal/fault"
)

// waiting is what a response says of a log-in that has to wait.
type waiting struct{ seconds int }

type waitingKey struct{}

// tellToWait lets the response of ctx say that a log-in has to wait.
func tellToWait(ctx context.Context, wait fault.Throttled) {
	if w, ok := ctx.Value(waitingKey{}).(*waiting); ok {
		w.seconds = wait.Seconds()
	}
}

// withStatus serves a request so that its answer has the status 429, and the header Retry-After, when a log-in has to
// wait: an old HTTP library and a proxy understand those, and nothing of extensions.
func withStatus(next http.Handler, w http.ResponseWriter, r *http.Request) {
	if acceptsStream(r.Header) {
		next.ServeHTTP(w, r)
		return
	}
	wait := &waiting{}
	next.ServeHTTP(&waitingWriter{ResponseWriter: w, wait: wait}, r.WithContext(context.WithValue(r.Context(), waitingKey{}, wait)))
}

type waitingWriter struct {
	http.ResponseWriter
	wait *waiting
	done bool
}

// WriteHeader writes 429 in place of the status when a log-in has to wait.
func (w *waitingWriter) WriteHeader(status int) {
	if w.done = true; w.wait.seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(w.wait.seconds))
		status = http.StatusTooManyRequests
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes the status first.
func (w *waitingWriter) Write(body []byte) (int, error) {
	if !w.done {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(body)
}

// Unwrap returns the writer below, for http.ResponseController.
func (w *waitingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
