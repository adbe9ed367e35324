package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

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
	t, c, ok := violationOf(err)
	return ok && t == table && slices.Equal(c, columns)
}

// violationOf returns the table and the columns of a unique index that err says was violated.
func violationOf(err error) (table string, columns []string, ok bool) {
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

// Cause says why the database cannot do its work now. Its values are labels of a metric.
type Cause string

// The causes.
const (
	// Gone: it cannot be reached, is starting or stopping, or its disk fails.
	Gone Cause = "gone"
	// Full: its disk has no room.
	Full Cause = "full"
	// ReadOnly: it takes no changes, as a standby.
	ReadOnly Cause = "read_only"
	// Crowded: other sessions have all of its locks or connections.
	Crowded Cause = "crowded"
	// Slow: it did not answer in time.
	Slow Cause = "slow"
	// Outdated: a newer program has migrated it, and this one must not write.
	Outdated Cause = "outdated"
)

// Causes are all causes.
var Causes = [...]Cause{Gone, Full, ReadOnly, Crowded, Slow, Outdated}

// IsUnavailable reports whether err says that the database can do no work now: see CauseOf. The caller may try again
// later.
func IsUnavailable(err error) bool { return CauseOf(err) != "" }

// CannotSave reports whether err says that the database takes no changes now, though it may be read: it is full or
// read-only.
func CannotSave(err error) bool {
	cause := CauseOf(err)
	return cause == Full || cause == ReadOnly
}

// CauseOf returns why the database cannot do its work now, or "" if err says nothing of that kind. It alone decides
// that, for every error that a Store, Open or Migrate returns. A caller that is gone (context.Canceled) is no such
// cause. Nor is an error that waiting does not mend: see IsMisfit.
func CauseOf(err error) Cause {
	if err == nil || errors.Is(err, context.Canceled) || IsMisfit(err) {
		return ""
	}
	if errors.Is(err, ErrOutdated) {
		return Outdated
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return causeOfSQLite(e)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return causeOfState(e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return Gone
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Slow
	}
	if isLost(err) || errors.Is(err, sql.ErrConnDone) || pgconn.SafeToRetry(err) {
		return Gone
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return Gone
	}
	return ""
}

func causeOfSQLite(e sqlite3.Error) Cause {
	switch e.SystemErrno {
	case syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG: // of files beside the database, such as -shm
		return Full
	}
	switch e.Code {
	case sqlite3.ErrFull:
		return Full
	case sqlite3.ErrReadonly:
		return ReadOnly
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol:
		return Crowded
	case sqlite3.ErrIoErr, sqlite3.ErrCantOpen, sqlite3.ErrNomem:
		return Gone
	}
	return ""
}

// causeOfState returns the cause of a SQLSTATE, by the state itself or else by its class.
func causeOfState(code string) Cause {
	switch code {
	case "53100": // disk_full
		return Full
	case "25006": // read_only_sql_transaction: a standby
		return ReadOnly
	case "57014", "25P03", "25P04": // query_canceled and the ends of a transaction by a time limit
		return Slow
	case "55P03": // lock_not_available
		return Crowded
	}
	switch code[:2] {
	case "08", "57", "58": // connection, operator intervention, system error
		return Gone
	case "53": // resources: memory, connections
		return Crowded
	}
	return ""
}

// isLost reports whether err says that a connection has ended, or that the server ended it. The server may still have
// executed the last statement.
func isLost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.SeverityUnlocalized == "FATAL" || e.SeverityUnlocalized == "PANIC"
	}
	for _, end := range []error{
		driver.ErrBadConn, pgconn.ErrConnClosed, io.EOF, io.ErrUnexpectedEOF,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ETIMEDOUT,
	} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// MisfitError says in one sentence why a database is not one that this program can use, and what to do.
type MisfitError struct{ sentence string }

// Error returns the sentence.
func (e *MisfitError) Error() string { return e.sentence }

func misfit(format string, args ...any) error {
	return &MisfitError{fmt.Sprintf(format, args...)}
}

// IsMisfit reports whether waiting does not mend err: the URL cannot be read, the password is refused, there is no such
// database, its certificate is not trusted, or it is not a database for this program.
func IsMisfit(err error) bool {
	if _, ok := errors.AsType[*MisfitError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return e.Code == sqlite3.ErrNotADB || e.Code == sqlite3.ErrCorrupt
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	// authorization, no such database, no privilege
	return ok && (e.Code[:2] == "28" || e.Code == "3D000" || e.Code == "42501")
}

// isConflict reports whether a transaction failed only because of a concurrent one.
func isConflict(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == serializationFailure || e.Code == deadlockDetected)
}
