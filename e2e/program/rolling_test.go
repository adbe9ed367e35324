package program

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// nextVersion is what a program says that is built by buildNewer.
const nextVersion = "99.0.0"

// buildNewer builds the program as it will be after one more migration, which has some statements.
func buildNewer(t *testing.T, statements string) string {
	t.Helper()
	dir := t.TempDir()
	version, err := filepath.Abs("VERSION")
	must.Do(t, err)
	files := map[string]string{version: filepath.Join(dir, "VERSION")}
	must.Do(t, os.WriteFile(files[version], []byte(nextVersion+"\n"), 0o600))
	for _, dialect := range []string{"sqlite", "postgres"} {
		migration := filepath.Join(dir, dialect+".sql")
		must.Do(t, os.WriteFile(migration, []byte("-- +goose Up\n"+statements+"\n"), 0o600))
		at, err := filepath.Abs("ent/migrate/" + dialect + "/20991231000000_later.sql")
		must.Do(t, err)
		files[at] = migration
	}
	overlay, err := json.Marshal(map[string]any{"Replace": files})
	must.Do(t, err)
	named, newer := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "chaveiro")
	must.Do(t, os.WriteFile(named, overlay, 0o600))
	build := append([]string{"build", "-overlay", named, "-o", newer}, strings.Fields(os.Getenv("CHAVEIRO_TEST_BUILD"))...)
	output, code := combined(t, exec.Command("go", append(build, ".")...))
	if code != 0 {
		t.Fatalf("build: %s", output)
	}
	return newer
}

// balancer sends each request to an instance that is ready, and asks another when it gets none or is told to wait, as a
// load balancer and the programs behind it do.
type balancer struct {
	mu    sync.Mutex
	among []*process
}

func (b *balancer) add(p *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.among = append(b.among, p)
}

// post sends a document until an instance answers it.
func (b *balancer) post(credential, query string, variables vars) (body string, err error) {
	for began := time.Now(); time.Since(began) < patience; time.Sleep(20 * time.Millisecond) {
		b.mu.Lock()
		among := append([]*process{}, b.among...)
		b.mu.Unlock()
		for _, p := range among {
			answer, readyErr := http.Get(p.URL + "/readyz")
			if readyErr != nil {
				continue
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				continue
			}
			body, err = p.Post(credential, query, variables)
			if err == nil && !strings.Contains(body, `"BUSY"`) {
				return body, nil
			}
		}
	}
	return body, fmt.Errorf("no instance answered: %q, %w", body, err)
}

func TestAnUpgradeOfOneInstanceAfterTheOtherLosesNoRequest(t *testing.T) {
	t.Parallel()
	at := places(t)["postgres"](t)
	at.publicURL = "https://portal.test"
	at.env = append(at.env, "CHAVEIRO_STOP_DELAY=1s", "CHAVEIRO_OPERATOR_RATE=200", "CHAVEIRO_KEY_RATE=100")
	newer := *at
	newer.program = buildNewer(t, "CREATE TABLE later (id varchar PRIMARY KEY);")
	old := []*process{at.start()}
	session := old[0].setUp()
	key := old[0].walk(session)
	old = append(old, at.start())

	doors := &balancer{among: old}
	stop := make(chan struct{})
	var (
		callers sync.WaitGroup
		made    atomic.Int64
		faults  = make(chan string, 1000)
	)
	call := func(request func(n int) (string, error), want string) {
		callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				if body, err := request(n); err != nil || !strings.Contains(body, want) {
					faults <- fmt.Sprintf("%s (%v)", body, err)
					return
				}
			}
		})
	}
	call(func(int) (string, error) { return doors.post(key, readPassword, nil) }, "senha da loja")
	call(func(n int) (string, error) {
		body, err := doors.post(session, `mutation($name: String!, $document: String!) {
			createClient(input: {name: $name, document: $document}) { client { id } userErrors { code } } }`,
			vars{"name": fmt.Sprint("Loja ", n), "document": cpf(n)})
		made.Add(1)
		return body, err
	}, `"id":"cli_`)

	for range old {
		doors.add(newer.start())
	}
	for _, p := range old {
		select {
		case <-p.Ended:
		case <-time.After(patience):
			t.Fatalf("an older instance goes on beside the newer schema:\n%s", p.Output())
		}
		_ = p.Command.Wait()
		if code := p.Command.ProcessState.ExitCode(); code != exitConfig ||
			!strings.Contains(p.Output(), "the database is newer than this program") {
			t.Errorf("an older instance ended with %d:\n%s", code, p.Output())
		}
	}
	time.Sleep(time.Second) // of the newer ones alone
	close(stop)
	callers.Wait()
	close(faults)
	for fault := range faults {
		t.Errorf("a request was lost: %s", fault)
	}
	at.query(`SELECT COUNT(*) FROM clients WHERE name LIKE 'Loja %'`, int(made.Load()))
	if output, code := newer.run(nil, "audit", "verify"); code != 0 || !strings.Contains(output, "whole") {
		t.Errorf("the trail: %s", output)
	}
}

func TestASecondServerOfASQLiteFileIsRefusedAndNamesTheFirst(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	first := at.start()
	output, code := at.run([]string{"CHAVEIRO_LISTEN=" + programtest.FreeAddress(t)}, "serve")
	if want := fmt.Sprintf("is served already, by process %d", first.Command.Process.Pid); code != 1 ||
		!strings.Contains(output, want) {
		t.Errorf("the second server ended with %d, and does not say %q:\n%s", code, want, output)
	}
	if output := at.mustRun(nil, "audit", "verify"); !strings.Contains(output, "whole") {
		t.Errorf("a command beside the server: %s", output)
	}
	first.Kill()
	at.start().stop() // what a killed server leaves behind hinders nobody
}
