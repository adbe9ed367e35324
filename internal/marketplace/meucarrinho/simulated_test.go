package meucarrinho

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/providertest"
	"github.com/chaveiro/chaveiro/internal/simulated"
)

func TestTheLifeOfAUser(t *testing.T) {
	t.Parallel()
	for _, numeric := range []bool{false, true} {
		provider := simulated.New(func() time.Time { return providertest.Now }).MeuCarrinho
		provider.SetNumericIDs(numeric)
		id := provider.AddUser("ana", secret, simulated.Merchant{Name: "Loja da Ana", CNPJ: "11222333000181"})
		client, url := providertest.Serve(t, provider.Handler().ServeHTTP)
		c := call(client, url)
		providertest.Same(t, Provider{}.Test(t.Context(), c), marketplace.Result{
			Outcome: marketplace.OK, Reason: marketplace.CheckPassed,
			Account: marketplace.Account{ID: id, Name: "Loja da Ana", Document: "11222333000181"},
		})
		renewed := Provider{}.Refresh(t.Context(), c)
		if end := renewed.ExpireAt[sessionToken]; renewed.Outcome != marketplace.OK || !end.Equal(c.Now.Add(4*time.Hour)) {
			t.Errorf("the result is %+v, and the session ends %s", renewed.Result, end)
		}
		provider.SetPassword("ana", "another")
		for _, with401 := range []bool{false, true} {
			provider.SetRefuseWith401(with401)
			before := provider.RefusedLogins("ana")
			got := Provider{}.Test(t.Context(), c)
			providertest.Same(t, got, marketplace.Result{Outcome: marketplace.Refused, Reason: marketplace.PasswordRefused})
			providertest.Silent(t, got, secret)
			if tries := provider.RefusedLogins("ana") - before; got.Message == "" || tries != 1 {
				t.Errorf("it says %q, after %d tries", got.Message, tries)
			}
		}
	}
}
