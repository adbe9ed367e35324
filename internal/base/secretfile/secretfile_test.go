package secretfile

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// Proves: 6.2
func TestASecretIsMountedForTheGroupOfTheProcessAlone(t *testing.T) {
	t.Parallel()
	ours := []int{1000, 2000}
	for name, tt := range map[string]struct {
		owner, group uint32
		mode         os.FileMode
		want         bool
	}{
		"as Kubernetes leaves it":   {0, 2000, 0o440, true},
		"of another group":          {0, 3000, 0o440, false},
		"of another user than root": {1001, 2000, 0o440, false},
		"readable by all":           {0, 2000, 0o444, false},
		"writable by the group":     {0, 2000, 0o460, false},
		"not for the group":         {0, 2000, 0o400, false},
	} {
		if got := isMounted(tt.owner, tt.group, tt.mode, ours); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Kubernetes makes master.key -> ..data/master.key and ..data -> ..2026_11_28, so that a new version comes all at once.
// Proves: 6.2
func TestALinkIsFollowedOnlyAsKubernetesMakesOne(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root makes links of root")
	}
	mount, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "master.key")
	must.Do(t, os.Mkdir(filepath.Join(mount, "..2026_11_28"), 0o755))
	must.Do(t, os.Symlink("..2026_11_28", filepath.Join(mount, "..data")))
	must.Do(t, os.WriteFile(filepath.Join(mount, "..data", "master.key"), []byte("the key"), 0o400))
	must.Do(t, os.WriteFile(elsewhere, []byte("another key"), 0o400))
	link := func(name, target string) string {
		path := filepath.Join(mount, name)
		must.Do(t, os.Symlink(target, path))
		return path
	}

	file, err := Open("master key file", link("master.key", "..data/master.key"))
	must.Do(t, err)
	defer file.Close()
	if text, err := io.ReadAll(file); err != nil || string(text) != "the key" {
		t.Errorf("%q, %v", text, err)
	}

	ofAnother := link("of-another", "..data/master.key")
	must.Do(t, os.Lchown(ofAnother, 1, 1))
	for name, path := range map[string]string{
		"out of the folder": link("outside", elsewhere), "of another user": ofAnother,
		"of another form": link("direct", "..2026_11_28/master.key"),
		"out by ..data":   link("out", "..data/../../../etc/hostname"),
		"to nothing":      link("nothing", "..data/nothing"), "to itself": link("loop", "loop"),
	} {
		if file, err := Open("master key file", path); err == nil || !strings.Contains(err.Error(), "is a link") {
			t.Errorf("a link %s: %v", name, err)
			_ = file.Close()
		}
	}
}
