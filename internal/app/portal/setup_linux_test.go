package portal

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// Proves: 2.4
func TestASetUpLinkIsPrintedToATerminalOnly(t *testing.T) {
	t.Parallel()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	must.Do(t, err)
	defer master.Close()
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	must.Do(t, err)
	must.Do(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	must.Do(t, err)
	defer terminal.Close()
	kept, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	must.Do(t, err)
	defer kept.Close()

	for name, test := range map[string]struct {
		out     *os.File
		written bool
	}{"a terminal": {terminal, false}, "a journal": {kept, true}} {
		folder := t.TempDir()
		path := filepath.Join(folder, "setup-link")
		must.Do(t, os.WriteFile(path, []byte("of an earlier start"), 0o644))
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		must.Do(t, announceSetup(test.out, folder, "https://portal.example", "the-token", logger))
		link, err := os.ReadFile(path)
		logged := log.String()
		if written := err == nil; written != test.written || strings.Contains(logged, path) != test.written ||
			strings.Contains(logged, "the-token") {
			t.Errorf("%s: a file %q, %v; the log has %s", name, link, err, logged)
		}
		const want = "https://portal.example/setup#token=the-token\n"
		if info, err := os.Stat(path); test.written &&
			(err != nil || info.Mode().Perm() != 0o600 || string(link) != want) {
			t.Errorf("%s: the file has %q, %v, %v", name, link, info.Mode(), err)
		}
	}
	shown := make([]byte, 4096)
	must.Do(t, master.SetReadDeadline(time.Now().Add(time.Second)))
	n, err := master.Read(shown)
	if err != nil || !strings.Contains(string(shown[:n]), "https://portal.example/setup#token=the-token") {
		t.Errorf("the terminal shows %q, %v", shown[:n], err)
	}
	if text, err := os.ReadFile(kept.Name()); err != nil || len(text) > 0 {
		t.Errorf("the journal has %q, %v", text, err)
	}
}
