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
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// exchange collects, for the access log, what only the inner handlers find out.
type exchange struct {
	principal  principal.Principal
	operation  string // name of the GraphQL operation, if the caller gave one
	remembered bool   // the answer was
	trace      trace.TraceID
}

type exchangeKey struct{}

// exchangeFrom returns the exchange that observe put into the context.
func exchangeFrom(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// observe logs a line for each request, calls measure, and gives the request a span, unless these are nil. It turns a
// panic into an answer and a log line with the stack. The access line has no query string, of the headers only ids in
// strict forms, and of the body only the operation's name.
func observe(
	log *slog.Logger, measure func(route string, status int, took time.Duration), tracer trace.Tracer,
) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			seen := &exchange{}
			ctx := context.WithValue(r.Context(), exchangeKey{}, seen)
			ctx, request := beginSpan(ctx, r, seen, tracer)

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
						abort = true // the status is sent: only a broken connection can show the caller that the answer is incomplete
					}
				}
				took := time.Since(began)
				endSpan(ctx, request, r.Method, answer, seen)
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

// isStream reports whether an answer is an event stream, which lasts until its reader disconnects.
func isStream(answer http.ResponseWriter) bool {
	return strings.HasPrefix(answer.Header().Get("Content-Type"), "text/event-stream")
}

func logRequest(
	ctx context.Context, log *slog.Logger, r *http.Request, answer middleware.WrapResponseWriter, seen *exchange,
	took time.Duration,
) {
	level := slog.LevelInfo
	if isProbe(r) {
		level = slog.LevelDebug // monitors ask every few seconds
	}
	origin := audit.OriginFrom(ctx)
	line := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", loggedPath(r.URL.Path)),
		slog.Int("status", cmp.Or(answer.Status(), http.StatusOK)),
		slog.Int("bytes", answer.BytesWritten()),
		slog.String("duration", took.String()), // with its unit, in JSON too
		slog.String("address", origin.Address),
		slog.String("request_id", origin.RequestID),
	}
	if origin.CallerRequestID != "" {
		line = append(line, slog.String("caller_request_id", origin.CallerRequestID))
	}
	if seen.trace.IsValid() {
		line = append(line, slog.String("trace_id", seen.trace.String()))
	}
	if kind := kindOfCaller(seen.principal); kind != "" {
		line = append(line, slog.String("principal", kind), slog.String("principal_id", idOf(seen.principal)))
	}
	if seen.operation != "" {
		line = append(line, slog.String("operation", seen.operation))
	}
	log.LogAttrs(ctx, level, "request", line...)
}

// isProbe reports whether a request is one of a monitor.
func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// kindOfCaller returns what the caller of a request is; "" for one that nobody vouches for.
func kindOfCaller(p principal.Principal) string {
	switch p.(type) {
	case principal.Operator:
		return "operator"
	case principal.Key:
		return "access_key"
	default:
		return ""
	}
}

// maxLoggedPath caps the characters of a path in the log.
const maxLoggedPath = 256

// loggedPath returns a path for the log without the merchant's link, which is a secret.
func loggedPath(path string) string {
	if link := "/install/link/"; strings.HasPrefix(path, link) {
		return link + "…"
	}
	if len(path) <= maxLoggedPath {
		return path
	}
	return fmt.Sprintf("%.*s", maxLoggedPath, path)
}
