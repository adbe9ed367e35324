package spool

import (
	"errors"
	"syscall"
)

// isFull reports whether there was no room on the disk.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
