package showkase

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/outbound"
)

const callTime = 20 * time.Second

// CanTest reports whether an administrator has said what to check a token with.
func (Provider) CanTest(values marketplace.Values) bool {
	_, _, ok := header(values, "")
	return ok && values[checkURL] != ""
}

// Test asks the address of the settings. Nothing is known of what it answers but the status.
func (p Provider) Test(ctx context.Context, c marketplace.Call) marketplace.Result {
	secret := c.Secrets[token].Reveal()
	if !p.CanTest(c.Settings) || secret == "" {
		return marketplace.Result{Outcome: marketplace.Untestable}
	}
	name, value, _ := header(c.Settings, secret)
	request := outbound.Request{URL: c.Settings[checkURL], Header: http.Header{}, Timeout: callTime}
	request.Header.Set(name, value)
	a, err := c.HTTP.Do(ctx, request)
	switch {
	case err != nil:
		return marketplace.Failed(err)
	case a.Status >= 200 && a.Status <= 299:
		return marketplace.Result{Outcome: marketplace.OK, Reason: marketplace.CheckPassed}
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.TokenRefused}
	default:
		return marketplace.Answered(a, c.Now, "")
	}
}

var headerName = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")

// header returns the header that carries a token. It returns false when the template of the settings is none: it has no
// colon, no place for the token, or a name that no header has.
func header(values marketplace.Values, secret string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(cmp.Or(values[checkHeader], defaultHeader), ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	ok = ok && headerName.MatchString(name) && strings.Contains(value, "{token}")
	return name, strings.ReplaceAll(value, "{token}", secret), ok
}
