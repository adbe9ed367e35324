package keeper

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/instance"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
)

const (
	// beatEvery is how often a process raises its beat and reads those of the others.
	beatEvery = 3 * time.Second
	beatTime  = 10 * time.Second
	// silentAfter is how long another process's beat must stand still, while this process can read it, before that process
	// counts as gone. This process's clock measures it. Time in which the database is away does not count.
	silentAfter = 12 * time.Second
)

// beats is what this process knows of the beats of all processes.
type beats struct {
	mu   sync.Mutex
	seen map[string]seen
	at   time.Time // of the last look, monotonic
	// clock is the wall clock at the last look: a later look that reads less means that the clock was put back.
	clock time.Time
}

type seen struct {
	beat  int64
	still time.Duration // how long it has stood still while it could be read
}

// last returns the wall clock at the last look, and stores that of this look.
func (b *beats) last(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.clock
	b.clock = now
	return last
}

// living returns the ids of the processes that are not known to be gone, this one included.
func (k *Keeper) living() []string {
	k.beats.mu.Lock()
	defer k.beats.mu.Unlock()
	return append(slices.Collect(maps.Keys(k.beats.seen)), k.instance)
}

func (b *beats) processes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(1, len(b.seen))
}

// look stores the beats of all processes, and returns the ids of those that are silent. After a gap between two looks
// every silence is counted anew, from -beatTime: nothing was read meanwhile, and the others could not write either.
// They may need the time of one try, beatTime, to raise their beat.
func (b *beats) look(found map[string]int64, at time.Time) (silent []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	passed := at.Sub(b.at)
	gap := b.at.IsZero() || passed > 2*beatEvery
	now := make(map[string]seen, len(found))
	for id, beat := range found {
		before, known := b.seen[id]
		one := seen{beat: beat}
		switch {
		case gap && known && before.beat == beat:
			one.still = -beatTime
		case known && before.beat == beat:
			one.still = before.still + passed
		}
		if one.still >= silentAfter {
			silent = append(silent, id)
			continue
		}
		now[id] = one
	}
	b.seen, b.at = now, at
	return silent
}

// beat raises this process's beat, reads those of the others, and frees the connections of processes that are gone.
func (k *Keeper) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(principal.AsSystem(ctx, "keeping connections"), beatTime)
	defer cancel()
	if err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		risen, err := tx.Instance.Update().Where(instance.ID(k.instance)).AddBeat(1).SetSeenAt(k.now()).Save(ctx)
		if err != nil || risen == 1 {
			return err
		}
		return tx.Instance.Create().SetID(k.instance).SetSeenAt(k.now()).Exec(ctx)
	}); err != nil {
		return fmt.Errorf("say that this process lives: %w", err)
	}
	if now := k.now(); now.Before(k.beats.last(now).Add(-aheadOfClock)) { // the clock was put back
		if err := k.unpark(ctx); err != nil {
			return err
		}
	}
	all, err := k.store.Reader().Instance.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("look at the other processes: %w", err)
	}
	found := make(map[string]int64, len(all))
	for _, one := range all {
		found[one.ID] = one.Beat
	}
	for _, id := range k.beats.look(found, time.Now()) {
		if id == k.instance {
			continue // it has just raised its beat
		}
		if err := k.takeOver(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// takeOver frees the connections that a gone process had leased, so that the others go on with them at once.
func (k *Keeper) takeOver(ctx context.Context, gone string) error {
	freed := 0
	err := k.each(ctx, marketplace.LeaseBy(gone), func(old *connection.Row) *connection.Row {
		freed++
		return connection.Interrupted(old, k.now())
	})
	if err != nil {
		return fmt.Errorf("take over from a process that has gone: %w", err)
	}
	if err := k.leave(ctx, gone); err != nil {
		return err
	}
	k.log.WarnContext(ctx, "a process of the portal has gone silent: its connections are taken over", "instance", gone,
		"connections", freed)
	k.wakeAll()
	return nil
}

// leave deletes a process from the list of processes.
func (k *Keeper) leave(ctx context.Context, id string) error {
	err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		_, err := tx.Instance.Delete().Where(instance.ID(id)).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("take a process off the list: %w", err)
	}
	return nil
}
