package plug4market

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func TestTheLifeOfAPair(t *testing.T) {
	t.Parallel()
	clock := providertest.Now
	twin := simulated.New(func() time.Time { return clock }).Plug4Market
	access, refresh := twin.AddStore(cnpj, "16727230000197")
	client, url := providertest.Serve(t, twin.Handler().ServeHTTP)
	c := call(client, url)
	c.Secrets = provider.Secrets{accessToken: seal.NewSecret(access), refreshToken: seal.NewSecret(refresh)}
	good := provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop}
	test := func(want provider.Result) {
		t.Helper()
		got := Provider{}.Test(t.Context(), c)
		providertest.Same(t, got, want)
		providertest.Silent(t, got, c.Secrets[accessToken].Reveal(), c.Secrets[refreshToken].Reveal(), simulated.Shopper,
			simulated.ShopperEmail)
	}
	test(good)
	for range 3 {
		spent := c.Secrets
		renewed := Provider{}.Refresh(t.Context(), c)
		providertest.Same(t, renewed.Result, good)
		if end := renewed.ExpireAt[accessToken]; !end.Equal(c.Now.Add(24 * time.Hour)) {
			t.Errorf("it ends %s", end)
		}
		again := Provider{}.Refresh(t.Context(), c)
		providertest.Same(t, again.Result, provider.Result{Outcome: provider.Refused, Reason: provider.RenewalRefused})
		if again.Message == "" {
			t.Error("the refusal says nothing")
		}
		providertest.Silent(t, again.Result, spent[refreshToken].Reveal())
		c.Secrets = renewed.Secrets
		test(good)
		clock = clock.Add(23 * time.Hour)
		c.Now = clock
	}
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused, Account: shop}
	twin.Suspend(cnpj)
	test(refused)
	twin.Resume(cnpj)
	test(good)
	twin.Revoke(cnpj)
	test(refused)
}
