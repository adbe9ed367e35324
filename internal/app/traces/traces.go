// Package traces sends the traces of the portal to a collector, by OTLP over HTTP. No traced package imports it: they
// get its tracer, which is nil when there is no collector.
//
// A request never waits for the collector. What ends is put into a queue of a fixed size, from which one goroutine
// sends it; what the queue has no room for is dropped.
package traces

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/span"
)

const (
	// maxQueue caps the spans that wait, and maxBatch those that are sent at a time.
	maxQueue = 2048
	maxBatch = 512
	// sendEvery is how long a span waits for others at most.
	sendEvery = 5 * time.Second
	// sendTime limits the sending of a batch, with its repetitions.
	sendTime = 30 * time.Second
	// StopTime limits how long a stop waits for the collector.
	StopTime = 3 * time.Second
	// warnEvery is how often the log says that spans are lost.
	warnEvery = 10 * time.Minute
)

// Options say what is traced, and where the traces go.
type Options struct {
	// To is the address of the collector, with its path.
	To *url.URL
	// Share is the part of the requests that have a trace. For a request of a caller's trace the caller decides.
	Share float64
	// Version is that of the program.
	Version string
	// Now is the clock of the warnings.
	Now func() time.Time
	Log *slog.Logger
}

// Traces are the traces of one process.
type Traces struct {
	provider *sdk.TracerProvider
	exporter *exporter
	end      sync.Once
	log      *slog.Logger
}

// New returns traces that are sent until Close, which the caller calls.
func New(o Options) (*Traces, error) {
	// What the library would write to the standard error are faults of the exporter, which has a log of its own.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	client, err := otlptracehttp.New(context.Background(), // connects to nothing yet
		otlptracehttp.WithEndpointURL(o.To.String()), otlptracehttp.WithHTTPClient(newClient()))
	if err != nil {
		return nil, fmt.Errorf("--traces-to (CHAVEIRO_TRACES_TO): %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("ask for the name of this machine: %w", err)
	}
	e := &exporter{SpanExporter: client, now: o.Now, log: o.Log}
	t := &Traces{exporter: e, log: o.Log, provider: sdk.NewTracerProvider(
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Share))),
		sdk.WithBatcher(e, sdk.WithMaxQueueSize(maxQueue), sdk.WithMaxExportBatchSize(maxBatch),
			sdk.WithBatchTimeout(sendEvery), sdk.WithExportTimeout(sendTime)),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "chaveiro"),
			attribute.String("service.version", o.Version),
			attribute.String("host.name", host))),
	)}
	return t, nil
}

// newClient returns a client that sends to the address of the collector alone: by no proxy, and to no other address
// that an answer names.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	return &http.Client{
		Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Tracer returns what begins the spans; nil without traces.
func (t *Traces) Tracer() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.provider.Tracer(span.Scope)
}

// Close sends what waits, for StopTime at most, and drops what could not be sent by then. A second call does nothing.
func (t *Traces) Close() {
	if t == nil {
		return
	}
	t.end.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), StopTime)
		defer cancel()
		if err := t.provider.Shutdown(ctx); err != nil {
			t.log.Warn("the last traces could not be sent to their collector", "err", err)
		}
		// After the deadline this ends what is still being sent, and with it the goroutine that sends.
		if err := t.exporter.SpanExporter.Shutdown(context.Background()); err != nil && !errors.Is(err, context.Canceled) {
			t.log.Warn("the sending of traces could not be ended", "err", err)
		}
	})
}

// exporter sends spans, and warns seldom when that fails.
type exporter struct {
	sdk.SpanExporter
	now func() time.Time
	log *slog.Logger

	mu     sync.Mutex
	warned time.Time
	lost   int // spans that no warning has told of
}

// ExportSpans implements sdk.SpanExporter. It returns no error, as nobody could do anything about it.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if err == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost += len(spans)
	if now := e.now(); e.warned.IsZero() || now.Sub(e.warned) >= warnEvery {
		e.log.Warn("traces could not be sent to their collector, and are lost", "spans", e.lost,
			"err", fmt.Sprintf("%.300s", err.Error()))
		e.warned, e.lost = now, 0
	}
	return nil
}
