package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// DefaultConnections caps the connections of one instance to PostgreSQL, unless it is set otherwise. PostgreSQL's own
// default is 100 for all.
const DefaultConnections = 16

// The kernel's limits for a silent connection: it gives up when sent data is unacknowledged for silence, and probes an
// idle connection after keepAlive.
const (
	silence   = 10 * time.Second
	keepAlive = 10 * time.Second
	// connectTime bounds an attempt to connect to one address, unless the URL does.
	connectTime = 5 * time.Second
)

// The server's limits for a session whose client has vanished in the middle of its work: it ends the statement or the
// transaction, and so releases its locks. No work of the portal takes that long, but for migrations and dumps, which
// have connections of their own.
const (
	statementLimit   = 2 * time.Minute
	idleInWriteLimit = 10 * time.Second
)

func openPostgres(ctx context.Context, at, direct location, slow *slowLog, o options) (*sql.DB, error) {
	if err := checkSessions(ctx, at, direct); err != nil {
		return nil, err
	}
	config := at.config.Copy()
	if direct != at {
		// Each transaction may have another session: no statement may be cached by name, and no setting be made at
		// connecting.
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	} else {
		limit(config, "statement_timeout", statementLimit)
		limit(config, "idle_in_transaction_session_timeout", idleInWriteLimit)
	}
	connector := stdlib.GetConnector(*config, stdlib.OptionAfterConnect(readUTC))
	db := sql.OpenDB(o.wrap(newSteadyConnector(connector, o.times, slow)))
	n := o.connections
	if n == 0 {
		n = DefaultConnections
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour) // so that a new address of the host name is used
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// analyze lets PostgreSQL count what is in the tables. It does so itself, but a minute after many rows came; until then
// it plans as if the tables were small, and a list takes a hundred times as long.
func analyze(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("analyze the database: %w", err)
	}
	return nil
}

// limit sets a time limit of a session, unless the URL sets it.
func limit(config *pgx.ConnConfig, name string, after time.Duration) {
	if _, set := config.RuntimeParams[name]; !set {
		config.RuntimeParams[name] = strconv.FormatInt(after.Milliseconds(), 10)
	}
}

// boundSilence bounds the wait of a connection for a server or a network that has fallen silent.
func boundSilence(config *pgx.ConnConfig) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	dialer := &net.Dialer{
		Timeout:         config.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: silence / 4, Count: 4},
		Control: func(network, _ string, conn syscall.RawConn) error {
			return limitSilence(network, conn, silence)
		},
	}
	config.DialFunc = dialer.DialContext
}

// readUTC makes a connection return times in UTC, as SQLite does, and not in the machine's zone.
func readUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
