package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// served returns a store on a file that this process serves, with one client whose row is in the write-ahead log alone.
func served(t *testing.T) (s *store.Store, path string, release func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "test.db")
	must.Do(t, store.Migrate(t.Context(), "sqlite:"+path, discard))
	s, err := store.Open(t.Context(), "sqlite:"+path, discard)
	must.Do(t, err)
	s.Keep(storetest.AuditKeys{})
	release, err = store.Serve("sqlite:" + path)
	must.Do(t, err)
	mustWrite(t, s, addClient("1"))
	return s, path, release
}

// copied copies some files of a database, by the ends of their names, as a person does who knows no better.
func copied(t *testing.T, from string, ends ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "copy.db")
	for _, end := range ends {
		content, err := os.ReadFile(from + end)
		must.Do(t, err)
		must.Do(t, os.WriteFile(path+end, content, 0o600))
	}
	return path
}

// clientsIn opens a file and counts its clients.
func clientsIn(t *testing.T, path string) int {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+path, discard)
	must.Do(t, err)
	defer s.Close()
	return countClients(t, s)
}

func TestALostWriteAheadLogIsFoundBeforeTheFileIsOpened(t *testing.T) {
	t.Parallel()
	s, path, release := served(t)
	defer func() { release(); must.Do(t, s.Close()) }()
	damaged := copied(t, path, "", "-wal")
	log, err := os.OpenFile(damaged+"-wal", os.O_RDWR, 0)
	must.Do(t, err)
	_, err = log.WriteAt([]byte{0xff}, 9)
	must.Do(t, err)
	must.Do(t, log.Close())
	empty := copied(t, path, "")
	must.Do(t, os.WriteFile(empty+"-wal", nil, 0o600))

	for name, c := range map[string]struct {
		path, says string
		clients    int
	}{
		"the log alone is missing":                {copied(t, path, "", "-shm"), "-wal is missing", 0},
		"a damaged log":                           {damaged, "is damaged", 0},
		"all files":                               {copied(t, path, "", "-wal", "-shm"), "", 1},
		"the index alone missing":                 {copied(t, path, "", "-wal"), "", 1},
		"an empty log":                            {empty, "", 0},
		"only the file, as after an orderly stop": {copied(t, path, ""), "", 0},
	} {
		err := store.CheckWAL("sqlite:" + c.path)
		if c.says == "" && err != nil || c.says != "" && !contains(err, c.says, c.path) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if n := clientsIn(t, c.path); n != c.clients {
			t.Errorf("%s: SQLite finds %d clients, want %d", name, n, c.clients)
		}
		if err := store.CheckWAL("sqlite:" + c.path); err != nil {
			t.Errorf("%s, once it was opened: %v", name, err)
		}
	}
	if err := store.CheckWAL("postgres://u@localhost:1/c"); err != nil {
		t.Errorf("PostgreSQL: %v", err)
	}
}

func TestALogThatWasDeletedUnderTheServerIsFoundAndItsStopSavesAll(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"-wal"}, {"-shm"}, {"-wal", "-shm"}} {
		s, path, release := served(t)
		if err := store.CheckWAL("sqlite:" + path); err != nil {
			t.Errorf("as it should be: %v", err)
		}
		for _, name := range names {
			must.Do(t, os.Remove(path+name))
		}
		if err := store.CheckWAL("sqlite:" + path); !contains(err, "is served by process", path+names[0],
			"stop the portal") {
			t.Errorf("without %s: %v", names, err)
		}
		mustWrite(t, s, addClient("2")) // it notices nothing
		release()
		must.Do(t, s.Close())
		if err := store.CheckWAL("sqlite:" + path); err != nil {
			t.Errorf("without %s, after the stop: %v", names, err)
		}
		if n := clientsIn(t, path); n != 2 {
			t.Errorf("without %s, the stop saved %d clients of 2", names, n)
		}
	}
}
