// Package program tests the built program as a process: its commands, its starts and stops, its demonstration, and what
// the documents of the repository say of it. The long proofs are in the folder above.
package program

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// binary is the program, built once for all tests.
var binary string

// exitConfig is the exit status of a start that was refused, which service managers know.
const exitConfig = 78

// TestMain builds the program. All tests run at the top of the repository, as the paths in its documents begin there.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	if signal.Ignored(syscall.SIGHUP) { // as under nohup: the programs, to whom it is sent, would ignore it too
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	os.Exit(programtest.Main(m, ".", func(built string) { binary = built }))
}

// patience is how long a test waits for an event.
const patience = 30 * time.Second

const goodPassword = "uma frase bem comprida"

// readPassword reads, with an access key, the password that walk stored.
const readPassword = `{ integration { marketplaces { credentials { ... on MeuCarrinhoCredentials { password } } } } }`

func TestAFirstStartMakesEverythingAndASecondFindsIt(t *testing.T) {
	t.Parallel()
	at := newPlace(t)

	first := at.start()
	if first.setupToken == "" {
		t.Fatalf("a first start wrote no set-up link:\n%s", first.Output())
	}
	at.wantMode("data", 0o700|fs.ModeDir)
	at.wantMode("data/chaveiro.db", 0o600)
	at.wantMode("data.master.key", 0o600)
	at.wantMode("data/setup-link", 0o600)
	session := first.setUp()
	client := first.createClient(session, "Padaria São João", "12.ABC.345/01DE-35")
	first.stop()

	second := at.start()
	if second.setupToken != "" {
		t.Error("a second start wrote a set-up link although there is an administrator")
	}
	if _, err := os.Stat(at.path("data/setup-link")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the link of the first start is left: %v", err)
	}
	session = second.logIn()
	if got := second.mustPost(session, `query($id: ID!) { client(id: $id) { name } }`,
		vars{"id": client}); !strings.Contains(got, "Padaria São João") {
		t.Errorf("the client of the first start is gone: %s", got)
	}
	second.stop()
}

func TestASetUpLinkOfAnEarlierStartIsDead(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	first := at.start()
	old := first.setupToken
	first.stop()

	second := at.start()
	if second.setupToken == "" || second.setupToken == old {
		t.Fatalf("a start without an administrator must write a new link, got %q after %q", second.setupToken, old)
	}
	fresh := second.setupToken
	second.setupToken = old
	if body := second.trySetUp(); !strings.Contains(body, "SETUP_TOKEN_INVALID") {
		t.Errorf("the old link still works: %s", body)
	}
	second.setupToken = fresh
	second.setUp()
}

// Proves: 6.3
func TestAStartWithoutTheRightMasterKeyIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	scenarios := []struct {
		name  string
		spoil func(t *testing.T, keyFile string)
		says  string
	}{
		{"missing", func(t *testing.T, keyFile string) { must.Do(t, os.Remove(keyFile)) }, "is missing"},
		{"another", func(t *testing.T, keyFile string) {
			other := newPlace(t)
			other.start().stop()
			data, err := os.ReadFile(other.path("data.master.key"))
			must.Do(t, err)
			must.Do(t, os.WriteFile(keyFile, data, 0o600))
		}, "is not the one that this database was made with"},
		{"readable by others", func(t *testing.T, keyFile string) { must.Do(t, os.Chmod(keyFile, 0o644)) }, "0600"},
		{"cut short", func(t *testing.T, keyFile string) { must.Do(t, os.Truncate(keyFile, 10)) }, "master key"},
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			at.start().stop()
			s.spoil(t, at.path("data.master.key"))
			before := at.dump()

			output, code := at.run(nil, "serve")
			if code != exitConfig {
				t.Errorf("exit status %d, want %d", code, exitConfig)
			}
			if !strings.Contains(output, s.says) {
				t.Errorf("the refusal does not say %q: %s", s.says, output)
			}
			if strings.Contains(output, "set-up") || strings.Contains(output, "is ready") {
				t.Errorf("the start went on: %s", output)
			}
			if after := at.dump(); after != before {
				t.Error("the refused start changed the database")
			}
		})
	}
}

func TestABadSettingStopsTheStartWithOneSentenceThatNamesIt(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	scenarios := []struct {
		env  string
		says string
		not  string
	}{
		{env: "CHAVEIRO_LISTEN=nowhere", says: "CHAVEIRO_LISTEN"},
		{env: "CHAVEIRO_PUBLIC_URL=ftp://x", says: "CHAVEIRO_PUBLIC_URL"},
		{env: "CHAVEIRO_DATABASE_URL=mysql://u:secretpassword@h/d", says: "CHAVEIRO_DATABASE_URL", not: "secretpassword"},
		{env: "CHAVEIRO_DATABASE_CONNECTIONS=1", says: "CHAVEIRO_DATABASE_CONNECTIONS"},
		{env: "CHAVEIRO_DATABASE_DIRECT_URL=postgres://u:secretpassword@h/d", says: "CHAVEIRO_DATABASE_DIRECT_URL",
			not: "secretpassword"},
		{env: "CHAVEIRO_MASTER_KEY_FILE=" + at.path("data/inside.key"), says: "CHAVEIRO_MASTER_KEY_FILE"},
	}
	for _, s := range scenarios {
		t.Run(s.env, func(t *testing.T) {
			t.Parallel()
			output, code := at.run([]string{s.env}, "serve")
			if code != exitConfig {
				t.Fatalf("exit status %d, want %d", code, exitConfig)
			}
			if !strings.Contains(output, s.says) || strings.Count(strings.TrimSpace(output), "\n") != 0 {
				t.Errorf("want one sentence that names %s, got %q", s.says, output)
			}
			if s.not != "" && strings.Contains(output, s.not) {
				t.Errorf("the refusal tells a secret: %q", output)
			}
		})
	}
}

func TestAnAdministratorIsMadeAtTheCommandLineWithThePasswordFromStandardInput(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	create := func(password string) (string, int) {
		command := at.command(nil, "admin", "create", "--email", "Ana@Example.com", "--name", "Ana Souza")
		command.Stdin = strings.NewReader(password + "\n")
		return combined(t, command)
	}
	if output, code := create("curta"); code == 0 || !strings.Contains(output, "15") {
		t.Errorf("a short password: exit %d, %q", code, output)
	}
	if output, code := create(goodPassword); code != 0 || strings.Contains(output, goodPassword) {
		t.Fatalf("exit %d, %q", code, output)
	}
	p := at.start()
	if p.setupToken != "" {
		t.Error("a set-up link was printed although there is an administrator")
	}
	p.logIn()
}

func TestVersionAndMigrateDoNotNeedAServer(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	const version = `^chaveiro \S+, (commit [0-9a-f]{40} of \d{4}-\S+Z, )?schema \d{14}\n$`
	if output, code := at.run(nil, "version"); code != 0 || !regexp.MustCompile(version).MatchString(output) {
		t.Errorf("version: exit %d, %q", code, output)
	}
	if output, code := at.run(nil, "migrate"); code != 0 {
		t.Errorf("migrate: exit %d, %q", code, output)
	}
	if output, code := at.run(nil, "migrate"); code != 0 {
		t.Errorf("migrate again: exit %d, %q", code, output)
	}
}

// Writers create clients and products while the program is killed. After the next start each answered write must be
// there, and each row must be complete: with its audit event, found by search, in a sound database.
// Proves: 12.4
func TestAKillDuringWritesLosesNoAnsweredWriteAndLeavesNoPartialOne(t *testing.T) {
	t.Parallel()
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := place(t)
			at.env = []string{"CHAVEIRO_OPERATOR_RATE=200"} // the writers are one operator, in a hurry
			p := at.start()
			session := p.setUp()
			product := regexp.MustCompile(`prd_\w+`).
				FindString(p.mustPost(session, `{ products { edges { node { id } } } }`, nil))

			var (
				mu       sync.Mutex
				answered []string
				next     atomic.Int64
				writers  sync.WaitGroup
			)
			for range 4 {
				writers.Go(func() {
					for {
						document := cpf(int(next.Add(1)))
						body, err := p.Post(session, `mutation($name: String!, $document: String!) {
							createClient(input: {name: $name, document: $document}) { client { id } userErrors { message } } }`,
							vars{"name": "Loja " + document, "document": document})
						client := regexp.MustCompile(`cli_\w+`).FindString(body)
						if err != nil || client == "" {
							return // killed
						}
						mu.Lock()
						answered = append(answered, document)
						mu.Unlock()
						if _, err := p.Post(session, `mutation($client: ID!, $product: ID!) {
							addClientProduct(input: {clientId: $client, productId: $product}) { clientProduct { id } } }`,
							vars{"client": client, "product": product}); err != nil {
							return
						}
					}
				})
			}
			must.WaitFor(t, patience, "sixty writes are answered", func() bool {
				mu.Lock()
				defer mu.Unlock()
				return len(answered) >= 60
			})
			p.Kill()
			writers.Wait()

			again := at.start()
			session = again.logIn()
			for _, document := range answered {
				if body := again.mustPost(session,
					`query($s: String!) { clients(search: $s) { totalCount edges { node { document } } } }`,
					vars{"s": document}); !strings.Contains(body, `"totalCount":1`) || !strings.Contains(body, document) {
					t.Fatalf("client %s was answered and is not there: %s", document, body)
				}
			}
			again.stop()
			at.query(`SELECT COUNT(*) FROM clients c
				WHERE (SELECT COUNT(*) FROM audit_events a WHERE a.object_id = c.id AND a.action = 'client.create') <> 1`, 0)
			at.query(`SELECT COUNT(*) FROM client_products p WHERE (SELECT COUNT(*) FROM audit_events a WHERE a.object_id = p.id
				AND a.action = 'client_product.add') <> 1`, 0)
			at.query(`SELECT COUNT(*) FROM audit_events a WHERE a.action = 'client.create' AND NOT
				EXISTS (SELECT 1 FROM clients c WHERE c.id = a.object_id)`, 0)
			at.mustRun(nil, "audit", "verify")
			if at.postgres == "" {
				at.query(`SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'`, 0)
				at.query(`SELECT COUNT(*) FROM pragma_foreign_key_check`, 0)
			}
		})
	}
}

func TestTwoInstancesOfOneDatabaseStartAtOnceAndKnowEachOthersSessions(t *testing.T) {
	t.Parallel()
	at := places(t)["postgres"](t)
	at.publicURL = "https://portal.test" // as behind a proxy, which passes the name on
	one, other := at.launch(), at.launch()
	one.ready()
	other.ready()
	token := one.setupToken
	worked := func(token string) bool { return strings.Contains(other.trySetUpWith(token), `"accessToken":"`) }
	if worked(token) == worked(other.setupToken) {
		t.Fatal("of two set-up links just one, the later, must work")
	}
	session := one.logIn()
	if body := other.mustPost(session, `{ viewer { email } }`, nil); !strings.Contains(body, "ana@example.com") {
		t.Errorf("a session of one instance is unknown to the other: %s", body)
	}
}

// The test sends the requests of the README and the examples, with a real key and marketplaces.
func TestTheRequestsInTheReadmeAndTheExamplesWork(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start()
	key := p.walk(p.setUp())

	readme, err := os.ReadFile("README.md")
	must.Do(t, err)
	blocks := regexp.MustCompile("(?s)```sh\n(curl.*?)```").FindStringSubmatch(string(readme))
	if blocks == nil {
		t.Fatal("the README has no curl request")
	}
	curl := exec.Command("bash", "-c", strings.ReplaceAll(blocks[1], "http://127.0.0.1:8080", p.URL))
	curl.Env = append(os.Environ(), "CHAVE="+key)
	if output, code := combined(t, curl); code != 0 || strings.Contains(output, `"errors"`) ||
		!strings.Contains(output, "MeuCarrinhoCredentials") {
		t.Errorf("curl: exit %d, %s", code, output)
	}

	var sent struct{ Query string }
	delphi, err := os.ReadFile("examples/Marketplaces.pas")
	must.Do(t, err)
	quoted := regexp.MustCompile(`(?s)TStringStream\.Create\((.*?), TEncoding`).FindStringSubmatch(string(delphi))
	if quoted == nil {
		t.Fatal("the Delphi example sends nothing")
	}
	var joined strings.Builder
	for _, part := range regexp.MustCompile(`'([^']*)'`).FindAllStringSubmatch(quoted[1], -1) {
		joined.WriteString(part[1])
	}
	must.Do(t, json.Unmarshal([]byte(joined.String()), &sent))
	queries := map[string]string{"Delphi": sent.Query}
	files, err := filepath.Glob("examples/*.graphql")
	must.Do(t, err)
	if len(files) == 0 {
		t.Fatal("there are no examples")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		must.Do(t, err)
		queries[file] = string(data)
	}
	for name, query := range queries {
		body := p.mustPost(key, query, nil)
		if !strings.Contains(body, `"integration":{`) {
			t.Errorf("%s: %s", name, body)
		}
		if asked := strings.Contains(query, "credentials {"); asked != strings.Contains(body, "senha da loja") {
			t.Errorf("%s: asked for credentials %v, got %s", name, asked, body)
		}
	}
}

// place is where an installation is.
type place struct {
	t         *testing.T
	dir       string
	postgres  string
	publicURL string
	env       []string
	program   string // the binary
}

// nowhere has unreachable addresses of providers, which the program refuses to call. A test of something else thus
// calls no provider.
var nowhere = []string{
	"CHAVEIRO_NUVEMSHOP_URL=https://192.0.2.1", "CHAVEIRO_NUVEMSHOP_API_URL=https://192.0.2.1",
	"CHAVEIRO_PLUG4MARKET_URL=https://192.0.2.1", "CHAVEIRO_MEU_CARRINHO_URL=https://192.0.2.1",
}

func newPlace(t *testing.T) *place {
	t.Helper()
	return &place{t: t, dir: t.TempDir(), program: binary}
}

// places are the databases that a scenario runs on.
func places(t *testing.T) map[string]func(*testing.T) *place {
	t.Helper()
	return map[string]func(*testing.T) *place{
		"sqlite": newPlace,
		"postgres": func(t *testing.T) *place {
			t.Helper()
			at := newPlace(t)
			at.postgres = storetest.EmptyPostgres(t)
			return at
		},
	}
}

func (at *place) path(name string) string { return filepath.Join(at.dir, name) }

func (at *place) command(env []string, args ...string) *exec.Cmd {
	command := exec.Command(at.program, args...)
	command.Dir = at.dir
	command.Env = append([]string{
		"HOME=" + at.dir, "PATH=" + os.Getenv("PATH"),
		"CHAVEIRO_STOP_DELAY=0s", // no test waits for a load balancer
	}, nowhere...)
	command.Env = append(append(command.Env, at.env...), env...)
	if at.postgres != "" {
		command.Env = append(command.Env, "CHAVEIRO_DATABASE_URL="+at.postgres)
	}
	return command
}

// run runs a command to its end.
func (at *place) run(env []string, args ...string) (output string, code int) {
	at.t.Helper()
	return combined(at.t, at.command(env, args...))
}

func combined(t *testing.T, command *exec.Cmd) (string, int) {
	t.Helper()
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	must.Do(t, command.Start())
	timer := time.AfterFunc(5*time.Minute, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	err := command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return output.String(), command.ProcessState.ExitCode()
}

func (at *place) wantMode(name string, want fs.FileMode) {
	at.t.Helper()
	info, err := os.Lstat(at.path(name))
	must.Do(at.t, err)
	if info.Mode() != want {
		at.t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
	}
}

// db opens the installation's database beside the program.
func (at *place) db() *sql.DB {
	at.t.Helper()
	driver, dsn := "sqlite3", "file:"+at.path("data/chaveiro.db")
	if at.postgres != "" {
		driver, dsn = "pgx", at.postgres
	}
	db, err := sql.Open(driver, dsn)
	must.Do(at.t, err)
	return db
}

// query checks that a count in the database is as it must be.
func (at *place) query(statement string, want int) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	var got int
	must.Do(at.t, db.QueryRow(statement).Scan(&got))
	if got != want {
		at.t.Errorf("%s: %d, want %d", statement, got, want)
	}
}

// dump returns the rows of the tables that a start could change.
func (at *place) dump() string {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	var all string
	must.Do(at.t,
		db.QueryRow(`SELECT (SELECT COALESCE(group_concat(id || hex(encrypted) || hex(canary)), '') FROM keysets) ||
		(SELECT COALESCE(group_concat(id || hex(private_key_sealed)), '') FROM signing_keys) ||
		(SELECT COALESCE(group_concat(id || hex(hash)), '') FROM one_time_tokens) ||
		(SELECT COUNT(*) FROM audit_events)`).Scan(&all))
	return all
}

// process is the program, running.
type process struct {
	*programtest.Process
	t          *testing.T
	setupToken string
}

func (at *place) start(args ...string) *process {
	at.t.Helper()
	p := at.launch(args...)
	p.ready()
	return p
}

func (at *place) launch(args ...string) *process {
	at.t.Helper()
	address := programtest.FreeAddress(at.t)
	env := []string{"CHAVEIRO_LISTEN=" + address}
	host := ""
	if at.publicURL != "" {
		env = append(env, "CHAVEIRO_PUBLIC_URL="+at.publicURL)
		host = strings.TrimPrefix(at.publicURL, "https://")
	}
	return at.launchAt(address, host, env, args...)
}

// launchAt starts a program that must serve at an address. host is its public name, if any.
func (at *place) launchAt(address, host string, env []string, args ...string) *process {
	at.t.Helper()
	p := &process{Process: programtest.Launch(at.t, at.command(env, args...), address), t: at.t}
	p.Host = host
	return p
}

// ready waits until the program serves, and reads the set-up link that it may have written by then.
func (p *process) ready() {
	p.t.Helper()
	p.WaitReady()
	if strings.Contains(p.Output(), "setup#token=") {
		p.t.Errorf("the set-up link is in the output, which a journal keeps:\n%s", p.Output())
	}
	if found := regexp.MustCompile(`"file":"([^"]+/setup-link)"`).FindStringSubmatch(p.Output()); found != nil {
		link, err := os.ReadFile(found[1])
		must.Do(p.t, err)
		_, p.setupToken, _ = strings.Cut(strings.TrimSpace(string(link)), "/setup#token=")
	}
}

// stop ends the program as a service manager does, and checks that it exits without an error.
func (p *process) stop() {
	p.t.Helper()
	p.Stop(syscall.SIGTERM)
	steps := p.Output()
	for _, step := range []string{
		"stopping: not ready any more", "stopping: waiting for requests", "stopping: saving what was noted", "stopped",
	} {
		_, after, said := strings.Cut(steps, `"msg":"`+step+`"`)
		if !said {
			p.t.Errorf("the log does not say %q after what comes before it:\n%s", step, p.Output())
		}
		steps = after
	}
}

type vars map[string]any

// mustPost returns an answer without errors.
func (p *process) mustPost(session, query string, variables vars) string {
	p.t.Helper()
	body, err := p.Post(session, query, variables)
	must.Do(p.t, err)
	if strings.Contains(body, `"errors"`) || strings.Contains(body, `"code"`) {
		p.t.Fatalf("%s\nanswered %s", query, body)
	}
	return body
}

const sessionFields = `{ accessToken userErrors { code message } }`

func (p *process) trySetUp() string { return p.trySetUpWith(p.setupToken) }

func (p *process) trySetUpWith(token string) string {
	p.t.Helper()
	body, err := p.Post("", `mutation($token: String!, $password: String!) { createFirstAdministrator(input: {
		setupToken: $token, name: "Ana Souza", email: "ana@example.com", password: $password}) `+sessionFields+` }`,
		vars{"token": token, "password": goodPassword})
	must.Do(p.t, err)
	return body
}

// setUp makes the first administrator and returns an access token.
func (p *process) setUp() string {
	p.t.Helper()
	return accessToken(p.t, p.trySetUp())
}

func (p *process) logIn() string {
	p.t.Helper()
	body, err := p.Post("",
		`mutation($password: String!) { login(input: {email: "ana@example.com", password: $password}) `+sessionFields+` }`,
		vars{"password": goodPassword})
	must.Do(p.t, err)
	return accessToken(p.t, body)
}

func accessToken(t *testing.T, body string) string {
	t.Helper()
	found := regexp.MustCompile(`"accessToken":"([^"]+)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no access token in %s", body)
	}
	return found[1]
}

func (p *process) createClient(session, name, document string) string {
	p.t.Helper()
	return regexp.MustCompile(`cli_\w+`).FindString(p.mustPost(session, `mutation($name: String!, $document: String!) {
		createClient(input: {name: $name, document: $document}) { client { id } userErrors { code } } }`,
		vars{"name": name, "document": document}))
}

// walk makes a client with one marketplace and returns its access key.
func (p *process) walk(session string) string {
	p.t.Helper()
	client := p.createClient(session, "Padaria São João", "12.ABC.345/01DE-35")
	product := regexp.MustCompile(`prd_\w+`).FindString(p.mustPost(session, `{ products { edges { node { id } } } }`, nil))
	owned := regexp.MustCompile(`cpr_\w+`).FindString(p.mustPost(session, `mutation($client: ID!, $product: ID!) {
		addClientProduct(input: {clientId: $client, productId: $product}) { clientProduct { id } } }`,
		vars{"client": client, "product": product}))
	p.mustPost(session, `mutation($owned: ID!) { addMarketplace(input: {clientProductId: $owned, description: "Loja",
		config: {meuCarrinho: {username: "integracao", password: "senha da loja"}}}) { marketplace { id } } }`,
		vars{"owned": owned})
	return regexp.MustCompile(`chv_live_\w+`).FindString(p.mustPost(session, `mutation($owned: ID!) {
		createAccessKey(input: {clientProductId: $owned, name: "Retaguarda"}) { token } }`, vars{"owned": owned}))
}

// cpf returns the n-th of a series of CPFs.
func cpf(n int) string {
	base := fmt.Sprintf("%09d", 100_000_000+n)
	for range 2 {
		sum := 0
		for i, digit := range base {
			sum += int(digit-'0') * (len(base) + 1 - i)
		}
		rest := 11 - sum%11
		if rest > 9 {
			rest = 0
		}
		base += fmt.Sprint(rest)
	}
	return base
}
