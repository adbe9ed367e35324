// Package providers is the list of the marketplaces that the portal knows.
package providers

import (
	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/meucarrinho"
	"github.com/chaveiro/chaveiro/internal/marketplace/nuvemshop"
	"github.com/chaveiro/chaveiro/internal/marketplace/plug4market"
	"github.com/chaveiro/chaveiro/internal/marketplace/showkase"
)

// All returns every provider.
func All() marketplace.Registry {
	return marketplace.NewRegistry(
		meucarrinho.Provider{},
		nuvemshop.Provider{},
		plug4market.Provider{},
		showkase.Provider{},
	)
}
