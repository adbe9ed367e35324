package audit_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

var keys = storetest.AuditKeys{}

func asSystem(t *testing.T) context.Context { return principal.AsSystem(t.Context(), "test") }

// appendEvents writes events in two transactions, of two clients in turn. The first event of all is audit.begin.
func appendEvents(t *testing.T, s *store.Store, n int) {
	t.Helper()
	ctx := audit.WithOrigin(principal.With(t.Context(), principal.Operator{ID: "opr_1", Name: "Ana <&>"}),
		audit.Origin{Address: "192.0.2.1", RequestID: "r"})
	for _, part := range [][2]int{{0, n / 2}, {n / 2, n}} {
		must.Do(t, s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			for i := part[0]; i < part[1]; i++ {
				err := audit.Append(ctx, tx, audit.Event{Action: "client.update", ObjectID: "o",
					ClientID: fmt.Sprintf("cli_%d", i%2), Changes: []audit.Change{
						{Field: "name", Old: "São <João>\u2028", New: i},
					}})
				if err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func verify(t *testing.T, s *store.Store, anchor *audit.Anchor) (audit.Report, error) {
	t.Helper()
	var notes []audit.Noted
	if anchor != nil {
		notes = append(notes, audit.Noted{Anchor: *anchor})
	}
	return audit.Verify(t.Context(), s, keys, notes, func(int64, int64) {})
}

// wantBroken fails unless the chain is broken at an event, for a reason.
func wantBroken(t *testing.T, s *store.Store, anchor *audit.Anchor, seq int64, why string) {
	t.Helper()
	_, err := verify(t, s, anchor)
	var broken *audit.Broken
	if !errors.As(err, &broken) || broken.Seq != seq || !strings.Contains(broken.Why, why) {
		t.Errorf("got %v, want broken at %d: %s", err, seq, why)
	}
}

// wantWhole fails unless the chain verifies.
func wantWhole(t *testing.T, s *store.Store, anchor *audit.Anchor) audit.Report {
	t.Helper()
	report, err := verify(t, s, anchor)
	if err != nil {
		t.Errorf("the chain does not verify: %v", err)
	}
	return report
}

func head(t *testing.T, s *store.Store) audit.Anchor {
	t.Helper()
	at, err := audit.Head(t.Context(), s)
	must.Do(t, err)
	return at
}

// raw runs statements on the database outside the program, with its triggers on or off.
func raw(t *testing.T, s *store.Store, triggers bool, statements ...string) error {
	t.Helper()
	db := s.DB()
	if s.Dialect() == dialect.SQLite { // its readers cannot write
		var n int
		var name, file string
		must.Do(t, db.QueryRow("PRAGMA database_list").Scan(&n, &name, &file))
		var err error
		db, err = sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
		must.Do(t, err)
		defer func() { must.Do(t, db.Close()) }()
	}
	conn, err := db.Conn(t.Context())
	must.Do(t, err)
	defer func() { must.Do(t, conn.Close()) }()
	if !triggers {
		off := []string{"SET session_replication_role = replica"}
		if s.Dialect() == dialect.SQLite {
			off = nil
			rows, err := conn.QueryContext(t.Context(),
				"SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'")
			must.Do(t, err)
			for rows.Next() {
				var statement string
				must.Do(t, rows.Scan(&statement))
				off = append(off, statement)
			}
			must.Do(t, rows.Close())
		}
		statements = append(off, statements...)
		defer func() {
			if s.Dialect() == dialect.Postgres {
				_, err := conn.ExecContext(t.Context(), "SET session_replication_role = origin")
				must.Do(t, err)
			}
		}()
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			return err
		}
	}
	return nil
}

// Proves: 11.2
func TestVerifyFindsEveryChangeOfTheTrailOutsideTheProgram(t *testing.T) {
	t.Parallel()
	const altered = "it was altered"
	// Event 1 is audit.begin, and 2 to 11 are what the test appended.
	for name, c := range map[string]struct {
		do  string
		seq int64
		why string
	}{
		"another id": {`UPDATE audit_events SET id = 'aud_x' WHERE seq = 5`, 5, altered},
		"another time": {`UPDATE audit_events SET created_at = '2020-01-01 00:00:00+00:00' WHERE seq = 5`,
			5, altered},
		"another kind of actor": {`UPDATE audit_events SET actor_kind = 'SYSTEM' WHERE seq = 5`, 5, altered},
		"another actor":         {`UPDATE audit_events SET actor_id = 'opr_2' WHERE seq = 5`, 5, altered},
		"no actor":              {`UPDATE audit_events SET actor_id = NULL WHERE seq = 5`, 5, altered},
		"another request":       {`UPDATE audit_events SET request_id = 'x' WHERE seq = 5`, 5, altered},
		"another action":        {`UPDATE audit_events SET action = 'x' WHERE seq = 5`, 5, altered},
		"another object":        {`UPDATE audit_events SET object_id = 'x' WHERE seq = 5`, 5, altered},
		"another client":        {`UPDATE audit_events SET client_id = 'x' WHERE seq = 5`, 5, altered},
		"another result":        {`UPDATE audit_events SET result = 'REFUSED' WHERE seq = 5`, 5, altered},
		"another hash": {
			`UPDATE audit_events SET hash = (SELECT hash FROM audit_events WHERE seq = 4) WHERE seq = 5`, 5, altered},
		"another MAC": {`UPDATE audit_events SET details_mac = (SELECT details_mac FROM audit_events WHERE seq = 4)
			WHERE seq = 5`, 5, altered},
		"other changes": {`UPDATE audit_events SET changes = '[]' WHERE seq = 5`, 5,
			"its changes, actor label or address"},
		"no changes": {`UPDATE audit_events SET changes = NULL WHERE seq = 5`, 5,
			"its changes, actor label or address"},
		"another label": {`UPDATE audit_events SET actor_label = 'x' WHERE seq = 5`, 5,
			"its changes, actor label or address"},
		"another address": {`UPDATE audit_events SET address = 'x' WHERE seq = 5`, 5,
			"its changes, actor label or address"},
		"another number":    {`UPDATE audit_events SET seq = 99 WHERE seq = 5`, 5, "it is missing"},
		"no number":         {`UPDATE audit_events SET seq = NULL WHERE seq = 5`, 5, "it is missing"},
		"the first is gone": {`DELETE FROM audit_events WHERE seq = 1`, 1, "it is missing"},
		"one is gone":       {`DELETE FROM audit_events WHERE seq = 5`, 5, "it is missing"},
		"the last is gone":  {`DELETE FROM audit_events WHERE seq = 11`, 11, "it is missing"},
		"all are gone":      {`DELETE FROM audit_events`, 1, "it is missing"},
		"two were exchanged": {`UPDATE audit_events SET seq = -1 WHERE seq = 5; UPDATE audit_events SET seq = 5 WHERE seq = 6;
			UPDATE audit_events SET seq = 6 WHERE seq = -1`, 5, altered},
		"one was added at the end": {
			`INSERT INTO audit_events (id, created_at, actor_kind, actor_label, address, request_id, action, result, seq, details_mac, hash)
			SELECT 'aud_x', created_at, actor_kind, actor_label, address, request_id, action, result, 12, details_mac, hash FROM
				audit_events WHERE seq = 11`, 12, "behind the head"},
		"one was added outside": {
			`INSERT INTO audit_events (id, created_at, actor_kind, actor_label, address, request_id, action, result)
			SELECT 'aud_x', created_at, actor_kind, actor_label, address, request_id, action, result FROM audit_events WHERE seq
				= 11`, 0, "aud_x was added outside"},
		"one was added, and the head moved": {
			`INSERT INTO audit_events (id, created_at, actor_kind, actor_label, address, request_id, action, result, seq, details_mac, hash)
			SELECT 'aud_x', created_at, actor_kind, actor_label, address, request_id, action, result, 12, details_mac, hash FROM
				audit_events WHERE seq = 11;
			UPDATE audit_heads SET seq = 12`, 12, altered},
		"another head": {`UPDATE audit_heads SET hash = (SELECT hash FROM audit_events WHERE seq = 4)`, 11,
			"the head has another hash"},
		"a head set back": {
			`UPDATE audit_heads SET seq = 9, hash = (SELECT hash FROM audit_events WHERE seq = 9)`, 10, "behind the head"},
		"details emptied, as erased": {`UPDATE audit_events SET changes = NULL, actor_label = '', address = '' WHERE seq =
			5`, 5, "no erasure of its client"},
		"details emptied of no client": {
			`UPDATE audit_events SET changes = NULL, actor_label = '', address = '' WHERE seq = 1`, 1, "belongs to no client"},
		"a checkpoint of their own": {`INSERT INTO audit_checkpoints (id, created_at, kind, through_seq, hash, events, mac)
			SELECT 'ack_x', created_at, 'TRIM', 5, hash, 5, hash FROM audit_events WHERE seq = 5; DELETE FROM audit_events WHERE
				seq <= 5`, 5, "the checkpoint was not made by"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				appendEvents(t, s, 10)
				if got := wantWhole(t, s, nil); got.Verified != 11 || got.Erased != 0 || got.From != 1 || got.Head.Seq != 11 {
					t.Fatalf("before: %+v", got)
				}
				must.Do(t, raw(t, s, false, strings.Split(c.do, ";")...))
				wantBroken(t, s, nil, c.seq, c.why)
			})
		})
	}
}

// Proves: 11.3
func TestAnEndThatWasCutOffIsFoundByTheAnchor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 5)
		anchor := head(t, s)
		appendEvents(t, s, 5)
		later := head(t, s)
		wantWhole(t, s, &anchor)
		wantWhole(t, s, &later)
		must.Do(t, raw(t, s, false, `DELETE FROM audit_events WHERE seq > 8`,
			`UPDATE audit_heads SET seq = 8, hash = (SELECT hash FROM audit_events WHERE seq = 8)`))
		wantWhole(t, s, nil) // nothing in the database shows it
		wantWhole(t, s, &anchor)
		wantBroken(t, s, &later, 9, "the end was cut off")
		appendEvents(t, s, 5) // and grown again
		wantBroken(t, s, &later, 11, "not the event that the anchor was noted of")
	})
}

// Proves: 11.3
func TestAVerificationGoesOnWhereAnEarlierOneEnded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		since := func(at audit.Anchor) (audit.Report, error) {
			return audit.VerifySince(t.Context(), s, storetest.AuditKeys{}, at, nil, func(int64, int64) {})
		}
		appendEvents(t, s, 5)
		anchor := head(t, s)
		appendEvents(t, s, 3)
		report, err := since(anchor)
		if err != nil || report.Verified != 3 || report.From != anchor.Seq+1 || report.Head.Seq != anchor.Seq+3 {
			t.Errorf("it says %+v (%v)", report, err)
		}
		other := anchor
		other.Hash = bytes.Repeat([]byte{1}, 32)
		if _, err := since(other); err == nil || !strings.Contains(err.Error(), "an earlier verification knew") {
			t.Errorf("of another event it says %v", err)
		}
		must.Do(t, raw(t, s, false, `UPDATE audit_events SET action = 'x' WHERE seq = 3`))
		if _, err := since(anchor); err != nil {
			t.Errorf("before the anchor nothing is looked at: %v", err)
		}
		must.Do(t, raw(t, s, false, `UPDATE audit_events SET action = 'x' WHERE seq = 8`))
		if _, err := since(anchor); err == nil {
			t.Error("an event after the anchor was altered, and nothing is found")
		}
		must.Do(t, raw(t, s, false, `DELETE FROM audit_events WHERE seq = `+strconv.FormatInt(anchor.Seq, 10)))
		if _, err := since(anchor); err == nil {
			t.Error("the event of the anchor is missing, and nothing is found")
		}
	})
}

func TestAnAnchorIsReadAsItIsPrinted(t *testing.T) {
	t.Parallel()
	want := audit.Anchor{Seq: 7, Hash: bytes.Repeat([]byte{0xab}, 32)}
	got, err := audit.ParseAnchor(want.String())
	must.Do(t, err)
	if got.String() != want.String() {
		t.Errorf("%v, want %v", got, want)
	}
	for _, text := range []string{"", "7", "7:", "7:xy", ":" + strings.Repeat("ab", 32), "0:" + strings.Repeat("ab", 32),
		"7:" + strings.Repeat("ab", 31)} {
		if _, err := audit.ParseAnchor(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// Proves: 11.3
func TestTheDatabaseRefusesEveryChangeOfTheTrailButErasureAndTrim(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 3)
		for _, statement := range []string{
			`UPDATE audit_events SET action = 'x'`,
			`UPDATE audit_events SET changes = '[]'`,
			`UPDATE audit_events SET changes = NULL`,
			`UPDATE audit_events SET actor_label = ''`,
			`UPDATE audit_events SET changes = NULL, actor_label = '', address = '', action = 'x'`,
			`UPDATE audit_events SET changes = NULL, actor_label = '', address = '', details_mac = NULL`,
			`UPDATE audit_events SET changes = NULL, actor_label = '', address = '', hash = NULL`,
			`UPDATE audit_events SET changes = NULL, actor_label = '', address = '', seq = 99 WHERE seq = 2`,
			`UPDATE audit_events SET seq = 99 WHERE seq = 2`,
			`UPDATE audit_events SET hash = NULL`,
			`DELETE FROM audit_events`,
			`UPDATE audit_heads SET seq = 1`,
			`UPDATE audit_heads SET hash = hash`,
			`DELETE FROM audit_heads`,
		} {
			if err := raw(t, s, true, statement); err == nil {
				t.Errorf("%s was not refused", statement)
			}
		}
		wantWhole(t, s, nil)
		if _, err := audit.Trim(t.Context(), s, keys, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{`UPDATE audit_checkpoints SET through_seq = 99`, `DELETE FROM audit_checkpoints`,
			`DELETE FROM audit_events`} {
			if err := raw(t, s, true, statement); err == nil {
				t.Errorf("%s was not refused", statement)
			}
		}
		wantWhole(t, s, nil)
	})
}

func TestEventsFromBeforeTheChainAreAdoptedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const old = 3
		for range old {
			must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
				return tx.AuditEvent.Create().SetActorKind("SYSTEM").SetActorLabel("x").SetAddress("").SetRequestID("").
					SetAction("old").SetChanges([]byte(`[{"field":"name"}]`)).Exec(ctx)
			}))
		}
		must.Do(t, audit.Begin(t.Context(), s))
		appendEvents(t, s, 2)
		must.Do(t, audit.Begin(t.Context(), s))
		if got := wantWhole(t, s, nil); got.Verified != old+1+2 {
			t.Errorf("%d events verified", got.Verified)
		}
		first, err := s.Reader().AuditEvent.Query().Where(auditevent.Seq(1)).Only(asSystem(t))
		must.Do(t, err)
		begin, err := s.Reader().AuditEvent.Query().Where(auditevent.Action("audit.begin")).Only(asSystem(t))
		must.Do(t, err)
		if first.Action != "old" || *begin.Seq != old+1 || !strings.Contains(string(begin.Changes), "3") {
			t.Errorf("first %s, begun at %d with %s", first.Action, *begin.Seq, begin.Changes)
		}
		must.Do(t, raw(t, s, false, `UPDATE audit_events SET action = 'x' WHERE seq = 2`))
		wantBroken(t, s, nil, 2, "altered")
	})
}

func TestAChainWithoutItsHeadResumesAfterItsLastEventAndRecordsIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 2)
		must.Do(t, raw(t, s, false, `DELETE FROM audit_heads`))
		must.Do(t, audit.Begin(t.Context(), s))
		wantWhole(t, s, nil)
		last, err := s.Reader().AuditEvent.Query().Where(auditevent.Seq(4)).Only(asSystem(t))
		must.Do(t, err)
		if last.Action != "audit.resume" {
			t.Errorf("event 4 is %s", last.Action)
		}
	})
}

// Proves: 13.1
func TestAnErasedClientLeavesAChainThatVerifiesAndNoDetails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 6)
		erase := func() {
			must.Do(t, s.Write(store.Alone(asSystem(t)), func(ctx context.Context, tx *ent.Tx) error {
				if err := audit.Append(ctx, tx, audit.Event{Action: "client.erase", ClientID: "cli_1"}); err != nil {
					return err
				}
				return audit.Erase(ctx, tx, "cli_1")
			}))
		}
		erase()
		if got := wantWhole(t, s, nil); got.Erased != 3 || got.Verified != 9 {
			t.Errorf("%+v", got)
		}
		appendEvents(t, s, 2) // the other client, and the erased one once more
		erase()
		wantWhole(t, s, nil)
		rows, err := s.Reader().AuditEvent.Query().All(asSystem(t))
		must.Do(t, err)
		for _, e := range rows {
			if e.ClientID == nil || e.Action != "client.update" {
				continue
			}
			empty := e.Changes == nil && e.ActorLabel == "" && e.Address == ""
			if empty != (*e.ClientID == "cli_1") || *e.ActorID != "opr_1" {
				t.Errorf("event %d of %s: %s, %q, %q", *e.Seq, *e.ClientID, e.Changes, e.ActorLabel, e.Address)
			}
		}
	})
}

// Proves: 11.3
func TestATrimmedTrailGoesOnFromItsCheckpoint(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 4)
		early := head(t, s)
		time.Sleep(2 * time.Millisecond) // so that the times differ
		between := time.Now()
		appendEvents(t, s, 3)
		late := head(t, s)
		if n, err := audit.Trim(t.Context(), s, keys, between.Add(-time.Hour)); err != nil || n != 0 {
			t.Fatalf("trimmed %d, %v, want nothing", n, err)
		}
		if n, err := audit.Trim(t.Context(), s, keys, between); err != nil || n != 5 {
			t.Fatalf("trimmed %d, %v, want 5", n, err)
		}
		if got := wantWhole(t, s, nil); got.From != 6 || got.Verified != 4 {
			t.Errorf("%+v", got)
		}
		wantWhole(t, s, &early) // the checkpoint has its hash
		wantWhole(t, s, &late)
		if n, err := audit.Trim(t.Context(), s, keys, time.Now().Add(time.Hour)); err != nil || n != 3 {
			t.Fatalf("trimmed %d, %v, want all but the last", n, err)
		}
		wantWhole(t, s, &late)
		wantBroken(t, s, &early, early.Seq, "older than the checkpoint")
		must.Do(t,
			raw(t, s, false,
				`INSERT INTO audit_events (id, created_at, actor_kind, actor_label, address, request_id, action, result, seq, details_mac, hash)
			SELECT 'aud_x', created_at, actor_kind, actor_label, address, request_id, action, result, 2, details_mac, hash FROM
				audit_events WHERE seq = 9`))
		wantBroken(t, s, nil, 2, "added after the checkpoint")
	})
}

func TestABrokenTrailIsNotTrimmed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 4)
		must.Do(t, raw(t, s, false, `UPDATE audit_events SET action = 'x' WHERE seq = 2`))
		_, err := audit.Trim(t.Context(), s, keys, time.Now().Add(time.Hour))
		var broken *audit.Broken
		if !errors.As(err, &broken) {
			t.Errorf("%v", err)
		}
		wantBroken(t, s, nil, 2, "altered")
	})
}

// otherKeys are the keys of a new keyset, made after the first was lost.
type otherKeys struct{}

func (otherKeys) MAC(purpose string, data []byte) []byte { return keys.MAC("other "+purpose, data) }

// Proves: 6.7
func TestARecoveryBeginsANewSegmentForTheNewKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		appendEvents(t, s, 4)
		if _, err := audit.Trim(t.Context(), s, keys, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		audit.Keep(s, otherKeys{})
		must.Do(t,
			s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error { return audit.Recover(ctx, tx, otherKeys{}) }))
		appendEvents(t, s, 2)
		got, err := audit.Verify(t.Context(), s, otherKeys{}, nil, func(int64, int64) {})
		if err != nil || got.Verified != 3 || got.Unverified != 2 || got.From != 7 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := verify(t, s, nil); err == nil {
			t.Error("the lost key verifies what the new one made")
		}
	})
}

// Proves: 11.2
func TestManyWritersAtOnceLeaveOneChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const writers, each = 6, 8
		var running sync.WaitGroup
		for w := range writers {
			running.Go(func() {
				for i := range each {
					err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
						for range 1 + (w+i)%3 { // also several of one transaction, and some that are rolled back
							if err := audit.Append(ctx, tx, audit.Event{Action: "test"}); err != nil {
								return err
							}
						}
						if i == 3 {
							return errRolledBack
						}
						return nil
					})
					if err != nil && !errors.Is(err, errRolledBack) {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
		n, err := s.Reader().AuditEvent.Query().Count(asSystem(t))
		must.Do(t, err)
		if got := wantWhole(t, s, nil); got.Verified != int64(n) || n < writers*each {
			t.Errorf("%d verified of %d", got.Verified, n)
		}
	})
}

var errRolledBack = errors.New("rolled back")

func TestAnEventThatCannotBeWrittenUndoesTheChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(ctx context.Context, tx *ent.Tx) error {
			return audit.Append(ctx, tx, audit.Event{Action: "test"})
		})
		if err == nil {
			t.Error("an event without a principal was written")
		}
		appendEvents(t, s, 1)
		must.Do(t, raw(t, s, true, `ALTER TABLE audit_heads RENAME TO taken_away`))
		err = s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			if err := tx.IdempotentRequest.Create().SetOperatorID("o").SetKey("k").SetOperation("x").SetInputFingerprint("f").
				SetObjectID("c").Exec(ctx); err != nil {
				return err
			}
			return audit.Append(ctx, tx, audit.Event{Action: "test"})
		})
		left, countErr := s.Reader().IdempotentRequest.Query().Count(asSystem(t))
		must.Do(t, countErr)
		if err == nil || left != 0 {
			t.Errorf("%v; %d rows of the change are there", err, left)
		}
	})
}

// Proves: 11.1
func TestADenialIsRecordedOncePerPrincipalFieldAndMinute(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Now()
		denials := audit.NewDenials(s, func() time.Time { return now }, slog.New(slog.DiscardHandler))
		viewer := principal.With(t.Context(), principal.Operator{ID: "opr_1", Name: "Vera", Role: principal.Viewer})
		key := principal.With(t.Context(), principal.Key{ID: "key_1", Name: "Caixa", ClientID: "cli_1"})
		for range 3 {
			denials.RecordDenial(viewer, "Query.a")
			denials.RecordDenial(viewer, "Query.b")
			denials.RecordDenial(key, "Query.a")
			denials.RecordDenial(t.Context(), "Query.a")
		}
		wantDenials(t, s, 3)
		now = now.Add(time.Minute)
		denials.RecordDenial(viewer, "Query.a")
		denials.RecordDenial(viewer, "Query.a")
		wantDenials(t, s, 4)
		wantWhole(t, s, nil)
	})
}

func wantDenials(t *testing.T, s *store.Store, want int) {
	t.Helper()
	got, err := s.Reader().AuditEvent.Query().
		Where(auditevent.Action("access.denied"), auditevent.ResultEQ(auditevent.ResultREFUSED)).Count(asSystem(t))
	must.Do(t, err)
	if got != want {
		t.Errorf("%d denials are recorded, want %d", got, want)
	}
}
