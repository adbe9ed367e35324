package provider_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Proves: 9.4
func TestACallIsASpanOfWhichTheProviderLearnsNothing(t *testing.T) {
	t.Parallel()
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	caller, err := outbound.New(outbound.Options{AllowPrivate: []string{strings.TrimPrefix(server.URL, "http://")}})
	must.Do(t, err)
	recorder := tracetest.NewSpanRecorder()
	tracer := sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder)).Tracer("test")

	ctx, around := tracer.Start(t.Context(), "around")
	for _, url := range []string{server.URL + "/planted?token=planted", "https://127.0.0.1/planted"} {
		_, _ = provider.MeasureCalls(caller, nil, "NUVEMSHOP").
			Do(ctx, outbound.Request{Method: http.MethodPost, URL: url, Body: []byte("planted")})
	}
	around.End()

	for name := range got {
		if name = strings.ToLower(name); strings.HasPrefix(name, "trace") || name == "baggage" || name == "b3" {
			t.Errorf("the provider gets the header %s", name)
		}
	}
	ended := recorder.Ended()
	if len(ended) != 3 || len(got) == 0 {
		t.Fatalf("%d spans, %d headers", len(ended), len(got))
	}
	for i, outcome := range []string{"5xx", "refused"} {
		s := ended[i]
		var text strings.Builder
		for _, a := range s.Attributes() {
			text.WriteString(string(a.Key) + "=" + a.Value.String() + " ")
		}
		want := "chaveiro.provider=NUVEMSHOP http.request.method=POST chaveiro.outcome=" + outcome + " "
		if text.String() != want || s.Name() != "call provider" || s.SpanKind() != trace.SpanKindClient {
			t.Errorf("the span is %s %s: %s", s.SpanKind(), s.Name(), &text)
		}
		if s.Parent().SpanID() != around.SpanContext().SpanID() || s.Status().Code.String() != "Error" ||
			s.StartTime().After(s.EndTime()) {
			t.Errorf("the span is inside %s, %v, from %s to %s", s.Parent().SpanID(), s.Status(), s.StartTime(), s.EndTime())
		}
	}
}
