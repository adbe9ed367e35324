package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"
)

// Size is how large a database is.
type Size struct {
	// Bytes is what it takes on the disk: on SQLite its file, with what is free in it.
	Bytes int64
	// Rows is how many rows each table has. PostgreSQL estimates it, SQLite counts.
	Rows map[string]int64
}

const (
	bytesOfSQLite   = `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	bytesOfPostgres = `SELECT pg_database_size(current_database())`
	// rowsOfPostgres knows nothing (-1) of a table that was never analyzed: such a table is small.
	rowsOfPostgres = `SELECT relname, GREATEST(reltuples, 0)::bigint FROM pg_class
		WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`
	// tablesOfSQLite leaves out those in which the text search keeps its index.
	tablesOfSQLite = `SELECT name, 0 FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
		AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND NOT EXISTS (SELECT 1 FROM sqlite_master v
		WHERE v.sql LIKE 'CREATE VIRTUAL%' AND sqlite_master.name LIKE v.name || '!_%' ESCAPE '!')`
)

// Size measures the database. On SQLite it reads an index of each table, which takes a second for some million rows.
func (s *Store) Size(ctx context.Context) (size Size, err error) {
	bytes, rows := bytesOfSQLite, tablesOfSQLite
	if s.dialect == dialect.Postgres {
		bytes, rows = bytesOfPostgres, rowsOfPostgres
	}
	if err := s.readDB.QueryRowContext(ctx, bytes).Scan(&size.Bytes); err != nil {
		return Size{}, fmt.Errorf("measure the database: %w", err)
	}
	if size.Rows, err = s.rowsOf(ctx, rows); err != nil {
		return Size{}, fmt.Errorf("measure the tables: %w", err)
	}
	if s.dialect == dialect.Postgres {
		return size, nil
	}
	for table := range size.Rows {
		var n int64
		if err := s.readDB.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+quoteName(table)).Scan(&n); err != nil {
			return Size{}, fmt.Errorf("count the rows of %s: %w", table, err)
		}
		size.Rows[table] = n
	}
	return size, nil
}

// rowsOf runs a query of tables and their numbers of rows.
func (s *Store) rowsOf(ctx context.Context, query string) (map[string]int64, error) {
	rows, err := s.readDB.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]int64{}
	for rows.Next() {
		var table string
		var n int64
		if err := rows.Scan(&table, &n); err != nil {
			return nil, err
		}
		found[table] = n
	}
	return found, rows.Err()
}
