package keeper

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/providerincident"
	"github.com/chaveiro/chaveiro/internal/base/page"
)

// Incidents returns a page of the incidents of providers, the newest first: all, those that go on, or those that are
// over. It returns a fault.BadRequest when the arguments make no sense.
func (k *Keeper) Incidents(
	ctx context.Context, open *bool, args page.Args,
) (*page.Connection[*ent.ProviderIncident], error) {
	window, err := args.Window(page.Order{Desc: true}) // ids rise with the time they were made
	if err != nil {
		return nil, err
	}
	var where []predicate.ProviderIncident
	if open != nil {
		where = append(where, providerincident.ClosedAtNotNil())
		if *open {
			where[0] = providerincident.ClosedAtIsNil()
		}
	}
	rows, err := k.store.Reader().ProviderIncident.Query().Where(where...).Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the incidents of providers: %w", err)
	}
	return page.New(window, rows,
		func(i *ent.ProviderIncident) (string, string) { return "", i.ID },
		func(ctx context.Context) (int, error) {
			return k.store.Reader().ProviderIncident.Query().Where(where...).Count(ctx)
		},
	), nil
}
