package httpserver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// readyTime limits the check whether the portal can serve.
const readyTime = 2 * time.Second

// serveAlive answers that the process runs.
func serveAlive(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// ready answers whether the portal can serve. The reason goes into the log only, not to the caller.
func ready(check func(context.Context) error, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if err := check(ctx); err != nil {
			// A caller who has disconnected learns nothing from the log, and that the portal stops is there already.
			if r.Context().Err() == nil && !errors.Is(err, errStopping) {
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
	_, _ = io.WriteString(w, text) // fails only when the caller has disconnected
}
