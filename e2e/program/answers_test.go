package program

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// keepAnswer seals an answer for the one marketplace of an installation that does not run, and returns its id.
func (at *place) keepAnswer(text string, until time.Time) (id string) {
	at.t.Helper()
	settings := config.Settings{
		DatabaseURL: cmp.Or(at.postgres, "sqlite:"+at.path("data/chaveiro.db")),
		DataDir:     at.path("data"), MasterKeyFile: at.path("data.master.key"),
	}
	ctx := principal.AsSystem(at.t.Context(), "test")
	log := slog.New(slog.DiscardHandler)
	s, keys, err := portal.OpenStore(ctx, settings, log)
	must.Do(at.t, err)
	connections := connection.New(connection.Options{
		Store: s, Keys: keys, Providers: providers.All(), Now: time.Now, Live: live.New(s, log),
	})
	err = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		m, err := tx.Marketplace.Query().Only(ctx)
		if err != nil {
			return err
		}
		id = m.ID
		sealed, err := connections.SealUnread(m, seal.NewSecret(text))
		if err != nil {
			return err
		}
		return m.Update().SetUnreadSealed(sealed).SetUnreadUntil(until).Exec(ctx)
	})
	must.Do(at.t, errors.Join(err, s.Close()))
	return id
}

func TestAnUnreadableAnswerIsListedAndShownOnTheServer(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			p := at.start()
			p.walk(p.setUp())
			if output := at.mustRun(nil, "answers"); !strings.Contains(output, "no answers are kept") {
				t.Errorf("without one: %s", output)
			}
			p.stop()
			id := at.keepAnswer("planted: não é JSON", time.Now().Add(time.Hour))
			p = at.start()
			list := at.mustRun(nil, "answers")
			if !strings.Contains(list, id) || !strings.Contains(list, "Padaria São João") || strings.Contains(list, "planted") {
				t.Errorf("the list is %s", list)
			}
			if output := at.mustRun(nil, "answers", "--show", id); !strings.Contains(output, "planted: não é JSON") {
				t.Errorf("it shows %s", output)
			}
			at.query(`SELECT COUNT(*) FROM audit_events WHERE action = 'marketplace.unread_show' AND object_id = '`+id+`'`, 1)
			if output, code := at.run(nil, "answers", "--show", "mkp_x"); code != 1 || !strings.Contains(output, "--show") {
				t.Errorf("of nothing: exit %d, %s", code, output)
			}
			p.stop()
			at.keepAnswer("planted: too old", time.Now().Add(-time.Minute))
			if output := at.mustRun(nil, "answers"); strings.Contains(output, id) {
				t.Errorf("after its time: %s", output)
			}
			at.mustRun(nil, "audit", "verify")
		})
	}
}
