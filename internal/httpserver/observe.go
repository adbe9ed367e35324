package httpserver

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// exchange is what the access log wants to know and only the handlers further in find out.
type exchange struct {
	principal principal.Principal
	operation string // name of the GraphQL operation, as far as the caller gave it
}

type exchangeKey struct{}

// exchangeFrom returns the exchange that observe put into the context.
func exchangeFrom(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// observe writes a line for each request, tells measure, unless that is nil, and turns a panic into an answer and a
// line with the stack. The line has neither headers nor query string nor anything of the body but the operation's name.
func observe(
	log *slog.Logger, measure func(route string, status int, took time.Duration),
) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			seen := &exchange{}
			ctx := context.WithValue(r.Context(), exchangeKey{}, seen)

			defer func() {
				cause := recover()
				abort := cause == http.ErrAbortHandler
				if cause != nil && !abort {
					log.ErrorContext(ctx, "panic while answering a request",
						"request_id", audit.OriginFrom(ctx).RequestID,
						"cause", fmt.Sprint(cause),
						"stack", string(debug.Stack()))
					if answer.Status() == 0 {
						writeInternal(answer, r.WithContext(ctx))
					} else {
						abort = true // what has begun cannot be taken back, so let it be seen that it is broken
					}
				}
				took := time.Since(began)
				logRequest(ctx, log, r, answer, seen, took)
				if measure != nil && !isStream(answer) {
					measure(chi.RouteContext(ctx).RoutePattern(), cmp.Or(answer.Status(), http.StatusOK), took)
				}
				if abort {
					panic(http.ErrAbortHandler)
				}
			}()
			next.ServeHTTP(answer, r.WithContext(ctx))
		})
	}
}

// isStream reports whether an answer is an event stream, which lasts as long as its reader likes.
func isStream(answer http.ResponseWriter) bool {
	return strings.HasPrefix(answer.Header().Get("Content-Type"), "text/event-stream")
}

func logRequest(
	ctx context.Context, log *slog.Logger, r *http.Request, answer middleware.WrapResponseWriter, seen *exchange,
	took time.Duration,
) {
	level := slog.LevelInfo
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		level = slog.LevelDebug // asked every few seconds, for ever
	}
	origin := audit.OriginFrom(ctx)
	line := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", loggedPath(r.URL.Path)),
		slog.Int("status", cmp.Or(answer.Status(), http.StatusOK)),
		slog.Int("bytes", answer.BytesWritten()),
		slog.Duration("duration", took),
		slog.String("address", origin.Address),
		slog.String("request_id", origin.RequestID),
	}
	if origin.CallerRequestID != "" {
		line = append(line, slog.String("caller_request_id", origin.CallerRequestID))
	}
	switch p := seen.principal.(type) {
	case principal.Operator:
		line = append(line, slog.String("principal", "operator"), slog.String("principal_id", p.ID))
	case principal.Key:
		line = append(line, slog.String("principal", "access_key"), slog.String("principal_id", p.ID))
	}
	if seen.operation != "" {
		line = append(line, slog.String("operation", seen.operation))
	}
	log.LogAttrs(ctx, level, "request", line...)
}

// loggedPath returns a path as the log may have it: the link of a merchant is a secret.
func loggedPath(path string) string {
	if link := "/install/link/"; strings.HasPrefix(path, link) {
		return link + "…"
	}
	return fmt.Sprintf("%.256s", path)
}
