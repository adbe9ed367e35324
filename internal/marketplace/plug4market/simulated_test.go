package plug4market

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/providertest"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/simulated"
)

func TestTheLifeOfAPair(t *testing.T) {
	t.Parallel()
	clock := providertest.Now
	provider := simulated.New(func() time.Time { return clock }).Plug4Market
	access, refresh := provider.AddStore(cnpj, "16727230000197")
	client, url := providertest.Serve(t, provider.Handler().ServeHTTP)
	c := call(client, url)
	c.Secrets = marketplace.Secrets{accessToken: seal.NewSecret(access), refreshToken: seal.NewSecret(refresh)}
	good := marketplace.Result{Outcome: marketplace.OK, Reason: marketplace.CheckPassed, Account: shop}
	test := func(want marketplace.Result) {
		t.Helper()
		got := Provider{}.Test(t.Context(), c)
		providertest.Same(t, got, want)
		providertest.Silent(t, got, c.Secrets[accessToken].Reveal(), c.Secrets[refreshToken].Reveal(), simulated.Shopper, simulated.ShopperEmail)
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
		providertest.Same(t, again.Result, marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.RenewalRefused})
		if again.Message == "" {
			t.Error("the refusal says nothing")
		}
		providertest.Silent(t, again.Result, spent[refreshToken].Reveal())
		c.Secrets = renewed.Secrets
		test(good)
		clock = clock.Add(23 * time.Hour)
		c.Now = clock
	}
	refused := marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.TokenRefused, Account: shop}
	provider.Suspend(cnpj)
	test(refused)
	provider.Resume(cnpj)
	test(good)
	provider.Revoke(cnpj)
	test(refused)
}
