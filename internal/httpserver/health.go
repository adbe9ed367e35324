package httpserver

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// readyTime is how long the question whether the portal can serve may take.
const readyTime = 2 * time.Second

// serveAlive says that the process answers at all.
func serveAlive(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// ready says whether the portal can serve. Why it cannot is for the log, not for whoever asks.
func ready(check func(context.Context) error, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if err := check(ctx); err != nil {
			if r.Context().Err() == nil { // otherwise nobody waits for the answer
				logBusy(ctx, log, "the portal is not ready", err)
			}
			sayWait(w)
			writeText(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
		writeText(w, http.StatusOK, "ok\n")
	}
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // fails only when the caller is gone
}
