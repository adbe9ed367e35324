package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// blocksOfManual returns the blocks of a section of docs/operations.md, in order.
func blocksOfManual(t *testing.T, section string) (blocks []string) {
	t.Helper()
	manual, err := os.ReadFile("../docs/operations.md")
	must.Do(t, err)
	_, text, _ := strings.Cut(string(manual), "\n"+section+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, block := range regexp.MustCompile("(?s)```\\w+\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block[1])
	}
	return blocks
}

// shell runs lines as the user of the server, with its programs.
func (c *cluster) shell(lines string) string {
	c.t.Helper()
	command := c.command("bash", "-euc", lines)
	command.Path = "/bin/bash"
	command.Env = append(command.Env, "PATH="+c.bin+":"+os.Getenv("PATH"), "PGHOST="+c.dir, "PGUSER=postgres")
	output, err := command.CombinedOutput()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "server.log")) // there may be none yet
		c.t.Fatalf("%s: %v\n%s%s", lines, err, output, log)
	}
	return string(output)
}

// configure adds lines to the settings of the server.
func (c *cluster) configure(lines string) {
	c.t.Helper()
	file, err := os.OpenFile(filepath.Join(c.dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	must.Do(c.t, err)
	_, err = file.WriteString(lines)
	must.Do(c.t, err)
	must.Do(c.t, file.Close())
}

// chaveiro runs a command of the program.
func (at *place) chaveiro(stdin string, args ...string) (output string, err error) {
	command := exec.Command(binary, args...)
	command.Dir, command.Stdin = at.dir, strings.NewReader(stdin)
	command.Env = []string{"HOME=" + at.dir, "PATH=" + os.Getenv("PATH"), "CHAVEIRO_DATABASE_URL=" + at.databaseURL()}
	said, err := command.CombinedOutput()
	return string(said), err
}

const goodPassword = "uma frase bem comprida"

// createClients makes clients as an operator does, who is logged in first.
func (p *process) createClients(documents ...string) {
	p.t.Helper()
	post := func(session, query string, variables map[string]any) string {
		body, err := p.Post(session, query, variables)
		must.Do(p.t, err)
		return body
	}
	body := post("", `mutation($password: String!) { login(input: {email: "ana@example.com", password: $password})
		{ accessToken } }`, map[string]any{"password": goodPassword})
	var answer struct {
		Data struct{ Login struct{ AccessToken string } }
	}
	must.Do(p.t, json.Unmarshal([]byte(body), &answer))
	for _, document := range documents {
		body := post(answer.Data.Login.AccessToken, `mutation($document: String!) {
			createClient(input: {name: "Loja", document: $document}) { client { id } userErrors { message } } }`,
			map[string]any{"document": document})
		if !strings.Contains(body, "cli_") {
			p.t.Fatalf("no client was made: %s", body)
		}
	}
}

// moment returns the time of the database.
func (at *place) moment() string {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	var now time.Time
	must.Do(at.t, db.QueryRow("SELECT clock_timestamp()").Scan(&now))
	return now.Format("2006-01-02 15:04:05.999999-07:00")
}

func TestAPostgreSQLGoesBackToAPointInTimeByTheLinesOfTheManual(t *testing.T) {
	t.Parallel()
	began := time.Now()
	blocks := blocksOfManual(t, "## Back to a point in time")
	if len(blocks) != 6 {
		t.Fatalf("the manual has %d blocks: %q", len(blocks), blocks)
	}
	at, c := newPlace(t), newCluster(t)
	at.postgres = c.url()
	for i := range blocks {
		blocks[i] = strings.NewReplacer("/srv/postgresql", c.dir+"/srv", "/var/lib/postgresql", c.dir,
			"/var/lib/chaveiro/audit.anchor", at.path("data.master.key.anchor")).Replace(blocks[i])
	}
	archive, base, back, until, begin, trail := blocks[0], blocks[1], blocks[2], blocks[3], blocks[4], blocks[5]

	c.configure(archive)
	c.stop("fast")
	c.start()
	c.shell(base)
	p := at.start()
	output, err := at.chaveiro(goodPassword+"\n", "admin", "create", "--email=ana@example.com", "--name=Ana")
	if err != nil {
		t.Fatalf("%v, %s", err, output)
	}
	p.createClients(cnpj(t, 1))
	moment := at.moment()
	p.createClients(cnpj(t, 2))
	p.Stop(syscall.SIGTERM)

	c.shell(back)
	c.configure(strings.ReplaceAll(until, "2026-11-24 10:15:00-03", moment))
	start, ask, _ := strings.Cut(begin, "\n")
	c.shell(start)
	must.WaitFor(t, time.Minute, "the server is there", func() bool { return strings.Contains(c.shell(ask), "\n f\n") })
	if output, err := at.chaveiro("", "audit", "verify"); err == nil || !strings.Contains(output, "was cut off") {
		t.Errorf("with the anchor file from before: %v, %s", err, output)
	}
	aside, verify, _ := strings.Cut(strings.TrimSpace(trail), "\n")
	must.Do(t, exec.Command("bash", "-euc", aside).Run())
	p = at.start()
	for n, want := range map[int]int{1: 1, 2: 0} {
		if got := at.count("SELECT COUNT(*) FROM clients WHERE document = '" + cnpj(t, n) + "'"); got != want {
			t.Errorf("there are %d clients with the number %d, want %d", got, n, want)
		}
	}
	p.createClients(cnpj(t, 3))
	output, err = at.chaveiro("", strings.Fields(verify)[1:]...)
	if err != nil || !strings.Contains(output, "whole: ") {
		t.Errorf("%v, %s", err, output)
	}
	report(t, "back at a moment between two clients, the first is there and the trail whole; %s",
		time.Since(began).Round(time.Second))
}
