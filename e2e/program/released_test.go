package program

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/backup"
)

var write = flag.Bool("write", false, "write what the release in VERSION leaves into testdata/released")

// released has a folder for each version, with one for each database that it made: the database and a backup of it, as
// that version wrote them, the master key, and what opens the house.
const released = "e2e/program/testdata/released"

// The files of such a folder.
const (
	databaseFile = "database.gz" // the file of SQLite, or SQL of PostgreSQL
	backupFile   = "portal.backup.gz"
	masterFile   = "master.key"
	houseFile    = "house.json"
)

// housePublicURL is where each house is reached.
const housePublicURL = "https://portal.example.com"

// house is what opens what a released version made. A token is kept without its prefix, for which scanners of secrets
// look.
type house struct {
	Made time.Time `json:"made"`
	// Key is an access key, BoundKey one that is taken from 203.0.113.0/24 alone, Service a service token that reads.
	Key      string `json:"key"`
	BoundKey string `json:"boundKey"`
	Service  string `json:"service"`
	// Refresh is the cookie of Ana's session, and Seed that of Rui's app.
	Refresh string `json:"refresh"`
	Seed    string `json:"seed"`
	// Anchor is the end of the audit trail.
	Anchor string `json:"anchor"`
}

const prefix = "chv_"

// readSecrets reads what is sealed of the house's marketplaces.
const readSecrets = `{ integration { client { name } marketplaces { description credentials {
	... on MeuCarrinhoCredentials { username password } ... on ShowKaseCredentials { token } } } } }`

// build furnishes a house where Ana and Rui may log in: Ana has a session, a shop has two connections and two keys,
// another client is archived, there is a service token, and Rui has an app.
func (h *house) build(p *process) {
	p.t.Helper()
	body, cookie := p.page("", `mutation($password: String!) {
		login(input: {email: "ana@example.com", password: $password}) `+sessionFields+` }`, vars{"password": goodPassword})
	session := accessToken(p.t, body)
	h.Refresh = cookie
	key := p.walk(session)
	owned := regexp.MustCompile(`cpr_\w+`).
		FindString(p.mustPost(session, `{ clients { edges { node { products { id } } } } }`, nil))
	p.mustPost(session, `mutation($owned: ID!) { addMarketplace(input: {clientProductId: $owned, description: "Vitrine",
		config: {showKase: {token: "token-da-vitrine"}}}) { marketplace { id } userErrors { code message } } }`, vars{"owned": owned})
	bound := regexp.MustCompile(`chv_live_\w+`).FindString(p.mustPost(session, `mutation($owned: ID!) { createAccessKey(
		input: {clientProductId: $owned, name: "Filial", addresses: ["203.0.113.0/24"]}) { token } }`, vars{"owned": owned}))
	gone := p.createClient(session, "Loja fechada", cpf(1))
	p.mustPost(session, `mutation($id: ID!) { archiveClient(input: {id: $id}) { client { id } } }`, vars{"id": gone})
	service := regexp.MustCompile(`chv_serv_\w+`).FindString(p.mustPost(session, `mutation($until: Time!) {
		createServiceToken(input: {name: "Planilha", role: VIEWER, scopes: [], expiresAt: $until}) { token } }`,
		vars{"until": time.Now().Add(365 * 24 * time.Hour)}))
	h.Key, h.BoundKey, h.Service = strings.TrimPrefix(key, prefix), strings.TrimPrefix(bound, prefix),
		strings.TrimPrefix(service, prefix)
	h.setUpApp(p)
}

const logInAsRui = `mutation($password: String!) { login(input: {email: "rui@example.com", password: $password}) {
	accessToken secondFactor { ticket } userErrors { code } } }`

// setUpApp gives Rui's log-in a second factor.
func (h *house) setUpApp(p *process) {
	p.t.Helper()
	session := accessToken(p.t, p.mustPost("", logInAsRui, vars{"password": goodPassword}))
	session = accessToken(p.t, p.mustPost(session, `mutation($password: String!) {
		reauthenticate(input: {password: $password}) `+sessionFields+` }`, vars{"password": goodPassword}))
	var begun struct {
		Data struct {
			BeginTotp struct{ Ticket, Seed string }
		}
	}
	must.Do(p.t, json.Unmarshal([]byte(p.mustPost(session, `mutation { beginTotp { ticket seed } }`, nil)), &begun))
	h.Seed = begun.Data.BeginTotp.Seed
	p.mustPost(session, `mutation($ticket: String!, $code: String!) {
		confirmTotp(input: {ticket: $ticket, code: $code}) { recoveryCodes } }`,
		vars{"ticket": begun.Data.BeginTotp.Ticket, "code": h.code(p.t)})
}

func (h *house) code(t *testing.T) string {
	t.Helper()
	code, err := totp.GenerateCode(h.Seed, time.Now())
	must.Do(t, err)
	return code
}

const refreshCookie = "__Host-chaveiro_rt"

// pageRequest returns a request as the portal's page sends it, with the cookie of a session if there is one.
func pageRequest(url, cookie, query string, variables vars) *http.Request {
	body, _ := json.Marshal(map[string]any{"query": query, "variables": variables})
	r := httptest.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	r.RequestURI = "" // which a client may not set
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-Chaveiro-CSRF": "1", "Sec-Fetch-Site": "same-origin",
		"Origin": housePublicURL, "User-Agent": "Firefox",
	} {
		r.Header.Set(name, value)
	}
	if cookie != "" {
		r.Header.Set("Cookie", refreshCookie+"="+cookie)
	}
	return r
}

// page sends what the portal's page sends, and returns the answer and the cookie that it sets.
func (p *process) page(cookie, query string, variables vars) (body, set string) {
	p.t.Helper()
	r := pageRequest(p.URL+"/graphql", cookie, query, variables)
	r.Host = p.Host
	answer, err := http.DefaultClient.Do(r)
	must.Do(p.t, err)
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	must.Do(p.t, err)
	for _, c := range answer.Cookies() {
		if c.Name == refreshCookie {
			set = c.Value
		}
	}
	return string(data), set
}

// open checks that a house opens as the version left it that made it.
func (h *house) open(at *place) {
	at.t.Helper()
	p := at.start()
	body := p.mustPost(prefix+h.Key, readSecrets, nil)
	for _, want := range []string{
		"Padaria São João", "Loja", "integracao", "senha da loja", "Vitrine", "token-da-vitrine",
	} {
		if !strings.Contains(body, `"`+want+`"`) {
			at.t.Errorf("the key does not read %q: %s", want, body)
		}
	}
	if body, err := p.Post(prefix+h.BoundKey, readSecrets, nil); err != nil ||
		!strings.Contains(body, "ADDRESS_NOT_ALLOWED") {
		at.t.Errorf("the bound key: %s, %v", body, err)
	}
	const clients = `query($archived: Boolean) { clients(filter: {archived: $archived}) { edges { node { name document
		products { marketplaces { description } accessKeys { name } } } } } }`
	session := p.logIn()
	body = p.mustPost(session, clients, vars{"archived": false})
	for _, want := range []string{"Padaria São João", "12ABC34501DE35", "Vitrine", "Retaguarda", "Filial"} {
		if !strings.Contains(body, `"`+want+`"`) {
			at.t.Errorf("Ana does not see %q: %s", want, body)
		}
	}
	if body := p.mustPost(session, clients, vars{"archived": true}); !strings.Contains(body, `"Loja fechada"`) {
		at.t.Errorf("the archived client: %s", body)
	}
	if until := h.Made.Add(364 * 24 * time.Hour); time.Now().Before(until) { // a service token lives for a year at most
		body := p.mustPost(prefix+h.Service, clients, vars{"archived": false})
		if !strings.Contains(body, "Padaria São João") {
			at.t.Errorf("the service token: %s", body)
		}
	}
	h.logInWithApp(p)
	p.stop()
	for command, says := range map[string]string{
		"audit verify --anchor " + h.Anchor: "whole", "grants": "as the portal wrote it", "keyset verify": " 0 do not open",
	} {
		if output := at.mustRun(nil, strings.Fields(command)...); !strings.Contains(output, says) {
			at.t.Errorf("chaveiro %s: %s", command, output)
		}
	}
}

func (h *house) logInWithApp(p *process) {
	p.t.Helper()
	var half struct {
		Data struct {
			Login struct{ SecondFactor struct{ Ticket string } }
		}
	}
	must.Do(p.t, json.Unmarshal([]byte(p.mustPost("", logInAsRui, vars{"password": goodPassword})), &half))
	accessToken(p.t, p.mustPost("", `mutation($ticket: String!, $code: String!) {
		completeLogin(input: {ticket: $ticket, proof: {code: $code}}) `+sessionFields+` }`,
		vars{"ticket": half.Data.Login.SecondFactor.Ticket, "code": h.code(p.t)}))
}

// refresh sends the cookie of the house's session to a portal whose clock shows another time.
func (h *house) refresh(at *place, now time.Time) string {
	at.t.Helper()
	settings, _, err := config.Parse([]string{"serve", "--public-url", housePublicURL, "--data-dir", at.path("data"),
		"--master-key-file", at.path("data.master.key"), "--database-url", at.databaseURL()}, io.Discard, io.Discard)
	must.Do(at.t, err)
	p, err := portal.Open(at.t.Context(), portal.Options{
		Settings: settings, Version: "test", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	})
	must.Do(at.t, err)
	defer p.Close()
	must.Do(at.t, p.Signing.Load(at.t.Context()))
	server, err := p.NewServer()
	must.Do(at.t, err)
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, pageRequest(housePublicURL+"/graphql", h.Refresh,
		`mutation { refreshSession { accessToken operator { email } userErrors { code } } }`, nil))
	return answer.Body.String()
}

// databaseURL is the database as the program names it.
func (at *place) databaseURL() string {
	if at.postgres != "" {
		return at.postgres
	}
	return "sqlite:" + at.path("data/chaveiro.db")
}

// unpack returns what a file of testdata/released has.
func unpack(t *testing.T, path string) []byte {
	t.Helper()
	packed, err := os.Open(path)
	must.Do(t, err)
	defer func() { _ = packed.Close() }()
	unpacked, err := gzip.NewReader(packed)
	must.Do(t, err)
	content, err := io.ReadAll(unpacked)
	must.Do(t, err)
	return content
}

// pack writes a file of testdata/released.
func pack(t *testing.T, path string, content []byte) {
	t.Helper()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	must.Do(t, err)
	_, err = w.Write(content)
	must.Do(t, err)
	must.Do(t, w.Close())
	must.Do(t, os.WriteFile(path, packed.Bytes(), 0o644))
}

// moveIn puts the master key of a house into a place, and with its database that too.
func (at *place) moveIn(folder string, database bool) (h house) {
	at.t.Helper()
	at.publicURL = housePublicURL
	text, err := os.ReadFile(filepath.Join(folder, houseFile))
	must.Do(at.t, err)
	must.Do(at.t, json.Unmarshal(text, &h))
	master, err := os.ReadFile(filepath.Join(folder, masterFile))
	must.Do(at.t, err)
	must.Do(at.t, os.WriteFile(at.path("data.master.key"), master, 0o600))
	must.Do(at.t, os.Mkdir(at.path("data"), 0o700))
	switch content := []byte(nil); {
	case !database:
	case at.postgres == "":
		content = unpack(at.t, filepath.Join(folder, databaseFile))
		must.Do(at.t, os.WriteFile(at.path("data/chaveiro.db"), content, 0o600))
	default:
		content = unpack(at.t, filepath.Join(folder, databaseFile))
		db := at.db()
		defer func() { _ = db.Close() }()
		_, err := db.Exec(string(content))
		must.Do(at.t, err)
	}
	return h
}

// everything returns a hash of the schema and of each row of the database.
func (at *place) everything() string {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	tables := `SELECT name, COALESCE(sql, '') FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`
	if at.postgres != "" {
		tables = `SELECT table_name, string_agg(column_name || ' ' || data_type, ',' ORDER BY ordinal_position)
			FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name`
	}
	var all []string
	for _, table := range rows(at.t, db, tables) {
		all = append(all, fmt.Sprint(table))
		for _, row := range rows(at.t, db, fmt.Sprintf(`SELECT * FROM "%s"`, table[0])) {
			all = append(all, fmt.Sprint(table[0], row))
		}
	}
	slices.Sort(all)
	hash := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return fmt.Sprintf("%d rows, %s", len(all), hex.EncodeToString(hash[:]))
}

// rows returns what a query finds.
func rows(t *testing.T, db *sql.DB, query string) (found [][]any) {
	t.Helper()
	cursor, err := db.QueryContext(context.Background(), query)
	must.Do(t, err)
	defer func() { _ = cursor.Close() }()
	columns, err := cursor.Columns()
	must.Do(t, err)
	for cursor.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		must.Do(t, cursor.Scan(into...))
		for i, value := range row {
			if text, ok := value.([]byte); ok {
				row[i] = string(text)
			}
		}
		found = append(found, row)
	}
	must.Do(t, cursor.Err())
	return found
}

// eachReleased runs a test for the house that each version left on each database.
func eachReleased(t *testing.T, test func(at *place, folder string)) {
	t.Helper()
	versions, err := os.ReadDir(released)
	must.Do(t, err)
	for _, version := range versions {
		if !version.IsDir() {
			continue
		}
		for name, newPlace := range places(t) {
			t.Run(version.Name()+" on "+name, func(t *testing.T) {
				t.Parallel()
				test(newPlace(t), filepath.Join(released, version.Name(), name))
			})
		}
	}
}

func TestTheDatabaseOfEachReleasedVersionIsUpgradedWithAllThatIsInIt(t *testing.T) {
	t.Parallel()
	eachReleased(t, func(at *place, folder string) {
		h := at.moveIn(folder, true)
		at.mustRun(nil, "migrate")
		if body := h.refresh(at, h.Made.Add(time.Minute)); !strings.Contains(body, `"ana@example.com"`) {
			at.t.Errorf("a minute later the session does not go on: %s", body)
		}
		if body := h.refresh(at, h.Made.Add(13*time.Hour)); !strings.Contains(body, `"UNAUTHENTICATED"`) {
			at.t.Errorf("13 hours later the session has not ended: %s", body)
		}
		h.open(at)
	})
}

func TestTheBackupOfEachReleasedVersionIsRestoredWithAllThatIsInIt(t *testing.T) {
	t.Parallel()
	eachReleased(t, func(at *place, folder string) {
		h := at.moveIn(folder, false)
		file := at.path("portal.backup")
		must.Do(at.t, os.WriteFile(file, unpack(at.t, filepath.Join(folder, backupFile)), 0o600))
		if output := at.mustRun(nil, "backup", "--check", file); !strings.Contains(output, "is whole") {
			at.t.Errorf("it is not whole: %s", output)
		}
		at.mustRun(nil, "restore", file)
		if body := h.refresh(at, h.Made.Add(time.Minute)); !strings.Contains(body, `"ana@example.com"`) {
			at.t.Errorf("the session does not go on: %s", body)
		}
		h.open(at)
	})
}

func TestAnUpgradeThatFailsLeavesTheDatabaseAsItWas(t *testing.T) {
	t.Parallel()
	// It fails behind changes of its own.
	broken := buildNewer(t, "CREATE TABLE later (id varchar PRIMARY KEY);\nDELETE FROM access_keys;\n"+
		"INSERT INTO later SELECT id FROM nowhere;")
	eachReleased(t, func(at *place, folder string) {
		h := at.moveIn(folder, true)
		at.mustRun(nil, "migrate")
		before := at.everything()
		newer := *at
		newer.program = broken
		for _, command := range []string{"migrate", "serve"} {
			output, code := newer.run([]string{"CHAVEIRO_LISTEN=" + programtest.FreeAddress(at.t)}, command)
			if code == 0 || !strings.Contains(output, "nowhere") {
				at.t.Errorf("%s ends with %d: %s", command, code, output)
			}
		}
		if after := at.everything(); after != before {
			at.t.Errorf("the database had %s, and has %s", before, after)
		}
		h.open(at) // by the program of before
	})
}

// theVersion returns what VERSION says.
func theVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("VERSION")
	must.Do(t, err)
	return strings.TrimSpace(string(text))
}

func TestTheProgramAndTheChangesNameTheVersionOfTheTree(t *testing.T) {
	t.Parallel()
	version := theVersion(t)
	if !regexp.MustCompile(`^\d+\.\d+\.\d+(-dev)?$`).MatchString(version) {
		t.Errorf("VERSION says %q, which is neither a release nor on the way to one", version)
	}
	if output := newPlace(t).mustRun(nil, "version"); !strings.HasPrefix(output, "chaveiro "+version+", ") {
		t.Errorf("the program says %q, and VERSION %q", output, version)
	}
	changes, err := os.ReadFile("CHANGELOG.md")
	must.Do(t, err)
	heading := regexp.MustCompile(`(?m)^## (.*)$`).FindStringSubmatch(string(changes))
	if heading == nil || heading[1] != version {
		t.Errorf("CHANGELOG.md begins with %q, and VERSION says %q", heading, version)
	}
}

// The test writes the folder by `make released`. It fails when the folder was written before the last migration.
func TestAReleaseHasLeftAHouse(t *testing.T) {
	t.Parallel()
	version := theVersion(t)
	if strings.HasSuffix(version, "-dev") {
		if *write {
			t.Errorf("VERSION says %s, which is no release", version)
		}
		return
	}
	if tagged, _ := exec.Command("git", "tag", "--list", "v"+version).Output(); *write && len(tagged) > 0 {
		t.Fatalf("v%s is tagged: what it has left stays", version)
	}
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(released, version, name)
			if *write {
				newPlace(t).leaveHouse(folder)
			}
			at := newPlace(t)
			if _, err := os.Stat(folder); err != nil {
				t.Fatalf("nothing is left by %s: make released, as CONTRIBUTING.md says", version)
			}
			at.moveIn(folder, true)
			output, code := at.run(nil, "backup", at.path("today.backup"))
			if code != 0 { // as the program refuses an older schema
				t.Fatalf("%s was left by an older program: make released, as CONTRIBUTING.md says: %s", version, output)
			}
			left, today := manifestOf(t, unpack(t, filepath.Join(folder, backupFile))), manifestOf(t, readAll(t,
				at.path("today.backup")))
			if left.Format != today.Format || left.Version != version {
				t.Errorf("the backup of %s has format %d of program %s, and today's has %d: make released, as CONTRIBUTING.md says",
					version, left.Format, left.Version, today.Format)
			}
		})
	}
}

// manifestOf returns what a backup says that it is.
func manifestOf(t *testing.T, file []byte) (m backup.Manifest) {
	t.Helper()
	archive := tar.NewReader(bytes.NewReader(file))
	_, err := archive.Next() // the manifest is the first
	must.Do(t, err)
	must.Do(t, json.NewDecoder(archive).Decode(&m))
	return m
}

// leaveHouse makes a house and writes its folder.
func (at *place) leaveHouse(folder string) {
	at.t.Helper()
	at.publicURL = housePublicURL
	h := house{Made: time.Now().UTC().Truncate(time.Second)}
	p := at.start()
	p.setUp()
	rui := at.command(nil, "admin", "create", "--email=rui@example.com", "--name=Rui", "--role=operator")
	rui.Stdin = strings.NewReader(goodPassword + "\n")
	if output, code := combined(at.t, rui); code != 0 {
		at.t.Fatal(output)
	}
	h.build(p)
	h.Anchor = anchorForm.FindStringSubmatch(at.mustRun(nil, "audit", "verify"))[1]
	file := at.path("portal.backup")
	at.mustRun(nil, "backup", file)
	p.stop()

	must.Do(at.t, os.RemoveAll(folder))
	must.Do(at.t, os.MkdirAll(folder, 0o755))
	for name, content := range map[string][]byte{backupFile: readAll(at.t, file), databaseFile: at.export()} {
		pack(at.t, filepath.Join(folder, name), content)
	}
	text, err := json.MarshalIndent(h, "", "\t")
	must.Do(at.t, err)
	for name, content := range map[string][]byte{
		houseFile: append(text, '\n'), masterFile: readAll(at.t, at.path("data.master.key")),
	} {
		must.Do(at.t, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	must.Do(t, err)
	return content
}

// export returns the database as testdata/released keeps it.
func (at *place) export() []byte {
	at.t.Helper()
	if at.postgres == "" {
		at.exec("PRAGMA wal_checkpoint(TRUNCATE)")
		return readAll(at.t, at.path("data/chaveiro.db"))
	}
	output, err := exec.Command("pg_dump", "--inserts", "--no-owner", "--no-privileges", "--no-comments",
		"--dbname="+at.postgres).Output()
	must.Do(at.t, err)
	// psql alone knows its own words, and a newer pg_dump sets what an older server does not know.
	return regexp.MustCompile(`(?m)^(\\.*|SET transaction_timeout.*)\n`).ReplaceAll(output, nil)
}
