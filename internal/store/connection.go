package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// times bound the waits for PostgreSQL, so that a silent server or network blocks nothing for long, and for others.
type times struct {
	// write bounds a transaction whose context has no deadline, with all its attempts.
	write time.Duration
	// group is after how long a group takes no more members: the first one waits for all of them.
	group time.Duration
	// statement bounds a statement outside a transaction whose context has no deadline.
	statement time.Duration
	// idle is how long an unused connection is trusted; after that it is pinged before its next use.
	idle time.Duration
	// ping bounds the answer to that ping.
	ping time.Duration
	// slow is from how long a statement has a line in the log.
	slow time.Duration
}

var defaultTimes = times{
	write: 20 * time.Second, group: 10 * time.Millisecond, statement: 20 * time.Second, idle: time.Second,
	ping: time.Second, slow: time.Second,
}

// steadyConnector opens the connections of a pool to PostgreSQL and watches over them. It alone decides which statement
// is repeated after a connection was lost:
//
//   - a read outside a transaction, and BEGIN: always, because they change nothing;
//   - any other statement: only if it was certainly not sent.
//
// database/sql repeats the statement: for it driver.ErrBadConn means "try another connection, and at last a new one". A
// statement that cannot be repeated returns its error, which IsUnavailable knows. Write repeats whole transactions.
type steadyConnector struct {
	driver.Connector
	times  times
	losses *losses
	slow   *slowLog
}

func newSteadyConnector(c driver.Connector, t times, slow *slowLog) steadyConnector {
	return steadyConnector{Connector: c, times: t, losses: &losses{}, slow: slow}
}

// Connect opens a connection.
func (c steadyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &steadyConn{
		Conn: conn.(*stdlib.Conn), times: c.times, losses: c.losses, slow: c.slow, made: now, trusted: now,
	}, nil
}

// losses is what the connections of a pool share: when one is lost, others often are too, without an error.
type losses struct {
	mu       sync.Mutex
	suspects time.Time // a connection last trusted before this time is pinged before it is used
	dead     time.Time // a connection made before this time is not used any more
}

// lost notes that a connection was lost.
func (l *losses) lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspects = time.Now()
}

// silent notes that a ping was not answered: the network or the server has forgotten the older connections.
func (l *losses) silent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = time.Now()
}

// judge returns whether a connection is dead, and whether it is to be pinged.
func (l *losses) judge(made, trusted time.Time) (dead, suspect bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return made.Before(l.dead), trusted.Before(l.suspects)
}

// steadyConn is a connection to PostgreSQL. database/sql uses it from one goroutine at a time.
type steadyConn struct {
	*stdlib.Conn
	times         times
	losses        *losses
	slow          *slowLog
	made, trusted time.Time
	inTransaction bool
}

// repeatable turns the error of a statement that may be repeated, on a connection that is lost, into
// driver.ErrBadConn. Every other error stays as it is.
func (c *steadyConn) repeatable(ctx context.Context, err error, changesNothing bool) error {
	if err == nil || !c.Conn.Conn().IsClosed() {
		return err
	}
	c.losses.lost()
	if changesNothing && ctx.Err() == nil {
		return driver.ErrBadConn
	}
	return err
}

// withDeadline returns a context with a deadline, unless ctx needs none: it then returns ctx and a nil function.
func (c *steadyConn) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if !isUnbounded(ctx) {
		return ctx, nil
	}
	return context.WithTimeout(ctx, c.times.statement)
}

// QueryContext implements driver.QueryerContext.
func (c *steadyConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	return query(ctx, func(ctx context.Context) (driver.Rows, error) { return c.query(ctx, text, args) })
}

func (c *steadyConn) query(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.slow.note(ctx, text, time.Now())
	ctx, cancel := c.withDeadline(ctx)
	rows, err := c.Conn.QueryContext(ctx, text, args)
	if err != nil {
		err = c.repeatable(ctx, err, !c.inTransaction && isRead(text))
	}
	switch {
	case cancel == nil:
		return rows, err
	case err != nil:
		cancel()
		return nil, err
	}
	return boundedRows{rows.(*stdlib.Rows), cancel}, nil
}

// ExecContext implements driver.ExecerContext.
func (c *steadyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.slow.note(ctx, query, time.Now())
	ctx, cancel := c.withDeadline(ctx)
	if cancel != nil {
		defer cancel()
	}
	result, err := c.Conn.ExecContext(ctx, query, args)
	return result, c.repeatable(ctx, err, false)
}

// PrepareContext implements driver.ConnPrepareContext. It sends nothing: pgx caches the statements of a connection by
// their text, which also works where a pooler gives each transaction another session.
func (c *steadyConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return steadyStatement{c, query}, nil
}

// BeginTx implements driver.ConnBeginTx.
func (c *steadyConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, o)
	if err != nil {
		return nil, c.repeatable(ctx, err, true)
	}
	c.inTransaction = true
	return steadyTransaction{tx, c}, nil
}

// ResetSession implements driver.SessionResetter: it is called before a connection is used again. It pings a connection
// that has been idle, or is suspect because another was lost.
func (c *steadyConn) ResetSession(ctx context.Context) error {
	dead, suspect := c.losses.judge(c.made, c.trusted)
	if dead || c.Conn.Conn().IsClosed() || c.Conn.Conn().PgConn().TxStatus() != 'I' {
		return driver.ErrBadConn
	}
	now := time.Now()
	if suspect || now.Sub(c.trusted) > c.times.idle {
		bounded, cancel := context.WithTimeout(ctx, c.times.ping)
		defer cancel()
		if err := c.Conn.Conn().Ping(bounded); err != nil {
			if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
				c.losses.silent()
			}
			return driver.ErrBadConn
		}
	}
	c.trusted = now
	return nil
}

// isRead reports whether a statement changes nothing.
func isRead(query string) bool {
	word, rest, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch strings.ToUpper(word) {
	case "SELECT", "SHOW":
		return true
	case "WITH": // its parts may be changes
		rest = strings.ToUpper(rest)
		return !strings.Contains(rest, "INSERT") && !strings.Contains(rest, "UPDATE") && !strings.Contains(rest, "DELETE")
	}
	return false
}

// boundedRows cancel the deadline of their query when they are closed.
type boundedRows struct {
	*stdlib.Rows
	cancel context.CancelFunc
}

// Close implements driver.Rows.
func (r boundedRows) Close() error {
	defer r.cancel()
	return r.Rows.Close()
}

// steadyTransaction is a transaction of a steadyConn.
type steadyTransaction struct {
	driver.Tx
	conn *steadyConn
}

// Commit implements driver.Tx.
func (t steadyTransaction) Commit() error { return t.end(t.Tx.Commit) }

// Rollback implements driver.Tx.
func (t steadyTransaction) Rollback() error { return t.end(t.Tx.Rollback) }

func (t steadyTransaction) end(end func() error) error {
	defer t.conn.slow.note(context.Background(), "the end of a transaction", time.Now())
	t.conn.inTransaction = false
	err := end()
	if err != nil && t.conn.Conn.Conn().IsClosed() {
		t.conn.losses.lost()
	}
	return err
}

// steadyStatement is the text of a prepared statement.
type steadyStatement struct {
	conn  *steadyConn
	query string
}

// Close implements driver.Stmt.
func (s steadyStatement) Close() error { return nil }

// NumInput implements driver.Stmt: the number of arguments is not known here.
func (s steadyStatement) NumInput() int { return -1 }

var errNeedsContext = errors.New("store: a prepared statement needs a context")

// Exec implements driver.Stmt; it is never called.
func (s steadyStatement) Exec([]driver.Value) (driver.Result, error) { return nil, errNeedsContext }

// Query implements driver.Stmt; it is never called.
func (s steadyStatement) Query([]driver.Value) (driver.Rows, error) { return nil, errNeedsContext }

// ExecContext implements driver.StmtExecContext.
func (s steadyStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

// QueryContext implements driver.StmtQueryContext.
func (s steadyStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}
