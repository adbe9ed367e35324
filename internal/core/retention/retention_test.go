package retention_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/retention"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const days = 24 * time.Hour

var periods = retention.Periods{Trail: 1825 * days, Reads: 400 * days}

// optionsOf returns those of a sweeper whose process has run for long enough to believe any clock.
func optionsOf(s *store.Store, now func() time.Time) retention.Options {
	uptime := time.Duration(0)
	keys := accesskey.New(s, token.Live, live.New(s, slog.New(slog.DiscardHandler)), now, accesskey.Brakes{})
	return retention.Options{
		Store: s, Keys: storetest.AuditKeys{}, Periods: periods, TidyReads: keys.TidyReads, Now: now,
		Uptime: func() time.Duration { uptime += 10_000 * days; return uptime },
		Log:    slog.New(slog.DiscardHandler),
	}
}

func sweeperOf(s *store.Store, now func() time.Time) *retention.Service {
	return retention.New(optionsOf(s, now))
}

// plant writes one row of each kind whose time begins now, and a second session, with a token, that goes on.
func plant(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	ctx := principal.AsSystem(t.Context(), "test")
	err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		operator := tx.Operator.Create().SetEmail("a@example.com").SetName("Ana").SetRole("ADMIN").
			SetPasswordHash("x").SaveX(ctx)
		client := tx.ClientRecord.Create().SetName("Loja").SetNameKey("loja").SetDocument("11222333000181").
			SetSearchText("loja").SaveX(ctx)
		product := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
			SetHasAccessKeys(true).SaveX(ctx)
		owned := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).SaveX(ctx)
		shop := tx.Marketplace.Create().SetClientProductID(owned.ID).SetClientID(client.ID).SetProvider("NUVEMSHOP").
			SetDescription("Loja").
			SetSettings([]byte("{}")).SetHealthState("WAITING").SetHealthReason("WAITING_FOR_MERCHANT").SaveX(ctx)
		for i, end := range []time.Time{now, now.Add(1000 * 24 * time.Hour)} {
			session := tx.Session.Create().SetOperatorID(operator.ID).SetAuthenticatedAt(now).SetExpiresAt(end).
				SetUserAgentHash([]byte("x")).SetAddress("192.0.2.1").SaveX(ctx)
			tx.RefreshToken.Create().SetSessionID(session.ID).SetHash([]byte{byte(i)}).ExecX(ctx)
		}
		tx.Throttle.Create().SetID("x").SetSince(now).SetExpiresAt(now).ExecX(ctx)
		tx.OneTimeToken.Create().SetPurpose("x").SetHash([]byte("x")).SetExpiresAt(now).ExecX(ctx)
		tx.IdempotentRequest.Create().SetOperatorID("o").SetKey("k").SetOperation("x").SetInputFingerprint("x").
			SetObjectID("x").ExecX(ctx)
		tx.InstallState.Create().SetMarketplaceID(shop.ID).SetHash([]byte("x")).SetBrowserHash([]byte("x")).
			SetExpiresAt(now).ExecX(ctx)
		tx.InstallLink.Create().SetMarketplaceID(shop.ID).SetHash([]byte("x")).SetCreatedBy("Ana").
			SetExpiresAt(now).ExecX(ctx)
		tx.UnclaimedInstallation.Create().SetProvider("NUVEMSHOP").SetExternalAccount("1").
			SetSecretsSealed([]byte("x")).ExecX(ctx)
		tx.ProviderNotice.Create().SetProvider("NUVEMSHOP").SetTopic("x").SetExternalAccount("1").SetClosedAt(now).ExecX(ctx)
		tx.ProviderNotice.Create().SetProvider("NUVEMSHOP").SetTopic("open").SetExternalAccount("1").ExecX(ctx)
		tx.CredentialRead.Create().SetAccessKeyID("k").SetClientID(client.ID).SetMarketplaceID(shop.ID).
			SetCredentialVersion(1).
			SetAddress("192.0.2.1").SetDay(monthOf(now)).SetCount(1).SetFirstAt(now).SetLastAt(now).ExecX(ctx)
		tx.HourlyCount.Create().SetID(activity.FirstAt(now) + " READS NUVEMSHOP").SetN(1).ExecX(ctx)
		tx.HealthInterval.Create().SetMarketplace(1).SetReason(1).SetSince(now.Unix() - 60).SetUntil(now.Unix()).ExecX(ctx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// monthOf returns when the month of an instant begins.
func monthOf(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// counts returns how many rows each kind of data has, by the table.
func counts(t *testing.T, s *store.Store) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, table := range []string{
		"sessions", "refresh_tokens", "throttles", "one_time_tokens", "idempotent_requests", "install_states",
		"install_links",
		"unclaimed_installations", "provider_notices", "health_intervals", "hourly_counts", "credential_reads",
		"clients", "marketplaces",
	} {
		var n int
		if err := s.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		found[table] = n
	}
	return found
}

// Proves: 13.2
func TestEachKindOfDataGoesWhenItsTimeHasComeAndNotBefore(t *testing.T) {
	t.Parallel()
	tables := []string{ // in the order of the rules
		"sessions", "throttles", "one_time_tokens", "idempotent_requests", "install_states", "install_links",
		"unclaimed_installations", "provider_notices", "health_intervals", "hourly_counts", "credential_reads",
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := schema.Now()
		plant(t, s, began)
		now := began
		sweeper := sweeperOf(s, func() time.Time { return now })
		rules := periods.Rules()
		for i, rule := range rules {
			table, from := tables[i], began
			if table == "credential_reads" {
				from = monthOf(began)
			}
			if table == "hourly_counts" {
				from = began.Add(time.Hour) // an hour goes as a whole
			}
			now = from.Add(rule.Keep - time.Minute)
			if err := sweeper.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := counts(t, s)[table]
			now = from.Add(rule.Keep + time.Minute)
			if err := sweeper.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if after := counts(t, s)[table]; before-after != 1 && !gone(rules[:i], rule.Keep) {
				t.Errorf("%s: %d rows before the end of %s, %d after", rule.Data, before, rule.Keep, after)
			}
		}
		want := map[string]int{
			"sessions": 1, "refresh_tokens": 1, "throttles": 0, "one_time_tokens": 0, "idempotent_requests": 0,
			"install_states": 0, "install_links": 0,
			"unclaimed_installations": 0, "provider_notices": 1, "credential_reads": 0, "clients": 1, "marketplaces": 1,
			"health_intervals": 0, "hourly_counts": 0,
		}
		if got := counts(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("left are %v, want %v", got, want)
		}
	})
}

// gone reports whether an earlier rule keeps its data at least as long: the clock has then passed this rule's end
// already.
func gone(before []retention.Rule, keep time.Duration) bool {
	return slices.ContainsFunc(before, func(r retention.Rule) bool { return r.Keep >= keep })
}

func TestManyRowsGoInSmallTransactions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		now := schema.Now()
		err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			var rows []*ent.OneTimeTokenCreate
			for i := range 1200 {
				rows = append(rows, tx.OneTimeToken.Create().SetPurpose("x").SetHash(fmt.Append(nil, i)).
					SetExpiresAt(now.Add(-48*time.Hour)))
			}
			return tx.OneTimeToken.CreateBulk(rows...).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		sweeper := sweeperOf(s, func() time.Time { return now })
		statements := storetest.Statements(t, s, func() {
			if err := sweeper.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
		deletes := slices.DeleteFunc(statements,
			func(q string) bool { return !strings.HasPrefix(q, "DELETE FROM one_time_tokens") })
		if n := counts(t, s)["one_time_tokens"]; n != 0 || len(deletes) != 3 {
			t.Errorf("%d rows are left after %d deletions, want none after 3", n, len(deletes))
		}
	})
}

func TestRunSweepsAtOnceAndEndsWithItsContext(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := schema.Now()
		plant(t, s, now)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		swept := make(chan struct{}, 1)
		options := optionsOf(s, func() time.Time { return now.Add(999 * 24 * time.Hour) })
		options.TidyReads = func(context.Context, time.Time, time.Time) error { // which follows the rules
			swept <- struct{}{}
			return nil
		}
		sweeper := retention.New(options)
		go func() {
			defer close(ended)
			sweeper.Run(ctx, time.Hour, func(err error) { t.Error(err) })
		}()
		<-swept
		cancel()
		<-ended
		if n := counts(t, s)["sessions"]; n != 1 {
			t.Errorf("%d sessions are left, want 1", n)
		}
	})
}

// Proves: 13.2
func TestTheRulesMatchThePrivacyDocument(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range periods.Rules() {
		days := fmt.Sprintf("%d days", int(rule.Keep.Hours()/24))
		if days == "1 days" {
			days = "1 day"
		}
		if line := fmt.Sprintf("| %s | %s | %s |", rule.Data, days, rule.From); !strings.Contains(string(document), line) {
			t.Errorf("docs/privacy.md has no line %s", line)
		}
	}
}
