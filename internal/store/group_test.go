package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// call is a call of Write that adds a client. Its end runs when that is added; nil returns nil.
type call struct {
	name string
	ctx  context.Context
	end  func(ctx context.Context, tx *ent.Tx) error
}

// share makes the calls wait, in their order, while another has the turn, and returns their errors. So they share what
// a group shares.
func share(t *testing.T, s *store.Store, calls ...call) []error {
	t.Helper()
	errs := make([]error, len(calls))
	var group sync.WaitGroup
	err := s.Write(store.Alone(asSystem(t)), func(context.Context, *ent.Tx) error {
		for i, c := range calls {
			group.Go(func() {
				defer func() {
					if p := recover(); p != nil {
						errs[i] = fmt.Errorf("panic: %v", p)
					}
				}()
				errs[i] = s.Write(c.ctx, func(ctx context.Context, tx *ent.Tx) error {
					store.Note(ctx, c.name)
					if err := addClient(c.name)(ctx, tx); err != nil || c.end == nil {
						return err
					}
					return c.end(ctx, tx)
				})
			})
			for deadline := time.Now().Add(20 * time.Second); store.Waiting(s) <= i; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					return errors.New("a call does not wait")
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	group.Wait()
	return errs
}

// notes collects what each commit was given.
type notes struct {
	mu      sync.Mutex
	commits []string
}

func (n *notes) keep(s *store.Store) {
	s.AtCommit(func(_ context.Context, _ *ent.Tx, notes []any) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.commits = append(n.commits, fmt.Sprint(notes))
		return nil
	})
}

func documents(t *testing.T, s *store.Store) string {
	t.Helper()
	found, err := s.Reader().ClientRecord.Query().Order(clientrecord.ByDocument()).Select(clientrecord.FieldDocument).
		Strings(asSystem(t))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, " ")
}

// eachShared runs a test on both databases, with one group at a time.
func eachShared(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		store.OneGroup(s)
		test(t, s)
	})
}

func TestAMemberOfAGroupThatFailsHarmsNoOther(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		var written notes
		written.keep(s)
		refused, ctx := errors.New("refused"), asSystem(t)
		leaving, leave := context.WithCancel(ctx)
		errs := share(t, s,
			call{"1", ctx, nil},
			call{"2", ctx, func(context.Context, *ent.Tx) error { return refused }},
			call{"3", ctx, nil},
			call{"4", ctx, func(context.Context, *ent.Tx) error { panic("broken") }},
			call{"5", leaving, func(context.Context, *ent.Tx) error { leave(); return nil }},
			call{"1", ctx, nil}, // a violation of a unique index
			call{"6", ctx, nil},
		)
		if got := documents(t, s); got != "1 3 6" {
			t.Errorf("there are %s", got)
		}
		if got := fmt.Sprint(written.commits); got != "[[1 3 6]]" {
			t.Errorf("the commits were given %s, want one for all", got)
		}
		for i, want := range []string{"", "refused", "", "panic: broken", "context canceled", "constraint", ""} {
			if err := errs[i]; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("call %d: %v, want %q", i+1, err, want)
			}
		}
		if !store.IsUniqueViolation(errs[5], clientrecord.Table, clientrecord.FieldDocument) {
			t.Errorf("the violation is %v", errs[5])
		}
	})
}

func TestNoMemberOfAGroupIsAnsweredBeforeTheCommonCommit(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		(&notes{}).keep(s)
		ctx := asSystem(t)
		end := func(ctx context.Context, _ *ent.Tx) error {
			store.AfterCommit(ctx, func() {
				if got := documents(t, s); got != "1 2 3" {
					t.Errorf("a function of AfterCommit runs when there are %q", got)
				}
			})
			if got := documents(t, s); got != "" {
				t.Errorf("there are %s before the commit", got)
			}
			return nil
		}
		errs := share(t, s, call{"1", ctx, end}, call{"2", ctx, end}, call{"3", ctx, end})
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}

func TestAnErrorThatIsOwedToAnotherMemberComesOnceThatCounts(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		ctx := asSystem(t)
		var group sync.WaitGroup
		err := s.Write(store.Alone(ctx), func(context.Context, *ent.Tx) error {
			for i, document := range []string{"1", "1", "2"} {
				group.Go(func() {
					err := s.Write(ctx, addClient(document))
					if got := documents(t, s); got != "1 2" || (err != nil) != (i == 1) {
						t.Errorf("call %d: %v, when there are %q", i+1, err, got)
					}
				})
				for store.Waiting(s) <= i {
					time.Sleep(time.Millisecond)
				}
			}
			return nil
		})
		group.Wait()
		if err != nil {
			t.Error(err)
		}
	})
}

func TestAGroupThatIsLostIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		tries := 0
		s.AtCommit(func(context.Context, *ent.Tx, []any) error {
			if tries++; tries == 1 {
				return errors.New("the first commit fails")
			}
			return nil
		})
		ctx := asSystem(t)
		errs := share(t, s, call{"1", ctx, nil}, call{"2", ctx, nil}, call{"3", ctx, nil})
		if err := errors.Join(errs...); err != nil || documents(t, s) != "1 2 3" || tries < 2 {
			t.Errorf("%v after %d tries; there are %s", err, tries, documents(t, s))
		}
	})
}

func TestAMemberThatLosesTheConnectionHarmsNoOther(t *testing.T) {
	t.Parallel()
	s := openWith(t, storetest.MigratedPostgres(t))
	(&notes{}).keep(s)
	store.OneGroup(s)
	ctx := asSystem(t)
	cut := false
	errs := share(t, s,
		call{"1", ctx, nil},
		call{"2", ctx, func(ctx context.Context, tx *ent.Tx) error {
			if !cut {
				cut = true
				terminate(t, s)
			}
			return addClient("2 too")(ctx, tx)
		}},
		call{"3", ctx, nil},
	)
	if err := errors.Join(errs...); err != nil || documents(t, s) != "1 2 2 too 3" {
		t.Errorf("%v; there are %s", err, documents(t, s))
	}
}

func TestAnAloneCallSharesNothing(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		var written notes
		written.keep(s)
		ctx := asSystem(t)
		errs := share(t, s, call{"1", ctx, nil}, call{"2", store.Alone(ctx), nil}, call{"3", ctx, nil}, call{"4", ctx, nil})
		if got := fmt.Sprint(written.commits); got != "[[1] [2] [3 4]]" || errors.Join(errs...) != nil {
			t.Errorf("the commits were given %s (%v)", got, errs)
		}
	})
}

func TestWorkInTheBackgroundGoesBehindOthersAndSharesNothingWithThem(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		var written notes
		written.keep(s)
		ctx := asSystem(t)
		later := store.InBackground(ctx)
		errs := share(t, s, call{"1", later, nil}, call{"2", ctx, nil}, call{"3", later, nil}, call{"4", ctx, nil})
		at := slices.Index(written.commits, "[2 4]")
		if errors.Join(errs...) != nil || at != 0 && at != 1 || len(written.commits) > 3 {
			t.Errorf("the commits were given %s (%v)", written.commits, errs)
		}
	})
}

func TestACallThatGivesUpItsPlaceLetsTheOthersGoOn(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s *store.Store) {
		ctx := asSystem(t)
		leaving, leave := context.WithCancel(ctx)
		gone := make(chan error, 1)
		mustWrite(t, s, func(context.Context, *ent.Tx) error {
			go func() { gone <- s.Write(leaving, addClient("1")) }()
			for store.Waiting(s) == 0 {
				time.Sleep(time.Millisecond)
			}
			leave()
			if err := <-gone; !errors.Is(err, context.Canceled) {
				t.Errorf("it returns %v", err)
			}
			return nil
		})
		mustWrite(t, s, addClient("2"))
		if got := documents(t, s); got != "2" {
			t.Errorf("there are %s", got)
		}
	})
}
