// Package secretfile reads files that hold a secret of the installation, and refuses those that others could read or
// replace.
package secretfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Open opens a file with a secret. It refuses one that is a link or no regular file, belongs to another user than the
// process's, or has a mode other than 0600 or 0400. A credential of systemd and a secret of Kubernetes may be as these
// leave them. what names the file in errors, such as "master key file". Each error says what is wrong and how to mend
// it, and never quotes the file. An error that wraps fs.ErrNotExist says that there is no file.
func Open(what, path string) (*os.File, error) {
	// The file is opened before it is checked, so that the checked file is the one that is read. A link is not followed,
	// and a pipe does not block.
	const flags = os.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	file, err := os.OpenFile(path, flags, 0)
	if errors.Is(err, syscall.ELOOP) {
		if target, ok := mountedTarget(path); ok {
			file, err = os.OpenFile(target, flags, 0)
		}
	}
	switch {
	case errors.Is(err, syscall.ELOOP):
		return nil, fmt.Errorf("%s %s is a link: give the path of the file itself", what, path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s %s may not be read: run chown %d %[2]s: %[4]w", what, path, os.Geteuid(), err)
	case err != nil:
		return nil, fmt.Errorf("open the %s: %w", what, err)
	}
	if err := check(what, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// check returns why an open file may not hold a secret; nil if it may.
func check(what string, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at the %s: %w", what, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s %s is not a regular file: give the path of one", what, file.Name())
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && isCredential(file.Name()) {
		return checkCredential(what, file.Name(), stat.Uid, info.Mode().Perm())
	}
	if ok && os.Geteuid() != 0 { // root has files of its own
		groups, err := os.Getgroups()
		if err != nil {
			return fmt.Errorf("look at the groups of the process: %w", err)
		}
		if isMounted(stat.Uid, stat.Gid, info.Mode().Perm(), append(groups, os.Getegid())) {
			return nil
		}
	}
	if !ok || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s %s belongs to another user: run chown %d %[2]s", what, file.Name(), os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode != 0o600 && mode != 0o400 {
		return fmt.Errorf("%s %s has mode %04o, which must be 0600 or 0400: run chmod 600 %[2]s", what, file.Name(), mode)
	}
	return nil
}

// isCredential reports whether a file is one that systemd passes to the service (LoadCredential=), in a folder that
// only the service can read.
func isCredential(path string) bool {
	folder := os.Getenv("CREDENTIALS_DIRECTORY")
	if folder == "" {
		return false
	}
	inside, err := IsInside(path, folder)
	return err == nil && inside
}

// checkCredential is check for a credential. Its owner is root, and systemd lets the service's user read it by an ACL,
// which shows as the group's right to read.
func checkCredential(what, path string, owner uint32, mode fs.FileMode) error {
	if owner != 0 && int(owner) != os.Geteuid() {
		return fmt.Errorf("%s %s is a credential of another user", what, path)
	}
	if mode&0o337 != 0 {
		return fmt.Errorf("%s %s is a credential of mode %04o, which must be 0400 or 0440", what, path, mode)
	}
	return nil
}

// mountedTarget returns the file behind a link as Kubernetes makes one for each secret: it belongs to root, and leads
// through ..data to a file below its own folder. It returns false for any other link.
func mountedTarget(link string) (target string, ok bool) {
	info, err := os.Lstat(link)
	if err != nil {
		return "", false
	}
	if text, err := os.Readlink(link); err != nil || !strings.HasPrefix(text, "..data/") {
		return "", false
	}
	if stat, known := info.Sys().(*syscall.Stat_t); !known || stat.Uid != 0 {
		return "", false
	}
	if target, err = filepath.EvalSymlinks(link); err != nil {
		return "", false
	}
	inside, err := IsInside(target, filepath.Dir(link))
	return target, err == nil && inside
}

// isMounted reports whether a file is as Kubernetes leaves a secret for the group of a pod (fsGroup): root's, and
// nobody but that group may read it.
func isMounted(owner, group uint32, mode fs.FileMode, groups []int) bool {
	return owner == 0 && mode == 0o440 && slices.Contains(groups, int(group))
}

// IsInside reports whether the file at path lies in folder or below, with links on the way followed. Neither need
// exist; nothing is inside the folder "".
func IsInside(path, folder string) (bool, error) {
	if folder == "" {
		return false, nil
	}
	dir, err := resolve(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	if folder, err = resolve(folder); err != nil {
		return false, err
	}
	rel, err := filepath.Rel(folder, dir)
	if err != nil {
		return false, err
	}
	return filepath.IsLocal(rel), nil
}

// resolve returns the absolute path with links followed as far as it exists.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if parent := filepath.Dir(path); errors.Is(err, fs.ErrNotExist) && parent != path {
		if parent, err = resolve(parent); err != nil {
			return "", err
		}
		return filepath.Join(parent, filepath.Base(path)), nil
	}
	return real, err
}
