package live_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// open returns another store on the database of a URL.
func open(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, slog.New(slog.DiscardHandler), store.Connections(2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// twin returns another store on the same database, like that of another instance.
func twin(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	config, _ := s.ListenerConfig()
	return open(t, config.ConnString())
}

func TestEventsReachTheOtherInstances(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	here, _ := start(t, s)
	there, _ := start(t, twin(t, s))
	atHere, atThere := subscribe(t, here, nil), subscribe(t, there, nil)

	publish(t, s, here, changed)
	expect(t, atHere, changed)
	expect(t, atThere, changed)

	there.Tell(another)
	expect(t, atHere, another)
	expect(t, atThere, another)

	publish(t, s, here, changed) // and none of them twice
	expect(t, atHere, changed)
	expect(t, atThere, changed)
}

func TestSubscribersFromBeforeTheConnectionGetAResync(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	b := live.New(s, slog.New(slog.DiscardHandler))
	events := subscribe(t, b, nil)
	publish(t, s, b, changed) // no subscriber gets it
	run(t, b)
	publish(t, s, b, another)
	expect(t, events, resync, another)
}

func TestALostConnectionIsOpenedAgainAndEverySubscriberResynced(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	b, log := start(t, s)
	events := subscribe(t, b, func(live.Event) bool { return false })
	all := subscribe(t, b, nil)
	for range 3 {
		const listener = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND " +
			"query = 'LISTEN " + live.Channel + "'"
		if _, err := s.DB().ExecContext(t.Context(), listener); err != nil {
			t.Fatal(err)
		}
		expect(t, events, resync)
		expect(t, all, resync)
		publish(t, s, b, changed)
		expect(t, all, changed)
	}
	if n := strings.Count(log.String(), "cannot be received"); n < 3 {
		t.Errorf("the log has %d lines of a lost connection, want 3: %s", n, log)
	}
}

func TestAnEventToldOverADeadConnectionArrives(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	here, _ := start(t, s)
	there, _ := start(t, twin(t, s))
	events := subscribe(t, here, nil)
	there.Tell(changed)
	expect(t, events, changed)
	config, _ := s.ListenerConfig()
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.WithoutCancel(t.Context()))
	_, err = admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "+
		"WHERE datname = current_database() AND backend_type = 'client backend' AND query NOT ILIKE 'LISTEN%' AND pid <> "+
		"pg_backend_pid()")
	if err != nil {
		t.Fatal(err)
	}
	there.Tell(another)
	expect(t, events, another)
}

func TestAnUnknownNotificationIsIgnoredAndLogged(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	b, log := start(t, s)
	events := subscribe(t, b, nil)
	for _, payload := range []string{"", "planted-5ecret", `{"topic":"WEATHER","objectId":"planted-5ecret"}`,
		`["planted-5ecret"]`} {
		if _, err := s.DB().ExecContext(t.Context(), "SELECT pg_notify($1, $2)", live.Channel, payload); err != nil {
			t.Fatal(err)
		}
	}
	newer := `{"topic":"MARKETPLACE","clientId":"cli_1","clientProductId":"cpr_1","objectId":"mkt_1","since":"a later version"}`
	if _, err := s.DB().ExecContext(t.Context(), "SELECT pg_notify($1, $2)", live.Channel, newer); err != nil {
		t.Fatal(err)
	}
	expect(t, events, changed)
	if n := strings.Count(log.String(), "was ignored"); n != 4 || strings.Contains(log.String(), "planted") {
		t.Errorf("the log has %d lines, want 4: %s", n, log)
	}
}

// A pulled cable causes no error: only a ping shows that the connection is gone.
func TestAConnectionThatWentSilentIsReplaced(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	config, _ := s.ListenerConfig()
	wire := newWire(t, config.Config)
	far := open(t, fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", config.User, wire.address(), config.Database))
	b := live.New(far, slog.New(slog.DiscardHandler))
	live.SetTimes(b, 100*time.Millisecond, 500*time.Millisecond)
	run(t, b)
	events := subscribe(t, b, nil)
	publish(t, s, b, changed)
	expect(t, events, changed)
	time.Sleep(300 * time.Millisecond) // it was pinged, and answered
	publish(t, s, b, another)
	expect(t, events, another)

	wire.cut()
	expect(t, events, resync)
	publish(t, s, b, changed)
	expect(t, events, changed)
}

// wire is a network between a store and its database.
type wire struct {
	listener net.Listener
	mu       sync.Mutex
	lines    []*line
}

// line is one connection; once it is cut nothing passes, and neither end gets an error.
type line struct {
	cut  chan struct{}
	ends [2]net.Conn
}

func newWire(t *testing.T, to pgconn.Config) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener}
	t.Cleanup(func() {
		_ = listener.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, l := range w.lines {
			_, _ = l.ends[0].Close(), l.ends[1].Close()
		}
	})
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			network, address := pgconn.NetworkAddress(to.Host, to.Port)
			far, err := net.Dial(network, address)
			if err != nil {
				_ = near.Close()
				continue
			}
			l := &line{cut: make(chan struct{}), ends: [2]net.Conn{near, far}}
			w.mu.Lock()
			w.lines = append(w.lines, l)
			w.mu.Unlock()
			go l.pass(near, far)
			go l.pass(far, near)
		}
	}()
	return w
}

func (w *wire) address() string { return w.listener.Addr().String() }

// cut cuts the lines that are there; new ones work.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lines {
		close(l.cut)
	}
}

func (l *line) pass(from, to net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		select {
		case <-l.cut:
			_, _ = io.Copy(io.Discard, from)
			return
		default:
		}
		if n > 0 {
			_, _ = to.Write(buf[:n])
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

func TestRunEndsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	config, _ := s.ListenerConfig()
	wire := newWire(t, config.Config)
	far := open(t, fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", config.User, wire.address(), config.Database))
	_ = wire.listener.Close()
	b := live.New(far, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	b.Run(ctx) // refused again and again
	select {
	case <-b.Ready():
		t.Error("it is ready")
	default:
	}
}
