// Package diskspace measures the free space of a disk.
package diskspace

import (
	"fmt"
	"path/filepath"
	"syscall"
)

// Free returns how many bytes an ordinary user can still write at a path, which must exist.
func Free(path string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(filepath.Clean(path), &stat); err != nil {
		return 0, fmt.Errorf("look for free space at %s: %w", path, err)
	}
	return stat.Bavail * uint64(stat.Bsize), nil // #nosec G115 -- no block has a negative size
}
