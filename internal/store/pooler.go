package store

import (
	"context"
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
)

const (
	pooled = "a pooler, such as PgBouncer, stands between the portal and the database, and may give each transaction " +
		"another session: name the database's own address with --database-direct-url (CHAVEIRO_DATABASE_DIRECT_URL), " +
		"for notifications, migrations and backups"
	pooledDirect = "--database-direct-url (CHAVEIRO_DATABASE_DIRECT_URL) leads to a pooler, such as PgBouncer, too: " +
		"name the database's own address"
	otherDatabase = "--database-url (CHAVEIRO_DATABASE_URL) and --database-direct-url (CHAVEIRO_DATABASE_DIRECT_URL) " +
		"lead to two databases: both must lead to the same one"
)

// session describes one session of PostgreSQL.
type session struct {
	pooled   bool
	database string // identifies the server and its database
}

// sessionOf describes a session at an address. A process number other than the server's reveals a pooler.
func sessionOf(ctx context.Context, at location) (s session, err error) {
	conn, err := pgx.ConnectConfig(ctx, at.config)
	if err != nil {
		return s, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing is lost with it
	const ask = "SELECT pg_backend_pid(), (SELECT oid FROM pg_database WHERE datname = current_database())::text " +
		"|| ' ' || extract(epoch FROM pg_postmaster_start_time())::text"
	var process uint32
	// The statement has no name, so that a pooler accepts it.
	err = conn.QueryRow(ctx, ask, pgx.QueryExecModeExec).Scan(&process, &s.database)
	s.pooled = process != conn.PgConn().PID()
	return s, err
}

// checkSessions returns a MisfitError unless the sessions at direct are the database's own. Those of the ordinary
// address must be too, or lead to the same database. Both are the same location when there is one address.
func checkSessions(ctx context.Context, at, direct location) error {
	served, err := sessionOf(ctx, at)
	switch {
	case err != nil:
		return err
	case direct == at && served.pooled:
		return misfit(pooled)
	case direct == at:
		return nil
	}
	own, err := sessionOf(ctx, direct)
	switch {
	case err != nil:
		return fmt.Errorf("at the direct address %s: %w", direct, err)
	case own.pooled:
		return misfit(pooledDirect)
	case own.database != served.database:
		return misfit(otherDatabase)
	}
	return nil
}

// CheckTransactions returns an error if a transaction has not one session for all of its statements, as through a
// pooler in statement mode.
func (s *Store) CheckTransactions(ctx context.Context) error {
	if s.dialect != dialect.Postgres {
		return nil
	}
	tx, err := s.readDB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("no transaction can begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var sessions [2]int
	for i := range sessions {
		if err := tx.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&sessions[i]); err != nil {
			return fmt.Errorf("a transaction breaks off: %w", err)
		}
	}
	if sessions[0] != sessions[1] {
		return fmt.Errorf("a transaction has the sessions %d and %d", sessions[0], sessions[1])
	}
	return nil
}
