package showkase

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const callTime = 20 * time.Second

// CanTest reports whether an administrator has said what to check a token with.
func (Provider) CanTest(values provider.Values) bool {
	_, ok := readTemplate(values)
	return ok && values[checkURL] != ""
}

// Test asks the address of the settings.
func (p Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	secret := c.Secrets[token].Reveal()
	if !p.CanTest(c.Settings) || secret == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	t, _ := readTemplate(c.Settings)
	request := outbound.Request{URL: c.Settings[checkURL], Header: http.Header{}, Timeout: callTime}
	request.Header.Set(t.name, strings.ReplaceAll(t.value, tokenPlace, secret))
	a, err := c.HTTP.Do(ctx, request)
	switch {
	case err != nil:
		return provider.ResultOfError(err)
	case t.refuses(a):
		return provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused}
	case provider.IsSuccess(a):
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}
	default:
		return provider.ResultOfAnswer(a, c.Now, "")
	}
}

// template is what the settings say of the check.
type template struct {
	// name and value are of the header; the value has a place for the token.
	name, value string
	// statuses are those that a refusal has.
	statuses []int
	// text is what the body of a refusal has, too; empty when that is not known.
	text string
}

const tokenPlace = "{token}"

// readTemplate reads the settings. It returns false when they describe no check.
func readTemplate(values provider.Values) (template, bool) {
	name, value, ok := readHeader(cmp.Or(values[checkHeader], defaultHeader))
	statuses, listed := readStatuses(cmp.Or(values[checkStatuses], defaultStatuses))
	t := template{name, value, statuses, values[checkText]}
	// A success can be a refusal only if its body says so.
	if t.text == "" && slices.ContainsFunc(statuses, func(status int) bool { return status < 300 }) {
		return t, false
	}
	return t, ok && listed
}

// refuses reports whether an answer refuses the token. An administrator who knows what a refusal says is believed. Else
// it must be JSON that is not a gateway's: a 401 or 403 alone may be of anything before the provider, and a refused
// token is not checked again before a person acts.
func (t template) refuses(a outbound.Response) bool {
	switch {
	case !slices.Contains(t.statuses, a.Status):
		return false
	case t.text != "":
		return bytes.Contains(a.Body, []byte(t.text))
	default:
		return !provider.FromGateway(a)
	}
}

var headerName = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")

// ownHeaders are those by which HTTP itself and the way say something: a token in them would break the call, or be read
// by others than the provider.
var ownHeaders = regexp.MustCompile(
	"(?i)^(accept.*|access-control-.*|age|allow|cache-control|connection|content-.*|date|expect|" +
		"forwarded|from|host|if-.*|keep-alive|max-forwards|origin|pragma|proxy-.*|range|referer|sec-.*|te|trailer|" +
		"transfer-encoding|" +
		"upgrade|user-agent|via|warning|x-forwarded-.*)$")

// readHeader reads the template of the header that carries a token. It returns false when it is none: it has no colon,
// no place for the token, or a name that no header has or that is not free.
func readHeader(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	return name, value, ok && headerName.MatchString(name) && !ownHeaders.MatchString(name) &&
		strings.Contains(value, tokenPlace)
}

// readStatuses reads a list such as "401, 403". It returns false when that is none: 429 and 5xx are never of a token.
func readStatuses(text string) (statuses []int, ok bool) {
	for entry := range strings.SplitSeq(text, ",") {
		status, err := strconv.Atoi(strings.TrimSpace(entry))
		if err != nil || status < 200 || status >= 500 || status == http.StatusTooManyRequests {
			return nil, false
		}
		statuses = append(statuses, status)
	}
	return statuses, true
}

// headerForm says what is wrong with the template of a header.
func headerForm(text string) fault.Code {
	if _, _, ok := readHeader(text); !ok {
		return fault.InvalidCharacters
	}
	return ""
}

// statusesForm says what is wrong with a list of statuses.
func statusesForm(text string) fault.Code {
	if _, ok := readStatuses(text); !ok {
		return fault.SettingNumber
	}
	return ""
}
