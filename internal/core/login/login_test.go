package login_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const ana = "ana@example.com"

func TestALogInTakesSeventeenStatements(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, ana, principal.Admin)
		logIn := func() {
			_, err := h.Logins.Login(t.Context(), ana, stafftest.Password, session.Browser{Address: "192.0.2.1"})
			must.Do(t, err)
		}
		logIn() // its network is known from now on
		if got := storetest.Statements(t, h.Store, logIn); len(got) > 17 {
			t.Errorf("%d statements:\n%s", len(got), strings.Join(got, "\n"))
		}
	})
}

// A thief who knows a password may log in while the operator changes it because of that.
func TestALogInWithAPasswordThatWasChangedMeanwhileIsRefused(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		if h.Store.Dialect() != dialect.Postgres {
			t.Skip("SQLite lets no log-in begin while another writes")
		}
		h.Hire(t, ana, principal.Admin)
		other, err := password.ForTesting(t).Hash(t.Context(), "another password of hers")
		must.Do(t, err)
		changing, release, changed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			changed <- h.Store.Write(stafftest.AsSystem(t), func(ctx context.Context, tx *ent.Tx) error {
				err := tx.Operator.Update().Where(operator.Email(ana)).SetPasswordHash(other).Exec(ctx)
				close(changing)
				<-release
				return err
			})
		}()
		<-changing
		ended := make(chan error, 1)
		go func() {
			_, err := h.Logins.Login(t.Context(), ana, stafftest.Password, session.Browser{Address: "192.0.2.1"})
			ended <- err
		}()
		for waiting := 0; waiting == 0; { // until the log-in waits for the row: its password has passed the check
			must.Do(t, h.Store.DB().QueryRowContext(t.Context(),
				`SELECT COUNT(*) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
			time.Sleep(5 * time.Millisecond)
		}
		close(release)
		must.Do(t, <-changed)
		if err := <-ended; !fault.Is(err, fault.InvalidCredentials) {
			t.Errorf("the old password: %v", err)
		}
		if n, err := h.Store.Reader().Session.Query().Count(stafftest.AsSystem(t)); err != nil || n != 0 {
			t.Errorf("%d sessions, %v", n, err)
		}
	})
}
