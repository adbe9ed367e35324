package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAfterCommitRunsWhatItWasGivenInOrderOnceTheChangeIsThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var got []string
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			store.AfterCommit(ctx, func() {
				if n := countClients(t, s); n != 1 {
					t.Errorf("%d clients, want the committed one", n)
				}
				got = append(got, "first")
			})
			store.AfterCommit(ctx, func() { got = append(got, "second") })
			if len(got) > 0 {
				t.Error("it ran before the commit")
			}
			return addClient("1")(ctx, tx)
		})
		if strings.Join(got, ", ") != "first, second" {
			t.Errorf("ran: %q", got)
		}
	})
}

func TestAfterCommitRunsNothingAfterARollback(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for name, end := range map[string]func(cancel func()) error{
		"an error":        func(func()) error { return refused },
		"a panic":         func(func()) error { panic("broken") },
		"a context's end": func(cancel func()) error { cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				ran := false
				ctx, cancel := context.WithCancel(asSystem(t))
				defer cancel()
				func() {
					defer func() { _ = recover() }()
					_ = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
						store.AfterCommit(ctx, func() { ran = true })
						if err := addClient("1")(ctx, tx); err != nil {
							return err
						}
						return end(cancel)
					})
				}()
				if ran || countClients(t, s) != 0 {
					t.Errorf("ran: %v; %d clients", ran, countClients(t, s))
				}
			})
		})
	}
}

func TestAfterCommitDropsWhatALostAttemptGave(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	mustWrite(t, s, addClient("1"))
	mustWrite(t, s, addClient("2"))
	ctx := asSystem(t)
	var ran, attempts atomic.Int32
	var group, first sync.WaitGroup
	first.Add(2)
	for _, order := range [][2]string{{"1", "2"}, {"2", "1"}} {
		group.Go(func() {
			met := sync.OnceFunc(func() { first.Done(); first.Wait() })
			err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				attempts.Add(1)
				store.AfterCommit(ctx, func() { ran.Add(1) })
				for _, document := range order {
					if err := tx.ClientRecord.Update().Where(clientrecord.Document(document)).SetName("Mercearia").
						Exec(ctx); err != nil {
						return err
					}
					met() // from here on each waits for the row of the other
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if attempts.Load() < 3 || ran.Load() != 2 {
		t.Errorf("%d attempts, %d functions run, want 2 of at least 3", attempts.Load(), ran.Load())
	}
}

func TestAfterCommitAndNotifyPanicOutsideWrite(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	for name, call := range map[string]func(){
		"AfterCommit": func() { store.AfterCommit(t.Context(), func() {}) },
		"Notify":      func() { _ = s.Notify(t.Context(), "channel", "payload") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			call()
		}()
	}
}

func TestNotifyReachesAListenerAtTheCommit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		notify := func(payload string) error {
			return s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
				if err := s.Notify(ctx, "test", payload); err != nil {
					return err
				}
				if payload == "refused" {
					return errors.New(payload)
				}
				return nil
			})
		}
		config, ok := s.ListenerConfig()
		if !ok {
			if err := notify("1"); err == nil {
				t.Error("SQLite said that it told somebody")
			}
			return
		}
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.WithoutCancel(t.Context()))
		if _, err := conn.Exec(t.Context(), "LISTEN test"); err != nil {
			t.Fatal(err)
		}
		if err := notify("refused"); err == nil {
			t.Error("no error")
		}
		if err := notify("committed"); err != nil {
			t.Fatal(err)
		}
		if got, err := conn.WaitForNotification(t.Context()); err != nil || got.Payload != "committed" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestWhatIsNotedIsWrittenInItsOrderWithinTheTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var got []any
		var refused error
		s.AtCommit(func(ctx context.Context, tx *ent.Tx, notes []any) error {
			got = append(got, notes...)
			return errors.Join(refused, addClient("2")(principal.AsSystem(ctx, "test"), tx))
		})
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			store.Note(ctx, "first")
			store.Note(ctx, "second")
			return addClient("1")(ctx, tx)
		})
		if fmt.Sprint(got) != "[first second]" || countClients(t, s) != 2 {
			t.Errorf("got %q; %d clients", got, countClients(t, s))
		}
		refused = errors.New("refused")
		err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			store.Note(ctx, "third")
			return addClient("3")(ctx, tx)
		})
		if !errors.Is(err, refused) || countClients(t, s) != 2 {
			t.Errorf("%v; %d clients, want the third rolled back", err, countClients(t, s))
		}
	})
}

func TestARawStatementIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, addClient("1"))
		rename := func(ctx context.Context, _ *ent.Tx) error {
			n, err := store.Exec(ctx, "UPDATE clients SET name = $1 WHERE document = $2", "other", "1")
			if err == nil && n != 1 {
				return fmt.Errorf("%d rows", n)
			}
			return err
		}
		refused := errors.New("refused")
		err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return errors.Join(rename(ctx, tx), refused)
		})
		if !errors.Is(err, refused) || name(t, s) == "other" {
			t.Errorf("%v, and the client is called %s", err, name(t, s))
		}
		mustWrite(t, s, rename)
		if name(t, s) != "other" {
			t.Errorf("the client is called %s", name(t, s))
		}
	})
}

func name(t *testing.T, s *store.Store) string {
	t.Helper()
	client, err := s.Reader().ClientRecord.Query().Only(asSystem(t))
	if err != nil {
		t.Fatal(err)
	}
	return client.Name
}
