package etag_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/etag"
)

// send returns the answer of api, behind a header against caching as in the portal.
func send(t *testing.T, method string, ifNoneMatch []string, api http.HandlerFunc) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, "/graphql", nil)
	r.Header["If-None-Match"] = ifNoneMatch
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Authorization, Accept-Language")
	etag.Handler(api).ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

func expectHeader(t *testing.T, answer *http.Response, want map[string]string) {
	t.Helper()
	for name, want := range want {
		if got := strings.Join(answer.Header.Values(name), "; "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

var (
	neverKept = map[string]string{"ETag": "", "Cache-Control": "no-store", "Vary": "Authorization, Accept-Language"}
	kept      = map[string]string{"ETag": `W/"v1"`, "Cache-Control": "no-store",
		"Vary": "Authorization, Accept-Language, Accept"}
)

func TestATagMatchesWhatTheCallerHas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header []string
		want   bool
	}{
		"the same, weak":             {[]string{`W/"v1"`}, true},
		"the same, strong":           {[]string{`"v1"`}, true},
		"another":                    {[]string{`W/"v2"`}, false},
		"compressed by Apache":       {[]string{`"v1-gzip"`}, true},
		"weak, compressed by Apache": {[]string{`W/"v1-gzip"`}, true},
		"compressed by Jetty":        {[]string{`"v1--gzip"`}, true},
		"compressed with brotli":     {[]string{`"v2", "v1-br"`}, true},
		"another, compressed":        {[]string{`"v2-gzip"`}, false},
		"in a list":                  {[]string{`"a,b", W/"v2" ,, W/"v1"`}, true},
		"in a second header":         {[]string{`"v0"`, `"v1"`}, true},
		"not in a list":              {[]string{`"v0", "v2"`}, false},
		"beside an empty one":        {[]string{`"", "v1"`}, true},
		"any":                        {[]string{` * `}, true},
		"none":                       {nil, false},
		"an empty header":            {[]string{""}, false},
		"a part of another":          {[]string{`"v11"`}, false},
		"within another":             {[]string{`"x,v1,y"`}, false},
		"without quotes":             {[]string{`v1`}, false},
		"a quote that does not end":  {[]string{`"v1`}, false},
		"after what is no tag":       {[]string{`x, "v1"`}, false},
		"a small w":                  {[]string{`w/"v1"`}, false},
		"a star among tags":          {[]string{`*, "v2"`}, false},
		"a control character before": {[]string{"\"\x01\", \"v1\""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			send(t, "GET", test.header, func(_ http.ResponseWriter, r *http.Request) {
				if got := etag.From(r.Context()).Matches("v1"); got != test.want {
					t.Errorf("%q: %v, want %v", test.header, got, test.want)
				}
			})
		})
	}
}

func TestANamedAnswerMayBeKept(t *testing.T) {
	t.Parallel()
	answer, body := send(t, "GET", nil, func(w http.ResponseWriter, r *http.Request) {
		etag.From(r.Context()).Set("v1")
		_, _ = io.WriteString(w, "the answer")
	})
	if answer.StatusCode != 200 || body != "the answer" {
		t.Errorf("%d %q", answer.StatusCode, body)
	}
	expectHeader(t, answer, kept)
}

func TestAnAnswerWithoutAGoodNameIsNotKept(t *testing.T) {
	t.Parallel()
	for name, api := range map[string]http.HandlerFunc{
		"no name": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") },
		"a name that was taken back": func(w http.ResponseWriter, r *http.Request) {
			etag.From(r.Context()).Set("v1")
			etag.From(r.Context()).Set("")
			_, _ = io.WriteString(w, "x")
		},
		"a name that is none": func(w http.ResponseWriter, r *http.Request) {
			etag.From(r.Context()).Set("v1\"\r\nX-Injected: 1")
			_, _ = io.WriteString(w, "x")
		},
		"a name too late": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "x")
			etag.From(r.Context()).Set("v1")
		},
		"a failure": func(w http.ResponseWriter, r *http.Request) {
			etag.From(r.Context()).Set("v1")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, _ := send(t, "GET", nil, api)
			expectHeader(t, answer, neverKept)
		})
	}
}

func TestWhatTheCallerHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func(http.ResponseWriter){
		"and a body was written": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "the answer") },
		"and a status was written": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusTeapot)
			_,
				_ = io.WriteString(w, "tea")
		},
		"and nothing at all": func(http.ResponseWriter) {},
		"and a length was promised": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "the answer")
		},
		"and it was written in parts": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "the ")
			_,
				_ = io.WriteString(w, "answer")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, body := send(t, "GET", []string{`W/"v1"`}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				a := etag.From(r.Context())
				a.Set("v1")
				if a.Matches("v1") {
					a.NotModified()
				}
				after(w)
			})
			if answer.StatusCode != 304 || body != "" {
				t.Errorf("%d %q, want an empty 304", answer.StatusCode, body)
			}
			expectHeader(t, answer, kept)
			expectHeader(t, answer, map[string]string{"Content-Type": "", "Content-Length": ""})
		})
	}
}

func TestOnlyAGetIsConditional(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "HEAD"} {
		answer, body := send(t, method, []string{`*`}, func(w http.ResponseWriter, r *http.Request) {
			a := etag.From(r.Context())
			if a.Matches("v1") {
				t.Errorf("a %s matches", method)
			}
			a.Set("v1")
			a.NotModified()
			_, _ = io.WriteString(w, "the answer")
		})
		if answer.StatusCode != 200 || body != "the answer" {
			t.Errorf("%s: %d %q", method, answer.StatusCode, body)
		}
		expectHeader(t, answer, neverKept)
	}
}

func TestAContextOfNoRequestHasAnAnswerThatDoesNothing(t *testing.T) {
	t.Parallel()
	a := etag.From(t.Context())
	a.Set("v1")
	a.NotModified()
	if a.Matches("v1") {
		t.Error("it matches")
	}
}
