package outbound_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/outbound"
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

func TestJSONIsKnownByItsContentType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":                                false,
		"text/html":                       false,
		"text/json":                       false,
		"application/jsonp":               false,
		"application/json":                true,
		"Application/JSON; charset=utf-8": true,
		"application/problem+json":        true,
	} {
		answer := outbound.Response{Header: http.Header{"Content-Type": {text}}}
		if got := answer.IsJSON(); got != want {
			t.Errorf("IsJSON with %q is %t, want %t", text, got, want)
		}
	}
}
