package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// SQLSTATEs of PostgreSQL.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// IsUniqueViolation reports whether err says that a row with the same values in these columns of the table exists.
func IsUniqueViolation(err error, table string, columns ...string) bool {
	t, c, ok := violated(err)
	return ok && t == table && slices.Equal(c, columns)
}

// violated returns the table and the columns of a unique index that err says was violated.
func violated(err error) (table string, columns []string, ok bool) {
	if e, is := errors.AsType[sqlite3.Error](err); is {
		if e.ExtendedCode != sqlite3.ErrConstraintUnique && e.ExtendedCode != sqlite3.ErrConstraintPrimaryKey {
			return "", nil, false
		}
		// UNIQUE constraint failed: clients.document, clients.id
		_, list, _ := strings.Cut(e.Error(), ": ")
		for _, name := range strings.Split(list, ", ") {
			t, column, _ := strings.Cut(name, ".")
			table, columns = t, append(columns, column)
		}
		return table, columns, true
	}
	if e, is := errors.AsType[*pgconn.PgError](err); is && e.Code == uniqueViolation {
		// Key (document, id)=(...) already exists. The words are in the server's language.
		_, list, _ := strings.Cut(e.Detail, "(")
		list, _, _ = strings.Cut(list, ")=(")
		return e.TableName, strings.Split(list, ", "), true
	}
	return "", nil, false
}

// IsUnavailable reports whether err says that the database cannot do its work now, whatever it is asked: it is gone,
// full, read-only or busy for too long. The caller may try again later.
func IsUnavailable(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		switch e.Code {
		case sqlite3.ErrBusy, sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrNomem:
			return true
		}
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code[:2] {
		case "08", "53", "57": // connection, resources, operator intervention
			return true
		}
		return e.Code == "25006" // read-only: a standby
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[net.Error](err) // also a deadline
	return ok || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isConflict reports whether a transaction failed only because of another that ran at the same time.
func isConflict(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == serializationFailure || e.Code == deadlockDetected)
}
