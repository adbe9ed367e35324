package traces_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/app/traces"
	"github.com/chaveiro/chaveiro/internal/app/traces/tracestest"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// lines is a log that a test may read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func newTraces(t *testing.T, to string, change ...func(*traces.Options)) (*traces.Traces, *lines) {
	t.Helper()
	log := &lines{}
	address, err := url.Parse(to)
	must.Do(t, err)
	o := traces.Options{
		To: address, Share: 1, Version: "v1.2.3", Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
	}
	for _, c := range change {
		c(&o)
	}
	made, err := traces.New(o)
	must.Do(t, err)
	t.Cleanup(made.Close)
	return made, log
}

// work makes spans.
func work(ctx context.Context, made *traces.Traces, spans int) {
	for range spans {
		_, s := made.Tracer().Start(ctx, "work")
		s.End()
	}
}

func TestWhatHasEndedIsSentAtTheLatestByTheStop(t *testing.T) {
	t.Parallel()
	collector := tracestest.New(t)
	made, log := newTraces(t, collector.URL.String())
	work(t.Context(), made, 3)
	made.Close()
	made.Close()
	if n := len(collector.Spans("work")); n != 3 || log.String() != "" {
		t.Errorf("%d of 3 spans came; %s", n, log)
	}
	for _, text := range []string{"service.name", "chaveiro", "v1.2.3", "host.name"} {
		if !strings.Contains(collector.Raw(), text) {
			t.Errorf("the collector is not told %s", text)
		}
	}
	work(t.Context(), made, 1) // after the stop it does nothing
}

func TestTheShareSaysHowManyTracesThereAreUnlessTheCallerDecides(t *testing.T) {
	t.Parallel()
	caller := func(flags trace.TraceFlags) context.Context {
		return trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: flags, Remote: true,
		}))
	}
	for name, c := range map[string]struct {
		share    float64
		of       context.Context
		min, max int
	}{
		"all":                          {1, t.Context(), 200, 200},
		"none":                         {0, t.Context(), 0, 0},
		"a half":                       {0.5, t.Context(), 40, 160},
		"none, but a caller wants one": {0, caller(trace.FlagsSampled), 200, 200},
		"all, but a caller wants none": {1, caller(0), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := tracestest.New(t)
			made, _ := newTraces(t, collector.URL.String(), func(o *traces.Options) { o.Share = c.share })
			work(c.of, made, 200)
			made.Close()
			if n := len(collector.Spans()); n < c.min || n > c.max {
				t.Errorf("%d of 200 spans came", n)
			}
		})
	}
}

// deaf returns the address of a collector that takes connections and never answers.
func deaf(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "http://" + listener.Addr().String() + "/v1/traces"
}

func TestACollectorThatNeverAnswersHoldsUpNeitherTheWorkNorTheStop(t *testing.T) {
	t.Parallel()
	made, log := newTraces(t, deaf(t))
	work(t.Context(), made, 10_000) // far more than the queue has room for
	stopped := make(chan struct{})
	go func() { defer close(stopped); made.Close() }()
	select {
	case <-stopped:
	case <-time.After(10 * traces.StopTime):
		t.Fatal("the stop waits for the collector")
	}
	if !strings.Contains(log.String(), "could not be sent") {
		t.Errorf("the log says %s", log)
	}
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestTheLogWarnsOnceInTenMinutesOfSpansThatAreLost(t *testing.T) {
	t.Parallel()
	clock := &clock{now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	refused := make(chan struct{})
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if requests++; requests == 4 { // the three before have been refused and told of
			clock.advance(11 * time.Minute)
		}
		http.Error(w, strings.Repeat("no room ", 1000), http.StatusInsufficientStorage)
		refused <- struct{}{}
	}))
	t.Cleanup(server.Close)
	made, log := newTraces(t, server.URL+"/v1/traces", func(o *traces.Options) { o.Now = clock.Now })
	for range 4 {
		work(t.Context(), made, 512) // a whole batch
		<-refused
	}
	made.Close()
	text := log.String()
	if strings.Count(text, "\n") != 2 || !strings.Contains(text, "spans=512") || !strings.Contains(text, "spans=1536") {
		t.Errorf("of 512 spans, and 1536 in the ten minutes after, the log says %s", text)
	}
	if len(text) > 2000 {
		t.Errorf("the log has %d bytes of what the collector says", len(text))
	}
}

func TestTracesFollowNoRedirectOfTheirCollector(t *testing.T) {
	t.Parallel()
	elsewhere := tracestest.New(t)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL.String(), http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	made, log := newTraces(t, server.URL+"/v1/traces")
	work(t.Context(), made, 1)
	made.Close()
	if elsewhere.Raw() != "" || !strings.Contains(log.String(), "could not be sent") {
		t.Errorf("another address got the traces; the log says %s", log)
	}
}

func TestWithoutTracesThereIsNoTracer(t *testing.T) {
	t.Parallel()
	var none *traces.Traces
	none.Close()
	if none.Tracer() != nil {
		t.Error("there is a tracer")
	}
}
