package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"entgo.io/ent/dialect"
)

// CheckWAL returns an error if the files show that the write-ahead log of a SQLite file, FILE-wal, was lost. SQLite
// does not notice that: it opens the file as it was before the changes in the log. It also makes a new log then, which
// hides the loss, so CheckWAL is called before the file is opened. It does not find a log that was lost together with
// its index, FILE-shm, while the database was not served. PostgreSQL is not checked.
func CheckWAL(databaseURL string) error {
	at, err := parseURL(databaseURL)
	if err != nil || at.dialect != dialect.SQLite {
		return err
	}
	before, err := findWAL(at)
	if err != nil {
		return err
	}
	if before.isWhole() {
		return checkWALHeader(at.path + "-wal")
	}
	// A server that starts or stops meanwhile makes or deletes the files: believe only what two looks show.
	after, err := findWAL(at)
	switch {
	case err != nil || after != before:
		return err
	case before.served != "":
		return fmt.Errorf("the database %s is served %s, and its file %s was deleted meanwhile: stop the portal in order "+
			"before anything else opens the database, so that it saves what it has", at, before.served, before.missing(at))
	default: // the index without its log
		return fmt.Errorf("%s is missing beside %[2]s: it was deleted, or not copied, and the last changes with it. Put it "+
			"back, or restore a backup; to go on without these changes, delete %[2]s", at.path+"-wal", at.path+"-shm")
	}
}

// walFiles says which files there are beside a SQLite file, and which process serves it.
type walFiles struct {
	served     string
	log, index bool
}

// isWhole reports whether nothing is missing. SQLite makes the log before its index, and deletes the index before the
// log. A server has both.
func (w walFiles) isWhole() bool { return w.log && w.index || !w.index && w.served == "" }

// missing names the file that is missing.
func (w walFiles) missing(at location) string {
	if !w.log {
		return at.path + "-wal"
	}
	return at.path + "-shm"
}

func findWAL(at location) (found walFiles, err error) {
	if found.index, err = isThere(at.path + "-shm"); err != nil {
		return found, err
	}
	if found.log, err = isThere(at.path + "-wal"); err != nil {
		return found, err
	}
	found.served, err = servedBy(at)
	return found, err
}

func isThere(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

const (
	walHeader = 32
	// walFrame is the least size of a frame: its header and the smallest page.
	walFrame = 24 + 512
	// walMagic is how a log begins; its last bit says in which order the words of its sums lie.
	walMagic = 0x377f0682
)

// checkWALHeader returns an error if a log has changes and a header that SQLite does not take for one: it would pass
// over the changes.
func checkWALHeader(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the write-ahead log: %w", err)
	}
	defer f.Close()
	head := make([]byte, walHeader+walFrame)
	if _, err := io.ReadFull(f, head); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil // there is no change in it
	} else if err != nil {
		return fmt.Errorf("look at the write-ahead log: %w", err)
	}
	if isWALHeader(head[:walHeader]) {
		return nil
	}
	return fmt.Errorf("%s is damaged, so that SQLite passes over the changes in it: restore a backup; to go on without "+
		"these changes, delete it and its -shm", path)
}

// isWALHeader reports whether the sums at the end of a header are those of what is before them.
func isWALHeader(head []byte) bool {
	magic := binary.BigEndian.Uint32(head)
	var order binary.ByteOrder = binary.LittleEndian
	if magic&1 == 1 {
		order = binary.BigEndian
	}
	var s0, s1 uint32
	for at := 0; at < walHeader-8; at += 8 {
		s0 += order.Uint32(head[at:]) + s1
		s1 += order.Uint32(head[at+4:]) + s0
	}
	return magic&^1 == walMagic && binary.BigEndian.Uint32(head[walHeader-8:]) == s0 &&
		binary.BigEndian.Uint32(head[walHeader-4:]) == s1
}
