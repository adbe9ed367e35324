package diskspace_test

import (
	"path/filepath"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/diskspace"
)

func TestFreeSpaceIsThatOfThePath(t *testing.T) {
	t.Parallel()
	if n, err := diskspace.Free(t.TempDir()); err != nil || n == 0 {
		t.Errorf("%d bytes are free (%v), in a folder that can be written to", n, err)
	}
	if _, err := diskspace.Free(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("there is free space nowhere")
	}
}
