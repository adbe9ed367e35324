// Package cookie keeps an operator's refresh token in the browser. The cookie is opened for nobody but the portal's
// own page, be it hosted by the portal or elsewhere on its site, and the page itself never sees what is in it.
package cookie

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// maxAge is the longest life of a session, and so of its cookie.
const maxAge = 12 * time.Hour

const installName = "chaveiro_install"

// Jar holds the refresh token of one request and its answer. The zero Jar is empty and keeps nothing.
type Jar struct {
	header       http.Header // of the answer
	request      *http.Request
	publicURL    *url.URL
	adminOrigins []string
}

// New returns the jar of a request to the portal at publicURL, to be used before the first byte is written to w. Copies
// of the portal's page are at adminOrigins, which are on the same site.
func New(w http.ResponseWriter, r *http.Request, publicURL *url.URL, adminOrigins []string) *Jar {
	return &Jar{header: w.Header(), request: r, publicURL: publicURL, adminOrigins: adminOrigins}
}

type contextKey struct{}

// With returns a context that carries jar.
func With(ctx context.Context, jar *Jar) context.Context {
	return context.WithValue(ctx, contextKey{}, jar)
}

// From returns the jar of the context, or an empty one when there is none.
func From(ctx context.Context) *Jar {
	if jar, ok := ctx.Value(contextKey{}).(*Jar); ok {
		return jar
	}
	return &Jar{}
}

// Refresh returns the refresh token, or "" when the request has none. Returns fault.CSRF if there is one but nothing
// proves that the portal's own page sent it.
func (j *Jar) Refresh() (string, error) {
	if j.request == nil {
		return "", nil
	}
	cookie, err := j.request.Cookie(j.name())
	if err != nil || cookie.Value == "" {
		return "", nil
	}
	if !j.ownPage() {
		return "", fault.CSRF
	}
	return cookie.Value, nil
}

// Set gives the browser a refresh token until it expires, for 12 hours at most. Nothing is set for a caller that is
// not the portal's own page: a program has no use for it, and another site must not log a browser in.
func (j *Jar) Set(token string, expires time.Time) {
	if !j.ownPage() {
		return
	}
	life := int(min(time.Until(expires), maxAge).Seconds())
	if life <= 0 { // to net/http, 0 would mean until the browser is closed
		life = -1
	}
	j.put(j.name(), token, life)
}

// Device returns the cookie of a browser that an operator logged in from; empty when the request has none. It opens
// nothing.
func (j *Jar) Device() string {
	if j.request == nil {
		return ""
	}
	sent, err := j.request.Cookie(j.deviceName())
	if err != nil {
		return ""
	}
	return sent.Value
}

// SetDevice gives the browser what it is known by until that expires, also after a log-out. Like Set it does nothing
// for any caller but the portal's own page.
func (j *Jar) SetDevice(device string, expires time.Time) {
	if j.ownPage() {
		j.put(j.deviceName(), device, int(time.Until(expires).Seconds()))
	}
}

// Clear takes the refresh token from the browser, and with it what the page has cached and stored. Like Set it does
// nothing for any other caller.
func (j *Jar) Clear() {
	if !j.ownPage() {
		return
	}
	j.put(j.name(), "", -1)
	j.header.Set("Clear-Site-Data", `"cache", "storage"`)
}

// SetInstall gives the browser what an install is bound to until it expires. Whoever may begin an install may have it:
// the request proves who sends it by its Authorization, which no other site can send.
func (j *Jar) SetInstall(slot, secret string, expires time.Time) {
	if j.request != nil {
		j.header.Add("Set-Cookie", Install(j.publicURL, slot, secret, expires).String())
	}
}

// Install is the cookie that binds an install to the browser that began it, which may have begun others: each has its
// own slot. It is sent along when the provider sends the browser back, and so is Lax.
func Install(publicURL *url.URL, slot, secret string, expires time.Time) *http.Cookie {
	cookie := &http.Cookie{ // #nosec G124 -- plain HTTP is for loopback, where a Secure cookie would not be kept
		Name:     ownHost(publicURL, installName) + "_" + slot,
		Value:    secret,
		Path:     "/",
		MaxAge:   max(int(time.Until(expires).Seconds()), 1),
		Secure:   secure(publicURL),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	return cookie
}

// InstallOf returns what the cookie of Install in a slot holds; empty when the request has none.
func InstallOf(r *http.Request, publicURL *url.URL, slot string) string {
	sent, err := r.Cookie(ownHost(publicURL, installName) + "_" + slot)
	if err != nil {
		return ""
	}
	return sent.Value
}

// UserAgent returns what the browser calls itself.
func (j *Jar) UserAgent() string {
	if j.request == nil {
		return ""
	}
	return j.request.UserAgent()
}

func (j *Jar) put(name, value string, maxAge int) {
	cookie := http.Cookie{ // #nosec G124 -- plain HTTP is for loopback, where a Secure cookie would not be kept
		Name:     name,
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   secure(j.publicURL),
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	}
	others := slices.DeleteFunc(j.header.Values("Set-Cookie"), func(set string) bool { // the last word counts
		return strings.HasPrefix(set, name+"=")
	})
	j.header["Set-Cookie"] = append(others, cookie.String())
}

func (j *Jar) name() string { return ownHost(j.publicURL, "chaveiro_rt") }

func (j *Jar) deviceName() string { return ownHost(j.publicURL, "chaveiro_device") }

// ownHost returns the name of a cookie. The prefix makes the browser insist on Secure, on Path=/ and on no Domain, so
// that no neighbouring host can plant one; it cannot be had over plain HTTP, which is only for the same machine. The
// port tells the portals of one host apart, such as the demonstration beside the real one: browsers send a cookie to
// all ports.
func ownHost(publicURL *url.URL, name string) string {
	if port := publicURL.Port(); port != "" {
		name += "_" + port
	}
	if secure(publicURL) {
		return "__Host-" + name
	}
	return name
}

func secure(publicURL *url.URL) bool { return publicURL.Scheme == "https" }

// ownPage reports whether the portal's own page sent the request. The content type and the header of our own keep out
// forms and links; where the request came from is the browser's word, which no page can forge.
func (j *Jar) ownPage() bool {
	if j.request == nil || j.request.Method != http.MethodPost {
		return false
	}
	header := j.request.Header
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" || header.Get("X-Chaveiro-CSRF") != "1" {
		return false
	}
	origin := header.Get("Origin")
	switch header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return origin != "null"
	case "same-site":
		return slices.Contains(j.adminOrigins, origin)
	case "":
		return origin == j.publicURL.Scheme+"://"+j.publicURL.Host || slices.Contains(j.adminOrigins, origin)
	default:
		return false
	}
}
