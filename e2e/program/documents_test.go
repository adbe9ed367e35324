package program

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// commandLine says how a command line of the documents, or a make target, is tested. Exactly one of run, elsewhere and
// cannot is set.
type commandLine struct {
	line string
	// run runs the line here.
	run func(j *journey, line string)
	// elsewhere names the test that runs it: a file and, after a colon, the part of it.
	elsewhere string
	// cannot says why no test can run it.
	cannot string
}

// commandLines are all command lines of the documents. Those that run here do so in this order, in one installation.
var commandLines = []commandLine{
	{line: "curl http://127.0.0.1:8080/graphql",
		elsewhere: "e2e/program/server_test.go: TestTheRequestsInTheReadmeAndTheExamplesWork"},
	{line: "export GOFLAGS=-tags=sqlite_fts5", elsewhere: "Makefile: export GOFLAGS := -tags=sqlite_fts5 "},
	{line: "scripts/with-postgres", elsewhere: "Makefile: scripts/with-postgres"},
	{line: "scripts/with-postgres go run ./ent/migrate/gen NAME",
		cannot: "it writes into the sources; ent/migrate tests that it would have nothing to write"},
	{line: "go test ./internal/provider/providers", elsewhere: "Makefile: go test -race ./..."},
	{line: "go tool pprof", cannot: "it waits for what a person types; e2e/program/watch_test.go reads the profiles"},
	{line: "VITE_PORTAL_URL=https://portal.example.com npm --prefix frontend run build -- " +
		"--outDir ../bin/admin-page --emptyOutDir",
		elsewhere: `frontend/e2e/adminPage.spec.ts: "run", "build", "--", "--outDir"`},
	{line: "chaveiro() {", cannot: "it needs systemd and its unit, and defines what the other lines call"},

	{line: "cat /var/lib/chaveiro/data/setup-link",
		elsewhere: `e2e/program/server_test.go: at.wantMode("data/setup-link", 0o600)`},
	{line: "docker compose exec chaveiro cat /var/lib/chaveiro/data/setup-link", cannot: "it needs containers"},
	{line: "echo 'release@chaveiro ssh-ed25519 AAAA...' > signers",
		elsewhere: `e2e/program/release_test.go: []byte("release@chaveiro ")`},
	{line: "ssh-keygen -Y verify -f signers -I release@chaveiro -n chaveiro-release -s SHA256SUMS.sig < SHA256SUMS",
		elsewhere: `e2e/program/release_test.go: "ssh-keygen", "-Y", "verify"`},
	{line: "sha256sum --check SHA256SUMS", elsewhere: `e2e/program/stranger_test.go: blocksOf(t, "SECURITY.md"`},

	{line: "chaveiro version", run: prints("chaveiro")},
	{line: "chaveiro migrate", run: prints("")},
	{line: "chaveiro admin create --email ADDRESS --name NAME [--role ROLE]", run: createAnOperator},
	{line: "chaveiro serve", run: serves()},
	{line: "chaveiro serve --public-url https://portal.example.com --admin-origins https://admin.example.com",
		run: serves()},
	{line: "chaveiro demo --providers-port PORT", elsewhere: `e2e/program/demo_test.go: "demo", "--providers-port=0"`},
	{line: "chaveiro doctor", run: prints("ok")},
	{line: "CHAVEIRO_DATABASE_URL=postgres://chaveiro:PASSWORD@pooler:6432/chaveiro",
		elsewhere: "e2e/program/outage_test.go: TestAPortalServesThroughPgBouncer"},
	{line: "CHAVEIRO_DATABASE_DIRECT_URL=postgres://chaveiro:PASSWORD@postgres:5432/chaveiro",
		elsewhere: "e2e/program/outage_test.go: TestAPortalServesThroughPgBouncer"},
	{line: "scripts/installed", elsewhere: `internal/store/storetest/pooler.go: scripts/installed`},
	{line: "chaveiro backup", elsewhere: "e2e/program/documents_test.go: chaveiro backup /var/backups"},
	{line: "chaveiro answers", run: prints("no answers are kept")},
	{line: "chaveiro answers --show MARKETPLACE", elsewhere: `e2e/program/answers_test.go: "answers", "--show"`},
	{line: "chaveiro serve --metrics-listen 127.0.0.1:9464", run: serves()},
	{line: "chaveiro serve --traces-to http://127.0.0.1:4318 --trace-share 0.1", run: serves()},
	{line: "(umask 077; openssl rand -hex 32 > /etc/chaveiro/metrics.token)", run: (*journey).shell},
	{line: "chaveiro serve --metrics-listen 10.0.0.5:9464 --metrics-token-file /etc/chaveiro/metrics.token",
		run: serves()},
	{line: "chaveiro backup /var/backups/chaveiro/2026-11-24.backup", run: prints("wrote")},
	{line: "chaveiro backup --check /var/backups/chaveiro/2026-11-24.backup", run: prints("is whole")},
	{line: "chaveiro restore /var/backups/chaveiro/2026-11-24.backup", run: restoreTheBackup},
	{line: "age-keygen -o /root/backup.identity", elsewhere: `e2e/program/offsite_test.go: "age-keygen"`},
	{line: "rsync --archive --ignore-existing --include='*.backup' --exclude='*' /var/backups/chaveiro/ " +
		"backups@elsewhere.example.com:/srv/chaveiro/", elsewhere: `e2e/program/offsite_test.go: "rsync"`},
	{line: "chaveiro backup --check --identity /root/backup.identity /srv/chaveiro/2026-11-24-0330.backup",
		elsewhere: `e2e/program/offsite_test.go: "chaveiro backup --check"`},
	{line: "chaveiro restore --identity /root/backup.identity /srv/chaveiro/2026-11-24-0330.backup",
		elsewhere: `e2e/program/offsite_test.go: "chaveiro restore"`},
	{line: "mkdir -p /srv/postgresql/wal", elsewhere: pointInTime},
	{line: "pg_basebackup --checkpoint=fast --pgdata=/srv/postgresql/base", elsewhere: pointInTime},
	{line: "pg_ctl --pgdata=/var/lib/postgresql/data --mode=fast stop", elsewhere: pointInTime},
	{line: "mv /var/lib/postgresql/data /var/lib/postgresql/data.before", elsewhere: pointInTime},
	{line: "cp --archive /srv/postgresql/base /var/lib/postgresql/data", elsewhere: pointInTime},
	{line: "touch /var/lib/postgresql/data/recovery.signal", elsewhere: pointInTime},
	{line: "pg_ctl --pgdata=/var/lib/postgresql/data --log=/var/lib/postgresql/log start", elsewhere: pointInTime},
	{line: "psql --command='SELECT pg_is_in_recovery()'", elsewhere: pointInTime},
	{line: "mv /var/lib/chaveiro/audit.anchor /var/lib/chaveiro/audit.anchor.before", elsewhere: pointInTime},
	{line: "chaveiro move", elsewhere: `e2e/program/move_test.go: "move", "--to"`},
	{line: "chaveiro move --to postgres://chaveiro:PASSWORD@postgres:5432/chaveiro",
		elsewhere: `e2e/program/move_test.go: "move", "--to"`},
	{line: "chaveiro audit verify", run: noteTheAnchor},
	{line: "chaveiro audit verify --anchor", run: verifyFromTheAnchor},
	{line: "chaveiro audit verify --anchor SEQ:HASH", run: verifyFromTheAnchor},
	{line: "chaveiro audit verify --since SEQ:HASH", run: verifyFromTheAnchor},
	{line: "chaveiro hosts", run: prints("no connection has secrets")},
	{line: "chaveiro grants", run: prints("as the portal wrote it")},
	{line: "chaveiro grants --adopt=ID", elsewhere: `e2e/program/upgrade_test.go: "grants", "--adopt="`},
	{line: "chaveiro keyset verify", run: prints("0 do not open")},
	{line: "chaveiro keyset rotate", run: prints("", "--dev", "--settle=10ms")}, // by itself it waits a minute
	{line: "chaveiro keyset rotate --master-key /etc/chaveiro/new.key", run: changeTheMasterKey},
	{line: "chaveiro signing-key rotate", run: prints("signs from")},
	{line: "chaveiro serve --recover", run: loseTheMasterKeyAndServe},
	{line: "chaveiro serve --recover --again", run: loseTheMasterKeyAndServe},
}

// pointInTime is the test that runs a section of the manual line by line.
const pointInTime = `e2e/pointintime_test.go: blocksOfManual(t, "## Back to a point in time")`

// byTheStranger are the command lines of docs/operations.md that install, upgrade, go back and work with the systemd
// unit, by the section that has them. TestAStrangerInstallsFromTheArchiveAlone runs them.
var byTheStranger = map[string][]string{
	"## Install": {
		"tar -xzf chaveiro_*.tar.gz",
		"cd chaveiro_*/",
		"useradd --system --home-dir /var/lib/chaveiro --shell /usr/sbin/nologin chaveiro",
		"install -m 755 bin/chaveiro /usr/local/bin/chaveiro",
		"install -d -m 700 /etc/chaveiro",
		"(umask 077; head -c 32 /dev/urandom | base64 > /etc/chaveiro/master.key)",
		"install -d -m 700 -o chaveiro -g chaveiro /var/backups/chaveiro",
		"install -m 644 deploy/chaveiro.service /etc/systemd/system/",
		"install -m 644 deploy/chaveiro-backup.service deploy/chaveiro-backup.timer /etc/systemd/system/",
		"sed -i s/portal.example.com/YOUR.HOST/ /etc/systemd/system/chaveiro*.service",
		"systemctl daemon-reload",
		"systemctl enable --now chaveiro.service chaveiro-backup.timer",
		"apt-get install nginx",
		"install -m 644 deploy/portal.nginx.conf /etc/nginx/conf.d/portal.conf",
		"sed -i s/portal.example.com/YOUR.HOST/ /etc/nginx/conf.d/portal.conf",
		"systemctl reload nginx",
	},
	"## Upgrade": {
		"chaveiro backup /var/backups/chaveiro/before-NEXT.backup",
		"chaveiro backup --check /var/backups/chaveiro/before-NEXT.backup",
		"cp -p /usr/local/bin/chaveiro /usr/local/bin/chaveiro.before",
		"systemctl stop chaveiro",
		"systemctl start chaveiro",
		"mv /var/lib/chaveiro/data /var/lib/chaveiro/data.newer",
		"install -m 755 /usr/local/bin/chaveiro.before /usr/local/bin/chaveiro",
		"chaveiro restore /var/backups/chaveiro/before-NEXT.backup",
	},
	"## Changing the master key": {
		"(umask 077; head -c 32 /dev/urandom | base64 > /etc/chaveiro/new.key)",
		"install -m 600 -o chaveiro -g chaveiro /etc/chaveiro/new.key /var/lib/chaveiro/new.key",
		"chaveiro keyset rotate --master-key /var/lib/chaveiro/new.key",
		"rm /var/lib/chaveiro/new.key",
		"mv /etc/chaveiro/master.key /etc/chaveiro/master.key.before",
		"mv /etc/chaveiro/new.key /etc/chaveiro/master.key",
		"systemctl restart chaveiro",
	},
}

// strangerLines returns the lines that the stranger runs as entries of the table.
func strangerLines() (of []commandLine) {
	for section, lines := range byTheStranger {
		for _, line := range lines {
			of = append(of, commandLine{line: line,
				elsewhere: `e2e/program/stranger_test.go: s.document("` + section + `")`})
		}
	}
	return of
}

// makeTargets are all targets of `make help`.
var makeTargets = []commandLine{
	{line: "help", elsewhere: "e2e/program/documents_test.go: TestEveryTargetOfMakeHelpIsRunOrSaysWhyNot"},
	{line: "run", elsewhere: "e2e/program/server_test.go: TestAFirstStartMakesEverythingAndASecondFindsIt"},
	{line: "demo", elsewhere: `e2e/program/demo_test.go: "demo", "--providers-port=0"`},
	{line: "build", elsewhere: "Makefile: test-browser: build"},
	{line: "release", elsewhere: `e2e/program/stranger_test.go: inClone("make", "release"`},
	{line: "released", cannot: "it writes into the sources; TestAReleaseHasLeftAHouse reads what it wrote"},
	{line: "dev", elsewhere: `frontend/e2e/dev.spec.ts: spawn("make", ["dev"]`},
	{line: "check", cannot: "it is a part of what runs this test"},
	{line: "pictures", elsewhere: "frontend/e2e/walk.spec.ts: process.env.PICTURES"},
	{line: "test", cannot: "it is what runs this test"},
	{line: "test-go", elsewhere: "Makefile: test: fresh lint test-frontend test-go fuzz test-browser"},
	{line: "test-frontend", elsewhere: "Makefile: test: fresh lint test-frontend test-go fuzz test-browser"},
	{line: "test-browser", elsewhere: "Makefile: test: fresh lint test-frontend test-go fuzz test-browser"},
	{line: "fuzz", elsewhere: "Makefile: test: fresh lint test-frontend test-go fuzz test-browser"},
	{line: "soak", cannot: "it runs for up to 45 minutes; its proofs run smaller with the Go tests"},
	{line: "lint", elsewhere: "Makefile: test: fresh lint test-frontend test-go fuzz test-browser"},
	{line: "fresh", elsewhere: "Makefile: test: fresh lint test-frontend test-go fuzz test-browser"},
	{line: "generate", elsewhere: "scripts/fresh: make --no-print-directory generate"},
	{line: "audit", cannot: "it asks the internet"},
	{line: "bench", cannot: "it needs an idle machine for ten minutes; bench/run_test.go runs it smaller"},
	{line: "bench-peers", cannot: "it asks the internet; bench/peers_test.go tests what it does without a peer"},
	{line: "seed", run: seedAFew},
	{line: "clean", run: cleanACopy},
}

// documents returns the documents for people that contain command lines.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("docs/*.md")
	must.Do(t, err)
	portuguese, err := filepath.Glob("docs/*/*.md")
	must.Do(t, err)
	paths = append(paths, portuguese...)
	texts := map[string]string{}
	for _, path := range append(paths, "README.md", "SECURITY.md", "CONTRIBUTING.md") {
		data, err := os.ReadFile(path)
		must.Do(t, err)
		texts[path] = string(data)
	}
	return texts
}

var (
	fence  = regexp.MustCompile("(?s)```(\\w*)\n(.*?)```")
	inline = regexp.MustCompile("`([^`]+)`")
	// aCommand begins with a program and goes on, or is a script.
	aCommand = regexp.MustCompile(`^(?:(?:make|chaveiro|go|npm|export|curl) |scripts/)`)
	// aComment is what a shell leaves out.
	aComment = regexp.MustCompile(`\s+# .*$`)
	// aName is a flag or a variable of the program, aLink the path of another file.
	aName = regexp.MustCompile(`(?:^|\s)--[a-z][a-z-]*|CHAVEIRO_[A-Z_0-9]+`)
	aLink = regexp.MustCompile(`\]\(([^)#:]+)[^)]*\)`)
)

// commandsOf returns the command lines of a document, from its shell blocks and its sentences. Of a line that continues
// it returns the first part.
func commandsOf(text string) []string {
	var found []string
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		if block[1] != "sh" {
			continue
		}
		goesOn := false
		for _, line := range strings.Split(strings.TrimSpace(block[2]), "\n") {
			begins := !goesOn && !strings.HasPrefix(line, " ") && line != "}" && line != ""
			goesOn = strings.HasSuffix(line, `\`)
			if begins {
				found = append(found, strings.TrimSpace(aComment.ReplaceAllString(strings.TrimSuffix(line, `\`), "")))
			}
		}
	}
	for _, span := range inline.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		if line := strings.Join(strings.Fields(span[1]), " "); aCommand.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// wantDecided checks that a table has an entry for each of found, and no other.
func wantDecided(t *testing.T, table []commandLine, found []string) {
	t.Helper()
	known := map[string]bool{}
	for _, of := range table {
		known[of.line] = true
		if !slices.Contains(found, of.line) {
			t.Errorf("%q is in the table, and nowhere else", of.line)
		}
		decided := 0
		for _, is := range []bool{of.run != nil, of.elsewhere != "", of.cannot != ""} {
			if is {
				decided++
			}
		}
		if decided != 1 {
			t.Errorf("%q: the table must say one thing: run it, who else runs it, or why nobody can", of.line)
		}
		if of.elsewhere == "" {
			continue
		}
		path, what, _ := strings.Cut(of.elsewhere, ": ")
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), what) {
			t.Errorf("%q is said to be run by %s, which has no %q (%v)", of.line, path, what, err)
		}
	}
	for _, line := range found {
		if !known[line] {
			t.Errorf("%q is new: decide in the table of e2e/program/documents_test.go how it is tested", line)
		}
	}
}

func TestEveryCommandLineOfTheDocumentsIsRunOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	var found, targets []string
	for _, text := range documents(t) {
		for _, line := range commandsOf(text) {
			if target, ok := strings.CutPrefix(line, "make "); ok {
				targets = append(targets, target)
				continue
			}
			found = append(found, line)
		}
	}
	wantDecided(t, append(strangerLines(), commandLines...), found)
	for _, target := range targets {
		if !slices.ContainsFunc(makeTargets, func(of commandLine) bool { return of.line == target }) {
			t.Errorf("`make %s` is no target of make help", target)
		}
	}

	j := newJourney(t)
	for _, of := range commandLines {
		if of.run != nil {
			t.Run(of.line, func(t *testing.T) { of.run(j.of(t), of.line) })
		}
	}
}

func TestEveryTargetOfMakeHelpIsRunOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	help, err := exec.Command("make", "--no-print-directory", "help").Output() // make itself runs this test
	must.Do(t, err)
	var found []string
	for _, line := range strings.Split(strings.TrimSpace(string(help)), "\n") {
		found = append(found, strings.Fields(line)[0])
	}
	wantDecided(t, makeTargets, found)
	for _, of := range makeTargets {
		t.Run(of.line, func(t *testing.T) {
			if of.run != nil {
				of.run(newJourney(t), "make "+of.line)
				return
			}
			if output, err := exec.Command("make", "-n", of.line).CombinedOutput(); err != nil {
				t.Errorf("make %s: %v\n%s", of.line, err, output)
			}
		})
	}
	scripts, err := filepath.Glob("scripts/*")
	must.Do(t, err)
	for _, script := range scripts {
		if output, err := exec.Command("bash", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, output)
		}
	}
}

func TestTheDocumentsNameFlagsVariablesAndFilesThatExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, command := range []string{"serve", "demo", "admin create", "audit verify", "hosts", "keyset rotate",
		"move", "backup", "restore"} {
		output, err := exec.Command(binary, append(strings.Fields(command), "--help")...).Output()
		must.Do(t, err)
		for _, name := range regexp.MustCompile(`--[a-z-]+|CHAVEIRO_[A-Z_]+`).FindAllString(string(output), -1) {
			known[name] = true
		}
	}
	for _, of := range providers.All() {
		for _, setting := range of.Settings() {
			known[setting.Env] = true
		}
	}
	for path, text := range documents(t) {
		for _, code := range inline.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			for _, name := range aName.FindAllString(code[1], -1) {
				if !known[strings.TrimSpace(name)] {
					t.Errorf("%s names %s, which the program does not know", path, name)
				}
			}
		}
		for _, link := range aLink.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), link[1])); err != nil {
				t.Errorf("%s leads to %s: %v", path, link[1], err)
			}
		}
	}
	if len(known) < 40 || !known["--listen"] || !known["CHAVEIRO_LISTEN"] {
		t.Errorf("the program tells only %v", slices.Sorted(maps.Keys(known)))
	}
}

// journey is an installation in which the command lines of the documents are run one after the other.
type journey struct {
	*place
	anchor string
}

func newJourney(t *testing.T) *journey {
	t.Helper()
	j := &journey{place: newPlace(t)}
	for _, dir := range []string{"etc/chaveiro", "var/backups/chaveiro"} {
		must.Do(t, os.MkdirAll(j.path(dir), 0o700))
	}
	return j
}

// of returns the same journey for a subtest.
func (j *journey) of(t *testing.T) *journey {
	j.t = t
	return j
}

// here replaces the machine of a software house in a line by the place of this test.
func (j *journey) here(line string) string {
	return strings.NewReplacer(
		"/etc/", j.path("etc")+"/", "/var/", j.path("var")+"/",
		"127.0.0.1:4318", programtest.FreeAddress(j.t),
		"127.0.0.1:9464", programtest.FreeAddress(j.t), "10.0.0.5:9464", programtest.FreeAddress(j.t),
	).Replace(line)
}

// shell runs a line of a document as a shell does.
func (j *journey) shell(line string) {
	j.t.Helper()
	j.bash(j.here(line))
}

func (j *journey) bash(line string) {
	j.t.Helper()
	if output, code := combined(j.t, exec.Command("bash", "-euc", line)); code != 0 {
		j.t.Fatalf("exit %d: %s", code, output)
	}
}

// chaveiro runs a line of the program, which must succeed, and returns its output.
func (j *journey) chaveiro(line string, more ...string) string {
	j.t.Helper()
	args := append(strings.Fields(j.here(line))[1:], more...)
	output, code := j.run(nil, args...)
	if code != 0 {
		j.t.Fatalf("exit %d: %s", code, output)
	}
	return output
}

// prints runs a line, with more arguments than it has, and looks for words in what it prints.
func prints(words string, more ...string) func(*journey, string) {
	return func(j *journey, line string) {
		j.t.Helper()
		if output := j.chaveiro(line, more...); !strings.Contains(output, words) {
			j.t.Errorf("it does not print %q: %s", words, output)
		}
	}
}

// serves starts the portal with a line, waits until it serves, and stops it.
func serves() func(*journey, string) {
	return func(j *journey, line string) {
		j.t.Helper()
		j.start(strings.Fields(j.here(line))[1:]...).stop()
	}
}

func createAnOperator(j *journey, line string) {
	j.t.Helper()
	line = strings.NewReplacer(
		"[", "", "]", "", "ADDRESS", "ana@example.com", "NAME", "Ana", "ROLE", "admin",
	).Replace(line)
	command := j.command(nil, strings.Fields(line)[1:]...)
	command.Stdin = strings.NewReader(goodPassword + "\n")
	if output, code := combined(j.t, command); code != 0 || !strings.Contains(output, "ana@example.com") {
		j.t.Errorf("exit %d: %s", code, output)
	}
}

func restoreTheBackup(j *journey, line string) {
	j.t.Helper()
	must.Do(j.t, os.Rename(j.path("data"), j.path("data.old")))
	prints("it is whole")(j, line)
	serves()(j, "chaveiro serve")
}

func noteTheAnchor(j *journey, line string) {
	j.t.Helper()
	output := j.chaveiro(line)
	found := regexp.MustCompile(`(?m)^anchor (\S+)$`).FindStringSubmatch(output)
	if found == nil {
		j.t.Fatalf("it prints no anchor: %s", output)
	}
	j.anchor = found[1]
}

func verifyFromTheAnchor(j *journey, line string) {
	j.t.Helper()
	prints("whole", j.anchor)(j, strings.TrimSuffix(line, " SEQ:HASH"))
}

// changeTheMasterKey follows the document, and continues with the new key.
func changeTheMasterKey(j *journey, line string) {
	j.t.Helper()
	j.chaveiro(line)
	j.env = append(j.env, "CHAVEIRO_MASTER_KEY_FILE="+j.path("etc/chaveiro/new.key"))
	prints("0 do not open")(j, "chaveiro keyset verify")
}

func loseTheMasterKeyAndServe(j *journey, line string) {
	j.t.Helper()
	must.Do(j.t, os.Remove(j.path("etc/chaveiro/new.key")))
	serves()(j, line)
	serves()(j, "chaveiro serve")
}

// seedAFew seeds fewer clients, in another folder.
func seedAFew(j *journey, line string) {
	j.t.Helper()
	j.bash(line + " SEED='--clients=20 --data-dir=" + j.path("data") + "'")
	j.query("SELECT COUNT(*) FROM clients", 20)
	prints("0 do not open")(j, "chaveiro keyset verify")
}

// cleanACopy runs a line in a folder where there is something to remove, and something to keep.
func cleanACopy(j *journey, line string) {
	j.t.Helper()
	removed := []string{"bin/chaveiro", "release/SHA256SUMS", "frontend/dist/index.html", "frontend/node_modules/a",
		"bench/peers/mercurius/node_modules/a"}
	kept := []string{"data/chaveiro.db", "data.master.key", "frontend/dist/.gitkeep", "Makefile"}
	for _, name := range slices.Concat(removed, kept) {
		must.Do(j.t, os.MkdirAll(filepath.Dir(j.path(name)), 0o700))
		must.Do(j.t, os.WriteFile(j.path(name), nil, 0o600))
	}
	makefile, err := os.ReadFile("Makefile")
	must.Do(j.t, err)
	must.Do(j.t, os.WriteFile(j.path("Makefile"), makefile, 0o600))
	j.bash("cd '" + j.dir + "' && " + line)
	for _, name := range removed {
		if _, err := os.Stat(j.path(name)); err == nil {
			j.t.Errorf("%s is still there", name)
		}
	}
	for _, name := range kept {
		if _, err := os.Stat(j.path(name)); err != nil {
			j.t.Errorf("%s is gone: %v", name, err)
		}
	}
}
