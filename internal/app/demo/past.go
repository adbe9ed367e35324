package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// pastDays is for how many days the demonstration makes up a past.
const pastDays = 45

// past makes up what the charts and histories show: the same at each start, but for the times.
type past struct {
	tx     *ent.Tx
	chance *rand.Rand
	now    time.Time
}

// inventPast makes up a past of the connections and keys that there are.
func (s *seeding) inventPast(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "demonstration")
	err := s.Store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		p := &past{tx: tx, chance: rand.New(rand.NewPCG(1, 2)), now: time.Now().UTC()} // #nosec G404 -- made-up data
		rows, err := tx.Marketplace.Query().All(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := p.course(ctx, row); err != nil {
				return err
			}
		}
		if err := p.reads(ctx, rows[0]); err != nil {
			return err
		}
		return p.hours(ctx, rows)
	})
	if err != nil {
		return fmt.Errorf("make up a past: %w", err)
	}
	return nil
}

// course makes up how a connection worked before now: well, but for an outage now and then, and one that all
// connections of Meu Carrinho had together.
func (p *past) course(ctx context.Context, row *connection.Row) error {
	if row.HealthState == string(provider.Waiting) || row.HealthState == string(provider.NotTestable) {
		return nil
	}
	began, end := p.now.AddDate(0, 0, -pastDays), connection.ReasonSince(row)
	if _, err := store.Exec(ctx, "UPDATE marketplaces SET created_at = $1 WHERE id = $2", began, row.ID); err != nil {
		return err
	}
	var intervals []*ent.HealthIntervalCreate
	add := func(reason provider.Reason, until time.Time) {
		if until.After(end) {
			until = end
		}
		if until.Unix() > began.Unix() {
			intervals = append(intervals, p.tx.HealthInterval.Create().SetMarketplace(ident.NumberOf(row.ID)).
				SetReason(reason.Number()).SetSince(began.Unix()).SetUntil(until.Unix()))
			began = until
		}
	}
	incident := p.now.AddDate(0, 0, -9).Truncate(24 * time.Hour).Add(13 * time.Hour)
	for began.Before(end) {
		outage := began.Add(time.Duration(5+p.chance.IntN(15)) * 24 * time.Hour)
		if row.Provider == "MEU_CARRINHO" && began.Before(incident) && outage.After(incident) {
			add(provider.CheckPassed, incident)
			add(provider.Unreachable, incident.Add(4*time.Minute))
			add(provider.Incident, incident.Add(150*time.Minute))
			continue
		}
		add(provider.CheckPassed, outage)
		add(provider.ProviderFault, outage.Add(time.Duration(10+p.chance.IntN(200))*time.Minute))
	}
	return p.tx.HealthInterval.CreateBulk(intervals...).Exec(ctx)
}

// reads makes up what the key that reads a connection has read.
func (p *past) reads(ctx context.Context, of *connection.Row) error {
	key, err := p.tx.AccessKey.Query().Where(accesskey.ClientProductID(of.ClientProductID)).First(ctx)
	if err != nil {
		return err
	}
	var rows []*ent.CredentialReadCreate
	for back := 29; back > 0; back-- {
		day := p.now.AddDate(0, 0, -back).Truncate(24 * time.Hour)
		rows = append(rows, p.tx.CredentialRead.Create().SetAccessKeyID(key.ID).SetClientID(of.ClientID).
			SetMarketplaceID(of.ID).SetCredentialVersion(of.CredentialVersion).SetAddress("203.0.113.7").SetDay(day).
			SetCount(int64(90+p.chance.IntN(60))).SetFirstAt(day.Add(9*time.Hour)).SetLastAt(day.Add(22*time.Hour)))
	}
	return p.tx.CredentialRead.CreateBulk(rows...).Exec(ctx)
}

// hours makes up what was counted by the hour: much by day, little by night.
func (p *past) hours(ctx context.Context, connections []*connection.Row) error {
	states := map[[2]string]int64{}
	for _, row := range connections {
		states[[2]string{row.Provider, row.HealthState}]++
	}
	var rows []*ent.HourlyCountCreate
	first := p.now.AddDate(0, 0, -pastDays).Truncate(time.Hour)
	for at := first; at.Before(p.now.Add(-time.Hour)); at = at.Add(time.Hour) {
		add := func(kind activity.Kind, code string, n int64) {
			if n > 0 {
				rows = append(rows, p.tx.HourlyCount.Create().SetID(activity.RowID(at, kind, provider.Code(code))).SetN(n))
			}
		}
		day := math.Max(0, math.Sin(float64(at.Hour()-9)/12*math.Pi)) // from 6 to 18 hours in Brasília
		add(activity.Reads, "MEU_CARRINHO", int64(20+60*day)+p.chance.Int64N(10))
		add(activity.Reads, "PLUG4MARKET", int64(10+40*day)+p.chance.Int64N(8))
		add(activity.KeysRefused, "", int64(day*2)*p.chance.Int64N(3))
		add(activity.Renewed, "PLUG4MARKET", 1+p.chance.Int64N(3))
		add(activity.NotRenewed, "PLUG4MARKET", p.chance.Int64N(20)/19)
		for of, n := range states {
			add(activity.InState(provider.State(of[1])), of[0], n)
		}
	}
	for len(rows) > 0 {
		batch := rows[:min(len(rows), 500)]
		if err := p.tx.HourlyCount.CreateBulk(batch...).Exec(ctx); err != nil {
			return err
		}
		rows = rows[len(batch):]
	}
	return nil
}
