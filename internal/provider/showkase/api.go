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

// CanTest reports whether the settings describe a test of a token.
func (Provider) CanTest(values provider.Values) bool {
	_, ok := readTemplate(values)
	return ok && values[checkURL] != ""
}

// Test calls the address of the settings.
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

// template is the test that the settings describe.
type template struct {
	// name and value are of the header; value has a placeholder for the token.
	name, value string
	// statuses are the statuses of a refusal.
	statuses []int
	// text is what the body of a refusal contains; empty when that is unknown.
	text string
}

const tokenPlace = "{token}"

// readTemplate reads the settings. It returns false when they describe no test.
func readTemplate(values provider.Values) (template, bool) {
	name, value, ok := readHeader(cmp.Or(values[checkHeader], defaultHeader))
	statuses, listed := readStatuses(cmp.Or(values[checkStatuses], defaultStatuses))
	t := template{name, value, statuses, values[checkText]}
	// An answer with a status of success is a refusal only if its body says so.
	if t.text == "" && slices.ContainsFunc(statuses, func(status int) bool { return status < 300 }) {
		return t, false
	}
	return t, ok && listed
}

// refuses reports whether an answer refuses the token. If the settings have the text of a refusal, that text decides.
// Otherwise the answer must be JSON that is not a gateway's: a bare 401 or 403 may come from a gateway, and a refused
// token is not tested again until a person acts.
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

// ownHeaders are headers of HTTP itself or of proxies. A token in one would break the call, or be read by others than
// the provider.
var ownHeaders = regexp.MustCompile(
	"(?i)^(accept.*|access-control-.*|age|allow|cache-control|connection|content-.*|date|expect|" +
		"forwarded|from|host|if-.*|keep-alive|max-forwards|origin|pragma|proxy-.*|range|referer|sec-.*|te|trailer|" +
		"transfer-encoding|" +
		"upgrade|user-agent|via|warning|x-forwarded-.*)$")

// readHeader parses the template of the token's header. It returns false when the colon or the placeholder is missing,
// or when the name is invalid or one of ownHeaders.
func readHeader(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	return name, value, ok && headerName.MatchString(name) && !ownHeaders.MatchString(name) &&
		strings.Contains(value, tokenPlace)
}

// readStatuses parses a list such as "401, 403". It returns false when the list is invalid: 429 and 5xx never say
// anything about a token.
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

// headerForm returns the fault of a header template.
func headerForm(text string) fault.Code {
	if _, _, ok := readHeader(text); !ok {
		return fault.InvalidCharacters
	}
	return ""
}

// statusesForm returns the fault of a list of statuses.
func statusesForm(text string) fault.Code {
	if _, ok := readStatuses(text); !ok {
		return fault.SettingNumber
	}
	return ""
}
