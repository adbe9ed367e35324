package httpserver

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/i18n"
	"github.com/chaveiro/chaveiro/internal/store"
)

// The codes of errors that package fault has as types instead.
const (
	badUserInput fault.Refusal = "BAD_USER_INPUT"
	notFound     fault.Refusal = "NOT_FOUND"
	internal     fault.Refusal = "INTERNAL"
)

// WriteError answers a request with a status and a single GraphQL error. The message goes out as it is: it must hold
// nothing of the request.
func WriteError(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal, message string) {
	type extensions struct {
		Code      fault.Refusal `json:"code"`
		RequestID string        `json:"requestId"`
	}
	type graphQLError struct {
		Message    string     `json:"message"`
		Extensions extensions `json:"extensions"`
	}
	body := struct {
		Errors []graphQLError `json:"errors"`
	}{[]graphQLError{{message, extensions{code, audit.OriginFrom(r.Context()).RequestID}}}}

	mediaType := "application/json"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		mediaType = "application/graphql-response+json"
	}
	if status == http.StatusUnauthorized {
		Challenge(w, r)
	}
	w.Header().Set("Content-Type", mediaType+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		sayWait(w)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only when the caller is gone
}

// Challenge sets the header that tells how to authenticate, as a 401 must. Basic is offered to programs only: they
// may send a key that way no sooner than it is asked for, while a browser would open a window of its own.
func Challenge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="Chaveiro"`)
	if r.Header.Get("Sec-Fetch-Mode") == "" {
		w.Header().Add("WWW-Authenticate", `Basic realm="Chaveiro", charset="UTF-8"`)
	}
}

func writeRefusal(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal) {
	WriteError(w, r, status, code, i18n.Text(r.Context(), "graphql."+string(code)))
}

// writeBadRequest tells the developer of the calling program what is wrong, in English.
func writeBadRequest(w http.ResponseWriter, r *http.Request, status int, detail string) {
	WriteError(w, r, status, badUserInput, i18n.Text(r.Context(), "graphql."+string(badUserInput), detail))
}

// retryAfter is how many seconds a caller waits before it asks again, where nobody can say how long it takes.
const retryAfter = "1"

// sayWait tells a caller when to ask again, unless that has been said.
func sayWait(w http.ResponseWriter) {
	if w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", retryAfter)
	}
}

// isBusy reports whether err says that the portal cannot serve a request now, but soon may.
func isBusy(err error) bool { return errors.Is(err, fault.Busy) || store.IsUnavailable(err) }

// writeBusy answers 503 to what could not be done because of err, for which isBusy is true, and logs why.
func writeBusy(w http.ResponseWriter, r *http.Request, log *slog.Logger, doing string, err error) {
	logBusy(r.Context(), log, doing, err)
	WriteError(w, r, http.StatusServiceUnavailable, fault.Busy, busyText(r.Context(), err))
}

func logBusy(ctx context.Context, log *slog.Logger, doing string, err error) {
	log.WarnContext(ctx, doing, "request_id", audit.OriginFrom(ctx).RequestID, "error", err)
}

// busyText returns the sentence of an error for which isBusy is true.
func busyText(ctx context.Context, err error) string {
	if store.CannotSave(err) {
		return i18n.Text(ctx, "graphql.CANNOT_SAVE")
	}
	return i18n.Text(ctx, "graphql."+string(fault.Busy))
}

func writeInternal(w http.ResponseWriter, r *http.Request) {
	writeRefusal(w, r, http.StatusInternalServerError, internal)
}
