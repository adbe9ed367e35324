// Package tracestest has a collector of traces, as OTLP over HTTP has them, for tests.
package tracestest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	collect "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// Collector takes traces and keeps them.
type Collector struct {
	// URL is where it takes them.
	URL *url.URL

	mu    sync.Mutex
	raw   []byte
	spans []*wire.Span
}

// New returns a collector that takes traces until the end of the test.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collect.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s is no request for a collector: %v", r.URL, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.take(body, &sent)
	}))
	t.Cleanup(server.Close)
	var err error
	c.URL, err = url.Parse(server.URL + "/v1/traces")
	must.Do(t, err)
	return c
}

func (c *Collector) take(body []byte, sent *collect.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, body...)
	for _, of := range sent.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

// Raw returns the bytes of all that came.
func (c *Collector) Raw() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.raw)
}

// Spans returns the spans that came, or those with one of the names.
func (c *Collector) Spans(names ...string) []*wire.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.spans), func(s *wire.Span) bool {
		return len(names) > 0 && !slices.Contains(names, s.Name)
	})
}

// Attribute returns the text of an attribute; of a list its texts with commas between them. It returns false when the
// span has no such attribute.
func Attribute(s *wire.Span, key string) (string, bool) {
	for _, a := range s.Attributes {
		if a.Key == key {
			return textOf(a.Value), true
		}
	}
	return "", false
}

func textOf(value *common.AnyValue) string {
	switch v := value.Value.(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	case *common.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *common.AnyValue_ArrayValue:
		var texts []string
		for _, member := range v.ArrayValue.Values {
			texts = append(texts, textOf(member))
		}
		return strings.Join(texts, ",")
	default:
		return ""
	}
}
