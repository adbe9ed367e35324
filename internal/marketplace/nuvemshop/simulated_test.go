package nuvemshop

import (
	"strconv"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/providertest"
	"github.com/chaveiro/chaveiro/internal/simulated"
)

func now() time.Time { return providertest.Now }

func TestTheLifeOfAShop(t *testing.T) {
	t.Parallel()
	for _, spelling := range []simulated.Spelling{simulated.EitherSpelling, simulated.Authentication, simulated.Authorization} {
		for _, field := range []simulated.AccountField{simulated.UserIDNumber, simulated.UserIDString, simulated.StoreIDNumber} {
			provider := simulated.New(now).Nuvemshop
			provider.AddStore(2093261, simulated.Store{Name: map[string]string{"pt": "Loja da Ana"}, BusinessID: "11222333000181"})
			provider.SetSpelling(spelling)
			provider.SetAccountField(field)
			provider.SetAllowHTTPWebhooks(true)
			client, url := providertest.Serve(t, provider.Handler().ServeHTTP)
			c := marketplace.Call{HTTP: client, Settings: providertest.Defaults(Provider{}), Now: now()}
			c.Settings[baseURL], c.Settings[apiURL] = url, url
			c.Settings[appID], c.Settings[appSecret] = strconv.Itoa(simulated.NuvemshopAppID), simulated.NuvemshopAppSecret

			code := provider.Authorize(2093261)
			granted := Provider{}.Exchange(t.Context(), c, code)
			providertest.Same(t, granted.Result, marketplace.Result{Outcome: marketplace.OK, Reason: marketplace.CheckPassed, Account: account})
			again := Provider{}.Exchange(t.Context(), c, code)
			providertest.Same(t, again.Result, marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.TokenRefused})
			provider.SetTokenErrorsIn200(true)
			again = Provider{}.Exchange(t.Context(), c, code)
			providertest.Same(t, again.Result, marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.TokenRefused})

			c.Record = marketplace.Record{ExternalAccount: granted.Account.ID, ProviderState: granted.State}
			c.Secrets, c.WebhookURL = granted.Secrets, "http://portal.example/webhooks/nuvemshop"
			test := func(want marketplace.Result) {
				t.Helper()
				got := Provider{}.Test(t.Context(), c)
				providertest.Same(t, got, want)
				providertest.Silent(t, got, granted.Secrets[accessToken].Reveal(), code, simulated.NuvemshopAppSecret)
				if got.State != nil {
					c.Record.ProviderState = got.State
				}
			}
			good := marketplace.Result{Outcome: marketplace.OK, Reason: marketplace.CheckPassed, Account: account}
			test(good)
			before := provider.Calls().Counts
			test(good)
			if after := provider.Calls().Counts; after["POST /{version}/{store_id}/webhooks"] != before["POST /{version}/{store_id}/webhooks"] {
				t.Errorf("the calls are %v", after)
			}
			deliveries := provider.Suspend(2093261)
			test(marketplace.Result{Outcome: marketplace.Halted, Reason: marketplace.SuspendedByProvider})
			deliveries = append(deliveries, provider.Resume(2093261)...)
			test(good)
			deliveries = append(deliveries, provider.Uninstall(2093261)...)
			test(marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.AccessRevoked})
			if len(deliveries) != len(events) {
				t.Errorf("%d deliveries", len(deliveries))
			}
			for _, d := range deliveries {
				if n, ok := (Provider{}).Receive(c.Settings, "", d.Header, d.Body); !ok || !n.Check || !n.Signed || n.Account != "2093261" {
					t.Errorf("%s is %+v, %t", d.Body, n, ok)
				}
			}
			for topic, name := range topics {
				for _, signed := range []bool{true, false} {
					d := provider.Redact(name, 2093261, url, signed)
					if n, ok := (Provider{}).Receive(c.Settings, topic, d.Header, d.Body); !ok || n.Signed != signed || n.Topic != name || n.Account != "2093261" {
						t.Errorf("%s is %+v, %t", d.Body, n, ok)
					}
				}
			}
		}
	}
}
