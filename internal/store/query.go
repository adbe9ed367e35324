package store

import (
	"context"
	"errors"

	entsql "entgo.io/ent/dialect/sql"
)

// Query runs a query in the transaction of ctx, and calls fn for each row with the function that scans it. All else is
// as with Exec.
func Query(
	ctx context.Context, query string, fn func(scan func(...any) error) error, args ...any,
) (err error) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: Query outside Write")
	}
	var rows entsql.Rows
	if err := t.Query(ctx, query, args, &rows); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
