package store_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/store"
)

// Proves: 9.2
func TestNoPartOfAPasswordIsInTheErrorOfADatabaseURL(t *testing.T) {
	t.Parallel()
	for _, databaseURL := range []string{
		"postgres://user:first@rest@127.0.0.1:1/db",
		"postgres://user:first@rest@/db",
		"postgres://user:first/rest@127.0.0.1:1/db",
		"postgres://user:first?rest@127.0.0.1:1/db",
		"postgres://user:first#rest@127.0.0.1:1/db",
		"postgres://user:first%rest@127.0.0.1:1/db",
		"postgres://user:first rest@127.0.0.1:1/db",
		"postgres://user:first:rest@127.0.0.1:1/db",
		"user:first@rest@127.0.0.1/db",
	} {
		s, err := store.Open(t.Context(), databaseURL, slog.New(slog.DiscardHandler))
		if err == nil {
			_ = s.Close()
			t.Fatalf("%s is opened", databaseURL)
		}
		if said := err.Error(); strings.Contains(said, "first") || strings.Contains(said, "rest") {
			t.Errorf("%s: %s", databaseURL, said)
		}
	}
}

func TestAPostgreSQLThatOthersCouldReadIsWarnedOf(t *testing.T) {
	t.Parallel()
	for databaseURL, want := range map[string]bool{
		"postgres://u:p@127.0.0.1:1/db":                                             false,
		"postgres://u:p@[::1]:1/db":                                                 false,
		"postgres://u:p@localhost:1/db":                                             false,
		"postgres:///db?host=/nonexistent":                                          false,
		"postgres://u:p@192.0.2.1:1/db?connect_timeout=1":                           true,
		"postgres://u:p@192.0.2.1:1/db?connect_timeout=1&sslmode=disable":           true,
		"postgres://u:p@192.0.2.1:1/db?connect_timeout=1&sslmode=require":           true,
		"postgres://u:p@192.0.2.1:1/db?connect_timeout=1&sslmode=verify-full":       false,
		"postgres://u:p@127.0.0.1:1,192.0.2.1:1/db?connect_timeout=1&sslmode=allow": true,
	} {
		if got := store.IsExposed(t, databaseURL); got != want {
			t.Errorf("%s is warned of: %t", databaseURL, got)
		}
	}
	var log bytes.Buffer
	_, err := store.Open(t.Context(), "postgres://u:secret@nowhere.invalid:1/db?connect_timeout=1",
		slog.New(slog.NewTextHandler(&log, nil)))
	if said := log.String(); err == nil || !strings.Contains(said, "sslmode=verify-full") ||
		strings.Contains(said, "secret") {
		t.Errorf("the log says %q", said)
	}
}
