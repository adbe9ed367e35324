package backup

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openNameless makes a file without a name in a folder. It returns an error where the file system has none such.
func openNameless(folder string) (*os.File, error) {
	fd, err := unix.Open(folder, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: folder, Err: err}
	}
	return os.NewFile(uintptr(fd), folder), nil
}

// nameFile gives a nameless file its name. It replaces nothing.
func nameFile(file *os.File, name string) error {
	open := "/proc/self/fd/" + strconv.Itoa(int(file.Fd()))
	if err := unix.Linkat(unix.AT_FDCWD, open, unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW); err != nil {
		return &os.LinkError{Op: "link", Old: open, New: name, Err: err}
	}
	return nil
}
