package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestTheSizeIsThatOfTheDatabaseAndOfEachTable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			for _, id := range []string{"a", "b", "c"} {
				tx.Throttle.Create().SetID(id).SetSince(time.Now()).SetExpiresAt(time.Now()).ExecX(ctx)
			}
			_, err := store.Exec(ctx, "ANALYZE")
			return err
		})
		size, err := s.Size(t.Context())
		must.Do(t, err)
		if size.Bytes < 100_000 || size.Bytes > 100_000_000 {
			t.Errorf("the database has %d bytes", size.Bytes)
		}
		if size.Rows["throttles"] != 3 {
			t.Errorf("throttles has %d rows, want 3", size.Rows["throttles"])
		}
		for _, table := range tables.Tables {
			if _, measured := size.Rows[table.Name]; !measured {
				t.Errorf("%s is not measured", table.Name)
			}
		}
		for table := range maps.Keys(size.Rows) {
			if strings.HasPrefix(table, "sqlite_") || strings.Contains(table, "_search") {
				t.Errorf("%s is measured", table)
			}
		}
	})
}

func TestASlowStatementHasALineWithoutItsValuesAndAFloodOfThemOne(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		must.Do(t, store.Migrate(t.Context(), url, slog.New(slog.DiscardHandler)))
		s, err := store.Open(t.Context(), url, logger, store.SlowAfter(0))
		must.Do(t, err)
		defer func() { must.Do(t, s.Close()) }()
		for range 5 {
			_, err := s.Reader().Throttle.Query().All(asSystem(t))
			must.Do(t, err)
		}
		if n := strings.Count(log.String(), "a statement was slow"); n != 1 {
			t.Errorf("%d lines, want 1:\n%s", n, log.String())
		}
	})
}
