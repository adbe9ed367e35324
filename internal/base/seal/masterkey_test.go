package seal_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/seal"
)

// line is the content of a good master key file.
var line = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k\xff", 16))) + "\n"

func TestACreatedMasterKeyIsLoaded(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "master.key")
	created, err := seal.CreateMasterKey(path)
	if err != nil {
		t.Fatalf("CreateMasterKey: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the file has mode %v, %v; want 0600", info.Mode(), err)
	}
	loaded, err := seal.LoadMasterKey(path, filepath.Join(folder, "data"))
	if err != nil {
		t.Fatalf("LoadMasterKey: %v", err)
	}
	if len(loaded.Reveal()) != 32 || loaded.Reveal() != created.Reveal() {
		t.Error("another key was loaded than created")
	}
}

func TestCreateReplacesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := write(t, filepath.Join(folder, "master.key"), line, 0o600)
	if _, err := seal.CreateMasterKey(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("CreateMasterKey over a file: %v; want %v", err, fs.ErrExist)
	}
	if content, _ := os.ReadFile(path); string(content) != line {
		t.Error("the file was changed")
	}
	link := filepath.Join(folder, "link.key")
	if err := os.Symlink(filepath.Join(folder, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.CreateMasterKey(link); !errors.Is(err, fs.ErrExist) {
		t.Errorf("CreateMasterKey through a link: %v; want %v", err, fs.ErrExist)
	}
	if _, err := seal.CreateMasterKey(filepath.Join(folder, "missing", "master.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("CreateMasterKey in no folder: %v; want %v", err, fs.ErrNotExist)
	}
}

// Proves: 6.2
func TestLoadAcceptsAFileThatOnlyTheServiceReads(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"a line":                      line,
		"a line without its line end": strings.TrimSpace(line),
	} {
		for _, mode := range []fs.FileMode{0o600, 0o400} {
			path := write(t, filepath.Join(t.TempDir(), "master.key"), content, mode)
			if _, err := seal.LoadMasterKey(path, ""); err != nil {
				t.Errorf("%s, mode %04o: %v", name, mode, err)
			}
		}
	}
}

// Proves: 6.2
func TestLoadRefusesAndSaysHowToMendIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// make lays the file in folder and returns its path. The data folder is
		// folder/data.
		make func(t *testing.T, folder string) string
		want string // a part of the error's sentence
	}{
		{"no file", func(t *testing.T, folder string) string {
			return filepath.Join(folder, "master.key")
		}, "is missing: restore it"},
		{"a file that the group reads", func(t *testing.T, folder string) string {
			return write(t, filepath.Join(folder, "master.key"), line, 0o640)
		}, "run chmod 600"},
		{"a file that everybody reads", func(t *testing.T, folder string) string {
			return write(t, filepath.Join(folder, "master.key"), line, 0o604)
		}, "has mode 0604"},
		{"a file that may be run", func(t *testing.T, folder string) string {
			return write(t, filepath.Join(folder, "master.key"), line, 0o700)
		}, "has mode 0700"},
		{"a link to a good file", func(t *testing.T, folder string) string {
			return link(t, write(t, filepath.Join(folder, "real.key"), line, 0o600), filepath.Join(folder, "master.key"))
		}, "is a link: give the path of the file itself"},
		{"a folder", func(t *testing.T, folder string) string {
			return folder
		}, "is not a regular file"},
		{"a pipe that nobody writes to", func(t *testing.T, folder string) string {
			path := filepath.Join(folder, "master.key")
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, "is not a regular file"},
		{"a file of another user", func(t *testing.T, folder string) string {
			path := write(t, filepath.Join(folder, "master.key"), line, 0o600)
			if err := os.Chown(path, os.Geteuid()+1, -1); err != nil {
				t.Skip("only root can give a file away")
			}
			return path
		}, "belongs to another user: run chown"},

		{"a file in the data folder", func(t *testing.T, folder string) string {
			return write(t, filepath.Join(folder, "data", "master.key"), line, 0o600)
		}, "is in the data folder"},
		{"a file below it", func(t *testing.T, folder string) string {
			return write(t, filepath.Join(folder, "data", "keys", "master.key"), line, 0o600)
		}, "is in the data folder"},
		{"a file in it by another name", func(t *testing.T, folder string) string {
			write(t, filepath.Join(folder, "data", "master.key"), line, 0o600)
			return filepath.Join(link(t, filepath.Join(folder, "data"), filepath.Join(folder, "keys")), "master.key")
		}, "is in the data folder"},
		{"no file, but a path in the data folder that is still to be made", func(t *testing.T, folder string) string {
			return filepath.Join(folder, "data", "keys", "..", "master.key")
		}, "is in the data folder"},

		{"an empty file", content(""), "does not hold one line of base64"},
		{"a short key", content(base64.StdEncoding.EncodeToString(make([]byte, 31))), "does not hold one line of base64"},
		{"a long key", content(base64.StdEncoding.EncodeToString(make([]byte, 33))), "does not hold one line of base64"},
		{"raw bytes", content(strings.Repeat("\xff", 32)), "does not hold one line of base64"},
		{"a second line", content(line + line), "does not hold one line of base64"},
		{"an empty second line", content(line + "\n"), "does not hold one line of base64"},
		{"a line broken in two", content(line[:20] + "\n" + line[20:]), "does not hold one line of base64"},
		{"spaces around", content(" " + line), "does not hold one line of base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := tt.make(t, folder)
			key, err := seal.LoadMasterKey(path, filepath.Join(folder, "data"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("LoadMasterKey: %v; want it to say %q", err, tt.want)
			}
			if !key.IsZero() {
				t.Error("it returned a key beside its error")
			}
			if !strings.Contains(err.Error(), path) {
				t.Errorf("%q does not name the file", err)
			}
			if strings.Contains(err.Error(), line[:8]) {
				t.Errorf("%q shows what the file holds", err)
			}
			if missing := errors.Is(err, fs.ErrNotExist); missing != (tt.name == "no file") {
				t.Errorf("errors.Is(%q, fs.ErrNotExist) = %v", err, missing)
			}
		})
	}
}

func TestAKeyBesideTheDataFolderIsNotInIt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"master.key", "data.key", "..key/master.key", "database/master.key"} {
		path := write(t, filepath.Join(folder, name), line, 0o600)
		if _, err := seal.LoadMasterKey(path, filepath.Join(folder, "data")); err != nil {
			t.Errorf("LoadMasterKey: %v", err)
		}
	}
}

// Not parallel: it sets the environment of the process.
// Proves: 6.2
func TestACredentialOfSystemdIsTakenAsSystemdLeavesIt(t *testing.T) {
	folder := t.TempDir()
	path := write(t, filepath.Join(folder, "credentials", "master.key"), line, 0o440)
	if _, err := seal.LoadMasterKey(path, ""); err == nil {
		t.Error("a file that the group may read was taken, and it is no credential")
	}
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Join(folder, "credentials"))
	for mode, good := range map[fs.FileMode]bool{0o400: true, 0o440: true, 0o600: false, 0o444: false, 0o460: false,
		0o404: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.LoadMasterKey(path, ""); (err == nil) != good {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, os.Geteuid()+1, -1); err == nil { // only root can give a file away
		if _, err := seal.LoadMasterKey(path, ""); err == nil {
			t.Error("a credential of another user was taken")
		}
	}
	outside := write(t, filepath.Join(folder, "master.key"), line, 0o440)
	if _, err := seal.LoadMasterKey(outside, ""); err == nil {
		t.Error("a file beside the credentials was taken as one")
	}
}

func content(s string) func(*testing.T, string) string {
	return func(t *testing.T, folder string) string {
		return write(t, filepath.Join(folder, "master.key"), s, 0o600)
	}
}

func write(t *testing.T, path, content string, mode fs.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // past the umask
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, target, path string) string {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}
