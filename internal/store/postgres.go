package store

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// DefaultConnections is how many connections one instance opens to PostgreSQL at most, unless it is told otherwise.
// PostgreSQL's own default is 100 for all.
const DefaultConnections = 16

// What the kernel does with a silent connection: it gives up what is unacknowledged for silence, and asks a connection
// on which nothing is sent from keepAlive on.
const (
	silence   = 10 * time.Second
	keepAlive = 10 * time.Second
	// connectTime bounds an attempt to connect to one address, unless the URL does.
	connectTime = 5 * time.Second
)

// What the server does with a session whose client has vanished in the middle of its work: it ends the statement or the
// transaction, and so gives back its locks. Nothing that the portal asks takes that long; what may, migrations and
// dumps, has connections of its own.
const (
	statementLimit   = 2 * time.Minute
	idleInWriteLimit = 10 * time.Second
)

func openPostgres(ctx context.Context, at, direct location, o options) (*sql.DB, error) {
	if err := checkSessions(ctx, at, direct); err != nil {
		return nil, err
	}
	config := at.config.Copy()
	if direct != at {
		// Each transaction may have another session: no statement may be kept by name, and no setting be made at
		// connecting.
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	} else {
		limit(config, "statement_timeout", statementLimit)
		limit(config, "idle_in_transaction_session_timeout", idleInWriteLimit)
	}
	connector := stdlib.GetConnector(*config, stdlib.OptionAfterConnect(readUTC))
	db := sql.OpenDB(o.wrap(newSteadyConnector(connector, o.times)))
	n := o.connections
	if n == 0 {
		n = DefaultConnections
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour) // follows a change of address behind a name
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// limit sets a time limit of a session, unless the URL has set it.
func limit(config *pgx.ConnConfig, name string, after time.Duration) {
	if _, set := config.RuntimeParams[name]; !set {
		config.RuntimeParams[name] = strconv.FormatInt(after.Milliseconds(), 10)
	}
}

// boundSilence lets no connection wait for ever for a server or a network that has fallen silent.
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
