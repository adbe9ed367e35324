package program

import (
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const waits = "the database is not there: waiting for it"

func TestAPortalThatStartsBeforeItsDatabaseWaitsForIt(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	proxy := storetest.NewProxy(t, storetest.EmptyPostgres(t))
	at.postgres = proxy.URL
	proxy.Down()
	p := at.launch()
	p.says(waits)
	proxy.Resume()
	p.ready()
	p.setUp()
	p.stop()
}

func TestAPortalThatWaitsForItsDatabaseStopsAtOnceOnASignal(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*storetest.Proxy){
		"refused": (*storetest.Proxy).Down, "silent": (*storetest.Proxy).Stop,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			proxy := storetest.NewProxy(t, storetest.EmptyPostgres(t))
			at.postgres = proxy.URL + "&connect_timeout=1"
			fail(proxy)
			p := at.launch()
			p.says(waits)
			must.Do(t, p.Command.Process.Signal(syscall.SIGTERM))
			select {
			case <-p.Ended:
			case <-time.After(30 * time.Second):
				t.Fatal("it goes on")
			}
			if err := p.Command.Wait(); err != nil {
				t.Errorf("it ends with %v:\n%s", err, p.Output())
			}
		})
	}
}

func TestAnErrorThatWaitingCannotFixEndsTheStartWith78(t *testing.T) {
	t.Parallel()
	good := storetest.EmptyPostgres(t)
	u, err := url.Parse(good)
	must.Do(t, err)
	nowhere, nobody := *u, *u
	nowhere.Path = "/no_such_database"
	nobody.User = url.User("nobody_of_that_name")
	newer := newPlace(t)
	newer.postgres = storetest.EmptyPostgres(t)
	newer.mustRun(nil, "migrate")
	newer.exec("INSERT INTO schema_migrations (version_id, is_applied) VALUES (99990101000000, true)")
	for name, c := range map[string]struct{ url, says string }{
		"no such database":  {nowhere.String(), "no_such_database"},
		"no such user":      {nobody.String(), "nobody_of_that_name"},
		"another encoding":  {storetest.EmptyPostgres(t, "ENCODING 'LATIN1' LOCALE 'C'"), "LATIN1"},
		"a newer schema":    {newer.postgres, "newer than this program"},
		"a pooler in front": {storetest.PgBouncer(t, good, "transaction"), "CHAVEIRO_DATABASE_DIRECT_URL"},
	} {
		at := newPlace(t)
		at.postgres = c.url
		if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, c.says) {
			t.Errorf("%s: exit status %d: %s", name, code, output)
		}
	}
}

func TestAPortalServesThroughPgBouncer(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	own := storetest.EmptyPostgres(t)
	at.postgres = storetest.PgBouncer(t, own, "transaction")
	at.env = append(at.env, "CHAVEIRO_DATABASE_DIRECT_URL="+own, "CHAVEIRO_DATABASE_CONNECTIONS=8")
	p := at.start()
	client := p.createClient(p.setUp(), "Padaria São João", "12.ABC.345/01DE-35")
	if client == "" {
		t.Error("no client was made")
	}
	if output, _ := at.run(nil, "doctor"); !strings.Contains(output, "ALTER ROLE") ||
		!strings.Contains(output, "up to 9") {
		t.Errorf("the doctor does not look at the pooler: %s", output)
	}
	at.mustRun(nil, "backup", at.path("chaveiro.backup"))
	p.stop()
}

// says waits until the program has logged a text.
func (p *process) says(text string) {
	p.t.Helper()
	for range 600 {
		if strings.Contains(p.Output(), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("it does not say %q:\n%s", text, p.Output())
}
