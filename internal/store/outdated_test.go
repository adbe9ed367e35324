package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// migrateBeyond notes a migration that this program does not know.
func migrateBeyond(t *testing.T, s *store.Store) {
	t.Helper()
	must.Do(t, s.Write(t.Context(), func(ctx context.Context, _ *ent.Tx) error {
		_, err := store.Exec(ctx, "INSERT INTO schema_migrations (version_id, is_applied) VALUES (20991231000000, $1)", true)
		return err
	}))
}

func TestAnEventIsNotAppendedByAProgramThatIsOlderThanTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		record := func(ctx context.Context) error {
			return s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				return audit.Append(ctx, tx, audit.Event{Action: "client.create"})
			})
		}
		must.Do(t, record(ctx))
		before, err := audit.Head(ctx, s)
		must.Do(t, err)
		migrateBeyond(t, s)
		// Nobody has looked at the versions, so it is the event that finds out.
		if err := record(ctx); !errors.Is(err, store.ErrOutdated) || store.CauseOf(err) != store.Outdated {
			t.Errorf("an event is appended: %v", err)
		}
		after, err := audit.Head(ctx, s)
		must.Do(t, err)
		if after.Seq != before.Seq {
			t.Errorf("the trail went from %d to %d", before.Seq, after.Seq)
		}
		if n := s.RefusedWrites()[store.Outdated]; n != 1 {
			t.Errorf("%d changes were counted as refused, want 1", n)
		}
		must.Do(t, record(store.MustSave(ctx))) // what cannot be asked for again
	})
}

func TestAStoreThatIsOlderThanTheDatabaseReadsAndWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		found := make(chan error, 1)
		go func() { found <- s.WatchSchema(ctx, 10*time.Millisecond) }()
		must.Do(t, s.Write(ctx, func(context.Context, *ent.Tx) error { return nil }))
		migrateBeyond(t, s)
		if why := <-found; !store.IsMisfit(why) {
			t.Errorf("the store found %v", why)
		}
		if err := s.Write(ctx, func(context.Context, *ent.Tx) error { return nil }); !errors.Is(err, store.ErrOutdated) {
			t.Errorf("the store still writes: %v", err)
		}
		must.Do(t, s.Ping(ctx))
		cancel()
	})
}

func TestTheWatchOfASchemaThatIsKnownEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if why := s.WatchSchema(ctx, time.Millisecond); why != nil {
		t.Errorf("the store found %v", why)
	}
}
