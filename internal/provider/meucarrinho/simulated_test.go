package meucarrinho

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func TestTheLifeOfAUser(t *testing.T) {
	t.Parallel()
	for _, numeric := range []bool{false, true} {
		twin := simulated.New(func() time.Time { return providertest.Now }).MeuCarrinho
		twin.SetNumericIDs(numeric)
		id := twin.AddUser("ana", secret, simulated.Merchant{Name: "Loja da Ana", CNPJ: "11222333000181"})
		client, url := providertest.Serve(t, twin.Handler().ServeHTTP)
		c := call(client, url)
		providertest.Same(t, Provider{}.Test(t.Context(), c), provider.Result{
			Outcome: provider.OK, Reason: provider.CheckPassed,
			Account: provider.Account{ID: id, Name: "Loja da Ana", Document: "11222333000181"},
		})
		renewed := Provider{}.Refresh(t.Context(), c)
		if end := renewed.ExpireAt[sessionToken]; renewed.Outcome != provider.OK || !end.Equal(c.Now.Add(4*time.Hour)) {
			t.Errorf("the result is %+v, and the session ends %s", renewed.Result, end)
		}
		twin.SetPassword("ana", "another")
		for _, with401 := range []bool{false, true} {
			twin.SetRefuseWith401(with401)
			before := twin.RefusedLogins("ana")
			got := Provider{}.Test(t.Context(), c)
			providertest.Same(t, got, provider.Result{Outcome: provider.Refused, Reason: provider.PasswordRefused})
			providertest.Silent(t, got, secret)
			if tries := twin.RefusedLogins("ana") - before; got.Message == "" || tries != 1 {
				t.Errorf("it says %q, after %d tries", got.Message, tries)
			}
		}
	}
}
