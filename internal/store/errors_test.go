package store_test

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestEveryWayInWhichADatabaseIsUnavailableHasItsCause(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want store.Cause
	}{
		"nil":                {nil, ""},
		"any error":          {errors.New("other"), ""},
		"the caller is gone": {context.Canceled, ""},
		"a deadline":         {context.DeadlineExceeded, store.Slow},
		"conn closed":        {pgconn.ErrConnClosed, store.Gone},
		"EOF":                {io.EOF, store.Gone},
		"unexpected EOF":     {io.ErrUnexpectedEOF, store.Gone},
		"connection reset": {&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
			store.Gone},
		"broken pipe": {&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)},
			store.Gone},
		"no name":                      {&net.DNSError{Err: "no such host", IsNotFound: true}, store.Gone},
		"bad connection":               {driver.ErrBadConn, store.Gone},
		"connection done":              {sql.ErrConnDone, store.Gone},
		"terminated":                   {&pgconn.PgError{Code: "57P01", SeverityUnlocalized: "FATAL"}, store.Gone},
		"starting":                     {&pgconn.PgError{Code: "57P03"}, store.Gone},
		"an error of the disk":         {&pgconn.PgError{Code: "58030"}, store.Gone},
		"the pooler cannot connect":    {&pgconn.PgError{Code: "08P01"}, store.Gone},
		"too many clients":             {&pgconn.PgError{Code: "53300"}, store.Crowded},
		"a lock that was not waited":   {&pgconn.PgError{Code: "55P03"}, store.Crowded},
		"the disk of PostgreSQL":       {&pgconn.PgError{Code: "53100"}, store.Full},
		"a standby":                    {&pgconn.PgError{Code: "25006"}, store.ReadOnly},
		"a statement that took long":   {&pgconn.PgError{Code: "57014"}, store.Slow},
		"an idle transaction":          {&pgconn.PgError{Code: "25P03"}, store.Slow},
		"a password":                   {&pgconn.PgError{Code: "28P01"}, ""},
		"no database":                  {&pgconn.PgError{Code: "3D000"}, ""},
		"a statement that is wrong":    {&pgconn.PgError{Code: "42601"}, ""},
		"a unique violation":           {&pgconn.PgError{Code: "23505"}, ""},
		"a certificate":                {&tls.CertificateVerificationError{Err: errors.New("unknown authority")}, ""},
		"the disk of SQLite":           {sqlite3.Error{Code: sqlite3.ErrFull}, store.Full},
		"a file that may not grow":     {sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.EFBIG}, store.Full},
		"no room for the index":        {sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.ENOSPC}, store.Full},
		"an error of SQLite's disk":    {sqlite3.Error{Code: sqlite3.ErrIoErr}, store.Gone},
		"a file that cannot be opened": {sqlite3.Error{Code: sqlite3.ErrCantOpen}, store.Gone},
		"a read-only file":             {sqlite3.Error{Code: sqlite3.ErrReadonly}, store.ReadOnly},
		"another process writes":       {sqlite3.Error{Code: sqlite3.ErrBusy}, store.Crowded},
		"a locked table":               {sqlite3.Error{Code: sqlite3.ErrLocked}, store.Crowded},
		"a damaged file":               {sqlite3.Error{Code: sqlite3.ErrCorrupt}, ""},
		"no SQLite file":               {sqlite3.Error{Code: sqlite3.ErrNotADB}, ""},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("save: %w", err)
		}
		if got := store.CauseOf(err); got != c.want || store.IsUnavailable(err) != (c.want != "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if store.IsMisfit(err) && store.IsUnavailable(err) {
			t.Errorf("%s: waiting helps and does not help", name)
		}
	}
}

func TestAnErrorThatWaitingDoesNotMendIsAMisfit(t *testing.T) {
	t.Parallel()
	noSQLite := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(noSQLite, []byte("this is a text and no database, of more than a hundred bytes, "+
		"so that SQLite reads all of its header and finds that out"), 0o600); err != nil {
		t.Fatal(err)
	}
	databaseURL := storetest.MigratedPostgres(t)
	for name, at := range map[string]string{
		"no URL":      "mysql://u@localhost/c",
		"no path":     "sqlite:",
		"no SQLite":   "sqlite:" + noSQLite,
		"no database": clusterOf(t, databaseURL, "nowhere"),
	} {
		_, err := store.Open(t.Context(), at, slog.New(slog.DiscardHandler))
		if !store.IsMisfit(err) || store.IsUnavailable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := store.Open(t.Context(), "postgres://u@127.0.0.1:1/c", slog.New(slog.DiscardHandler))
	if store.IsMisfit(err) || !store.IsUnavailable(err) {
		t.Errorf("no server: %v", err)
	}
}

func TestADatabaseThatCannotKeepEveryNameIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"SQL_ASCII", "LATIN1"} {
		databaseURL := storetest.EmptyPostgres(t, "ENCODING '"+encoding+"' LOCALE 'C'")
		err := store.Migrate(t.Context(), databaseURL, slog.New(slog.DiscardHandler))
		if !store.IsMisfit(err) || !contains(err, encoding, "ENCODING 'UTF8'") {
			t.Errorf("%s: %v", encoding, err)
		}
		if empty, err := store.IsEmpty(t.Context(), databaseURL); err != nil || !empty {
			t.Errorf("%s: something was made in it (%v)", encoding, err)
		}
	}
}
