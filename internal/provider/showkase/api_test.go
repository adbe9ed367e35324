package showkase

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
)

var _ provider.Tester = Provider{}

const secret = "token-of-the-shop"

func call(client *outbound.Client, url string) provider.Call {
	values := providertest.Defaults(Provider{})
	values[checkURL] = url
	return provider.Call{HTTP: client, Settings: values, Secrets: provider.Secrets{token: seal.NewSecret(secret)},
		Now: providertest.Now}
}

var (
	accepted = provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}
	refused  = provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused}
	noWord   = provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}
)

const ownRefusal = `{"codigo":"TOKEN_INVALIDO","message":"` + secret + ` não serve"}`

func TestOnlyAnAnswerThatIsNotAGatewaysIsARefusal(t *testing.T) {
	t.Parallel()
	tests := append(providertest.Faults(),
		providertest.Fault{Name: "a success", Answer: providertest.JSON(200, `{}`), Want: accepted},
		providertest.Fault{Name: "a success without a body", Answer: providertest.Answer(204, "", ""), Want: accepted},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, ownRefusal), Want: refused},
		providertest.Fault{Name: "401 as a text", Answer: providertest.Answer(401, "text/plain", ownRefusal), Want: refused},
		providertest.Fault{Name: "403", Answer: providertest.JSON(403, ownRefusal), Want: noWord},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, ownRefusal), Want: noWord},
	)
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				providertest.Quiet(t, r.URL, secret)
				if got := r.Header.Get("Authorization"); got != "Bearer "+secret {
					t.Errorf("the header is %q", got)
				}
				tt.Answer(w, r)
			})
			got := Provider{}.Test(t.Context(), call(client, url+"/check"))
			providertest.Same(t, got, tt.Want)
			providertest.Silent(t, got, secret)
		})
	}
}

func TestTheSettingsDefineARefusal(t *testing.T) {
	t.Parallel()
	plain := func(status int, body string) http.HandlerFunc { return providertest.Answer(status, "text/plain", body) }
	for _, tt := range []struct {
		name, statuses, text string
		answer               http.HandlerFunc
		want                 provider.Result
	}{
		{"a status that is listed", "401, 403", "", providertest.JSON(403, ownRefusal), refused},
		{"a status that is listed, by a gateway", "401, 403", "", providertest.JSON(403, `{"message":"Forbidden"}`), noWord},
		{"one that is not", "403", "", providertest.JSON(401, ownRefusal), noWord},
		{"the text", "401", "Token inválido", plain(401, "Token inválido"), refused},
		{"the text in what a gateway might say", "401", `"message":"Token inválido"`,
			providertest.JSON(401, `{"message":"Token inválido"}`), refused},
		{"without the text", "401", "Token inválido", providertest.JSON(401, ownRefusal), noWord},
		{"the text with another status", "401", "Token inválido", plain(403, "Token inválido"), noWord},
		{"the text in a success", "200", `"valid":false`, providertest.JSON(200, `{"valid":false}`), refused},
		{"a success without the text", "200", `"valid":false`, providertest.JSON(200, `{"valid":true}`), accepted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, tt.answer)
			c := call(client, url)
			c.Settings[checkStatuses], c.Settings[checkText] = tt.statuses, tt.text
			got := Provider{}.Test(t.Context(), c)
			providertest.Same(t, got, tt.want)
			providertest.Silent(t, got, secret)
		})
	}
}

// settingOf returns a setting by its name.
func settingOf(name string) provider.Setting {
	all := Provider{}.Settings()
	return all[slices.IndexFunc(all, func(s provider.Setting) bool { return s.Name == name })]
}

func TestTheStatusesOfARefusal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"401": true, "401,403": true, " 401 , 404 ": true, "": true, // the default
		"x": false, "401,": false, "401;403": false, "429": false, "500": false, "100": false, "-401": false,
		"200": false, // without a text every good answer would be one
	} {
		values := provider.Values{checkURL: "https://example.com", checkStatuses: text}
		if got := (Provider{}).CanTest(values); got != want {
			t.Errorf("%q: CanTest is %t", text, got)
		}
		if code, _ := settingOf(checkStatuses).Check(text, nil); text != "" && text != "200" && (code == "") != want {
			t.Errorf("%q is %q", text, code)
		}
	}
	if values := (provider.Values{checkURL: "https://example.com", checkStatuses: "200", checkText: "x"}); !(Provider{}).
		CanTest(values) {
		t.Error("a success with a text is no refusal")
	}
}

func TestACallWithoutAListenerIsUnsent(t *testing.T) {
	t.Parallel()
	client, url := providertest.NewClosedClient(t)
	got := Provider{}.Test(t.Context(), call(client, url))
	providertest.Same(t, got, provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable, Unsent: true})
}

func TestTheTemplateOfTheHeader(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]struct {
		name, value string
		ok          bool
	}{
		"Authorization: Bearer {token}": {"Authorization", "Bearer s", true},
		"":                              {"Authorization", "Bearer s", true},
		" X-Api-Key :{token}":           {"X-Api-Key", "s", true},
		"X-Both: {token}:{token}":       {"X-Both", "s:s", true},
		"Authorization Bearer {token}":  {ok: false},
		"Authorization: Bearer":         {ok: false},
		": {token}":                     {ok: false},
		"X Key: {token}":                {ok: false},
		"X\nKey: {token}":               {ok: false},
		"{token}: {token}":              {ok: false},
		"host: {token}":                 {ok: false},
		"Content-Length: {token}":       {ok: false},
		"Transfer-Encoding: {token}":    {ok: false},
		"X-Forwarded-For: {token}":      {ok: false},
		"User-Agent: {token}":           {ok: false},
	} {
		values := provider.Values{checkURL: "https://example.com", checkHeader: template}
		name, value, ok := readHeader(cmp.Or(template, defaultHeader))
		value = strings.ReplaceAll(value, tokenPlace, "s")
		if ok != want.ok || ok && (name != want.name || value != want.value) {
			t.Errorf("%q gives %q, %q, %t", template, name, value, ok)
		}
		if got := (Provider{}).CanTest(values); got != want.ok {
			t.Errorf("%q: CanTest is %t", template, got)
		}
		if code, _ := settingOf(checkHeader).Check(template, nil); template != "" && (code == "") != want.ok {
			t.Errorf("%q is %q", template, code)
		}
	}
}

func TestWithoutAnAddressThereIsNoTest(t *testing.T) {
	t.Parallel()
	client, _ := providertest.NewClosedClient(t)
	for name, change := range map[string]func(*provider.Call){
		"no address":  func(c *provider.Call) { delete(c.Settings, checkURL) },
		"no template": func(c *provider.Call) { c.Settings[checkHeader] = "{token}" },
		"no token":    func(c *provider.Call) { c.Secrets = nil },
	} {
		c := call(client, "https://example.com")
		change(&c)
		if got := (Provider{}).Test(t.Context(), c); got.Outcome != provider.Untestable {
			t.Errorf("%s: the outcome is %s", name, got.Outcome)
		}
	}
	if (Provider{}).CanTest(providertest.Defaults(Provider{})) {
		t.Error("CanTest is true with nothing set")
	}
}
