package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/chaveiro/chaveiro/internal/store"
)

// recorders has the *recorder of each *store.Store that this package opened.
var recorders sync.Map

// Statements returns the SQL statements that were sent to the database of s while fn ran, by any caller: through ent,
// in transactions, prepared. What begins and ends transactions and their parts is not among them. s comes from this
// package.
func Statements(t testing.TB, s *store.Store, fn func()) []string {
	t.Helper()
	return recorderOf(t, s).during(fn)
}

func recorderOf(t testing.TB, s *store.Store) *recorder {
	t.Helper()
	r, ok := recorders.Load(s)
	if !ok {
		t.Fatal("storetest: the Store does not come from here")
	}
	return r.(*recorder)
}

// recorder records the statements that pass through the connectors it wrapped, while recording is on.
type recorder struct {
	url   string
	first string // the first statement of each connection

	mu         sync.Mutex
	recording  int // how many calls of during run
	statements []string
}

func (r *recorder) during(fn func()) []string {
	r.mu.Lock()
	from := len(r.statements)
	r.recording++
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.recording--
	}()
	fn()
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.statements[from:]...)
}

func (r *recorder) record(query string) {
	switch word, _, _ := strings.Cut(query, " "); word {
	case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recording > 0 {
		r.statements = append(r.statements, query)
	}
}

func (r *recorder) wrap(c driver.Connector) driver.Connector { return recordingConnector{c, r} }

type recordingConnector struct {
	driver.Connector
	recorder *recorder
}

func (c recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full := conn.(fullConn)
	if c.recorder.first != "" {
		if _, err := full.ExecContext(ctx, c.recorder.first, nil); err != nil {
			return nil, errors.Join(err, full.Close())
		}
	}
	return recordingConn{full, c.recorder}, nil
}

// fullConn has the methods that the connections of both drivers have and database/sql looks for.
type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
}

type recordingConn struct {
	fullConn
	recorder *recorder
}

func (c recordingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.recorder.record(query)
	return c.fullConn.ExecContext(ctx, query, args)
}

func (c recordingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.recorder.record(query)
	return c.fullConn.QueryContext(ctx, query, args)
}

func (c recordingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return recordingStmt{stmt.(fullStmt), query, c.recorder}, nil
}

// CheckNamedValue and ResetSession belong to one driver only.

func (c recordingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.fullConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c recordingConn) ResetSession(ctx context.Context) error {
	if resetter, ok := c.fullConn.(driver.SessionResetter); ok {
		return resetter.ResetSession(ctx)
	}
	return nil
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type recordingStmt struct {
	fullStmt
	query    string
	recorder *recorder
}

func (s recordingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.recorder.record(s.query)
	return s.fullStmt.ExecContext(ctx, args)
}

func (s recordingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.recorder.record(s.query)
	return s.fullStmt.QueryContext(ctx, args)
}
