package outbound_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
)

func TestRetryAfterIsSecondsOrADateAndAtMostAnHour(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"soon":                          0,
		"0":                             0,
		"-5":                            0,
		"30":                            30 * time.Second,
		"3601":                          time.Hour,
		"9223372036854775807":           time.Hour,
		"Tue, 24 Nov 2026 12:01:30 GMT": 90 * time.Second,
		"Tue, 24 Nov 2026 11:00:00 GMT": 0,
		"Wed, 25 Nov 2026 12:00:00 GMT": time.Hour,
	} {
		answer := outbound.Response{Header: http.Header{"Retry-After": {text}}}
		if got := answer.RetryAfter(now); got != want {
			t.Errorf("Retry-After %q is %s, want %s", text, got, want)
		}
	}
	if got := (outbound.Response{}).RetryAfter(now); got != 0 {
		t.Errorf("without a header it is %s", got)
	}
}

func TestWhatHasArrivedOfAnAnswerIsNotDropped(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer string
		kind   outbound.Kind
		status int
		body   string
	}{
		"cut in the body": {"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nhalf", outbound.Unreachable, 201, "half"},
		"cut in a chunk": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", outbound.Unreachable,
			200, "half"},
		"cut in the head": {"HTTP/1.1 200 OK\r\nServer: x\r\n", outbound.Unreachable, 0, ""},
		"more than is read": {"HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 1<<20+1), outbound.TooLarge, 200,
			strings.Repeat("x", 1<<20)},
	} {
		base, _ := raw("http", 1, tt.answer, nil)(t)
		seen := make(chan int, 1)
		client := newClient(t, strings.TrimPrefix(base, "http://")).
			WithObserver(func(_ context.Context, _ string, status int, _ error, _ time.Duration) { seen <- status })
		got, err := client.Do(t.Context(), outbound.Request{Method: "POST", URL: base})
		if failure := failed(t, err); failure.Kind != tt.kind || !failure.Sent {
			t.Errorf("%s: %+v", name, failure)
		}
		if got.Status != tt.status || string(got.Body) != tt.body {
			t.Errorf("%s: of the answer there is %d with %d bytes", name, got.Status, len(got.Body))
		}
		if status := <-seen; status != 0 {
			t.Errorf("%s: the observer is told the status %d of an answer that did not come", name, status)
		}
	}
}
