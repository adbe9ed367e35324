package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"
)

// servingSuffix is added to the path of a SQLite file for the name of the file that its server locks.
const servingSuffix = ".serving"

// Serve makes this process the one that serves the database at databaseURL, until it calls release or ends. A second
// server on one SQLite file would not see the changes of the first, such as a revoked key: it gets an error that names
// the first. PostgreSQL may have many servers.
func Serve(databaseURL string) (release func(), err error) {
	at, err := parseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	if at.dialect != dialect.SQLite {
		return func() {}, nil
	}
	f, err := os.OpenFile(at.path+servingSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database for this server: %w", err)
	}
	locked, err := lockToServe(f)
	if err == nil && !locked {
		err = fmt.Errorf("the database %s is served already, %s: stop that first. Several servers at once need PostgreSQL",
			at, nameServer(f))
	}
	if err == nil {
		err = writeServer(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // which releases the lock, as does the end of the process
}

// lookTime bounds how long a server waits for those who only look whether there is one: each has the lock for a moment.
const lookTime = time.Second

// lockToServe locks the file for this process alone; false when another process serves.
func lockToServe(f *os.File) (bool, error) {
	for end := time.Now().Add(lookTime); ; time.Sleep(time.Millisecond) {
		locked, err := TryLockFile(f)
		if locked || err != nil || time.Now().After(end) {
			return locked, err
		}
	}
}

// writeServer notes which process has the lock.
func writeServer(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return err
}

// nameServer says which process has noted that it has the lock.
func nameServer(f *os.File) string {
	noted, err := io.ReadAll(io.NewSectionReader(f, 0, 20))
	if process := strings.TrimSpace(string(noted)); err == nil && process != "" {
		return "by process " + process
	}
	return "by another process"
}

// ServedBy says which process serves the SQLite file at databaseURL, such as "by process 12"; "" when none does, and
// for PostgreSQL.
func ServedBy(databaseURL string) (string, error) {
	at, err := parseURL(databaseURL)
	if err != nil || at.dialect != dialect.SQLite {
		return "", err
	}
	return servedBy(at)
}

func servedBy(at location) (string, error) {
	f, err := os.Open(at.path + servingSuffix)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a server of the database: %w", err)
	}
	defer f.Close()
	free, err := tryLockFileToLook(f)
	if err != nil || free {
		return "", err
	}
	return nameServer(f), nil
}
