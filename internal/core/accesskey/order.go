package accesskey

import (
	"time"

	"github.com/chaveiro/chaveiro/ent"
)

// Step is a step of the order after the client product itself.
type Step string

// The steps, in their order.
const (
	MarketplaceStep Step = "MARKETPLACE"
	AccessKeyStep   Step = "ACCESS_KEY"
	BackOfficeStep  Step = "BACK_OFFICE"
)

// NextStep returns the next step of a client product: a marketplace, a key in force, or the first call of the
// back-office. It skips the steps that the product does not have, and returns nil when none is left.
func NextStep(product *ent.Product, marketplaces int, keys []*ent.AccessKey, now time.Time) *Step {
	switch {
	case product.HasMarketplaces && marketplaces == 0:
		return new(MarketplaceStep)
	case product.HasAccessKeys && len(keysInForce(keys, now)) == 0:
		return new(AccessKeyStep)
	case product.HasAccessKeys && LastCall(keys, now) == nil:
		return new(BackOfficeStep)
	}
	return nil
}

// LastCall returns when a key in force was last used, nil when none was.
func LastCall(keys []*ent.AccessKey, now time.Time) *time.Time {
	var last *time.Time
	for _, key := range keysInForce(keys, now) {
		if key.LastUsedAt != nil && (last == nil || key.LastUsedAt.After(*last)) {
			last = key.LastUsedAt
		}
	}
	return last
}

func keysInForce(keys []*ent.AccessKey, now time.Time) []*ent.AccessKey {
	var inForce []*ent.AccessKey
	for _, key := range keys {
		if status := StatusOf(key, now); status == Active || status == Overlapping {
			inForce = append(inForce, key)
		}
	}
	return inForce
}
