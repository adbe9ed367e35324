package simulated_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// clock is a virtual one.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// newProviders returns the four on a virtual clock.
func newProviders() (*simulated.Providers, *clock) {
	c := newClock()
	return simulated.New(c.now), c
}

// serve runs a handler and returns its base URL.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// asked is a call to make.
type asked struct {
	method string // GET if empty
	url    string
	header map[string]string
	json   string // sent with its content type
	form   string // the same
}

// said is what came back.
type said struct {
	status int
	header http.Header
	body   string
}

// field returns a field of a JSON answer, nil if it has none.
func (s said) field(name string) any {
	var fields map[string]any
	_ = json.Unmarshal([]byte(s.body), &fields)
	return fields[name]
}

// text returns a field of a JSON answer as a text, "" if it is none.
func (s said) text(name string) string {
	text, _ := s.field(name).(string)
	return text
}

// client follows no redirects: where they lead is what is tested.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func try(ctx context.Context, a asked) (said, error) {
	body, contentType := a.json, "application/json"
	if a.form != "" {
		body, contentType = a.form, "application/x-www-form-urlencoded"
	}
	request, err := http.NewRequestWithContext(ctx, a.method, a.url, strings.NewReader(body))
	if err != nil {
		return said{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for name, value := range a.header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return said{}, err
	}
	text, err := io.ReadAll(response.Body)
	return said{response.StatusCode, response.Header, string(text)}, errors.Join(err, response.Body.Close())
}

func do(t *testing.T, a asked) said {
	t.Helper()
	answer, err := try(t.Context(), a)
	if err != nil {
		t.Fatalf("%s %s: %v", a.method, a.url, err)
	}
	return answer
}

// want fails unless the answer has a status and all of these texts in its body.
func (s said) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if s.status != status {
		t.Errorf("status %d, want %d: %s", s.status, status, s.body)
	}
	for _, text := range texts {
		if !strings.Contains(s.body, text) {
			t.Errorf("the answer lacks %q: %s", text, s.body)
		}
	}
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// closed waits for a channel to be closed.
func closed(t *testing.T, channel <-chan struct{}) {
	t.Helper()
	select {
	case <-channel:
	case <-time.After(10 * time.Second):
		t.Fatal("it did not happen in 10 s")
	}
}
