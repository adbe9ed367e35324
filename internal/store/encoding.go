package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
)

// CheckEncoding returns an error if the database cannot store any text as it is. The error names what to do.
func (s *Store) CheckEncoding(ctx context.Context) error {
	if err := checkEncoding(ctx, s.readDB, s.dialect); err != nil || s.dialect != dialect.Postgres {
		return err
	}
	var encoding, role string
	err := s.readDB.QueryRowContext(ctx, "SELECT current_setting('client_encoding'), current_user").Scan(&encoding, &role)
	if err != nil {
		return fmt.Errorf("ask the database for its encoding: %w", err)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("client_encoding is %s for the portal's sessions, which spoils names: take it out of the URL, or "+
			"run ALTER ROLE %s SET client_encoding = 'UTF8'", encoding, quoteName(role))
	}
	return nil
}

// checkEncoding returns a MisfitError unless the database of a dialect can store any text.
func checkEncoding(ctx context.Context, db *sql.DB, of string) error {
	ask, want := "PRAGMA encoding", "UTF-8"
	if of == dialect.Postgres {
		ask, want = "SHOW server_encoding", "UTF8"
	}
	var encoding string
	if err := db.QueryRowContext(ctx, ask).Scan(&encoding); err != nil {
		return fmt.Errorf("ask the database for its encoding: %w", err)
	}
	switch {
	case encoding == want:
		return nil
	case of == dialect.Postgres:
		return misfit("its encoding is %s, in which not every name can be kept: make the database anew with "+
			"CREATE DATABASE chaveiro ENCODING 'UTF8' TEMPLATE template0", encoding)
	default:
		return misfit("its encoding is %s, in which names have another order: let the portal make the file itself, which "+
			"gives it %s", encoding, want)
	}
}

// CheckCollation returns an error if PostgreSQL compares texts in another way than when the database was made, as after
// an upgrade of the server's system. PostgreSQL before 15 does not know that.
func (s *Store) CheckCollation(ctx context.Context) error {
	if s.dialect != dialect.Postgres {
		return nil
	}
	var knows bool
	err := s.readDB.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int >= 150000").Scan(&knows)
	if err != nil || !knows {
		return err
	}
	var name, made string
	err = s.readDB.QueryRowContext(ctx, "SELECT datname, datcollversion FROM pg_database "+
		"WHERE datname = current_database() "+
		"AND datcollversion <> COALESCE(pg_database_collation_actual_version(oid), '')").Scan(&name, &made)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("ask the database for its collation: %w", err)
	}
	return fmt.Errorf("the server sorts texts in another way than when the database was made (version %s), so that "+
		"indexes may miss rows: run REINDEX DATABASE %s, and ALTER DATABASE %[2]s REFRESH COLLATION VERSION", made,
		quoteName(name))
}
