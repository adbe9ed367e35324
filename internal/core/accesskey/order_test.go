package accesskey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/provider"
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

func TestAStepIsDoneOnlyWhenItIsKnownToWork(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	earlier := now.Add(-time.Hour)
	both := &ent.Product{HasMarketplaces: true, HasAccessKeys: true}
	fresh, used := &ent.AccessKey{}, &ent.AccessKey{LastUsedAt: &earlier}
	in := func(reasons ...provider.Reason) []*ent.Marketplace {
		rows := make([]*ent.Marketplace, len(reasons))
		for i, reason := range reasons {
			rows[i] = &ent.Marketplace{ID: string(reason), HealthReason: string(reason),
				HealthState: string(provider.Health{Reason: reason}.State())}
		}
		return rows
	}
	ended := in(provider.CheckPassed)
	ended[0].CredentialsExpireAt = &earlier
	const works, merchant, password = provider.CheckPassed, provider.WaitingForMerchant, provider.PasswordRefused
	for name, of := range map[string]struct {
		product      *ent.Product
		marketplaces []*ent.Marketplace
		keys         []*ent.AccessKey
		want         string
	}{
		"nothing":                   {both, nil, nil, "NEXT PENDING PENDING"},
		"a key alone":               {both, nil, []*ent.AccessKey{used}, "NEXT DONE DONE"},
		"one that works":            {both, in(works), nil, "DONE NEXT PENDING"},
		"one that ends soon":        {both, in(provider.CredentialsEndSoon), nil, "DONE NEXT PENDING"},
		"a key that was never used": {both, in(works), []*ent.AccessKey{fresh}, "DONE DONE NEXT"},
		"all":                       {both, in(works), []*ent.AccessKey{used}, "DONE DONE DONE"},
		"one that waits":            {both, in(merchant), nil, "TROUBLE(WAITING_FOR_MERCHANT) PENDING PENDING"},
		"one that is refused":       {both, in(password), []*ent.AccessKey{fresh}, "TROUBLE(PASSWORD_REFUSED) DONE PENDING"},
		"one that broke in use":     {both, in(password), []*ent.AccessKey{used}, "TROUBLE(PASSWORD_REFUSED) DONE DONE"},
		"one whose time is over":    {both, ended, nil, "TROUBLE(CREDENTIALS_EXPIRED) PENDING PENDING"},
		"one of two that works":     {both, in(password, works), nil, "DONE NEXT PENDING"},
		"the worst of those that do not": {both, in(merchant, provider.Unreachable, password), nil,
			"TROUBLE(PASSWORD_REFUSED) PENDING PENDING"},
		"a fault before a merchant": {both, in(merchant, provider.Unreachable), nil,
			"TROUBLE(UNREACHABLE) PENDING PENDING"},
		"one that was not checked": {both, in(provider.NotCheckedYet), nil, "UNPROVEN(NOT_CHECKED_YET) NEXT PENDING"},
		"one that nobody can check": {both, in(provider.NoTestAvailable), []*ent.AccessKey{used},
			"UNPROVEN(NO_TEST_AVAILABLE) DONE DONE"},
		"one unknown, one refused": {both, in(password, provider.NoTestAvailable), nil,
			"UNPROVEN(NO_TEST_AVAILABLE) NEXT PENDING"},
		"a product without keys":   {&ent.Product{HasMarketplaces: true}, in(works), nil, "DONE"},
		"a product of keys alone":  {&ent.Product{HasAccessKeys: true}, in(password), nil, "NEXT PENDING"},
		"a product only of a name": {&ent.Product{}, nil, nil, ""},
	} {
		var got []string
		for _, step := range accesskey.Steps(of.product, of.marketplaces, of.keys, now) {
			text := string(step.State)
			if step.Reason != nil {
				text += "(" + string(*step.Reason) + ")"
				if *step.MarketplaceID != string(*step.Reason) && *step.Reason != provider.CredentialsExpired {
					t.Errorf("%s: the reason %s is of %s", name, *step.Reason, *step.MarketplaceID)
				}
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != of.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, " "), of.want)
		}
	}
}
