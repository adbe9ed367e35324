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
