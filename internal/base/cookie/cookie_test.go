package cookie_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/cookie"
	"github.com/chaveiro/chaveiro/internal/base/fault"
)

const (
	plain  = "http://127.0.0.1:8080"
	https  = "https://portal.example"
	copied = "http://127.0.0.1:5173" // where the page is hosted too
)

// jar returns the jar of a request with headers to the portal at publicURL, and its answer.
func jar(t *testing.T, publicURL, method string, headers map[string]string) (*cookie.Jar, http.Header) {
	t.Helper()
	public, err := url.Parse(publicURL)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, publicURL+"/graphql", nil)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	return cookie.New(w, r, public, []string{copied, "http://127.0.0.1:5174"}), w.Header()
}

// ownPage are the headers of a request by the portal's own page; changes replace some, and "" leaves one out.
func ownPage(changes ...string) map[string]string {
	headers := map[string]string{
		"Content-Type":    "application/json",
		"X-Chaveiro-CSRF": "1",
		"Sec-Fetch-Site":  "same-origin",
		"Origin":          plain,
		"Cookie":          "chaveiro_rt_8080=refresh-token",
	}
	for i := 0; i < len(changes); i += 2 {
		headers[changes[i]] = changes[i+1]
		if changes[i+1] == "" {
			delete(headers, changes[i])
		}
	}
	return headers
}

// Proves: 4.1
func TestTheCookieIsOpenToThePortalsOwnPageOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method  string
		headers map[string]string
		open    bool
	}{
		"the page":                 {"POST", ownPage(), true},
		"the page, with a charset": {"POST", ownPage("Content-Type", "application/json; charset=utf-8"), true},
		"the page, in a browser that sends no site": {"POST", ownPage("Sec-Fetch-Site", ""), true},
		"neither site nor origin":                   {"POST", ownPage("Sec-Fetch-Site", "", "Origin", ""), false},
		"another site": {"POST",
			ownPage("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), false},
		"another site that names our origin": {"POST", ownPage("Sec-Fetch-Site", "cross-site"), false},
		"a neighbouring host":                {"POST", ownPage("Sec-Fetch-Site", "same-site"), false},
		"typed into the address bar":         {"POST", ownPage("Sec-Fetch-Site", "none"), false},
		"another origin": {"POST",
			ownPage("Sec-Fetch-Site", "", "Origin", "http://127.0.0.1:8081"), false},
		"another scheme": {"POST",
			ownPage("Sec-Fetch-Site", "", "Origin", "https://127.0.0.1:8080"), false},
		"an origin that begins like ours": {"POST",
			ownPage("Sec-Fetch-Site", "", "Origin", plain+".evil.example"), false},
		"origin null":                      {"POST", ownPage("Sec-Fetch-Site", "", "Origin", "null"), false},
		"origin null from the same origin": {"POST", ownPage("Origin", "null"), false},
		"a copy":                           {"POST", ownPage("Sec-Fetch-Site", "same-site", "Origin", copied), true},
		"a copy, in a browser that sends no site": {"POST", ownPage("Sec-Fetch-Site", "", "Origin", copied), true},
		"a copy, without an origin":               {"POST", ownPage("Sec-Fetch-Site", "same-site", "Origin", ""), false},
		"a neighbour of the copy": {"POST",
			ownPage("Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:5175"), false},
		"a neighbour, in such a browser": {"POST",
			ownPage("Sec-Fetch-Site", "", "Origin", "http://127.0.0.1:5175"), false},
		"an origin that begins like the copy's": {"POST",
			ownPage("Sec-Fetch-Site", "same-site", "Origin", copied+"1"), false},
		"the copy's origin with another scheme": {"POST",
			ownPage("Sec-Fetch-Site", "same-site", "Origin", "https://127.0.0.1:5173"), false},
		"two copies at once": {"POST",
			ownPage("Sec-Fetch-Site", "same-site", "Origin", copied+" http://127.0.0.1:5174"), false},
		"another site that names the copy":    {"POST", ownPage("Sec-Fetch-Site", "cross-site", "Origin", copied), false},
		"a typed address that names the copy": {"POST", ownPage("Sec-Fetch-Site", "none", "Origin", copied), false},
		"a word that no browser sends":        {"POST", ownPage("Sec-Fetch-Site", "same", "Origin", copied), false},
		"origin null from the copy's site":    {"POST", ownPage("Sec-Fetch-Site", "same-site", "Origin", "null"), false},
		"a copy without our header": {"POST",
			ownPage("Sec-Fetch-Site", "same-site", "Origin", copied, "X-Chaveiro-CSRF", ""), false},
		"a form of the copy's host": {"POST",
			ownPage("Sec-Fetch-Site", "same-site", "Origin", copied, "Content-Type", "text/plain"), false},
		"a link on the copy":             {"GET", ownPage("Sec-Fetch-Site", "same-site", "Origin", copied), false},
		"no header of ours":              {"POST", ownPage("X-Chaveiro-CSRF", ""), false},
		"another value in it":            {"POST", ownPage("X-Chaveiro-CSRF", "true"), false},
		"a form":                         {"POST", ownPage("Content-Type", "application/x-www-form-urlencoded"), false},
		"plain text that is JSON":        {"POST", ownPage("Content-Type", "text/plain; a=application/json"), false},
		"no content type":                {"POST", ownPage("Content-Type", ""), false},
		"a link":                         {"GET", ownPage(), false},
		"a GET that claims to be a POST": {"GET", ownPage("X-HTTP-Method-Override", "POST"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jar, answer := jar(t, plain, test.method, test.headers)
			token, err := jar.Refresh()
			if test.open && (token != "refresh-token" || err != nil) {
				t.Errorf("Refresh() = %q, %v, want the token", token, err)
			}
			if !test.open && (token != "" || !errors.Is(err, fault.CSRF)) {
				t.Errorf("Refresh() = %q, %v, want no token and fault.CSRF", token, err)
			}

			jar.Set("successor", time.Now().Add(time.Hour))
			if set := strings.Contains(answer.Get("Set-Cookie"), "successor"); set != test.open {
				t.Errorf("a cookie was set: %v, want %v", set, test.open)
			}
			jar.Clear()
			if cleared := answer.Get("Clear-Site-Data") != ""; cleared != test.open {
				t.Errorf("the site's data was cleared: %v, want %v", cleared, test.open)
			}
		})
	}
}

func TestWithoutACookieThereIsNothingToProve(t *testing.T) {
	t.Parallel()
	jar, _ := jar(t, plain, "POST", map[string]string{"Origin": "https://evil.example"})
	if token, err := jar.Refresh(); token != "" || err != nil {
		t.Errorf("Refresh() = %q, %v, want neither token nor error", token, err)
	}
}

// Proves: 3.5
func TestTheCookieOfAnHTTPSPortalCannotBePlantedOverPlainHTTP(t *testing.T) {
	t.Parallel()
	jar, _ := jar(t, https, "POST", ownPage("Cookie", "chaveiro_rt=planted"))
	if token, err := jar.Refresh(); token != "" || err != nil {
		t.Errorf("Refresh() = %q, %v, want the cookie without the prefix to be ignored", token, err)
	}
}

// Proves: 3.5
func TestTheSetCookieHeaderHasTheRightAttributes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		publicURL string
		act       func(*cookie.Jar)
		want      string
	}{
		"https": {https, func(j *cookie.Jar) { j.Set("t", time.Now().Add(30*time.Minute+time.Second/2)) },
			"__Host-chaveiro_rt=t; Path=/; Max-Age=1800; HttpOnly; Secure; SameSite=Strict"},
		"plain http": {plain, func(j *cookie.Jar) { j.Set("t", time.Now().Add(30*time.Minute+time.Second/2)) },
			"chaveiro_rt_8080=t; Path=/; Max-Age=1800; HttpOnly; SameSite=Strict"},
		"12 hours at most": {https, func(j *cookie.Jar) { j.Set("t", time.Now().Add(13*time.Hour)) },
			"__Host-chaveiro_rt=t; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict"},
		"expired already": {plain, func(j *cookie.Jar) { j.Set("t", time.Now()) },
			"chaveiro_rt_8080=t; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"},
		"cleared": {https, func(j *cookie.Jar) { j.Clear() },
			"__Host-chaveiro_rt=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"},
		"cleared after it was set": {plain, func(j *cookie.Jar) { j.Set("t", time.Now().Add(time.Hour)); j.Clear() },
			"chaveiro_rt_8080=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jar, answer := jar(t, test.publicURL, "POST", ownPage())
			test.act(jar)
			if got := answer.Values("Set-Cookie"); len(got) != 1 || got[0] != test.want {
				t.Errorf("Set-Cookie: %q\nwant          [%q]", got, test.want)
			}
			if cleared := answer.Get("Clear-Site-Data") == `"cache", "storage"`; cleared != strings.HasPrefix(name, "cleared") {
				t.Errorf("Clear-Site-Data: %q", answer.Get("Clear-Site-Data"))
			}
		})
	}
}

func TestAContextCarriesTheJar(t *testing.T) {
	t.Parallel()
	jar, _ := jar(t, plain, "POST", ownPage("User-Agent", "Firefox"))
	ctx := cookie.With(context.Background(), jar)
	if got := cookie.From(ctx); got != jar || got.UserAgent() != "Firefox" {
		t.Errorf("From(ctx) = %p, want %p", got, jar)
	}
}

func TestAContextWithoutAJarHasAnEmptyOne(t *testing.T) {
	t.Parallel()
	jar := cookie.From(context.Background())
	jar.Set("t", time.Now().Add(time.Hour))
	jar.Clear()
	if token, err := jar.Refresh(); token != "" || err != nil || jar.UserAgent() != "" {
		t.Errorf("Refresh() = %q, %v; UserAgent() = %q", token, err, jar.UserAgent())
	}
}

func TestTheCookieOfABrowserStaysBesideTheOtherAndOutlivesALogOut(t *testing.T) {
	t.Parallel()
	j, answer := jar(t, https, "POST",
		ownPage("Origin", https, "Cookie", "__Host-chaveiro_device=known; __Host-chaveiro_rt=refresh-token"))
	if got := j.Device(); got != "known" {
		t.Errorf("the browser is known by %q", got)
	}
	j.Set("token", time.Now().Add(time.Hour))
	j.SetDevice("fresh", time.Now().Add(30*24*time.Hour))
	j.Clear()
	set := map[string]*http.Cookie{}
	for _, one := range (&http.Response{Header: answer}).Cookies() {
		set[one.Name] = one
	}
	device, refresh := set["__Host-chaveiro_device"], set["__Host-chaveiro_rt"]
	if len(set) != 2 || device == nil || refresh == nil {
		t.Fatalf("set are %v", answer["Set-Cookie"])
	}
	if device.Value != "fresh" || !device.HttpOnly || !device.Secure || device.SameSite != http.SameSiteStrictMode ||
		device.MaxAge < 29*24*60*60 {
		t.Errorf("the browser is told %v", device)
	}
	if refresh.Value != "" || refresh.MaxAge >= 0 {
		t.Errorf("after a log-out there is %v", refresh)
	}
	elsewhere, answer := jar(t, https, "POST", ownPage("Origin", https, "Sec-Fetch-Site", "cross-site"))
	elsewhere.SetDevice("fresh", time.Now().Add(time.Hour))
	if answer.Get("Set-Cookie") != "" || elsewhere.Device() != "" {
		t.Errorf("another site plants %q", answer.Get("Set-Cookie"))
	}
}

// Proves: 4.1
func TestTwoPortalsOnOneHostHaveCookiesOfTheirOwn(t *testing.T) {
	t.Parallel()
	const beside = "http://127.0.0.1:8090"
	both := "chaveiro_rt_8080=ours; chaveiro_device_8080=our browser; chaveiro_rt_8090=theirs; " +
		"chaveiro_device_8090=their browser"
	for portal, want := range map[string][2]string{plain: {"ours", "our browser"}, beside: {"theirs", "their browser"}} {
		jar, answer := jar(t, portal, "POST", ownPage("Origin", portal, "Cookie", both))
		if token, err := jar.Refresh(); token != want[0] || err != nil || jar.Device() != want[1] {
			t.Errorf("at %s the token is %q, %v, the browser %q", portal, token, err, jar.Device())
		}
		jar.Clear()
		if set, port := answer.Values("Set-Cookie"), portal[len(portal)-4:]; len(set) != 1 ||
			!strings.HasPrefix(set[0], "chaveiro_rt_"+port+"=;") {
			t.Errorf("a log-out at %s says %q", portal, set)
		}
	}
	portal, err := url.Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	if install := cookie.Install(portal, "slot", "secret", time.Now().
		Add(time.Hour)); install.Name != "chaveiro_install_8080_slot" {
		t.Errorf("an install's is called %s", install.Name)
	}
}
