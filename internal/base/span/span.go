// Package span has the words of traces: all attributes that a span of the portal can have. The manual lists them, and a
// test compares. None of them has a text of a caller, of a person or of a provider.
package span

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Scope is the name of what makes the spans.
const Scope = "chaveiro"

// The attributes of spans. Those with another prefix are of OpenTelemetry's conventions.
const (
	Method      = attribute.Key("http.request.method")
	Route       = attribute.Key("http.route")
	Status      = attribute.Key("http.response.status_code")
	RequestID   = attribute.Key("chaveiro.request_id")
	Caller      = attribute.Key("chaveiro.caller")
	Remembered  = attribute.Key("chaveiro.remembered")
	Operation   = attribute.Key("graphql.operation.type")
	RootFields  = attribute.Key("chaveiro.root_fields")
	Code        = attribute.Key("chaveiro.code")
	Provider    = attribute.Key("chaveiro.provider")
	Marketplace = attribute.Key("chaveiro.marketplace")
	Awaited     = attribute.Key("chaveiro.awaited")
	Outcome     = attribute.Key("chaveiro.outcome")
	Reason      = attribute.Key("chaveiro.reason")
)

// otherMethod stands for a method that HTTP does not define, which could be any text of a caller.
const otherMethod = "_OTHER"

// MethodOf returns a method as a span shows it.
func MethodOf(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return method
	default:
		return otherMethod
	}
}

// Begin begins a span, inside that of the context if it has one. Without a tracer it begins none, and the span that it
// returns does nothing.
func Begin(
	ctx context.Context, tracer trace.Tracer, name string, options ...trace.SpanStartOption,
) (context.Context, trace.Span) {
	if tracer == nil {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return tracer.Start(ctx, name, options...)
}

// Past records work that has ended, inside the span of the context. It records nothing where that is not recorded.
func Past(ctx context.Context, name string, took time.Duration, failed bool, about ...attribute.KeyValue) {
	around := trace.SpanFromContext(ctx)
	if !around.IsRecording() {
		return
	}
	now := time.Now()
	_, past := around.TracerProvider().Tracer(Scope).Start(ctx, name, trace.WithTimestamp(now.Add(-took)),
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(about...))
	Fail(past, failed)
	past.End(trace.WithTimestamp(now))
}

// Fail marks a span as failed.
func Fail(s trace.Span, failed bool) {
	if failed {
		s.SetStatus(codes.Error, "")
	}
}

// Inside returns ctx with the span of another context, whose deadline and end it does not have.
func Inside(ctx, of context.Context) context.Context {
	return trace.ContextWithSpan(ctx, trace.SpanFromContext(of))
}
