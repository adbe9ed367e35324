package httpserver_test

import (
	"context"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/httpserver"
)

const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
)

// Proves: 9.2
func TestTheTraceOfACallerIsInTheAccessLogAlsoWithoutTraces(t *testing.T) {
	t.Parallel()
	good := "00-" + callersTrace + "-" + callersSpan + "-01"
	for name, c := range map[string]struct {
		sent   []string
		logged bool
	}{
		"as it should be":          {[]string{good}, true},
		"not sampled":              {[]string{"00-" + callersTrace + "-" + callersSpan + "-00"}, true},
		"of a later version":       {[]string{"cc-" + callersTrace + "-" + callersSpan + "-01-" + planted}, true},
		"none":                     {nil, false},
		"empty":                    {[]string{""}, false},
		"two":                      {[]string{good, good}, false},
		"more at its end":          {[]string{good + "-" + planted}, false},
		"a blank before it":        {[]string{" " + good}, false},
		"capital letters":          {[]string{strings.ToUpper(good)}, false},
		"no digits":                {[]string{"00-" + strings.Repeat("x", 32) + "-" + callersSpan + "-01"}, false},
		"a trace of zeros":         {[]string{"00-" + strings.Repeat("0", 32) + "-" + callersSpan + "-01"}, false},
		"a span of zeros":          {[]string{"00-" + callersTrace + "-" + strings.Repeat("0", 16) + "-01"}, false},
		"the version that is none": {[]string{"ff-" + callersTrace + "-" + callersSpan + "-01"}, false},
		"too short":                {[]string{"00-" + callersTrace[1:] + "-" + callersSpan + "-01"}, false},
		"another text":             {[]string{planted}, false},
		"a key":                    {[]string{"00-" + goodKey + "-" + callersSpan + "-01"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t)
			r := post(query, "Authorization", "Bearer "+goodKey, "Tracestate", "vendor="+planted)
			for _, sent := range c.sent {
				r.header.Add("Traceparent", sent)
			}
			p.send(t, r)
			log := p.log.String()
			if got := strings.Contains(log, " trace_id="+callersTrace+" "); got != c.logged {
				t.Errorf("the trace is in the log: %v, want %v: %s", got, c.logged, log)
			}
			if !c.logged && strings.Contains(log, "trace_id") || strings.Contains(log, planted) ||
				strings.Contains(log, goodKey) || strings.Contains(log, callersSpan) {
				t.Errorf("the log has more: %s", log)
			}
		})
	}
}

// newTracedPortal returns a portal whose spans a test can read, once they have ended.
func newTracedPortal(t *testing.T) (portal, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return newPortal(t, func(o *httpserver.Options) { o.Tracer = provider.Tracer("test") }), recorder
}

func TestEachRequestButThoseOfMonitorsIsASpan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request request
		name    string
		has     []string
		failed  bool
	}{
		"a key": {post(query, "Authorization", "Bearer "+goodKey), "POST /graphql",
			[]string{"http.response.status_code=200", "chaveiro.caller=access_key", "chaveiro.remembered=false"}, false},
		"an operator": {post(query, "Authorization", "Bearer "+goodJWT), "POST /graphql",
			[]string{"chaveiro.caller=operator"}, false},
		"a refusal": {post(query, "Authorization", "Bearer "+badJWT), "POST /graphql",
			[]string{"http.response.status_code=401", "chaveiro.caller=none"}, false},
		"a fault": {post(query, "Authorization", "Bearer chv_broken"), "POST /graphql",
			[]string{"http.response.status_code=500"}, true},
		"a page": {visit("/clients?search=" + planted), "GET /*", []string{"http.route=/*"}, false},
		"an odd method": {request{method: "PLANTED", url: "/graphql"}, "_OTHER",
			[]string{"http.request.method=_OTHER"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, recorder := newTracedPortal(t)
			p.send(t, get("/healthz"))
			p.send(t, get("/readyz"))
			answer, _ := p.send(t, c.request)
			ended := recorder.Ended()
			if len(ended) != 1 {
				t.Fatalf("%d spans", len(ended))
			}
			s := ended[0]
			var text strings.Builder
			for _, a := range s.Attributes() {
				text.WriteString(string(a.Key) + "=" + a.Value.String() + " ")
			}
			for _, want := range append(c.has, "chaveiro.request_id="+answer.Header.Get("X-Request-Id")) {
				if !strings.Contains(text.String(), want+" ") {
					t.Errorf("the span lacks %s: %s", want, &text)
				}
			}
			if failed := s.Status().Code.String() == "Error"; s.Name() != c.name || failed != c.failed ||
				s.SpanKind() != trace.SpanKindServer {
				t.Errorf("it is %s %s, %v", s.SpanKind(), s.Name(), s.Status())
			}
			for _, secret := range []string{planted, "PLANTED", goodKey, goodJWT, badJWT, "192.0.2.1"} {
				if strings.Contains(text.String()+s.Name(), secret) {
					t.Errorf("the span tells %s: %s", secret, &text)
				}
			}
			if log := p.log.String(); !strings.Contains(log, "trace_id="+s.SpanContext().TraceID().String()) {
				t.Errorf("the log has not the trace of the span: %s", log)
			}
		})
	}
}

func TestTheSpanOfARequestIsInsideTheTraceOfItsCaller(t *testing.T) {
	t.Parallel()
	p, recorder := newTracedPortal(t)
	p.send(t, post(query, "Traceparent", "00-"+callersTrace+"-"+callersSpan+"-01", "Tracestate", "vendor="+planted))
	s := recorder.Ended()[0]
	if s.SpanContext().TraceID().String() != callersTrace || s.Parent().SpanID().String() != callersSpan {
		t.Errorf("it is in the trace %s, inside %s", s.SpanContext().TraceID(), s.Parent().SpanID())
	}
	if state := s.SpanContext().TraceState().String(); state != "" {
		t.Errorf("what else the caller says is taken over: %s", state)
	}
}
