package httpserver

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// These codes belong to errors that package fault has as types.
const (
	badUserInput fault.Refusal = "BAD_USER_INPUT"
	notFound     fault.Refusal = "NOT_FOUND"
	internal     fault.Refusal = "INTERNAL"
)

// extensions are the part of an error that programs read.
type extensions struct {
	Code      fault.Refusal `json:"code"`
	Reason    fault.Reason  `json:"reason,omitempty"`
	Since     *instant.Time `json:"since,omitempty"`
	RequestID string        `json:"requestId"`
}

// WriteError answers a request with a status and a single GraphQL error. The message is sent as it is, so it must not
// quote the request. A 401 from here means that the request has no credential.
func WriteError(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal, message string) {
	said := extensions{Code: code}
	if code == fault.Unauthenticated {
		said.Reason = fault.NoCredentials
	}
	writeError(w, r, status, said, message)
}

// writeUnproven answers 401 to a request with an invalid Authorization header, with the reason that err holds, if any.
func writeUnproven(w http.ResponseWriter, r *http.Request, err error) {
	var why fault.Unproven
	if !errors.As(err, &why) {
		why.Reason = fault.Unknown
	}
	said := extensions{Code: fault.Unauthenticated, Reason: why.Reason}
	if !why.Since.IsZero() {
		since := instant.Time(why.Since)
		said.Since = &since
	}
	writeError(w, r, http.StatusUnauthorized, said,
		i18n.Text(r.Context(), "unauthenticated."+string(why.Reason), why.Args()...))
}

func writeError(w http.ResponseWriter, r *http.Request, status int, said extensions, message string) {
	type graphQLError struct {
		Message    string     `json:"message"`
		Extensions extensions `json:"extensions"`
	}
	said.RequestID = audit.OriginFrom(r.Context()).RequestID
	body := struct {
		Errors []graphQLError `json:"errors"`
	}{[]graphQLError{{message, said}}}

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
	_ = json.NewEncoder(w).Encode(body) // fails only when the caller has disconnected
}

// Challenge sets the WWW-Authenticate header, which a 401 must have. It offers Basic to programs only: many send a
// password only after such an offer, while a browser would show its own log-in window.
func Challenge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="Chaveiro"`)
	if r.Header.Get("Sec-Fetch-Mode") == "" {
		w.Header().Add("WWW-Authenticate", `Basic realm="Chaveiro", charset="UTF-8"`)
	}
}

func writeRefusal(w http.ResponseWriter, r *http.Request, status int, code fault.Refusal) {
	WriteError(w, r, status, code, i18n.Text(r.Context(), "graphql."+string(code)))
}

// writeBadRequest tells the developer of the calling program what is wrong, from err, a fault.BadRequest.
func writeBadRequest(w http.ResponseWriter, r *http.Request, status int, err error) {
	WriteError(w, r, status, badUserInput, i18n.BadRequest(r.Context(), err))
}

// retryAfter is the number of seconds that a caller waits when the duration of a problem is unknown.
const retryAfter = "1"

// sayWait sets Retry-After, unless it is set.
func sayWait(w http.ResponseWriter) {
	if w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", retryAfter)
	}
}

// isBusy reports whether err says that the portal cannot serve a request now, but soon may.
func isBusy(err error) bool { return errors.Is(err, fault.Busy) || store.IsUnavailable(err) }

// writeBusy answers 503 and logs err, for which isBusy is true.
func writeBusy(w http.ResponseWriter, r *http.Request, log *slog.Logger, doing string, err error) {
	logBusy(r.Context(), log, doing, err)
	WriteError(w, r, http.StatusServiceUnavailable, fault.Busy, busyText(r.Context(), err))
}

func logBusy(ctx context.Context, log *slog.Logger, doing string, err error) {
	log.WarnContext(ctx, doing, "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
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
