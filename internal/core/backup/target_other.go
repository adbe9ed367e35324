//go:build !linux

package backup

import (
	"errors"
	"os"
)

// openNameless returns an error, as this kernel gives no name to a file that is open.
func openNameless(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func nameFile(*os.File, string) error { return errors.ErrUnsupported }
