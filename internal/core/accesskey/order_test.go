package accesskey_test

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
)

func TestTheNextStepIsTheFirstOfTheOrderThatIsMissing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	earlier, before := now.Add(-time.Hour), now.Add(-2*time.Hour)
	both := &ent.Product{HasMarketplaces: true, HasAccessKeys: true}
	fresh, used, usedBefore := &ent.AccessKey{}, &ent.AccessKey{LastUsedAt: &earlier}, &ent.AccessKey{LastUsedAt: &before}
	revoked := &ent.AccessKey{LastUsedAt: &earlier, RevokedAt: &earlier}
	ended := &ent.AccessKey{LastUsedAt: &earlier, ExpiresAt: &earlier}
	const none accesskey.Step = ""
	for name, of := range map[string]struct {
		product      *ent.Product
		marketplaces int
		keys         []*ent.AccessKey
		want         accesskey.Step
		lastCall     *time.Time
	}{
		"nothing":                      {both, 0, nil, accesskey.MarketplaceStep, nil},
		"a key before a marketplace":   {both, 0, []*ent.AccessKey{used}, accesskey.MarketplaceStep, &earlier},
		"a marketplace":                {both, 1, nil, accesskey.AccessKeyStep, nil},
		"a key that was revoked":       {both, 1, []*ent.AccessKey{revoked}, accesskey.AccessKeyStep, nil},
		"a key that has ended":         {both, 1, []*ent.AccessKey{ended}, accesskey.AccessKeyStep, nil},
		"a key that was never used":    {both, 1, []*ent.AccessKey{fresh}, accesskey.BackOfficeStep, nil},
		"a revoked key that was used":  {both, 1, []*ent.AccessKey{fresh, revoked}, accesskey.BackOfficeStep, nil},
		"all":                          {both, 2, []*ent.AccessKey{usedBefore, used}, none, &earlier},
		"a product without keys":       {&ent.Product{HasMarketplaces: true}, 1, nil, none, nil},
		"a product of keys alone":      {&ent.Product{HasAccessKeys: true}, 0, nil, accesskey.AccessKeyStep, nil},
		"a product that is only named": {&ent.Product{}, 0, nil, none, nil},
	} {
		var next accesskey.Step
		if step := accesskey.NextStep(of.product, of.marketplaces, of.keys, now); step != nil {
			next = *step
		}
		if next != of.want {
			t.Errorf("%s: %q, want %q", name, next, of.want)
		}
		got := accesskey.LastCall(of.keys, now)
		if (got == nil) != (of.lastCall == nil) || got != nil && !got.Equal(*of.lastCall) {
			t.Errorf("%s: last call %v, want %v", name, got, of.lastCall)
		}
	}
}
