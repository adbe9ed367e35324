package backup

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// Not each system and file system has files without a name.
func TestATargetGetsItsNameWhenItIsWholeAndReplacesNothing(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(string, *workFolder) (target, error){
		"without a name": newTarget, "in the work folder": newNamedTarget,
	} {
		folder := t.TempDir()
		path := filepath.Join(folder, "chaveiro.backup")
		work, err := openWorkFolder(folder, slog.New(slog.DiscardHandler))
		must.Do(t, err)
		for _, want := range []error{nil, fs.ErrExist} {
			made, err := make(path, work)
			must.Do(t, err)
			_, err = made.file.WriteString("whole")
			must.Do(t, err)
			if _, err := os.Stat(path); want == nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: it has its name before (%v)", name, err)
			}
			if err := made.name(); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
			must.Do(t, errors.Join(made.file.Close(), os.RemoveAll(filepath.Join(work.path, "backup"))))
		}
		must.Do(t, work.close())
		info, err := os.Stat(path)
		must.Do(t, err)
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 || info.Mode() != 0o600 || info.Size() != 5 {
			t.Errorf("%s: there are %v, of mode %v (%v)", name, entries, info.Mode(), err)
		}
	}
}
