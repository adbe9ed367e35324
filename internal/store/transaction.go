package store

import (
	"context"
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
)

// transaction is one attempt of Write. It travels in the context that the function of Write is given.
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

// writerDriver is the driver of the client that Write uses. It leaves the transaction that it begins in the context's,
// for Notify: an ent.Tx lets no statement through but ent's own.
type writerDriver struct{ *entsql.Driver }

func (d writerDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	raw, err := d.Driver.Tx(ctx)
	if t, ok := transactionOf(ctx); ok {
		t.raw = raw
	}
	return raw, err
}

// BeforeCommit lets fn run at the end of the transaction of ctx, once the function of Write has returned nil and after
// what was given before: the place for what must be locked last. An error of fn rolls everything back, and Write
// returns it. Like AfterCommit it panics outside Write.
func BeforeCommit(ctx context.Context, fn func(ctx context.Context, tx *ent.Tx) error) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: BeforeCommit outside Write")
	}
	t.beforeCommit = append(t.beforeCommit, fn)
}

// AfterCommit lets fn run once the transaction of ctx is committed, before Write returns and after what was given
// before. It does not run after a rollback, nor when nobody can tell whether the commit succeeded; what an attempt gave
// that lost a conflict is dropped with it. fn must be quick. ctx is the one that Write gives its function; with any
// other AfterCommit panics.
func AfterCommit(ctx context.Context, fn func()) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: AfterCommit outside Write")
	}
	t.afterCommit = append(t.afterCommit, fn)
}

// Exec runs a statement in the transaction of ctx and returns how many rows it changed. Its arguments are $1, $2 in the
// order in which they first appear, on both dialects. It is for what works on tables by their names; like every raw
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

// Notify sends payload, of less than 8,000 bytes, to who listens at channel (see ListenerConfig), once the transaction
// of ctx is committed. Like AfterCommit it panics outside Write. Returns an error on SQLite, which has no listeners.
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
