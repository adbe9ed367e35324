// Package providertest has what the tests of the providers' packages share: a fake provider, and answers with the
// result that every provider must derive from them.
package providertest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// Now is the clock of the tests.
var Now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Serve runs a fake provider until the test ends. It returns a client that may call it, and its address.
func Serve(t testing.TB, handler http.HandlerFunc) (*outbound.Client, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newClient(t, server.Listener.Addr().String()), server.URL
}

func newClient(t testing.TB, hosts ...string) *outbound.Client {
	t.Helper()
	client, err := outbound.New(outbound.Options{AllowPrivate: hosts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	return client
}

// NewClosedClient returns an address without a listener, and a client that may call it.
func NewClosedClient(t testing.TB) (*outbound.Client, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return newClient(t, listener.Addr().String()), "http://" + listener.Addr().String()
}

// Answer returns a handler that gives one answer.
func Answer(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{kind} // also an empty one, which net/http would guess
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// JSON returns a handler that gives one answer of JSON.
func JSON(status int, body string) http.HandlerFunc { return Answer(status, "application/json", body) }

// HTML returns a handler that gives a page.
func HTML(status int) http.HandlerFunc {
	return Answer(status, "text/html; charset=utf-8", "<!DOCTYPE html><title>Attention required</title>")
}

// Fault is an answer that says nothing about credentials, with its expected result.
type Fault struct {
	Name   string
	Answer http.HandlerFunc
	Want   provider.Result
}

// Faults are answers that no provider's package may interpret as a result about credentials.
func Faults() []Fault {
	fault := provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}
	lost := provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable}
	limited := provider.Result{Outcome: provider.Transient, Reason: provider.RateLimited, RetryAfter: 30 * time.Second}
	faults := []Fault{
		{"a page with status 502", HTML(502), fault},
		{"a redirect",
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, fault},
		{"too many requests", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "30")
			JSON(429, `{"message":"slow down"}`)(w, r)
		}, limited},
		{"a cut connection", cut, lost},
		{"a cut answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			JSON(200, `{"data":[`)(w, r)
		}, lost},
		{"too large an answer", JSON(200, `{"data":"`+strings.Repeat("x", 2<<20)+`"}`), lost},
	}
	for _, said := range simulated.WayAnswers() {
		want := fault
		if said.Status == http.StatusTooManyRequests {
			want.Reason = provider.RateLimited
		}
		faults = append(faults, Fault{said.Name, Answer(said.Status, said.ContentType, said.Body), want})
	}
	for _, status := range []int{404, 405, 408, 409, 415, 418, 422, 425, 500, 502, 503, 504} {
		faults = append(faults, Fault{strconv.Itoa(status), JSON(status, `{"message":"no","error":"invalid_grant"}`), fault})
	}
	return faults
}

// Unreadable are answers that a package that reads JSON may take neither for a success nor for a refusal.
func Unreadable() []Fault {
	fault := provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}
	return []Fault{
		{"a page", HTML(200), fault},
		{"nothing", JSON(200, ``), fault},
		{"no JSON", JSON(200, `OK`), fault},
		{"JSON that ends early", JSON(200, `{"accessToken":"a","authenticated":true,"tok`), fault},
	}
}

// CutAt returns a handler whose answer is cut off after some bytes of its body.
func CutAt(status int, body string, bytes int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		w.WriteHeader(status)
		fmt.Fprint(w, body[:bytes])
		_ = http.NewResponseController(w).Flush()
		cut(w, nil)
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// Same fails the test unless a result equals the wanted one, apart from the message.
func Same(t testing.TB, got, want provider.Result) {
	t.Helper()
	if got.Outcome != want.Outcome || got.Reason != want.Reason || got.RetryAfter != want.RetryAfter ||
		got.Unsent != want.Unsent || got.Account != want.Account {
		t.Errorf("the result is %+v, want %+v", got, want)
	}
}

// Silent fails the test if any field of a result contains one of the secrets.
func Silent(t testing.TB, got provider.Result, secrets ...string) {
	t.Helper()
	encoded, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if strings.Contains(string(encoded), secret) || strings.Contains(got.Message, secret) {
			t.Errorf("the result holds a secret: %s", encoded)
		}
	}
}

// Quiet fails the test if a called address contains one of the secrets.
func Quiet(t testing.TB, u *url.URL, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(u.String(), secret) || strings.Contains(u.String(), url.QueryEscape(secret)) {
			t.Errorf("the address %s holds a secret", u)
		}
	}
}

// Defaults returns the settings of a provider with all defaults.
func Defaults(p provider.Provider) provider.Values {
	values := provider.Values{}
	for _, setting := range p.Settings() {
		if setting.Default != "" {
			values[setting.Name] = setting.Default
		}
	}
	return values
}

// CheckAccountBounds fails the test unless an account may be stored.
func CheckAccountBounds(t testing.TB, a provider.Account) {
	t.Helper()
	if document, err := brdoc.Parse(a.Document); a.Document != "" && (err != nil || document.String() != a.Document) {
		t.Errorf("the document is %q", a.Document)
	}
	if !utf8.ValidString(a.Name) || utf8.RuneCountInString(a.Name) > 200 ||
		strings.ContainsFunc(a.Name, unicode.IsControl) {
		t.Errorf("the name is %q", a.Name)
	}
	if len(a.ID) > 100 || strings.ContainsFunc(a.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("the id is %q", a.ID)
	}
}
