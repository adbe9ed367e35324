package showkase

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const callTime = 20 * time.Second

// CanTest reports whether an administrator has said what to check a token with.
func (Provider) CanTest(values provider.Values) bool {
	_, _, ok := header(values, "")
	return ok && values[checkURL] != ""
}

// Test asks the address of the settings. Nothing is known of what it answers but the status.
func (p Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	secret := c.Secrets[token].Reveal()
	if !p.CanTest(c.Settings) || secret == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	name, value, _ := header(c.Settings, secret)
	request := outbound.Request{URL: c.Settings[checkURL], Header: http.Header{}, Timeout: callTime}
	request.Header.Set(name, value)
	a, err := c.HTTP.Do(ctx, request)
	switch {
	case err != nil:
		return provider.Failed(err)
	case a.Status >= 200 && a.Status <= 299:
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused}
	default:
		return provider.Answered(a, c.Now, "")
	}
}

var headerName = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")

// header returns the header that carries a token. It returns false when the template of the settings is none: it has no
// colon, no place for the token, or a name that no header has.
func header(values provider.Values, secret string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(cmp.Or(values[checkHeader], defaultHeader), ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	ok = ok && headerName.MatchString(name) && strings.Contains(value, "{token}")
	return name, strings.ReplaceAll(value, "{token}", secret), ok
}
