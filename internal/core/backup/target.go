package backup

import (
	"os"
	"path/filepath"
)

// target is the file that becomes the backup.
type target struct {
	file *os.File
	// name gives the file the name of the backup, and replaces nothing.
	name func() error
}

// newTarget makes the target for a path: without a name or, where the system has no such files, in the work folder.
func newTarget(path string, work *workFolder) (target, error) {
	if file, err := openNameless(filepath.Dir(path)); err == nil {
		return target{file, func() error { return nameFile(file, path) }}, nil
	}
	return newNamedTarget(path, work)
}

func newNamedTarget(path string, work *workFolder) (target, error) {
	file, err := work.newFile("backup")
	if err != nil {
		return target{}, err
	}
	return target{file, func() error { return os.Link(file.Name(), path) }}, nil // unlike a rename it replaces nothing
}
