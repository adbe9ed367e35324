package store_test

import (
	"path/filepath"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestADatabaseOfAnotherEncodingIsFound(t *testing.T) {
	t.Parallel()
	latin := storetest.EmptyPostgres(t, "ENCODING 'LATIN1' LOCALE 'C'")
	wide := "sqlite:" + filepath.Join(t.TempDir(), "wide.db")
	do(t, openRaw(t, wide), "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (x text)")
	if err := store.Migrate(t.Context(), wide, discard); !store.IsMisfit(err) || !contains(err, "UTF-16le") {
		t.Errorf("the migration: %v", err)
	}
	for name, c := range map[string]struct{ url, says string }{
		"LATIN1": {latin, "LATIN1"},
		"UTF-16": {wide, "UTF-16le"},
		"a session of another encoding": {as(t, storetest.MigratedPostgres(t), "", "client_encoding", "LATIN1"),
			"client_encoding is LATIN1"},
	} {
		if err := openWith(t, c.url).CheckEncoding(t.Context()); !contains(err, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.CheckEncoding(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestACollationThatHasChangedSinceTheDatabaseWasMadeIsFound(t *testing.T) {
	t.Parallel()
	s := openWith(t, storetest.MigratedPostgres(t))
	must.Do(t, s.CheckCollation(t.Context()))
	var version int
	must.Do(t, s.DB().QueryRowContext(t.Context(), "SHOW server_version_num").Scan(&version))
	if version < 150000 {
		t.Skip("a server before 15 does not know the version of its collation")
	}
	write(t, s, "UPDATE pg_database SET datcollversion = '0.1' WHERE datname = current_database()")
	if err := s.CheckCollation(t.Context()); !contains(err, "0.1", "REINDEX DATABASE") {
		t.Errorf("%v", err)
	}
}
