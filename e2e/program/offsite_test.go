package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// manualSection returns a section of docs/operations.md.
func manualSection(t *testing.T, title string) string {
	t.Helper()
	manual, err := os.ReadFile("docs/operations.md")
	must.Do(t, err)
	_, rest, found := strings.Cut(string(manual), "\n## "+title+"\n")
	if !found {
		t.Fatalf("docs/operations.md has no section %q", title)
	}
	section, _, _ := strings.Cut(rest, "\n## ")
	return section
}

// lineOf returns the line of a text that begins with a command.
func lineOf(t *testing.T, text, command string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(command) + `.*$`).FindString(text)
	if line == "" {
		t.Fatalf("the manual has no line %s", command)
	}
	return line
}

// makeIdentity makes an age identity by the line of the manual, or as age-keygen does where that cannot be had. It
// returns the recipient.
func makeIdentity(t *testing.T, line, path string) (recipient string) {
	t.Helper()
	if exec.Command("scripts/installed", "age-keygen", "age").Run() == nil {
		output, code := combined(t, exec.Command("bash", "-euc", strings.ReplaceAll(line, "/root/backup.identity", path)))
		if recipient = regexp.MustCompile(`age1\w+`).FindString(output); code != 0 || recipient == "" {
			t.Fatalf("%s: exit %d, %s", line, code, output)
		}
		return recipient
	}
	identity, err := age.GenerateX25519Identity()
	must.Do(t, err)
	recipient = identity.Recipient().String()
	must.Do(t, os.WriteFile(path, []byte("# public key: "+recipient+"\n"+identity.String()+"\n"), 0o600))
	return recipient
}

// copyElsewhere copies backups by the line of the manual, or by cp where rsync cannot be had.
func copyElsewhere(t *testing.T, line, from, to string) {
	t.Helper()
	line = strings.NewReplacer("/var/backups/chaveiro", from,
		"backups@elsewhere.example.com:/srv/chaveiro", to).Replace(line)
	if exec.Command("scripts/installed", "rsync", "rsync").Run() != nil {
		line = "cp " + from + "/*.backup " + to
	}
	if output, code := combined(t, exec.Command("bash", "-euc", line)); code != 0 {
		t.Fatalf("%s: exit %d, %s", line, code, output)
	}
}

// Proves: 12.3
func TestANightlyBackupIsEncryptedCopiedElsewhereCheckedAndRestoredThere(t *testing.T) {
	t.Parallel()
	manual := manualSection(t, "Backups elsewhere")
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here, there := newPlace(t), newPlace(t)
			p := here.start()
			key := p.walk(p.setUp())
			for _, folder := range []string{here.path("backups"), there.path("srv")} {
				must.Do(t, os.Mkdir(folder, 0o700))
			}
			recipient := makeIdentity(t, lineOf(t, manual, "age-keygen"), there.path("backup.identity"))
			here.env = append(here.env, "CHAVEIRO_BACKUP_ENCRYPT_TO="+recipient)
			if said := here.runBackupUnit(here.path("backups")); !strings.Contains(said, ", encrypted: ") {
				t.Errorf("the unit says %s", said)
			}
			p.stop()
			copyElsewhere(t, lineOf(t, manual, "rsync"), here.path("backups"), there.path("srv"))
			copied, err := filepath.Glob(there.path("srv/*"))
			must.Do(t, err)
			if len(copied) != 1 {
				t.Fatalf("elsewhere there are %q", copied)
			}

			master, err := os.ReadFile(here.path("data.master.key"))
			must.Do(t, err)
			must.Do(t, os.WriteFile(there.path("data.master.key"), master, 0o600))
			follow := func(command, says string) {
				line := strings.NewReplacer("/srv/chaveiro/2026-11-24-0330.backup", copied[0],
					"/root/backup.identity", there.path("backup.identity")).Replace(lineOf(t, manual, command))
				if output := there.mustRun(nil, strings.Fields(line)[1:]...); !strings.Contains(output, says) {
					t.Errorf("%s: %s", line, output)
				}
			}
			if output, code := there.run(nil, "restore", copied[0]); code != 1 || !strings.Contains(output, "--identity") {
				t.Errorf("without the identity: exit %d, %s", code, output)
			}
			follow("chaveiro backup --check", "is whole")
			follow("chaveiro restore", "it is whole")
			again := there.start()
			if body := again.mustPost(key, readPassword, nil); !strings.Contains(body, "senha da loja") {
				t.Errorf("the back-office gets %s", body)
			}
			if body := again.mustPost(again.logIn(), `{ clients { edges { node { name } } } }`,
				nil); !strings.Contains(body, "Padaria São João") {
				t.Errorf("the clients are %s", body)
			}
			there.mustRun(nil, "audit", "verify")
		})
	}
}
