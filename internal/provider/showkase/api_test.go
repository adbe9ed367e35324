package showkase

import (
	"net/http"
	"testing"

	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/seal"
)

var _ provider.Tester = Provider{}

const secret = "token-of-the-shop"

func call(client *outbound.Client, url string) provider.Call {
	values := providertest.Defaults(Provider{})
	values[checkURL] = url
	return provider.Call{HTTP: client, Settings: values, Secrets: provider.Secrets{token: seal.NewSecret(secret)}, Now: providertest.Now}
}

func TestATestTellsWhatTheStatusTells(t *testing.T) {
	t.Parallel()
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused}
	tests := append(providertest.Faults(),
		providertest.Fault{Name: "a success", Answer: providertest.JSON(200, `{}`), Want: provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}},
		providertest.Fault{Name: "a success without a body", Answer: providertest.Answer(204, "", ""), Want: provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, `{"message":"`+secret+`"}`), Want: refused},
		providertest.Fault{Name: "403", Answer: providertest.Answer(403, "text/plain", secret), Want: refused},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, secret), Want: provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}},
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

func TestNothingIsSentWhereNothingListens(t *testing.T) {
	t.Parallel()
	client, url := providertest.Closed(t)
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
	} {
		values := provider.Values{checkURL: "https://example.com", checkHeader: template}
		name, value, ok := header(values, "s")
		if ok != want.ok || ok && (name != want.name || value != want.value) {
			t.Errorf("%q gives %q, %q, %t", template, name, value, ok)
		}
		if got := (Provider{}).CanTest(values); got != want.ok {
			t.Errorf("%q: CanTest is %t", template, got)
		}
	}
}

func TestWithoutAnAddressThereIsNoTest(t *testing.T) {
	t.Parallel()
	client, _ := providertest.Closed(t)
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
