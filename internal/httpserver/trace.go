package httpserver

import (
	"cmp"
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/span"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// traceparent is the header of W3C Trace Context, in the form of http.Header.
const traceparent = "Traceparent"

// callersTrace returns the trace that a caller says a request belongs to; an invalid one when it says none, more than
// one, or not exactly in the form of W3C Trace Context. What else the caller says of the trace (tracestate) is any
// text: it is not read.
func callersTrace(header http.Header) trace.SpanContext {
	sent := header[traceparent]
	if len(sent) != 1 {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(),
		propagation.MapCarrier{"traceparent": sent[0]}))
}

// beginSpan begins the span of a request, inside the trace that its caller names. Without a tracer it only notes that
// trace, for the log.
func beginSpan(
	ctx context.Context, r *http.Request, seen *exchange, tracer trace.Tracer,
) (context.Context, trace.Span) {
	caller := callersTrace(r.Header)
	seen.trace = caller.TraceID()
	if tracer == nil || isProbe(r) {
		return ctx, nil
	}
	ctx, request := tracer.Start(trace.ContextWithRemoteSpanContext(ctx, caller), span.MethodOf(r.Method),
		trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			span.Method.String(span.MethodOf(r.Method)), span.RequestID.String(audit.OriginFrom(ctx).RequestID)))
	seen.trace = request.SpanContext().TraceID()
	return ctx, request
}

// endSpan ends the span of a request, if it has one, with what is known of it now. A refused request may have no route.
func endSpan(
	ctx context.Context, request trace.Span, method string, answer middleware.WrapResponseWriter, seen *exchange,
) {
	if request == nil {
		return
	}
	defer request.End()
	if !request.IsRecording() {
		return
	}
	status := cmp.Or(answer.Status(), http.StatusOK)
	request.SetAttributes(span.Status.Int(status), span.Remembered.Bool(seen.remembered),
		span.Caller.String(cmp.Or(kindOfCaller(seen.principal), "none")))
	if route := chi.RouteContext(ctx).RoutePattern(); route != "" {
		request.SetAttributes(span.Route.String(route))
		request.SetName(span.MethodOf(method) + " " + route)
	}
	span.Fail(request, status >= http.StatusInternalServerError)
}
