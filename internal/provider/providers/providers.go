// Package providers is the list of the marketplaces that the portal knows.
package providers

import (
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/meucarrinho"
	"github.com/chaveiro/chaveiro/internal/provider/nuvemshop"
	"github.com/chaveiro/chaveiro/internal/provider/plug4market"
	"github.com/chaveiro/chaveiro/internal/provider/showkase"
)

// All returns every provider.
func All() provider.Registry {
	return provider.NewRegistry(
		meucarrinho.Provider{},
		nuvemshop.Provider{},
		plug4market.Provider{},
		showkase.Provider{},
	)
}

// Inputs returns an empty input of a new connection for each provider, to be filled in as on its form.
func Inputs() []provider.Input {
	return []provider.Input{
		meucarrinho.ConfigInput{},
		nuvemshop.ConfigInput{},
		plug4market.ConfigInput{},
		showkase.ConfigInput{},
	}
}

// The types of the providers by their names in the schema: that is how gqlgen finds them (autobind).
type (
	MeuCarrinhoConfig            = meucarrinho.Config
	MeuCarrinhoConfigInput       = meucarrinho.ConfigInput
	MeuCarrinhoConfigUpdateInput = meucarrinho.ConfigUpdateInput
	MeuCarrinhoCredentials       = meucarrinho.Credentials

	NuvemshopConfig            = nuvemshop.Config
	NuvemshopConfigInput       = nuvemshop.ConfigInput
	NuvemshopConfigUpdateInput = nuvemshop.ConfigUpdateInput
	NuvemshopCredentials       = nuvemshop.Credentials

	Plug4MarketConfig            = plug4market.Config
	Plug4MarketConfigInput       = plug4market.ConfigInput
	Plug4MarketConfigUpdateInput = plug4market.ConfigUpdateInput
	Plug4MarketCredentials       = plug4market.Credentials

	ShowKaseConfig            = showkase.Config
	ShowKaseConfigInput       = showkase.ConfigInput
	ShowKaseConfigUpdateInput = showkase.ConfigUpdateInput
	ShowKaseCredentials       = showkase.Credentials
)
