package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
)

// movedTable is a table that a move copies.
type movedTable struct {
	name    string
	columns []movedColumn
	// parents are the tables that its foreign keys lead to.
	parents []string
}

// movedColumn is a column with PostgreSQL's name of its type.
type movedColumn struct{ name, kind string }

// queryer runs queries: a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// shopVersions is the table that triggers fill as other tables are filled. A move copies it last.
const shopVersions = "shop_versions"

// The tables of a database with their columns. Those that belong to one dialect alone have no part in a move: the
// versions of the schema, and the search of SQLite, which triggers fill.
const (
	columnsOfPostgres = `SELECT t.table_name, c.column_name, c.data_type FROM information_schema.tables t
		JOIN information_schema.columns c USING (table_schema, table_name)
		WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND t.table_name <> '` + versionTable + `'
		ORDER BY t.table_name COLLATE "C", c.column_name COLLATE "C"`
	columnsOfSQLite = `SELECT t.name, c.name, '' FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '*_search*'
		AND t.name <> '` + versionTable + `' ORDER BY t.name, c.name`
	parentsInSQLite = `SELECT DISTINCT t.name, k."table", '' FROM sqlite_schema t
		JOIN pragma_foreign_key_list(t.name) k WHERE t.type = 'table'`
)

// tablesOfMove returns the tables of two databases, of which the first has the dialect of, and the second the other
// one. A table comes after those that its rows refer to. It returns an error unless both have the same columns.
func tablesOfMove(ctx context.Context, from queryer, of string, to queryer) ([]movedTable, error) {
	lite, pg := from, to
	if of == dialect.Postgres {
		lite, pg = to, from
	}
	tables, err := tablesIn(ctx, pg, columnsOfPostgres)
	if err != nil {
		return nil, err
	}
	others, err := tablesIn(ctx, lite, columnsOfSQLite)
	if err != nil {
		return nil, err
	}
	if !slices.EqualFunc(tables, others, sameColumns) {
		return nil, errors.New("they do not have the same tables and columns")
	}
	parents := map[string][]string{}
	err = eachThree(ctx, lite, parentsInSQLite, func(table, parent, _ string) {
		parents[table] = append(parents[table], parent)
	})
	if err != nil {
		return nil, err
	}
	for i, t := range tables {
		tables[i].parents = parents[t.name]
		if t.name == shopVersions {
			for _, other := range tables {
				if other.name != shopVersions {
					tables[i].parents = append(tables[i].parents, other.name)
				}
			}
		}
	}
	return inOrder(tables)
}

// tablesIn returns the tables that a query for their columns finds.
func tablesIn(ctx context.Context, db queryer, query string) (tables []movedTable, err error) {
	err = eachThree(ctx, db, query, func(table, column, kind string) {
		if n := len(tables); n == 0 || tables[n-1].name != table {
			tables = append(tables, movedTable{name: table})
		}
		last := &tables[len(tables)-1]
		last.columns = append(last.columns, movedColumn{column, kind})
	})
	return tables, err
}

// eachThree calls fn with each row of a query for three texts.
func eachThree(ctx context.Context, db queryer, query string, fn func(a, b, c string)) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("look for tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a, b, c string
		if err := rows.Scan(&a, &b, &c); err != nil {
			return fmt.Errorf("look for tables: %w", err)
		}
		fn(a, b, c)
	}
	return rows.Err()
}

func sameColumns(a, b movedTable) bool {
	return a.name == b.name &&
		slices.EqualFunc(a.columns, b.columns, func(a, b movedColumn) bool { return a.name == b.name })
}

// inOrder returns tables with each one after its parents.
func inOrder(tables []movedTable) (ordered []movedTable, err error) {
	placed := map[string]bool{}
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, t := range tables {
			if !placed[t.name] && !slices.ContainsFunc(t.parents, func(p string) bool { return !placed[p] }) {
				placed[t.name] = true
				ordered = append(ordered, t)
			}
		}
		if len(ordered) == before {
			return nil, errors.New("the tables refer to each other in a circle")
		}
	}
	return ordered, nil
}

// names returns the quoted names of the columns.
func (t movedTable) names() string {
	quoted := make([]string, len(t.columns))
	for i, c := range t.columns {
		quoted[i] = quoteName(c.name)
	}
	return strings.Join(quoted, ", ")
}

// insertion returns the statement of SQLite that inserts a row.
func (t movedTable) insertion() string {
	return "INSERT INTO " + quoteName(t.name) + " (" + t.names() + ") VALUES (?" +
		strings.Repeat(", ?", len(t.columns)-1) + ")"
}

// quotedNames returns the names of tables for a statement.
func quotedNames(tables []movedTable) string {
	quoted := make([]string, len(tables))
	for i, t := range tables {
		quoted[i] = quoteName(t.name)
	}
	return strings.Join(quoted, ", ")
}

// tally says what rows were read. The sum is of the hashes of the rows, whatever their order.
type tally struct {
	count int64
	sum   [sha256.Size]byte
}

// progressEvery is after how many rows of a table a person who waits is told so.
const progressEvery = 50_000

// rowReader reads the rows of a table.
type rowReader struct {
	table movedTable
	rows  *sql.Rows
	tally tally
	say   func(format string, args ...any)
}

// read begins to read a table, and tells say how far it is. The caller closes the rows.
func (t movedTable) read(ctx context.Context, db queryer, say func(string, ...any)) (*rowReader, error) {
	rows, err := db.QueryContext(ctx, "SELECT "+t.names()+" FROM "+quoteName(t.name))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	return &rowReader{table: t, rows: rows, say: say}, nil
}

// count reads all rows of a table.
func (t movedTable) count(ctx context.Context, db queryer, say func(string, ...any)) (tally, error) {
	r, err := t.read(ctx, db, say)
	if err != nil {
		return tally{}, err
	}
	defer r.rows.Close()
	for {
		row, err := r.next()
		if err != nil || row == nil {
			return r.tally, err
		}
	}
}

// next returns the values of the next row, as both drivers store them; nil after the last.
func (r *rowReader) next() ([]any, error) {
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return nil, fmt.Errorf("read %s: %w", r.table.name, err)
		}
		return nil, nil
	}
	into := make([]any, len(r.table.columns))
	for i, c := range r.table.columns {
		into[i] = c.scanner()
	}
	if err := r.rows.Scan(into...); err != nil {
		return nil, fmt.Errorf("read %s: %w", r.table.name, err)
	}
	hash := sha256.New()
	for i, c := range r.table.columns {
		value, text, err := c.value(into[i])
		if err != nil {
			return nil, fmt.Errorf("read %s.%s: %w", r.table.name, c.name, err)
		}
		var prefix [9]byte // whether there is a value, and how long it is
		if into[i] = value; value != nil {
			prefix[0] = 1
		}
		binary.BigEndian.PutUint64(prefix[1:], uint64(len(text)))
		hash.Write(prefix[:])
		hash.Write(text)
	}
	if r.tally.count++; r.tally.count%progressEvery == 0 {
		r.say("%s: %d rows so far", r.table.name, r.tally.count)
	}
	for i, b := range hash.Sum(nil) {
		r.tally.sum[i] ^= b
	}
	return into, nil
}

// scanner returns what a value of the column is scanned into.
func (c movedColumn) scanner() any {
	switch c.kind {
	case "bigint":
		return &sql.Null[int64]{}
	case "boolean":
		return &sql.Null[bool]{}
	case "timestamp with time zone":
		return &sql.Null[time.Time]{}
	case "bytea", "json", "jsonb":
		return &[]byte{}
	default:
		return &sql.Null[string]{}
	}
}

// value returns what was scanned, nil for NULL, and what of it both databases keep.
func (c movedColumn) value(scanned any) (value any, text []byte, err error) {
	switch v := scanned.(type) {
	case *sql.Null[int64]:
		if v.Valid {
			return v.V, binary.BigEndian.AppendUint64(nil, uint64(v.V)), nil // #nosec G115 -- the bits are what counts
		}
	case *sql.Null[bool]:
		if v.Valid {
			return v.V, fmt.Append(nil, v.V), nil
		}
	case *sql.Null[time.Time]:
		if v.Valid { // the precision of PostgreSQL is the microsecond
			at := v.V.UTC().Truncate(time.Microsecond)
			return at, binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro())), nil // #nosec G115 -- as above
		}
	case *[]byte:
		if *v != nil && c.kind == "jsonb" {
			return compactJSON(*v)
		}
		if *v != nil {
			return *v, *v, nil
		}
	case *sql.Null[string]:
		if v.Valid {
			return v.V, []byte(v.V), nil
		}
	}
	return nil, nil, nil
}

// compactJSON returns a JSON text without blanks, and the same with its names in order: jsonb changes both.
func compactJSON(text []byte) (value any, sorted []byte, err error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return nil, nil, err
	}
	var meant any
	if err := json.Unmarshal(text, &meant); err != nil {
		return nil, nil, err
	}
	sorted, err = json.Marshal(meant)
	return compact.Bytes(), sorted, err
}

// fillSQLite fills a new database, in one transaction, with the rows of tables. It calls done after each table. Foreign
// keys are off: the check of the move looks at them.
func fillSQLite(
	ctx context.Context, to location, tables []movedTable,
	read func(movedTable) (*rowReader, error), done func(movedTable, tally),
) error {
	db := openForMove(to, "_txlock", "immediate")
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the commit there is nothing to roll back
	for _, t := range tables {
		rows, err := insertRows(ctx, tx, t, read)
		if err != nil {
			return fmt.Errorf("write %s: %w", t.name, err)
		}
		done(t, rows)
	}
	return tx.Commit()
}

func insertRows(
	ctx context.Context, tx *sql.Tx, t movedTable, read func(movedTable) (*rowReader, error),
) (tally, error) {
	if t.name == shopVersions {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+shopVersions); err != nil {
			return tally{}, err
		}
	}
	r, err := read(t)
	if err != nil {
		return tally{}, err
	}
	defer r.rows.Close()
	insert, err := tx.PrepareContext(ctx, t.insertion())
	if err != nil {
		return tally{}, err
	}
	defer insert.Close()
	for {
		row, err := r.next()
		if err != nil || row == nil {
			return r.tally, err
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return tally{}, err
		}
	}
}

// fillPostgres is fillSQLite for PostgreSQL. The triggers of the portal are off meanwhile.
func fillPostgres(
	ctx context.Context, to location, tables []movedTable,
	read func(movedTable) (*rowReader, error), done func(movedTable, tally),
) error {
	return inPostgres(ctx, to, func(tx pgx.Tx) error {
		if err := switchTriggers(ctx, tx, "DISABLE", tables); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM "+shopVersions); err != nil {
			return err
		}
		for _, t := range tables {
			r, err := read(t)
			if err != nil {
				return err
			}
			columns := make([]string, len(t.columns))
			for i, c := range t.columns {
				columns[i] = c.name
			}
			_, err = tx.CopyFrom(ctx, pgx.Identifier{t.name}, columns, pgx.CopyFromFunc(r.next))
			if err := errors.Join(err, r.rows.Close()); err != nil {
				return fmt.Errorf("write %s: %w", t.name, err)
			}
			done(t, r.tally)
		}
		return switchTriggers(ctx, tx, "ENABLE", tables)
	})
}

// clearPostgres removes the rows of all tables, and the mark of an interrupted move.
func clearPostgres(ctx context.Context, at location) error {
	db := openForMove(at)
	defer db.Close()
	tables, err := tablesIn(ctx, db, columnsOfPostgres)
	if err != nil || len(tables) == 0 {
		return err
	}
	return inPostgres(ctx, at, func(tx pgx.Tx) error {
		if err := switchTriggers(ctx, tx, "DISABLE", tables); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "TRUNCATE "+quotedNames(tables)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, deleteMark, unfinishedMove); err != nil {
			return err
		}
		return switchTriggers(ctx, tx, "ENABLE", tables)
	})
}

// switchTriggers turns the triggers of the portal off or on; foreign keys stay on.
func switchTriggers(ctx context.Context, tx pgx.Tx, how string, tables []movedTable) error {
	for _, t := range tables {
		if _, err := tx.Exec(ctx, "ALTER TABLE "+quoteName(t.name)+" "+how+" TRIGGER USER"); err != nil {
			return err
		}
	}
	return nil
}

// inPostgres runs fn in a transaction of a connection of its own.
func inPostgres(ctx context.Context, at location, fn func(pgx.Tx) error) error {
	conn, err := pgx.ConnectConfig(ctx, withoutTimeouts(at.config))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing is lost with it
	return pgx.BeginFunc(ctx, conn, fn)
}
