package store

import (
	"context"
	"errors"
	"time"

	entsql "entgo.io/ent/dialect/sql"
)

// ErrOutdated says that another program has migrated the database beyond what this one knows, or has moved it away.
// This program then writes nothing: its rows may lack what the newer one needs. A caller finds a newer one elsewhere.
var ErrOutdated = errors.New("store: this program is older than the database, and writes nothing more")

// WatchSchema looks at intervals whether this program is outdated. Then it returns why, in a sentence, and Write
// returns ErrOutdated from then on. It returns nil when ctx ends.
func (s *Store) WatchSchema(ctx context.Context, every time.Duration) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		// An error says that the database is away, where nothing is written either.
		has, known, err := compareVersions(ctx, s.readDB, s.dialect)
		if err == nil && has > known[len(known)-1] {
			s.outdated.Store(true)
			return newerThan(has, known[len(known)-1])
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

type mustSaveKey struct{}

// MustSave returns a context whose Writes are made even by an outdated program. It is for what a provider answered once
// and cannot be asked again: losing that would cost the shop its connection.
func MustSave(ctx context.Context) context.Context {
	return context.WithValue(ctx, mustSaveKey{}, true)
}

func mustSave(ctx context.Context) bool { return ctx.Value(mustSaveKey{}) != nil }

// mayWrite returns the context of a Write of a program that may be outdated: what must be saved then shares its
// transaction with no other change.
func (s *Store) mayWrite(ctx context.Context) (context.Context, error) {
	switch {
	case !s.outdated.Load():
		return ctx, nil
	case mustSave(ctx):
		return Alone(ctx), nil
	default:
		return nil, ErrOutdated
	}
}

// UnlessOutdated returns a condition for a query of a transaction that locks its row: it finds nothing when this
// program is outdated. So what follows the lock knows every migration that came before. The mark of a move is none: the
// move, which nobody serves beside, records itself in the database that it fills.
func UnlessOutdated(ctx context.Context) func(*entsql.Selector) {
	newest, err := NewestVersion()
	return func(s *entsql.Selector) {
		switch {
		case err != nil:
			s.AddError(err)
		case !mustSave(ctx):
			s.Where(entsql.P(func(b *entsql.Builder) {
				b.WriteString("NOT EXISTS (SELECT 1 FROM " + versionTable + " WHERE version_id > ").Arg(newest).
					WriteString(" AND version_id <> ").Arg(unfinishedMove).WriteString(")")
			}))
		}
	}
}
