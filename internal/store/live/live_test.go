package live_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

var (
	changed = live.Event{Topic: live.MarketplaceChanged, ClientID: "cli_1", ClientProductID: "cpr_1", ObjectID: "mkt_1"}
	another = live.Event{Topic: live.MarketplaceChanged, ClientID: "cli_2", ClientProductID: "cpr_2", ObjectID: "mkt_2"}
	resync  = live.Event{Topic: live.Resync}
)

// logBuffer is a log that a test may read while the bus writes.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start returns a bus that receives what is sent, until the test ends, and its log.
func start(t *testing.T, s *store.Store) (*live.Bus, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	b := live.New(s, slog.New(slog.NewTextHandler(log, nil)))
	run(t, b)
	return b, log
}

func run(t *testing.T, b *live.Bus) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	select {
	case <-b.Ready():
	case <-time.After(10 * time.Second):
		t.Fatal("the bus does not get ready")
	}
}

func subscribe(t *testing.T, b *live.Bus, wants func(live.Event) bool) <-chan live.Event {
	t.Helper()
	events, err := b.Subscribe(t.Context(), wants)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func next(t *testing.T, events <-chan live.Event) live.Event {
	t.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			t.Fatal("the channel is closed")
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event arrives")
		return live.Event{}
	}
}

func expect(t *testing.T, events <-chan live.Event, want ...live.Event) {
	t.Helper()
	for _, want := range want {
		if got := next(t, events); got != want {
			t.Errorf("%+v arrived, want %+v", got, want)
		}
	}
}

func publish(t *testing.T, s *store.Store, b *live.Bus, events ...live.Event) {
	t.Helper()
	err := s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		for _, e := range events {
			if err := b.Publish(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPublishedEventArrivesOnceItsTransactionIsCommitted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, _ := start(t, s)
		events := subscribe(t, b, nil)
		err := s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
			if err := b.Publish(ctx, tx, changed); err != nil {
				return err
			}
			select {
			case e := <-events:
				t.Errorf("%+v arrived before the commit", e)
			case <-time.After(50 * time.Millisecond):
			}
			return b.Publish(ctx, tx, another)
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, events, changed, another)
	})
}

func TestAnEventOfARolledBackTransactionDoesNotArrive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, _ := start(t, s)
		events := subscribe(t, b, nil)
		refused := errors.New("refused")
		err := s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
			return errors.Join(b.Publish(ctx, tx, changed), refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		publish(t, s, b, another)
		expect(t, events, another)
	})
}

func TestAToldEventArrivesOnceAndAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, _ := start(t, s)
		events := subscribe(t, b, nil)
		b.Tell(changed)
		if len(events) != 1 {
			t.Errorf("%d events are there, want 1", len(events))
		}
		publish(t, s, b, another)
		expect(t, events, changed, another)
	})
}

func TestASubscriberGetsWhatItWants(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, _ := start(t, s)
		events := subscribe(t, b, func(e live.Event) bool { return e.ClientProductID == another.ClientProductID })
		all := subscribe(t, b, nil)
		publish(t, s, b, changed, another)
		expect(t, all, changed, another)
		expect(t, events, another)
	})
}

func TestAResyncReachesEverySubscriberWhateverItWants(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, _ := start(t, s)
		events := subscribe(t, b, func(live.Event) bool { return false })
		publish(t, s, b, changed, resync)
		expect(t, events, resync)
	})
}

func TestAStalledSubscriberBlocksNoPublisherAndFindsOneResync(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, _ := start(t, s)
		stalled, quick := subscribe(t, b, nil), subscribe(t, b, nil)
		for range 10 * live.Backlog {
			b.Tell(changed)
			expect(t, quick, changed)
		}
		if n := len(stalled); n == 0 || n > live.Backlog {
			t.Fatalf("%d events wait, want at most %d", n, live.Backlog)
		}
		for i := range len(stalled) {
			if got := next(t, stalled); (got == resync) != (i == 0) {
				t.Errorf("event %d is %+v", i, got)
			}
		}
		b.Tell(another)
		expect(t, stalled, another)
	})
}

func TestTooManySubscribersAreRefused(t *testing.T) {
	t.Parallel()
	b, _ := start(t, storetest.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	for range live.MaxSubscribers {
		if _, err := b.Subscribe(ctx, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Subscribe(ctx, nil); !errors.Is(err, fault.Busy) {
		t.Errorf("one more: %v, want %v", err, fault.Busy)
	}
	cancel()
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err := b.Subscribe(t.Context(), nil); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("there is no room though all others have ended")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b, _ := start(t, storetest.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	events, err := b.Subscribe(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Tell(changed)
	cancel()
	for e := range events { // until it is closed
		if e != changed {
			t.Errorf("%+v arrived", e)
		}
	}
	b.Tell(changed) // nobody is there any more
}

func TestAnInvalidEventIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b, log := start(t, s)
		events := subscribe(t, b, nil)
		for name, e := range map[string]live.Event{
			"no topic":      {ClientID: "cli_1"},
			"another topic": {Topic: "WEATHER"},
			"8,000 bytes":   {Topic: live.AccessKeyUsed, ObjectID: strings.Repeat("x", 8000)},
		} {
			err := s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
				return b.Publish(ctx, tx, e)
			})
			if err == nil {
				t.Errorf("%s was published", name)
			}
			b.Tell(e)
		}
		if n := strings.Count(log.String(), "an event was not sent"); n != 3 {
			t.Errorf("%d lines in the log, want 3: %s", n, log)
		}
		publish(t, s, b, changed)
		expect(t, events, changed)
	})
}

func TestPublishOutsideWritePanics(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		defer func() {
			if recover() == nil {
				t.Error("it did not panic")
			}
		}()
		_ = live.New(s, slog.New(slog.DiscardHandler)).Publish(t.Context(), nil, changed)
	})
}

// Not parallel: it counts the goroutines of the process.
func TestNoGoroutineIsLeftBehind(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			if err := s.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(principal.AsSystem(t.Context(), "test"))
			b := live.New(s, slog.New(slog.DiscardHandler))
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				b.Run(ctx)
			}()
			<-b.Ready()
			for range 100 {
				events, err := b.Subscribe(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				b.Tell(changed)
				<-events
			}
			cancel()
			<-ended
			deadline := time.Now().Add(10 * time.Second)
			for runtime.NumGoroutine() > before {
				if time.Now().After(deadline) {
					stacks := make([]byte, 1<<16)
					t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}
