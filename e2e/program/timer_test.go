package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// unitCommands returns the commands of a unit as systemd runs them, with its own marks resolved.
func unitCommands(t *testing.T, unit string) (commands []string) {
	t.Helper()
	text, err := os.ReadFile(unit)
	must.Do(t, err)
	for _, line := range regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindAllStringSubmatch(string(text), -1) {
		commands = append(commands, strings.NewReplacer("$$", "$", "%%", "%").Replace(line[1]))
	}
	return commands
}

// runBackupUnit runs the commands of the unit that makes backups, in another folder, and returns what they say.
func (at *place) runBackupUnit(folder string) string {
	at.t.Helper()
	var said strings.Builder
	for _, line := range unitCommands(at.t, "deploy/chaveiro-backup.service") {
		line = strings.NewReplacer("/var/backups/chaveiro", folder, "/usr/local/bin/chaveiro", binary,
			"-name *", "-name '*'").Replace(line) // systemd expands no *, a shell does
		shell := exec.Command("sh", "-ec", line)
		shell.Dir, shell.Env = at.dir, at.command(nil).Env
		output, code := combined(at.t, shell)
		if said.WriteString(output); code != 0 {
			at.t.Fatalf("%s: exit %d, %s", line, code, output)
		}
	}
	return said.String()
}

func TestTheBackupTimerMakesACheckedBackupAndThrowsOldOnesAway(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.start() // it goes on serving
	p.setUp()
	folder := at.path("backups")
	must.Do(t, os.Mkdir(folder, 0o700))
	age := func(name string, days int) {
		must.Do(t, os.WriteFile(filepath.Join(folder, name), nil, 0o600))
		then := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
		must.Do(t, os.Chtimes(filepath.Join(folder, name), then, then))
	}
	age("old.backup", 37)
	age("lately.backup", 34)
	age("old.note", 37)
	said := at.runBackupUnit(folder)
	if !strings.Contains(said, "is whole") {
		t.Errorf("the backup was not checked: %s", said)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	must.Do(t, err)
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	want := regexp.MustCompile(`^\d{4}-\d\d-\d\d-\d{4}\.backup lately\.backup old\.note$`)
	if got := strings.Join(left, " "); !want.MatchString(got) {
		t.Errorf("the folder has %s, want %s", got, want)
	}
	// The unit gives the program what the unit of the portal gives it.
	units := [2]string{}
	for i, unit := range []string{"deploy/chaveiro.service", "deploy/chaveiro-backup.service"} {
		text, err := os.ReadFile(unit)
		must.Do(t, err)
		units[i] = string(text)
	}
	for _, line := range regexp.MustCompile(`(?m)^(Environment=CHAVEIRO_(DATA_DIR|MASTER|AUDIT|PUBLIC)|LoadCredential=|User=).*$`).
		FindAllString(units[0], -1) {
		if !strings.Contains(units[1], line+"\n") {
			t.Errorf("deploy/chaveiro-backup.service has no %s", line)
		}
	}
}
