package e2e

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// command runs a command of the program on the installation, and returns what it says.
func (at *place) command(args ...string) string {
	at.t.Helper()
	command := exec.Command(binary, args...)
	command.Dir = at.dir
	command.Env = append(append(os.Environ(), "CHAVEIRO_DATABASE_URL="+at.databaseURL()), at.env...)
	output, err := command.CombinedOutput()
	if err != nil {
		at.t.Fatalf("%v: %v\n%s", args, err, output)
	}
	return string(output)
}

// A machine is lost while it serves. What is left is last night's backup and the master key, which was kept apart.
func TestALostMachineIsBackFromItsBackup(t *testing.T) {
	t.Parallel()
	for name, newPlace := range map[string]func(*testing.T) *place{"sqlite": newPlace, "postgres": newPostgresPlace} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shops := size(300, 100_000)
			lost := newPlace(t)
			lost.fill(shops)
			p := lost.start()
			began := time.Now()
			lost.command("backup", lost.path("night.backup"))
			backedUp := time.Since(began)
			lost.command("backup", "--check", lost.path("night.backup"))
			file, err := os.Stat(lost.path("night.backup"))
			must.Do(t, err)
			p.Kill()

			back := newPlace(t)
			for _, kept := range []string{"night.backup", "data.master.key"} {
				must.Do(t, os.Rename(lost.path(kept), back.path(kept)))
			}
			began = time.Now()
			back.command("restore", back.path("night.backup"))
			p = back.start()
			away := time.Since(began)
			for command, want := range map[string]string{"audit verify": "whole", "keyset verify": "0 do not open"} {
				if output := back.command(strings.Fields(command)...); !strings.Contains(output, want) {
					t.Errorf("%s says %s", command, output)
				}
			}
			p.Stop(syscall.SIGTERM)
			for table, want := range map[string]int{
				"clients": shops, "marketplaces": 3 * shops, "access_keys": shops - shops/20,
			} {
				if n := back.count("SELECT COUNT(*) FROM " + table); n != want {
					t.Errorf("%d rows of %s came back of %d", n, table, want)
				}
			}
			const result = "%d clients with %d connections: backup in %s while it served, %d MB; from the restore to the " +
				"first answer %s"
			report(t, result, shops, 3*shops, backedUp.Round(100*time.Millisecond), file.Size()>>20,
				away.Round(100*time.Millisecond))
		})
	}
}
