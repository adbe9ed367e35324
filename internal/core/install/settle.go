package install

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/providernotice"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/span"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// settleTime is the deadline of the question whether the token of an installation still works.
const settleTime = 20 * time.Second

// Settle handles the proven demands to erase an unclaimed installation. Such a demand comes two days after an
// uninstall, and the shop may have been installed again since. The token decides: a dead one is deleted, and one that
// works closes the demand. An unclear answer is asked for again later.
func (s *Service) Settle(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "notices")
	notices, err := s.store.Reader().ProviderNotice.Query().
		Where(providernotice.ClosedAtIsNil(), providernotice.ProvenAtNotNil()).
		Order(ent.Asc(providernotice.FieldID)).Limit(maxUnclaimed).All(ctx)
	if err != nil {
		return fmt.Errorf("read the notices: %w", err)
	}
	for _, notice := range notices {
		u, err := s.store.Reader().UnclaimedInstallation.Query().
			Where(unclaimedOf(provider.Code(notice.Provider), notice.ExternalAccount)).Only(ctx)
		if ent.IsNotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the unclaimed installation: %w", err)
		}
		g, err := s.grantOf(u)
		if err != nil {
			return err
		}
		outcome, err := s.probe(ctx, g)
		if err != nil {
			return err
		}
		if outcome == provider.OK || outcome == provider.Halted || outcome == provider.Refused {
			if err := s.settleOne(ctx, notice, u, outcome == provider.Refused); err != nil {
				return err
			}
		}
	}
	return nil
}

// probe asks the provider whether the credentials of a grant still work. It sends them to no other host than their own.
func (s *Service) probe(ctx context.Context, g grant) (provider.Outcome, error) {
	p, err := s.providers.Get(g.Provider)
	if err != nil {
		return "", err
	}
	settings, err := s.settings.InForce(ctx, g.Provider)
	if err != nil {
		return "", err
	}
	tester, ok := p.(provider.Tester)
	if !ok || !tester.CanTest(settings) || provider.Host(p.Settings(), settings, provider.OfConnection) != g.Host {
		return provider.Untestable, nil
	}
	ctx, asking := span.Begin(ctx, s.tracer, "settle install",
		trace.WithAttributes(span.Provider.String(string(g.Provider))))
	defer asking.End()
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	return tester.Test(ctx, provider.Call{
		HTTP: provider.MeasureCalls(s.http, s.meter, g.Provider), Settings: settings, Secrets: g.Secrets, Now: s.now(),
		Record: provider.Record{ExternalAccount: g.Account.ID, ProviderState: g.State},
	}).Outcome, nil
}

// settleOne closes a notice and, if the token is dead, deletes its installation. An installation that was claimed,
// discarded or replaced meanwhile stays.
func (s *Service) settleOne(
	ctx context.Context, notice *ent.ProviderNotice, u *ent.UnclaimedInstallation, dead bool,
) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		closed, err := tx.ProviderNotice.Update().
			Where(providernotice.ID(notice.ID), providernotice.ClosedAtIsNil()).SetClosedAt(s.now()).Save(ctx)
		if err != nil {
			return fmt.Errorf("close the notice: %w", err)
		}
		if closed == 0 {
			return nil
		}
		if !dead {
			return audit.Append(ctx, tx, audit.Event{
				Action: "notice.outdated", ObjectID: notice.ID,
				Changes: []audit.Change{{Field: "account", New: u.ExternalAccount}},
			})
		}
		deleted, err := tx.UnclaimedInstallation.Delete().Where(unclaimedinstallation.ID(u.ID)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete the unclaimed installation: %w", err)
		}
		if deleted == 0 {
			return nil
		}
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: u.ID}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "installation.erase", ObjectID: u.ID,
			Changes: []audit.Change{{Field: "account", Old: u.ExternalAccount}},
		})
	})
}
