// Package cookie stores an operator's refresh token in the browser. Only the portal's own page, hosted by the portal or
// elsewhere on its site, can use the cookie, and even the page cannot read it.
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

// Jar reads and sets the cookies of one request and its answer. The zero Jar is empty and sets nothing.
type Jar struct {
	header       http.Header // of the answer
	request      *http.Request
	publicURL    *url.URL
	adminOrigins []string
}

// New returns the jar of a request to the portal at publicURL, to be used before the first byte is written to w.
// adminOrigins host copies of the portal's page, on the same site.
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

// Refresh returns the refresh token, or "" when the request has none. It returns fault.CSRF if there is one but no
// proof that the portal's own page sent it.
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

// Set stores a refresh token in the browser until it expires, for 12 hours at most. It does nothing for a caller other
// than the portal's own page: a program does not need the cookie, and another site must not log a browser in.
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

// Device returns the cookie of a browser that an operator logged in from; empty when the request has none. It gives no
// access.
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

// SetDevice stores the cookie that the browser is known by until it expires, also after a log-out. Like Set it does
// nothing for a caller other than the portal's own page.
func (j *Jar) SetDevice(device string, expires time.Time) {
	if j.ownPage() {
		j.put(j.deviceName(), device, int(time.Until(expires).Seconds()))
	}
}

// Clear removes the refresh token from the browser, and with it what the page has cached and stored. Like Set it does
// nothing for any other caller.
func (j *Jar) Clear() {
	if !j.ownPage() {
		return
	}
	j.put(j.name(), "", -1)
	j.header.Set("Clear-Site-Data", `"cache", "storage"`)
}

// SetInstall stores the cookie that an install is bound to until it expires. Every caller that may begin an install may
// have it: the request proves its sender by its Authorization header, which no other site can send.
func (j *Jar) SetInstall(slot, secret string, expires time.Time) {
	if j.request != nil {
		j.header.Add("Set-Cookie", Install(j.publicURL, slot, secret, expires).String())
	}
}

// Install returns the cookie that binds an install to the browser that began it. Each install of a browser has its own
// slot. The cookie is Lax, as it must come along when the provider sends the browser back.
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

// InstallOf returns the value of the cookie of Install in a slot; empty when the request has none.
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
	others := slices.DeleteFunc(j.header.Values("Set-Cookie"), func(set string) bool { // the last cookie counts
		return strings.HasPrefix(set, name+"=")
	})
	j.header["Set-Cookie"] = append(others, cookie.String())
}

func (j *Jar) name() string { return ownHost(j.publicURL, "chaveiro_rt") }

func (j *Jar) deviceName() string { return ownHost(j.publicURL, "chaveiro_device") }

// ownHost returns the name of a cookie. The prefix makes the browser insist on Secure, on Path=/ and on no Domain, so
// that no neighbouring host can plant one. Plain HTTP, which is only for the same machine, cannot have it. The port
// separates the portals of one host, such as the demonstration and the real one: browsers send a cookie to all ports.
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

// ownPage reports whether the portal's own page sent the request. The content type and a header of the portal keep out
// forms and links. The browser itself sets the origin, which no page can forge.
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
