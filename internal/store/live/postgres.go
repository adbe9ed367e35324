package live

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// channel is PostgreSQL's channel. Each database has its own.
const channel = "chaveiro"

// The pause before another attempt to listen doubles from minPause up to maxPause.
const (
	minPause = 100 * time.Millisecond
	maxPause = 5 * time.Second
)

// Run keeps the bus connected to the other instances until ctx ends. On PostgreSQL it has a connection of its own, and
// opens another when it breaks. Events that are sent meanwhile are lost, so it sends every subscriber a Resync each
// time it begins to listen. On SQLite it only waits for ctx.
func (b *Bus) Run(ctx context.Context) {
	config, ok := b.store.ListenerConfig()
	if !ok {
		<-ctx.Done()
		return
	}
	var sending sync.WaitGroup
	sending.Go(func() { b.send(ctx) })
	defer sending.Wait()

	for pause := minPause; ; pause = min(2*pause, maxPause) {
		began := time.Now()
		err := b.listen(ctx, config)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > maxPause {
			pause = minPause
		}
		b.log.Warn("the events of other instances cannot be received", "err", err, "pause", pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause/2 + rand.N(pause/2)): // #nosec G404 -- a pause is no secret
		}
	}
}

// Ready returns a channel that is closed once the bus first receives the events of other instances; on SQLite it is
// closed from the start.
func (b *Bus) Ready() <-chan struct{} { return b.ready }

// listen receives what the instances send until ctx ends or the connection breaks, and returns why.
func (b *Bus) listen(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := b.connect(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // the connection is done with, so its error does not matter
	}()
	b.deliver(Event{Topic: Resync})
	b.log.Info("receiving the events of other instances")
	select {
	case <-b.ready:
	default:
		close(b.ready)
	}
	for {
		n, err := b.wait(ctx, conn)
		if err != nil {
			return err
		}
		if n != nil {
			b.receive(n)
		}
	}
}

func (b *Bus) connect(ctx context.Context, config *pgx.ConnConfig) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*b.times.answer)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("listen: %w", err)
	}
	return conn, nil
}

// wait returns the next notification. It pings a connection that is silent for long, as it may have been cut without a
// message. It returns nil when the ping is answered, and an error when not.
func (b *Bus) wait(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	silence, cancel := context.WithTimeout(ctx, b.times.silence)
	defer cancel()
	n, err := conn.WaitForNotification(silence)
	if err == nil || ctx.Err() != nil || silence.Err() == nil {
		return n, err
	}
	answer, cancel := context.WithTimeout(ctx, b.times.answer)
	defer cancel()
	if err := conn.Ping(answer); err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	return nil, nil
}

// receive delivers a notification to the subscribers, unless this instance sent it and has delivered it already.
func (b *Bus) receive(n *pgconn.Notification) {
	var m message
	if err := json.Unmarshal([]byte(n.Payload), &m); err != nil || !m.Topic.isKnown() {
		b.log.Warn("a notification that this version does not know was ignored", "channel", n.Channel, "bytes",
			len(n.Payload))
		return
	}
	if m.From != b.id {
		b.deliver(m.Event)
	}
}

// send sends the messages of Tell to the other instances until ctx ends, all that wait in one statement.
func (b *Bus) send(ctx context.Context) {
	for {
		var messages []string
		select {
		case <-ctx.Done():
			return
		case text := <-b.tells:
			messages = append(messages, text)
		}
		for len(b.tells) > 0 { // only this loop receives
			messages = append(messages, <-b.tells)
		}
		if err := b.notify(ctx, messages); err != nil && ctx.Err() == nil {
			b.log.Warn("events were not sent to the other instances", "events", len(messages), "err", err)
		}
	}
}

func (b *Bus) notify(ctx context.Context, messages []string) error {
	ctx, cancel := context.WithTimeout(ctx, b.times.answer)
	defer cancel()
	// It is a query, which the store repeats when its connection turns out dead: an event that arrives twice does no harm.
	const tell = "SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message"
	rows, err := b.store.DB().QueryContext(ctx, tell, channel, messages)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		continue
	}
	return rows.Err()
}
