package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/chaveiro/chaveiro/internal/store"
)

// workFolder is a folder for the files of a command until it has done its work. A command that is killed leaves its
// folder, and the next one beside it removes that.
type workFolder struct {
	path string
	// lock is the locked file that says that the folder is in use. The end of the process releases it.
	lock *os.File
}

const (
	workPrefix = ".chaveiro-unfinished-"
	lockName   = "lock"
)

// openWorkFolder makes a work folder in parent, and removes those that killed commands have left there. The caller
// closes it.
func openWorkFolder(parent string, log *slog.Logger) (*workFolder, error) {
	if err := sweep(parent, log); err != nil {
		return nil, err
	}
	for {
		path, err := os.MkdirTemp(parent, workPrefix+"*")
		if err != nil {
			return nil, fmt.Errorf("make a folder for what is not finished: %w", err)
		}
		lock, err := lockFolder(path)
		if err == nil && lock != nil {
			return &workFolder{path, lock}, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("make a folder for what is not finished: %w", err), os.RemoveAll(path))
		}
		// Another command took it, still without a lock, for one that was left: it is gone.
	}
}

// sweep removes the work folders in parent whose commands have been killed.
func sweep(parent string, log *slog.Logger) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("look for what a killed command left: %w", err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), workPrefix) {
			continue
		}
		path := filepath.Join(parent, entry.Name())
		lock, err := lockFolder(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // its command has just removed it
			continue
		case err == nil && lock == nil: // its command is at work
			continue
		case err == nil:
			err = (&workFolder{path, lock}).close()
		}
		if err != nil {
			log.Warn("a killed command has left a folder, which cannot be removed", "path", path, "err", err)
			continue
		}
		log.Warn("removed what a killed command had left", "path", path)
	}
	return nil
}

// lockFolder takes the lock of a work folder. It returns nil if another process has it, and an error that wraps
// fs.ErrNotExist if the folder is gone.
func lockFolder(path string) (*os.File, error) {
	name := filepath.Join(path, lockName)
	lock, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	locked, err := store.TryLockFile(lock)
	if err != nil || !locked {
		return nil, errors.Join(err, lock.Close())
	}
	// Who had the lock before may have removed the folder with it.
	mine, err := lock.Stat()
	if err == nil {
		var there fs.FileInfo
		if there, err = os.Lstat(name); err == nil && os.SameFile(mine, there) {
			return lock, nil
		}
	}
	return nil, errors.Join(err, lock.Close())
}

// close removes the folder with all that is in it.
func (w *workFolder) close() error {
	return errors.Join(os.RemoveAll(w.path), w.lock.Close())
}

// newFile makes an empty file in the folder, readable by its owner only.
func (w *workFolder) newFile(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(w.path, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}
