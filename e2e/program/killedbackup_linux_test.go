package program

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// planted is in each row of the ballast, so that a file that can be read shows it.
const planted = "planted-ballast"

// addBallast fills the database, so that a backup takes long enough to be killed.
func (at *place) addBallast() {
	at.t.Helper()
	if at.postgres != "" {
		at.exec("CREATE TABLE ballast AS SELECT '" + planted + "' || string_agg(md5(random()::text), '') AS text " +
			"FROM generate_series(1, 400) a, generate_series(1, 1000) b GROUP BY b")
		return
	}
	at.exec("CREATE TABLE ballast (text TEXT)", "INSERT INTO ballast WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "+
		"SELECT i + 1 FROM n WHERE i < 3000) SELECT '"+planted+"' || hex(randomblob(8000)) FROM n")
}

// nameless returns how the files begin that a process has open below a folder, that have no name and are not empty.
func nameless(process int, folder string) map[string]string {
	open, found := fmt.Sprintf("/proc/%d/fd", process), map[string]string{}
	entries, _ := os.ReadDir(open) // the process may be gone
	for _, entry := range entries {
		link := filepath.Join(open, entry.Name())
		target, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(target, folder+"/") || !strings.HasSuffix(target, " (deleted)") {
			continue
		}
		file, err := os.Open(link)
		if err != nil {
			continue
		}
		begin := make([]byte, 16)
		if _, err := io.ReadFull(file, begin); err == nil {
			found[target] = string(begin)
		}
		_ = file.Close()
	}
	return found
}

// filesIn returns the files below a folder, but for those of the database that change by themselves.
func filesIn(t *testing.T, folder string) (files []string) {
	t.Helper()
	must.Do(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a backup has removed it meanwhile
			return nil
		}
		if err == nil && path != folder && !strings.HasPrefix(entry.Name(), "chaveiro.db") {
			files = append(files, strings.TrimPrefix(path, folder+"/"))
		}
		return err
	}))
	return files
}

// unfinished reports whether a file is in a folder that a killed command may leave.
func unfinished(path string) bool { return strings.Contains(path, ".chaveiro-unfinished-") }

// kill kills a backup to a file as soon as moment says so. It returns false if the backup was done before.
func (at *place) kill(file string, moment func(process int) bool) bool {
	at.t.Helper()
	command := at.command(nil, "backup", file)
	must.Do(at.t, command.Start())
	for end := time.Now().Add(patience); !moment(command.Process.Pid); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(file); err == nil || time.Now().After(end) {
			break
		}
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	return os.Remove(file) != nil
}

// Proves: 12.3
func TestABackupThatIsKilledLeavesNothingReadableAndTheNextOneRemovesTheRest(t *testing.T) {
	t.Parallel()
	identity, err := age.GenerateX25519Identity()
	must.Do(t, err)
	encrypted := "CHAVEIRO_BACKUP_ENCRYPT_TO=" + identity.Recipient().String()
	besideTheBackup := func(at *place) string { return at.path("backups") }
	besideTheDatabase := func(at *place) string { return at.path("data") }
	for _, c := range []struct {
		database string
		env      []string
		dumpsTo  func(*place) string
	}{
		{"sqlite", nil, besideTheBackup}, {"sqlite", []string{encrypted}, besideTheDatabase},
		{"postgres", nil, besideTheBackup}, {"postgres", []string{encrypted}, besideTheBackup},
	} {
		t.Run(fmt.Sprintf("%s, encrypted %t", c.database, c.env != nil), func(t *testing.T) {
			t.Parallel()
			at := places(t)[c.database](t)
			at.start().stop()
			at.addBallast()
			at.env = c.env
			folder := at.path("backups")
			must.Do(t, os.Mkdir(folder, 0o700))
			file, before := filepath.Join(folder, "chaveiro.backup"), filesIn(t, at.dir)

			for name, moment := range map[string]func(process int) bool{
				"at its begin": func(int) bool {
					return slices.ContainsFunc(filesIn(t, folder), unfinished)
				},
				"while it dumps": func(process int) bool {
					dumps := nameless(process, c.dumpsTo(at))
					for _, begin := range dumps {
						if len(dumps) == 1 && c.database == "postgres" && begin != "age-encryption.o" {
							t.Errorf("the dump is in clear: %q", begin)
						}
					}
					return len(dumps) == 1
				},
				"while it writes": func(process int) bool { return len(nameless(process, at.dir)) == 2 },
			} {
				killed := false
				for range 10 {
					if killed = at.kill(file, moment); killed {
						break
					}
				}
				if !killed {
					t.Fatalf("%s: each backup was done before it was killed", name)
				}
				for _, left := range filesIn(t, at.dir) {
					if !slices.Contains(before, left) && !unfinished(left) {
						t.Errorf("%s: it leaves %s", name, left)
					}
					content, err := os.ReadFile(at.path(left))
					if err == nil && bytes.Contains(content, []byte(planted)) && name != "at its begin" {
						t.Errorf("%s: %s can be read", name, left)
					}
				}
			}

			output := at.mustRun(nil, "backup", file)
			if !strings.Contains(output, "removed what a killed command had left") {
				t.Errorf("it does not say that it removes anything: %s", output)
			}
			want := append(before, "backups/chaveiro.backup", "data/last-backup")
			if got := filesIn(t, at.dir); !sameFiles(got, want) {
				t.Errorf("after the next backup there are %q, want %q", got, want)
			}
		})
	}
}

func sameFiles(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
