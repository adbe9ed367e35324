package nuvemshop

import (
	"strconv"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func now() time.Time { return providertest.Now }

func TestTheLifeOfAShop(t *testing.T) {
	t.Parallel()
	for _, spelling := range []simulated.Spelling{simulated.EitherSpelling, simulated.Authentication,
		simulated.Authorization} {
		for _, field := range []simulated.AccountField{simulated.UserIDNumber, simulated.UserIDString,
			simulated.StoreIDNumber} {
			twin := simulated.New(now).Nuvemshop
			twin.AddStore(2093261, simulated.Store{Name: map[string]string{"pt": "Loja da Ana"}, BusinessID: "11222333000181"})
			twin.SetSpelling(spelling)
			twin.SetAccountField(field)
			twin.SetAllowHTTPWebhooks(true)
			client, url := providertest.Serve(t, twin.Handler().ServeHTTP)
			c := provider.Call{HTTP: client, Settings: providertest.Defaults(Provider{}), Now: now()}
			c.Settings[baseURL], c.Settings[apiURL] = url, url
			c.Settings[appID], c.Settings[appSecret] = strconv.Itoa(simulated.NuvemshopAppID), simulated.NuvemshopAppSecret

			code := twin.Authorize(2093261)
			granted := Provider{}.Exchange(t.Context(), c, code)
			providertest.Same(t, granted.Result,
				provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account})
			again := Provider{}.Exchange(t.Context(), c, code)
			providertest.Same(t, again.Result, provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused})
			twin.SetTokenErrorsIn200(true)
			again = Provider{}.Exchange(t.Context(), c, code)
			providertest.Same(t, again.Result, provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused})

			c.Record = provider.Record{ExternalAccount: granted.Account.ID, ProviderState: granted.State}
			c.Secrets, c.WebhookURL = granted.Secrets, "http://portal.example/webhooks/nuvemshop"
			test := func(want provider.Result) {
				t.Helper()
				got := Provider{}.Test(t.Context(), c)
				providertest.Same(t, got, want)
				providertest.Silent(t, got, granted.Secrets[accessToken].Reveal(), code, simulated.NuvemshopAppSecret)
				if got.State != nil {
					c.Record.ProviderState = got.State
				}
			}
			good := provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account}
			test(good)
			before := twin.Calls().Counts
			test(good)
			const subscribe = "POST /{version}/{store_id}/webhooks"
			if after := twin.Calls().Counts; after[subscribe] != before[subscribe] {
				t.Errorf("the calls are %v", after)
			}
			deliveries := twin.Suspend(2093261)
			test(provider.Result{Outcome: provider.Halted, Reason: provider.SuspendedByProvider})
			deliveries = append(deliveries, twin.Resume(2093261)...)
			test(good)
			deliveries = append(deliveries, twin.Uninstall(2093261)...)
			test(provider.Result{Outcome: provider.Refused, Reason: provider.AccessRevoked})
			if len(deliveries) != len(events) {
				t.Errorf("%d deliveries", len(deliveries))
			}
			for _, d := range deliveries {
				if n, ok := (Provider{}).Receive(c.Settings, "", d.Header, d.Body); !ok || !n.Check || !n.Signed ||
					n.Account != "2093261" {
					t.Errorf("%s is %+v, %t", d.Body, n, ok)
				}
			}
			for topic, name := range topics {
				for _, signed := range []bool{true, false} {
					d := twin.Redact(name, 2093261, url, signed)
					if n, ok := (Provider{}).Receive(c.Settings, topic, d.Header, d.Body); !ok || n.Signed != signed ||
						n.Topic != name || n.Account != "2093261" {
						t.Errorf("%s is %+v, %t", d.Body, n, ok)
					}
				}
			}
		}
	}
}
