package store

import (
	"context"
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
)

// transaction is one attempt of Write. It is in the context that Write passes to its function.
type transaction struct {
	store        *Store
	raw          dialect.Tx
	beforeCommit []func(context.Context, *ent.Tx) error
	afterCommit  []func()
}

type transactionKey struct{}

func transactionOf(ctx context.Context) (*transaction, bool) {
	t, ok := ctx.Value(transactionKey{}).(*transaction)
	return t, ok
}

// writerDriver is the driver of the client that Write uses. It puts the transaction that it begins into the transaction
// of the context, for Notify: an ent.Tx runs no statements but ent's own.
type writerDriver struct{ *entsql.Driver }

func (d writerDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	raw, err := d.Driver.Tx(ctx)
	if t, ok := transactionOf(ctx); ok {
		t.raw = raw
	}
	return raw, err
}

// BeforeCommit runs fn at the end of the transaction of ctx, once the function of Write has returned nil, and after the
// functions given before. Rows that must be locked last are locked there. An error of fn rolls everything back, and
// Write returns it. Like AfterCommit it panics outside Write.
func BeforeCommit(ctx context.Context, fn func(ctx context.Context, tx *ent.Tx) error) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: BeforeCommit outside Write")
	}
	t.beforeCommit = append(t.beforeCommit, fn)
}

// AfterCommit runs fn once the transaction of ctx is committed, before Write returns and after the functions given
// before. It does not run after a rollback, nor when it is unknown whether the commit succeeded. The functions of an
// attempt that lost a conflict are dropped. fn must be quick. ctx is the one that Write gives its function; with any
// other AfterCommit panics.
func AfterCommit(ctx context.Context, fn func()) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: AfterCommit outside Write")
	}
	t.afterCommit = append(t.afterCommit, fn)
}

// Exec runs a statement in the transaction of ctx and returns how many rows it changed. Its arguments are $1, $2 in the
// order in which they first appear, on both dialects. It serves code that has only the names of tables. Like every raw
// statement it bypasses the privacy policies. Like AfterCommit it panics outside Write.
func Exec(ctx context.Context, statement string, args ...any) (changed int64, err error) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: Exec outside Write")
	}
	var result sql.Result
	if err := t.raw.Exec(ctx, statement, args, &result); err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Notify sends payload, of less than 8,000 bytes, to the listeners at channel (see ListenerConfig), once the
// transaction of ctx is committed. Like AfterCommit it panics outside Write. It returns an error on SQLite, which has
// no listeners.
func (s *Store) Notify(ctx context.Context, channel, payload string) error {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: Notify outside Write")
	}
	if s.dialect != dialect.Postgres {
		return fmt.Errorf("notify %s: %s has no listeners", channel, s.dialect)
	}
	if err := t.raw.Exec(ctx, "SELECT pg_notify($1, $2)", []any{channel, payload}, nil); err != nil {
		return fmt.Errorf("notify %s: %w", channel, err)
	}
	return nil
}
