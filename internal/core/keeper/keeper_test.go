package keeper

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const document = "11222333000181"

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newWorld(t, s)) })
}

func TestAPairIsCheckedAndRenewedForDays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		for range 3 * 24 {
			w.advance(time.Hour)
			w.step(k)
			w.has(id, provider.CheckPassed)
		}
		w.hasPair(k, id, document)
		if n := w.twin.Refreshes(document); n != 3 {
			t.Errorf("it was renewed %d times in three days", n)
		}
		if n := w.events("marketplace.renew"); n != 1 {
			t.Errorf("%d renewals that went as each day have an event, beside the first", n-1)
		}
		w.change(id, func(row *connection.Row) {
			row.HealthState, row.HealthReason = string(provider.Failing), string(provider.Unreachable)
		})
		w.advance(24 * time.Hour)
		w.step(k)
		w.has(id, provider.CheckPassed)
		if n := w.events("marketplace.renew"); n != 2 {
			t.Errorf("%d events of renewals, want one more after one that ended trouble", n)
		}
	})
}

// TestANewPairIsSavedAfterTheDatabaseWasAway takes the database away after the provider has made the renewal, and
// before its answer.
func TestANewPairIsSavedAfterTheDatabaseWasAway(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		before := w.row(id)
		w.advance(23 * time.Hour)
		reached, release := w.twin.HoldAnswer("/auth/refresh")
		done := make(chan error, 1)
		go func() {
			_, err := k.Step(w.ctx)
			done <- err
		}()
		w.reached("the renewal", reached)
		undo := w.block()
		release()
		w.eventually("the answer is held", func() bool {
			_, held := k.spool.Waiting()
			return held == 1
		})
		if row := w.row(id); row.RenewalBegunAt == nil || row.CredentialVersion != before.CredentialVersion {
			t.Errorf("meanwhile it was begun at %v, in version %d", row.RenewalBegunAt, row.CredentialVersion)
		}
		undo()
		w.check(<-done)
		w.has(id, provider.CheckPassed)
		w.hasPair(k, id, document)
		if row := w.row(id); row.CredentialVersion != before.CredentialVersion+1 {
			t.Errorf("it is version %d after %d", row.CredentialVersion, before.CredentialVersion)
		}
		if n := w.events("marketplace.renew"); n != 1 {
			t.Errorf("the audit trail has %d renewals", n)
		}
	})
}

// TestAPairIsNotSavedForAnotherClient writes another client into the row while the provider answers, as an intruder in
// the database would. That client gets nothing, and no call is made for the connection from then on.
func TestAPairIsNotSavedForAnotherClient(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		before := w.row(id)
		w.advance(23 * time.Hour)
		reached, release := w.twin.HoldAnswer("/auth/refresh")
		done := make(chan error, 1)
		go func() {
			_, err := k.Step(w.ctx)
			done <- err
		}()
		w.reached("the renewal", reached)
		w.write(func(ctx context.Context, tx *ent.Tx) error {
			thief, err := tx.ClientRecord.Create().SetName("x").SetNameKey("x").SetSearchText("x").SetDocument("x").Save(ctx)
			if err != nil {
				return err
			}
			_, err = store.Exec(ctx, "UPDATE marketplaces SET client_id = $1 WHERE id = $2", thief.ID, id)
			return err
		})
		release()
		w.check(<-done)
		if row := w.row(id); row.CredentialVersion != before.CredentialVersion ||
			!bytes.Equal(row.SecretsSealed, before.SecretsSealed) {
			t.Error("the pair is saved")
		}
		refreshes := w.twin.Refreshes(document)
		for range 3 {
			w.advance(time.Hour)
			w.step(k)
		}
		if n := w.twin.Refreshes(document); n != refreshes {
			t.Errorf("it is renewed again: %d times after %d", n, refreshes)
		}
		w.has(id, provider.SecretsLost)
	})
}

func TestAStopWaitsForARenewalThatIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		w.advance(23 * time.Hour)
		reached, release := w.twin.HoldAnswer("/auth/refresh")
		stop, ended := w.run(k)
		w.reached("the renewal", reached)
		stop()
		w.eventually("the keeper ends", func() bool {
			k.mu.Lock()
			defer k.mu.Unlock()
			return k.ended
		})
		if calls, _ := k.spool.Waiting(); calls != 1 {
			t.Errorf("%d calls are waited for", calls)
		}
		release()
		ended()
		w.has(id, provider.CheckPassed)
		w.hasPair(k, id, document)
		if n, err := w.store.Reader().Instance.Query().Count(w.ctx); n != 0 || err != nil {
			t.Errorf("%d processes are still on the list (%v)", n, err)
		}
	})
}

// TestAStopWithoutItsDatabaseSpoolsTheNewPair ends with the next process in the same folder.
func TestAStopWithoutItsDatabaseSpoolsTheNewPair(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		w.advance(23 * time.Hour)
		reached, release := w.twin.HoldAnswer("/auth/refresh")
		stop, ended := w.run(k)
		w.reached("the renewal", reached)
		undo := w.refuseChanges()
		stop()
		k.spool.Stop()
		release()
		ended()
		if n, err := spool.Files(w.dir); n != 1 || err != nil {
			t.Fatalf("%d answers are in the spool (%v)", n, err)
		}
		undo()
		w.advance(time.Minute)
		next := w.process()
		w.run(next)
		w.eventually("the next process has the pair", func() bool { return w.row(id).RenewalBegunAt == nil })
		w.has(id, provider.CheckPassed)
		w.hasPair(next, id, document)
		w.eventually("the file is deleted", func() bool {
			n, err := spool.Files(w.dir)
			return n == 0 && err == nil
		})
	})
}

// keptBy spools an answer, as a process does that cannot save it.
func keptBy(t *testing.T, w *world, k *Keeper, id string, a answer) visit {
	t.Helper()
	v, err := k.prepare(w.ctx, task{lane: k.lanes["PLUG4MARKET"], row: w.row(id)})
	w.check(err)
	kept, err := encode(v, a)
	w.check(err)
	w.check(k.spool.Keep(kept))
	return v
}

func TestASpooledAnswerThatIsOlderThanTheCredentialsIsDropped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id, gone := w.shop(k, document), w.shop(k, "11222333000999")
		a := answer{renewing: true, asked: true}
		a.Outcome, a.Secrets = provider.OK, provider.Secrets{}
		keptBy(t, w, k, id, a)
		keptBy(t, w, k, gone, a)
		w.write(func(ctx context.Context, tx *ent.Tx) error { return tx.Marketplace.DeleteOneID(gone).Exec(ctx) })
		w.change(id, func(row *connection.Row) { row.CredentialVersion++ })
		w.check(k.spool.TakeUp(system(w.ctx), kindRenewal, k.takeUpOne))
		w.hasPair(k, id, document)
		if n, err := spool.Files(w.dir); n != 0 || err != nil {
			t.Errorf("%d answers are still in the spool (%v)", n, err)
		}
	})
}

func TestASpooledAnswerThatCouldNotBeReadIsKeptForAPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		a := answer{renewing: true, asked: true}
		a.Outcome, a.Reason = provider.Transient, provider.ProviderFault
		a.Unread = sealedText("<what nobody can read>")
		keptBy(t, w, k, id, a)
		other := ident.New(ident.Instance)
		w.change(id, func(row *connection.Row) {
			until := w.now().Add(time.Minute)
			row.LeaseBy, row.LeaseUntil = &other, &until
		})
		if err := k.spool.TakeUp(system(w.ctx), kindRenewal, k.takeUpOne); err == nil {
			t.Error("it is taken up while another process works on the connection")
		}
		if row := w.row(id); row.LeaseBy == nil || *row.LeaseBy != other {
			t.Error("the other process has lost its lease")
		}
		w.advance(2 * time.Minute)
		w.check(k.spool.TakeUp(system(w.ctx), kindRenewal, k.takeUpOne))
		row := w.row(id)
		if len(row.UnreadSealed) == 0 || row.UnreadUntil == nil ||
			!row.UnreadUntil.Equal(w.now().Add(connection.KeepUnread)) {
			t.Fatalf("kept are %d bytes until %v", len(row.UnreadSealed), row.UnreadUntil)
		}
		if strings.Contains(string(row.UnreadSealed), "nobody can read") {
			t.Error("the answer is in clear in the database")
		}
		w.advance(connection.KeepUnread)
		w.check(k.forget(w.ctx))
		if row := w.row(id); len(row.UnreadSealed) > 0 || row.UnreadUntil != nil {
			t.Error("it is kept longer than a day")
		}
	})
}

func TestAStopCutsOffACheckAndGivesItsLeaseBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		w.advance(2 * time.Hour)
		before := w.row(id)
		reached, _ := w.twin.Hold("/orders")
		stop, ended := w.run(k)
		w.reached("the check", reached)
		if row := w.row(id); row.LeaseBy == nil {
			t.Error("the check has no lease")
		}
		stop()
		ended()
		row := w.row(id)
		if row.LeaseBy != nil || row.LeaseUntil != nil {
			t.Errorf("it is still leased by %v until %v", row.LeaseBy, row.LeaseUntil)
		}
		if !row.NextCheckAt.Equal(*before.NextCheckAt) || !row.LastCheckedAt.Equal(*before.LastCheckedAt) ||
			row.Failures != 0 {
			t.Errorf("it was checked at %s and is at %s, with %d failures", row.LastCheckedAt, row.NextCheckAt, row.Failures)
		}
		w.has(id, provider.CheckPassed)
	})
}

func TestALeaseTakenWhileTheProcessStopsIsGivenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		w.advance(2 * time.Hour)
		k.end()
		ctx, cancel := context.WithCancel(w.ctx)
		defer cancel()
		go func() {
			defer cancel()
			time.Sleep(2 * pollEvery)
		}()
		k.runLane(ctx, k.lanes["PLUG4MARKET"])
		if row := w.row(id); row.LeaseBy != nil {
			t.Errorf("it is leased by %s until %s, and nobody finds out by a silence", *row.LeaseBy, row.LeaseUntil)
		}
	})
}

// dead makes a connection the lease of a gone process, in the middle of a renewal or of a check.
func dead(w *world, id string, renewal bool) string {
	gone := ident.New(ident.Instance)
	w.write(func(ctx context.Context, tx *ent.Tx) error {
		return tx.Instance.Create().SetID(gone).SetBeat(7).SetSeenAt(w.now()).Exec(ctx)
	})
	w.change(id, func(row *connection.Row) {
		until, now := w.now().Add(5*time.Minute), w.now()
		row.LeaseBy, row.LeaseUntil = &gone, &until
		if renewal {
			row.RenewalBegunAt = &now
		}
	})
	return gone
}

// silence makes a process beat after it has seen another one stand still for long enough.
func silence(w *world, k *Keeper, gone string) {
	w.t.Helper()
	w.check(k.beat(w.ctx))
	k.beats.mu.Lock()
	k.beats.seen[gone] = seen{beat: 7, still: silentAfter}
	k.beats.mu.Unlock()
	w.check(k.beat(w.ctx))
}

func TestTheWorkOfADeadProcessIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		unsent, spent, checked := w.shop(k, "11222333000001"), w.shop(k, "11222333000002"), w.shop(k, "11222333000003")
		gone := dead(w, unsent, true)
		silence(w, k, gone)
		w.has(unsent, provider.RenewalInterrupted)

		silence(w, k, dead(w, spent, true))
		silence(w, k, dead(w, checked, false))
		w.has(checked, provider.CheckPassed)
		if _, _, ok := refreshAt(w, k, spent); !ok {
			t.Fatal("the twin did not renew")
		}
		for _, id := range []string{unsent, spent, checked} {
			if row := w.row(id); row.LeaseBy != nil || row.NextCheckAt.After(w.now()) {
				t.Errorf("it is leased by %v, and visited at %s", row.LeaseBy, row.NextCheckAt)
			}
		}
		if n, err := w.store.Reader().Instance.Query().Count(w.ctx); n != 1 || err != nil {
			t.Errorf("%d processes are on the list (%v)", n, err)
		}
		w.step(k)
		w.has(unsent, provider.CheckPassed) // its token had not been sent
		w.has(spent, provider.RenewalLost)
		w.has(checked, provider.CheckPassed)
		if n := w.twin.Reuses(); n != 1 {
			t.Errorf("%d tokens were sent twice, want the one deliberate retry", n)
		}
	})
}

// refreshAt renews a connection's pair at the twin, as a process does that dies before it saves.
func refreshAt(w *world, k *Keeper, id string) (access, refresh string, ok bool) {
	v, err := k.prepare(w.ctx, task{lane: k.lanes["PLUG4MARKET"], row: w.row(id)})
	w.check(err)
	renewed := v.refresher.Refresh(w.ctx, v.call)
	return renewed.Secrets["accessToken"].Reveal(), renewed.Secrets["refreshToken"].Reveal(),
		renewed.Outcome == provider.OK
}

func TestExpiredCredentialsAreMarkedWithoutAVisit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		calls := len(w.twin.Calls().List)
		before := w.row(id)
		w.advance(25 * time.Hour)
		w.check(k.expire(w.ctx))
		w.has(id, provider.CredentialsExpired)
		row := w.row(id)
		if !row.HealthSince.Equal(*before.CredentialsExpireAt) || !row.NextCheckAt.Equal(*before.NextCheckAt) ||
			!row.RenewAt.Equal(*before.RenewAt) {
			t.Errorf("it is so since %s, visited at %s, renewed at %s", row.HealthSince, row.NextCheckAt, row.RenewAt)
		}
		client, err := w.store.Reader().ClientRecord.Get(w.ctx, row.ClientID)
		w.check(err)
		if client.Trouble != provider.Failing.Trouble() {
			t.Errorf("the client's trouble is %s", client.Trouble)
		}
		if n := w.events("marketplace.health"); n < 2 { // it was connected, and failed
			t.Errorf("the audit trail has %d changes of health", n)
		}
		if n := len(w.twin.Calls().List); n != calls {
			t.Errorf("the provider was called %d times", n-calls)
		}
		w.step(k)
		w.has(id, provider.CheckPassed)
		w.hasPair(k, id, document)
	})
}

// overdue makes a number of shops with overdue renewals: the pair of the first ends last, and its renewal is due for
// longest.
func overdue(w *world, k *Keeper, n int) (ids, documents []string) {
	ids, documents = w.shops(k, n)
	w.advance(25 * time.Hour)
	for i, id := range ids {
		w.change(id, func(row *connection.Row) {
			end, at := w.now().Add(-time.Duration(i)*time.Minute), w.now().Add(-time.Duration(n-i)*time.Hour)
			row.CredentialsExpireAt, row.RenewAt, row.NextCheckAt = &end, &at, &at
		})
	}
	w.check(k.measure(w.ctx))
	return ids, documents
}

func TestCredentialsThatEndSoonestAreRenewedFirstAndWaitingOnesCostNoWrite(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, _ := overdue(w, k, 7)
		l := k.lanes["PLUG4MARKET"]
		taken, err := k.takeDue(w.ctx, l, 100)
		w.check(err)
		var got []string
		for _, one := range taken {
			got = append(got, one.row.ID)
		}
		want := slices.Clone(ids)
		slices.Reverse(want)
		if want = want[:len(got)]; len(got) == 0 || len(got) > 4 || !slices.Equal(got, want) {
			t.Fatalf("taken are %v, want the first of %v", got, want)
		}
		if load := k.Loads()["PLUG4MARKET"]; load.Pairs != 7 || load.Due != 7 || load.Oldest != 7*time.Hour {
			t.Errorf("%d pairs, %d due, the oldest for %s", load.Pairs, load.Due, load.Oldest)
		}
		for _, one := range taken {
			k.attendDue(w.ctx, one)
		}
		for l.turns(w.now()) > 0 { // what is left to the minute
			l.turn(w.now(), false)
		}
		before := w.row(ids[0])
		statements := storetest.Statements(t, w.store, func() {
			for range 5 {
				if more, err := k.takeDue(w.ctx, l, 100); len(more) > 0 || err != nil {
					t.Errorf("%d more are taken (%v)", len(more), err)
				}
				w.advance(time.Second)
			}
		})
		for _, statement := range statements {
			if strings.HasPrefix(statement, "UPDATE") || strings.HasPrefix(statement, "BEGIN") {
				t.Errorf("waiting costs: %s", statement)
			}
		}
		if row := w.row(ids[0]); !row.RenewAt.Equal(*before.RenewAt) || !row.NextCheckAt.Equal(*before.NextCheckAt) {
			t.Errorf("what waits was put off from %s to %s", before.RenewAt, row.RenewAt)
		}
		for range 3 {
			w.advance(time.Minute)
			w.step(k)
		}
		for _, id := range ids {
			w.has(id, provider.CheckPassed)
		}
	})
}

func TestAReaderGoesBeforeTheRenewalsThatAreDue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, documents := overdue(w, k, 7)
		l := k.lanes["PLUG4MARKET"]
		for l.turn(w.now(), false) == 0 { // all that what is due may have of this minute
			continue
		}
		if taken, err := k.takeDue(w.ctx, l, 100); len(taken) > 0 || err != nil {
			t.Fatalf("%d are taken (%v)", len(taken), err)
		}
		last := w.row(ids[0]) // it ends last: it would be the last one
		rows, _, err := k.Fresh(w.ctx, []*ent.Marketplace{last})
		w.check(err)
		if rows[0].CredentialVersion != last.CredentialVersion+1 || !rows[0].CredentialsExpireAt.After(w.now()) {
			t.Errorf("the reader got version %d, which ends at %s", rows[0].CredentialVersion, rows[0].CredentialsExpireAt)
		}
		w.hasPair(k, ids[0], documents[0])
		for l.turn(w.now(), true) == 0 { // the part of the readers too
			continue
		}
		second := w.row(ids[1])
		if rows, _, err = k.Fresh(w.ctx, []*ent.Marketplace{second}); err != nil ||
			rows[0].CredentialVersion != second.CredentialVersion {
			t.Errorf("without an allowance the reader got version %d (%v)", rows[0].CredentialVersion, err)
		}
		if row := w.row(ids[1]); row.LeaseBy != nil || !row.RenewAt.Before(w.now()) {
			t.Errorf("it is leased by %v, and its renewal is as late as %s", row.LeaseBy, row.RenewAt)
		}
	})
}

func TestNothingIsParkedAfterAClockWasADayAhead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		w.check(k.beat(w.ctx))
		id, typed := w.shop(k, document), w.shop(k, "11222333000999")
		w.advance(24 * time.Hour)
		w.check(k.beat(w.ctx))
		w.step(k)
		w.change(typed, func(row *connection.Row) {
			*row = *connection.Entered(row, connection.Entry{
				Description: "Loja", Settings: row.Settings, New: true, Health: provider.Health{Reason: provider.NotCheckedYet},
				Secrets: &connection.Sealing{Sealed: row.SecretsSealed, States: row.SecretStates, Host: *row.SecretsHost},
			}, w.now())
		})
		if row := w.row(id); !row.NextCheckAt.After(testNow.Add(24 * time.Hour)) {
			t.Fatalf("it is visited at %s", row.NextCheckAt)
		}
		w.advance(-24 * time.Hour)
		w.check(k.beat(w.ctx))
		for _, id := range []string{id, typed} {
			row := w.row(id)
			for what, at := range map[string]*time.Time{
				"next check": row.NextCheckAt, "renewal": row.RenewAt, "last check": row.LastCheckedAt, "health": &row.HealthSince,
				"change": &row.UpdatedAt,
			} {
				if at != nil && at.After(w.now()) {
					t.Errorf("%s is in the future: %s", what, at.Sub(w.now()))
				}
			}
		}
		w.step(k)
		for _, id := range []string{id, typed} {
			w.has(id, provider.CheckPassed)
		}
	})
}

func TestADatabaseThatIsFullOrAwayDelaysAndLosesNoCheck(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		w.advance(2 * time.Hour)
		reached, release := w.twin.HoldAnswer("/orders")
		done := make(chan error, 1)
		go func() {
			_, err := k.Step(w.ctx)
			done <- err
		}()
		w.reached("the check", reached)
		undo := w.block()
		release()
		if w.store.Dialect() == "postgres" {
			time.Sleep(200 * time.Millisecond) // the save of the check fails
		} else {
			time.Sleep(6 * time.Second) // past the busy timeout
		}
		undo()
		<-done
		w.eventually("the lease is given back", func() bool { return w.row(id).LeaseBy == nil })
		w.step(k)
		w.has(id, provider.CheckPassed)
		if row := w.row(id); row.LastCheckedAt.Before(w.now()) {
			t.Errorf("it was last checked at %s", row.LastCheckedAt)
		}
	})
}

// TestAnIncidentOpensAndClosesByItself simulates an outage with the database: no connection turns to NEEDS_ATTENTION.
func TestAnIncidentOpensAndClosesByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, documents := w.shops(k, 8)
		w.advance(2 * time.Hour)
		w.twin.SetDown(true)
		for range 12 {
			w.advance(20 * time.Second)
			w.step(k)
		}
		if n, err := w.store.Reader().ProviderIncident.Query().Count(w.ctx); n != 1 || err != nil {
			t.Fatalf("there are %d incidents (%v)", n, err)
		}
		blamed := 0
		for _, id := range ids {
			if row := w.row(id); row.HealthReason == string(provider.Incident) {
				blamed++
			} else if connection.State(row) == provider.NeedsAttention {
				t.Errorf("a shop is %s", row.HealthReason)
			}
		}
		if blamed < incidentLeast {
			t.Errorf("%d connections say that it is the provider's trouble", blamed)
		}
		w.twin.Suspend(documents[7]) // one of them is really refused from now on
		w.twin.SetDown(false)
		for range 40 {
			w.advance(probeEvery)
			w.step(k)
		}
		incident, err := w.store.Reader().ProviderIncident.Query().Only(w.ctx)
		w.check(err)
		if incident.ClosedAt == nil {
			t.Fatal("the incident is still open")
		}
		for range 3 {
			w.advance(time.Hour)
			w.step(k)
		}
		for _, id := range ids[:7] {
			w.has(id, provider.CheckPassed)
		}
		if state := connection.State(w.row(ids[7])); state != provider.NeedsAttention && state != provider.Suspended {
			t.Errorf("the one that was really refused is %s", state)
		}
		if open, closed := w.events("incident.open"), w.events("incident.close"); open != 1 || closed != 1 {
			t.Errorf("the audit trail has %d openings and %d closings", open, closed)
		}
	})
}

// TestAnIncidentReplacesTheBadHealthFromBeforeItWasKnown has connections that turn bad a little before this process
// learns of the incident, and one by another process that does not know of it yet.
func TestAnIncidentReplacesTheBadHealthFromBeforeItWasKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, _ := w.shops(k, 7)
		refuse := func(id string) (before *ent.Marketplace) {
			before = w.row(id)
			w.change(id, func(row *connection.Row) {
				*row = *connection.Visited(row,
					connection.Visit{Asked: true, Health: provider.Health{Reason: provider.TokenRefused}}, w.now())
			})
			w.advance(2 * time.Second)
			return before
		}
		a := no
		a.asked = true
		for _, id := range ids[:incidentLeast] {
			before := refuse(id)
			k.lanes["PLUG4MARKET"].troubles.learn(w.now(), before, a)
		}
		w.check(k.watch(w.ctx))
		for _, id := range ids[:incidentLeast] {
			w.has(id, provider.Incident)
			if w.row(id).NextCheckAt == nil {
				t.Error("it is never visited again")
			}
		}
		refuse(ids[5])
		w.check(k.watch(w.ctx))
		w.has(ids[5], provider.Incident)
		w.has(ids[6], provider.CheckPassed)
	})
}

func TestAnIncidentsEndLetsDueRenewalsGoAtOnceAndChecksOneByOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, _ := w.shops(k, 4)
		l := k.lanes["PLUG4MARKET"]
		for i, id := range ids {
			w.change(id, func(row *connection.Row) {
				*row = *connection.Blamed(row, w.now())
				if i%2 == 0 {
					at := w.now().Add(-time.Hour)
					row.RenewAt = &at
				}
			})
		}
		w.check(k.planAfter(system(w.ctx), l))
		for i, id := range ids {
			if at := w.row(id).NextCheckAt; at.After(w.now().Add(time.Minute)) || i%2 == 0 && !at.Equal(w.now()) {
				t.Errorf("connection %d is visited at %s, now is %s", i, at, w.now())
			}
		}
	})
}

func TestAPairWhoseEndIsNotKnownIsRenewedFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		ids, _ := overdue(w, k, 3)
		w.change(ids[1], func(row *connection.Row) { row.CredentialsExpireAt = nil })
		taken, err := k.takeDue(w.ctx, k.lanes["PLUG4MARKET"], 1)
		w.check(err)
		if len(taken) != 1 || taken[0].row.ID != ids[1] {
			t.Errorf("taken are %d", len(taken))
		}
	})
}

func TestAnAnswerThatWasCutIsRetriedOnceOnPurpose(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		w.advance(w.row(id).RenewAt.Sub(w.now()))
		w.twin.Script(simulated.CutAfter().On("/auth/refresh"))
		w.step(k)
		w.has(id, provider.RenewalDelayed)
		if row := w.row(id); row.RenewalBegunAt == nil || row.LeaseBy != nil {
			t.Errorf("begun at %v, leased by %v", row.RenewalBegunAt, row.LeaseBy)
		}
		for range 5 {
			w.advance(time.Hour)
			w.step(k)
		}
		w.has(id, provider.RenewalLost)
		if n := w.twin.Reuses(); n != 1 {
			t.Errorf("the token was sent %d times more", n)
		}
	})
}

// TestTheFolderOfTheSpoolIsForThisUserAlone checks the folder that New makes.
func TestTheFolderOfTheSpoolIsForThisUserAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t))
	w.process()
	info, err := os.Stat(w.dir + "/spool")
	w.check(err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("its mode is %v", info.Mode())
	}
}

// A row whose secrets do not open was once visited again and again without a pause.
func TestSecretsThatDoNotOpenAreReportedAndNotVisitedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.process()
		id := w.shop(k, document)
		sealed := w.row(id).SecretsSealed
		w.write(func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.UpdateOneID(id).AddCredentialVersion(1).SetNextCheckAt(w.now()).Exec(ctx)
		})
		w.step(k)
		w.has(id, provider.SecretsLost)
		if row := w.row(id); row.NextCheckAt != nil || row.LeaseBy != nil || !bytes.Equal(row.SecretsSealed, sealed) {
			t.Errorf("it is visited at %v by %v", row.NextCheckAt, row.LeaseBy)
		}
	})
}
