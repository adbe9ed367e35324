package store

import (
	"context"
	"database/sql/driver"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/mattn/go-sqlite3"
)

// reading is the context of one read. While the read waits for a connection it ends like any other context. Once a
// connection runs the statement, only the driver still follows the end of the context, and interrupts the statement. A
// context that database/sql could follow too would cost a goroutine for each statement.
type reading struct {
	context.Context
	taken bool // only the goroutine of the read sets and reads it
}

// Reading returns a context for one raw read of DB, cheaper than ctx itself. As always its rows must be read or closed
// at once: when ctx ends, their next row is an error, but nothing closes them.
func Reading(ctx context.Context) context.Context { return &reading{Context: ctx} }

// Done implements context.Context.
func (r *reading) Done() <-chan struct{} {
	if r.taken {
		return nil
	}
	return r.Context.Done()
}

// query runs the query of a driver under the context that a reading hides.
func query(ctx context.Context, run func(context.Context) (driver.Rows, error)) (driver.Rows, error) {
	r, ok := ctx.(*reading)
	if !ok {
		return run(ctx)
	}
	rows, err := run(r.Context)
	r.taken = err == nil // otherwise database/sql may wait for another connection
	return rows, err
}

// readingConn is a connection to SQLite for reads.
type readingConn struct {
	*sqlite3.SQLiteConn
	slow *slowLog
}

// QueryContext implements driver.QueryerContext.
func (c readingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	return query(ctx, func(ctx context.Context) (driver.Rows, error) {
		defer c.slow.note(ctx, text, time.Now())
		return c.SQLiteConn.QueryContext(ctx, text, args)
	})
}

// readingConnector opens connections to SQLite for reads.
type readingConnector struct {
	*sqliteConnector
	slow *slowLog
}

// Connect implements driver.Connector.
func (c readingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.sqliteConnector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return readingConn{conn.(*sqlite3.SQLiteConn), c.slow}, nil
}

// readerDriver is the driver of the client that Reader returns.
type readerDriver struct{ *entsql.Driver }

// Query implements dialect.ExecQuerier.
func (d readerDriver) Query(ctx context.Context, text string, args, rows any) error {
	return d.Driver.Query(Reading(ctx), text, args, rows)
}
