package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns is how many connections one instance opens at most. PostgreSQL's own default is 100 for all.
const postgresConns = 16

func openPostgres(ctx context.Context, config *pgx.ConnConfig, o options) (*sql.DB, error) {
	db := sql.OpenDB(o.wrap(stdlib.GetConnector(*config, stdlib.OptionAfterConnect(readUTC))))
	n := o.readers
	if n == 0 {
		n = postgresConns
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

// readUTC makes a connection return times in UTC, as SQLite does, and not in the machine's zone.
func readUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
