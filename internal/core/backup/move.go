package backup

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Move moves the database to the one at the URL to, which has the other dialect and no data. The installation cannot be
// served until Move returns, and then from the new database alone. Move returns an error, and leaves the old one as it
// was, unless the new one has the same rows, its audit chain verifies, and as many secrets open and grants verify as
// before. What an interrupted call left, the next one begins anew. say tells the person who waits how far it is.
func (i Installation) Move(ctx context.Context, to string, say func(format string, args ...any)) error {
	here, err := store.DialectOf(i.DatabaseURL)
	if err != nil {
		return err
	}
	there, err := store.DialectOf(to)
	if err != nil {
		return err
	}
	if here == there {
		return errors.New("both databases are of the same kind: to take one elsewhere, make a backup and restore it there")
	}
	unfinished, err := store.TakesMove(ctx, to)
	if err != nil {
		return err
	}
	if unfinished {
		if err := store.TakeBack(ctx, i.DatabaseURL); err != nil {
			return err
		}
		say("an interrupted move is begun anew")
	}
	say("looking at every secret and keyed hash of the old database")
	before, err := i.appraise(ctx)
	if err != nil {
		return err
	}
	move := store.Move{From: i.DatabaseURL, To: to, Log: i.Log, Say: say}
	return move.Run(ctx, func(ctx context.Context) error { return i.checkMove(ctx, to, here, there, before, say) })
}

// worth is what the rows of a database are worth to an installation.
type worth struct {
	head audit.Anchor
	// altered counts the rows that grant and do not verify.
	altered int
	// sealed counts, for each column, the values and those that do not open.
	sealed []keyring.Opened
}

// appraise returns the worth of the installation's database before a move.
func (i Installation) appraise(ctx context.Context) (w worth, err error) {
	s, keys, err := keyring.OpenToRead(ctx, keyring.Places{
		DatabaseURL: i.DatabaseURL, DataDir: i.DataDir, MasterKeyFile: i.MasterKeyFile,
	}, i.Log)
	if err != nil {
		return worth{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return appraise(ctx, s, keys)
}

func appraise(ctx context.Context, s *store.Store, keys *seal.Keyset) (w worth, err error) {
	if w.head, err = audit.Head(ctx, s); err != nil {
		return worth{}, err
	}
	altered, err := s.AlteredGrants(ctx, math.MaxInt)
	if err != nil {
		return worth{}, err
	}
	w.altered = len(altered)
	w.sealed, err = keyring.OpenAll(ctx, s, keys)
	return w, err
}

// checkMove returns an error unless the new database is worth what the old one was, and records the move in it.
func (i Installation) checkMove(
	ctx context.Context, to, here, there string, before worth, say func(format string, args ...any),
) (err error) {
	s, keys, err := i.openFilled(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	audit.Keep(s, keys)
	say("looking at every secret and keyed hash of the new database")
	after, err := appraise(ctx, s, keys)
	switch {
	case err != nil:
		return err
	case after.altered != before.altered:
		return fmt.Errorf("%d rows that let somebody in do not verify; before it were %d", after.altered, before.altered)
	case !slices.Equal(after.sealed, before.sealed):
		return errors.New("other secrets open than before")
	}
	notes, _, err := audit.Witness{Store: s, Keys: keys, File: i.AuditAnchorFile}.Notes(ctx)
	if err != nil {
		return err
	}
	report, err := audit.Verify(ctx, s, keys, append(notes, audit.Noted{Anchor: before.head}), func(seq, head int64) {
		say("verified the audit trail up to event %d of %d", seq, head)
	})
	if err != nil {
		return err
	}
	say("checked: the audit trail is whole, %d events from %d; %d rows were changed behind the portal",
		report.Verified, report.From, after.altered)
	return s.Write(principal.AsSystem(ctx, "command line"), func(ctx context.Context, tx *ent.Tx) error {
		changes := []audit.Change{{Field: "database", Old: here, New: there}}
		return audit.Append(ctx, tx, audit.Event{Action: "portal.move", Changes: changes})
	})
}
