package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/traces"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// exec runs statements on the installation's database, outside the program.
func (at *place) exec(statements ...string) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		_, err := db.Exec(statement)
		must.Do(at.t, err)
	}
}

// mustRun runs a command that must succeed, and returns its output.
func (at *place) mustRun(env []string, args ...string) string {
	at.t.Helper()
	output, code := at.run(env, args...)
	if code != 0 {
		at.t.Fatalf("%s: exit %d\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

var anchorForm = regexp.MustCompile(`anchor (\d+:[0-9a-f]{64})`)

// Proves: 11.3
func TestTheAuditTrailIsVerifiedAtTheCommandLineWhileThePortalServes(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			p := at.start()
			key := p.walk(p.setUp())
			for range 3 {
				if body, err := p.Post(key, `{ clients { totalCount } }`, nil); err != nil || !strings.Contains(body, "FORBIDDEN") {
					t.Fatalf("%s, %v", body, err)
				}
			}
			at.query(`SELECT COUNT(*) FROM audit_events WHERE action = 'access.denied' AND actor_kind = 'ACCESS_KEY' AND result =
				'REFUSED' AND object_id = 'Query.clients'`, 1)

			said := anchorForm.FindStringSubmatch(at.mustRun(nil, "audit", "verify"))
			if said == nil {
				t.Fatal("it prints no anchor")
			}
			p.createClient(p.logIn(), "Loja", cpf(1))
			at.mustRun(nil, "audit", "verify", "--anchor", said[1])
			if output, code := at.run(nil, "audit", "verify", "--anchor", "3:xyz"); code != 1 ||
				!strings.Contains(output, "--anchor") {
				t.Errorf("a bad anchor: exit %d, %s", code, output)
			}
			if at.postgres == "" {
				at.exec(`DROP TRIGGER audit_events_no_update`, `UPDATE audit_events SET actor_id = 'opr_x' WHERE seq = 3`)
			} else {
				at.exec(`ALTER TABLE audit_events DISABLE TRIGGER USER`, `UPDATE audit_events SET actor_id = 'opr_x' WHERE seq = 3`)
			}
			if output, code := at.run(nil, "audit", "verify"); code != 1 || !strings.Contains(output, "broken at event 3") {
				t.Errorf("an altered event: exit %d, %s", code, output)
			}
			p.stop()
			if !strings.Contains(p.Output(), "head of the audit chain") {
				t.Error("the head is not in the log")
			}
		})
	}
}

// Proves: 11.3
func TestAWipedTrailIsReportedByEveryReadingCommandAndChangedByNone(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			if output, code := at.run(nil, "audit", "verify"); code != 78 || !strings.Contains(output, "start the portal once") {
				t.Errorf("nothing is there yet: exit %d, %s", code, output)
			}
			p := at.start()
			p.createClient(p.setUp(), "Loja", cpf(1))
			p.stop() // and has noted how far it had come
			var off []string
			if at.postgres == "" {
				for _, name := range []string{
					"audit_events_no_update", "audit_events_no_delete", "audit_heads_forward", "audit_heads_no_delete",
					"audit_checkpoints_no_update", "audit_checkpoints_no_delete",
				} {
					off = append(off, "DROP TRIGGER "+name)
				}
			} else {
				for _, table := range []string{"audit_events", "audit_heads", "audit_checkpoints"} {
					off = append(off, "ALTER TABLE "+table+" DISABLE TRIGGER USER")
				}
			}
			at.exec(append(off, `DELETE FROM audit_events`, `DELETE FROM audit_heads`, `DELETE FROM audit_checkpoints`)...)
			if output, code := at.run(nil, "audit", "verify"); code != 1 || !strings.Contains(output, "broken at event 1") {
				t.Errorf("a wiped trail: exit %d, %s", code, output)
			}
			output, code := at.run(nil, "doctor")
			if code != 1 || !strings.Contains(output, "its end was cut off") || !strings.Contains(output, "triggers audit_") {
				t.Errorf("the doctor: exit %d, %s", code, output)
			}
			at.mustRun(nil, "keyset", "verify")
			at.query(`SELECT COUNT(*) FROM audit_heads`, 0)
			at.query(`SELECT COUNT(*) FROM audit_events`, 0)

			p = at.start()
			p.createClient(p.logIn(), "Outra", cpf(2))
			must.WaitFor(t, patience, "the log tells of the trail", func() bool {
				return strings.Contains(p.Output(), "THE AUDIT TRAIL IS NOT WHAT WAS WRITTEN")
			})
			p.stop()
			at.query(`SELECT COUNT(*) FROM audit_events WHERE action = 'audit.resume'`, 1)
			if output, code := at.run(nil, "audit", "verify"); code != 1 || !strings.Contains(output, "broken at event 1") {
				t.Errorf("a wiped trail that goes on: exit %d, %s", code, output)
			}
		})
	}
}

// traffic reads and changes the secrets of a shop until it is stopped, and counts what failed.
type traffic struct {
	running sync.WaitGroup
	ended   atomic.Bool
	done    atomic.Int64
	mu      sync.Mutex
	failed  []string
	last    string // the password that was last saved
}

func (p *process) traffic(session, key string) *traffic {
	load := &traffic{last: "senha da loja"}
	marketplace := regexp.MustCompile(`mkp_\w+`).
		FindString(p.mustPost(key, `{ integration { marketplaces { id } } }`, nil))
	do := func(as, query string, variables vars, want string) {
		body, err := p.Post(as, query, variables)
		load.done.Add(1)
		if err != nil || !strings.Contains(body, want) {
			load.mu.Lock()
			load.failed = append(load.failed, fmt.Sprintf("%s, %v", body, err))
			load.mu.Unlock()
		}
	}
	for range 2 {
		load.running.Go(func() {
			for ; !load.ended.Load(); time.Sleep(pause) {
				do(key, readPassword, nil, `"password":"senha `)
			}
		})
	}
	load.running.Go(func() {
		for i := 0; !load.ended.Load(); i++ {
			time.Sleep(pause)
			next := fmt.Sprintf("senha %d", i)
			do(session, `mutation($id: ID!, $password: String!) { updateMarketplace(input: {id: $id,
				config: {meuCarrinho: {username: "integracao", password: $password}}}) { marketplace { id }
					userErrors { message } } }`,
				vars{"id": marketplace, "password": next}, `"userErrors":[]`)
			load.last = next
		}
	})
	return load
}

// stop ends the traffic and fails when anything of it failed.
func (load *traffic) stop(t *testing.T) {
	t.Helper()
	load.ended.Store(true)
	load.running.Wait()
	if len(load.failed) > 0 {
		t.Errorf("%d of %d requests failed, the first: %s", len(load.failed), load.done.Load(), load.failed[0])
	}
}

// pause is the time between two requests of one caller. All callers together stay within the rates of hurried.
const pause = 25 * time.Millisecond

// hurried sets high rates for a test that sends many requests.
var hurried = []string{"CHAVEIRO_KEY_RATE=100", "CHAVEIRO_OPERATOR_RATE=200"}

// short allows a rotation to wait less than is safe for instances without a connection to the database.
var short = []string{"CHAVEIRO_DEV=true"}

// Proves: 6.4
func TestTheKeysetIsRotatedUnderLoadAndAfterAKill(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			at.env = hurried
			p := at.start()
			session := p.setUp()
			key := p.walk(session)
			load := p.traffic(session, key)

			// The kill comes when the new key seals and some values are still sealed by the old one.
			rotate := at.command(short, "keyset", "rotate", "--settle=5s")
			must.Do(t, rotate.Start())
			must.WaitFor(t, patience, "the new keyset seals", func() bool {
				return at.count(`SELECT COUNT(*) FROM keysets WHERE rotation = 'PROMOTED'`) == 1
			})
			must.Do(t, rotate.Process.Signal(syscall.SIGKILL))
			_ = rotate.Wait()
			at.mustRun(nil, "keyset", "verify")
			output := at.mustRun(short, "keyset", "rotate", "--settle=5s")
			if !strings.Contains(output, "the rotation is done") || strings.Contains(output, "is published") {
				t.Errorf("it did not go on where it was: %s", output)
			}
			load.stop(t)

			if output := at.mustRun(nil, "keyset", "verify"); !strings.Contains(output,
				"marketplaces.secrets_sealed: 1 values, 0 do not open") {
				t.Errorf("%s", output)
			}
			at.mustRun(nil, "audit", "verify")
			p.stop()
			again := at.start()
			if body := again.mustPost(key, readPassword, nil); !strings.Contains(body, load.last) {
				t.Errorf("after all, the back-office gets %s, want %s", body, load.last)
			}
			again.logIn()
		})
	}
}

func TestTheMasterKeyIsChangedByEncryptingTheKeysetAnew(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start()
	key := p.walk(p.setUp())
	at.mustRun(nil, "keyset", "rotate", "--master-key", at.path("new.key"))
	at.wantMode("new.key", 0o600)
	must.WaitFor(t, patience, "the portal that serves notices, and goes on", func() bool {
		return strings.Contains(p.Output(), "the next start needs that one")
	})
	p.logIn() // which seals
	if strings.Contains(p.Output(), "level=ERROR") || strings.Contains(p.Output(), `"level":"ERROR"`) {
		t.Errorf("the log: %s", p.Output())
	}
	p.stop()
	if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, "is not the one") {
		t.Errorf("the old file still opens: exit %d, %s", code, output)
	}
	at.env = append(at.env, "CHAVEIRO_MASTER_KEY_FILE="+at.path("new.key"))
	again := at.start()
	if body := again.mustPost(key, readPassword, nil); !strings.Contains(body, "senha da loja") {
		t.Errorf("%s", body)
	}
}

func (at *place) count(statement string) (n int) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	must.Do(at.t, db.QueryRow(statement).Scan(&n))
	return n
}

// Proves: 12.3
func TestABackupOfAServingPortalIsRestoredAndServed(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			at.env = hurried
			p := at.start()
			session := p.setUp()
			key := p.walk(session)
			load := p.traffic(session, key)
			at.mustRun(nil, "backup", at.path("chaveiro.backup"))
			load.stop(t)
			at.wantMode("chaveiro.backup", 0o600)
			if output, code := at.run(nil, "backup", at.path("chaveiro.backup")); code != 1 ||
				!strings.Contains(output, "replaces nothing") {
				t.Errorf("a second backup to the same file: exit %d, %s", code, output)
			}
			if output, code := at.run(nil, "restore", at.path("chaveiro.backup")); code != 1 ||
				!strings.Contains(output, "there is a database already") {
				t.Errorf("a restore over the database: exit %d, %s", code, output)
			}
			p.stop()

			to := newPlace(t)
			to.env = []string{"CHAVEIRO_MASTER_KEY_FILE=" + at.path("data.master.key")}
			if output := to.mustRun(nil, "restore", at.path("chaveiro.backup")); !strings.Contains(output, "it is whole") {
				t.Errorf("%s", output)
			}
			again := to.start()
			if again.setupToken != "" {
				t.Error("the restored portal wants to be set up")
			}
			if body := again.mustPost(key, readPassword, nil); !strings.Contains(body, `"senha `) {
				t.Errorf("%s", body)
			}
			again.logIn()
			to.mustRun(nil, "audit", "verify")
		})
	}
}

func TestTheDoctorFindsEachProblem(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	if output, code := at.run(nil, "doctor"); code != 1 || !strings.Contains(output, "data folder") {
		t.Errorf("of nothing: exit %d, %s", code, output)
	}
	at.start().stop()
	at.mustRun(nil, "backup", at.path("chaveiro.backup"))
	output := at.mustRun(nil, "doctor")
	for _, line := range []string{
		"ok    master key", "ok    database", "warn  public URL", "ok    durability", "ok    canary", "ok    backup",
		"ok    rotation",
	} {
		if !strings.Contains(output, line) {
			t.Errorf("there is no %q in\n%s", line, output)
		}
	}
	must.Do(t, os.Chmod(at.path("data"), 0o755))
	if output, code := at.run(nil, "doctor"); code != 1 || !strings.Contains(output, "chmod 700") {
		t.Errorf("of an open folder: exit %d, %s", code, output)
	}
}

func TestTheDoctorFindsAMachineWithoutAuthorities(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	none := []string{"SSL_CERT_FILE=" + at.path("none.pem"), "SSL_CERT_DIR=" + at.path("none")}
	if output, _ := at.run(none, "doctor"); !strings.Contains(output, "fail  authorities") ||
		!strings.Contains(output, "install the package ca-certificates") {
		t.Errorf("%s", output)
	}
}

func TestTheDoctorFindsALostWriteAheadLog(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start()
	p.createClient(p.setUp(), "Loja", cpf(1))
	must.Do(t, os.Remove(at.path("data/chaveiro.db-wal")))
	pid := fmt.Sprint("process ", p.Command.Process.Pid)
	if output, code := at.run(nil, "doctor"); code != 1 || !strings.Contains(output, "fail  wal") ||
		!strings.Contains(output, pid) {
		t.Errorf("under the server: exit %d, %s", code, output)
	}
	p.stop() // and saves all
	if output := at.mustRun(nil, "doctor"); !strings.Contains(output, "ok    wal") {
		t.Errorf("after the stop: %s", output)
	}
	at.query(`SELECT COUNT(*) FROM clients`, 1)

	p = at.start()
	p.Kill()
	must.Do(t, os.Remove(at.path("data/chaveiro.db-wal")))
	for range 2 { // the first changes nothing that the second needs
		if output, code := at.run(nil, "doctor"); code != 1 || !strings.Contains(output, "fail  wal") ||
			!strings.Contains(output, "delete") {
			t.Errorf("after a kill: exit %d, %s", code, output)
		}
	}
}

func TestTheDoctorFindsAnOlderCopyOfTheDatabase(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start()
	p.setUp()
	p.stop()
	older, err := os.ReadFile(at.path("data/chaveiro.db"))
	must.Do(t, err)
	p = at.start()
	p.createClient(p.logIn(), "Loja", cpf(1))
	p.stop() // and has noted how far it has come
	must.Do(t, os.WriteFile(at.path("data/chaveiro.db"), older, 0o600))
	if output, code := at.run(nil, "doctor"); code != 1 || !strings.Contains(output, "is older than the portal left it") {
		t.Errorf("exit %d, %s", code, output)
	}
}

// Proves: 3.2
func TestASigningKeyIsRotatedByCommandAndSessionsGoOn(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start()
	session := p.setUp()
	if output := at.mustRun(nil, "signing-key", "rotate"); !strings.Contains(output, "signs from") {
		t.Errorf("%s", output)
	}
	at.query(`SELECT COUNT(*) FROM signing_keys`, 2)
	p.mustPost(session, `{ viewer { email } }`, nil)
	p.mustPost(p.logIn(), `{ viewer { email } }`, nil)
}

// Proves: 6.7
func TestAfterALostMasterKeyThePortalRunsAndSecretsAreTypedAgain(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			p := at.start()
			session := p.setUp()
			key := p.walk(session)
			p.mustPost(session,
				`mutation { updateProviderSettings(input: {provider: NUVEMSHOP, settings: [{name: "appSecret", value: "segredo"}]}) {
				provider { provider } userErrors { message } } }`, nil)
			at.query(`SELECT COUNT(*) FROM provider_settings WHERE secrets_sealed IS NOT NULL`, 1)
			p.stop()
			must.Do(t, os.Remove(at.path("data.master.key")))
			if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, "docs/operations.md") {
				t.Errorf("exit %d, %s", code, output)
			}

			again := at.start("serve", "--recover")
			at.wantMode("data.master.key", 0o600)
			const read = `{ integration {
				marketplaces { id health { state reason } credentials { ... on MeuCarrinhoCredentials { password } } } } }`
			body := again.mustPost(key, read, nil)
			if !strings.Contains(body, `"reason":"SECRETS_LOST"`) || !strings.Contains(body, `"credentials":null`) {
				t.Errorf("the back-office is told %s", body)
			}
			again.mustPost(again.logIn(), `mutation($id: ID!) { updateMarketplace(input: {id: $id,
				config: {meuCarrinho: {username: "integracao", password: "senha nova"}}}) { marketplace { id }
					userErrors { message } } }`,
				vars{"id": regexp.MustCompile(`mkp_\w+`).FindString(body)})
			if body := again.mustPost(key, read, nil); !strings.Contains(body, "senha nova") ||
				strings.Contains(body, "SECRETS_LOST") {
				t.Errorf("after it was typed again the back-office gets %s", body)
			}
			if output := at.mustRun(nil, "audit", "verify"); !strings.Contains(output, "before a recovery") {
				t.Errorf("%s", output)
			}
			at.mustRun(nil, "keyset", "verify")
			at.query(`SELECT COUNT(*) FROM provider_settings WHERE secrets_sealed IS NOT NULL OR secret_states IS NOT NULL`, 0)
			again.stop()
			if output, code := at.run(nil, "serve", "--recover", "--master-key-file="+
				at.path("another.key")); code != exitConfig || !strings.Contains(output, "was recovered on") {
				t.Errorf("a second recovery: exit %d, %s", code, output)
			}
			at.start() // without the flag
		})
	}
}

// Proves: 12.4
func TestWhileTheDatabaseIsReadOnlyChangesAreRefusedAndReadsStillWork(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start()
	session := p.setUp()
	key := p.walk(session)
	release := at.lockSaves()
	status, body := p.status(session,
		`mutation { createClient(input: {name: "Loja", document: "`+cpf(1)+`"}) { client { id } } }`)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, `"code":"BUSY"`) {
		t.Errorf("a change is answered %d with %s", status, body)
	}
	if status, body := p.status(session, `{ viewer { email } }`); status != http.StatusOK {
		t.Errorf("a read is answered %d with %s", status, body)
	}
	p.mustPost(session, `{ clients { totalCount } }`, nil)
	if body := p.mustPost(key, readPassword, nil); !strings.Contains(body, "senha da loja") {
		t.Errorf("the back-office gets %s", body)
	}
	release()
	p.createClient(session, "Loja", cpf(1))
	at.mustRun(nil, "audit", "verify")
}

// The program must know each command in the operations manual.
func TestTheCommandsOfTheManualAreKnown(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("docs/operations.md")
	must.Do(t, err)
	commands := regexp.MustCompile(`(?m)^chaveiro ([^(].*)$`).FindAllStringSubmatch(string(manual), -1)
	if len(commands) < 10 {
		t.Fatalf("only %d commands are in the manual", len(commands))
	}
	for _, command := range commands {
		if _, _, err := config.Parse(strings.Fields(command[1]), io.Discard, io.Discard); err != nil {
			t.Errorf("chaveiro %s: %v", command[1], err)
		}
	}
}

// Proves: 12.2
func TestTheSystemdUnitIsWellFormedAndHardened(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("deploy/chaveiro.service")
	must.Do(t, err)
	for _, setting := range []string{
		"User=chaveiro", "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "MemoryDenyWriteExecute=yes",
		"CapabilityBoundingSet=", "UMask=0077", "LoadCredential=master.key:", "RestartPreventExitStatus=78",
		"LimitCORE=0", "PrivateUsers=yes", "ProcSubset=pid", "DevicePolicy=closed",
	} {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(setting)).Match(unit) {
			t.Errorf("the unit lacks %s", setting)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	here := strings.NewReplacer("/usr/local/bin/chaveiro", binary, "User=chaveiro", "User=root").Replace(string(unit))
	path := filepath.Join(t.TempDir(), "chaveiro.service")
	must.Do(t, os.WriteFile(path, []byte(here), 0o600))
	if output, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%v: %s", err, output)
	}
	// The remaining exposure is what an internet server needs; the scale goes from 0 to 100.
	security := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold=11",
		"deploy/chaveiro.service")
	if output, err := security.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
}

func TestTheExampleOfAContainerKeepsTheKeyApartAndTrustsOneAddress(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("deploy/compose.yaml")
	must.Do(t, err)
	trusted := regexp.MustCompile(`CHAVEIRO_TRUSTED_PROXIES: (\S+)`).FindSubmatch(text)
	gateway := regexp.MustCompile(`gateway: (\S+) `).FindSubmatch(text)
	if trusted == nil || gateway == nil || string(trusted[1]) != string(gateway[1])+"/32" {
		t.Errorf("it trusts %s, and the bridge is %s", trusted, gateway)
	}
	volumes := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^      - (\w+):(/var/lib/chaveiro\S*)$`).FindAllSubmatch(text, -1) {
		volumes[string(found[2])] = string(found[1])
	}
	data, keys := volumes["/var/lib/chaveiro/data"], volumes["/var/lib/chaveiro/keys"]
	if len(volumes) != 2 || data == "" || keys == "" || data == keys {
		t.Errorf("the volumes are %v, want one for the data and another for the key", volumes)
	}
}

func TestTheContainerHasCertificatesAndAClientOfItsDatabase(t *testing.T) {
	t.Parallel()
	compose, err := os.ReadFile("deploy/compose.yaml")
	must.Do(t, err)
	server := regexp.MustCompile(`image: \S+/postgres:(\d+)\n`).FindSubmatch(compose)
	container, err := os.ReadFile("deploy/Containerfile")
	must.Do(t, err)
	stages := strings.Split(string(container), "\nFROM ")
	last := stages[len(stages)-1]
	installed := regexp.MustCompile(`apt-get install \S+ \S+ ([^\\\n]+)`).FindStringSubmatch(last)
	if server == nil || installed == nil {
		t.Fatalf("the server is %s, the packages are %v", server, installed)
	}
	for _, needed := range []string{"ca-certificates", "postgresql-client-" + string(server[1])} {
		if !slices.Contains(strings.Fields(installed[1]), needed) {
			t.Errorf("the container lacks %s: it has %s", needed, installed[1])
		}
	}
	// Debian 13 is the one with a client of PostgreSQL 17.
	if !strings.HasPrefix(last, "docker.io/library/debian:trixie-slim\n") || string(server[1]) != "17" {
		t.Errorf("which client does the container get for PostgreSQL %s? It is made %s", server[1], last)
	}
}

func TestAServiceManagerWaitsLongerThanTheLongestCallThatAStopWaitsFor(t *testing.T) {
	t.Parallel()
	longest := time.Duration(0)
	for _, p := range providers.All() {
		refresher, ok := p.(provider.Refresher)
		if !ok {
			continue
		}
		values := provider.Values{}
		for _, setting := range p.Settings() {
			if values[setting.Name] = setting.Default; setting.Kind == provider.Number {
				values[setting.Name] = strconv.Itoa(setting.Max)
			}
		}
		if plan := refresher.Renewal(values, provider.Record{}); plan != nil {
			longest = max(longest, keeper.LongestCalls(plan))
		}
	}
	longest += config.MaxStopDelay + spool.StopPatience + traces.StopTime + 20*time.Second // of the requests under way
	for file, pattern := range map[string]string{
		"deploy/chaveiro.service": `(?m)^TimeoutStopSec=(\d+)$`,
		"deploy/compose.yaml":     `(?m)^    stop_grace_period: (\d+)s\b`,
	} {
		text, err := os.ReadFile(file)
		must.Do(t, err)
		found := regexp.MustCompile(pattern).FindSubmatch(text)
		if found == nil {
			t.Errorf("%s does not say how long a stop may take", file)
			continue
		}
		seconds, err := strconv.Atoi(string(found[1]))
		must.Do(t, err)
		if got := time.Duration(seconds) * time.Second; got <= longest {
			t.Errorf("%s gives a stop %s, and it may take %s", file, got, longest)
		}
	}
}

// status sends a document and returns status and body of the answer.
func (p *process) status(session, query string) (int, string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	must.Do(p.t, err)
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	must.Do(p.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+session)
	answer, err := http.DefaultClient.Do(request)
	must.Do(p.t, err)
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	must.Do(p.t, err)
	return answer.StatusCode, string(data)
}

// Proves: 6.3
func TestAStartOverAKeysetThatIsNotWholeIsRefusedWith78(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ spoil, says string }{
		"cut short":    {`UPDATE keysets SET encrypted = substr(encrypted, 1, 60)`, "the keyset in the database is damaged"},
		"its canary":   {`UPDATE keysets SET canary = zeroblob(60)`, "does not open the canary"},
		"gone":         {`DELETE FROM keysets`, "holds data but no keyset"},
		"of no master": {`UPDATE keysets SET encrypted = '{"version":1}'`, "is not the one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			at.start().stop() // makes a sealed value
			at.exec(c.spoil)
			before := at.dump()
			if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, c.says) {
				t.Errorf("exit %d, %s", code, output)
			}
			if at.dump() != before {
				t.Error("the refused start changed the database")
			}
		})
	}
}
