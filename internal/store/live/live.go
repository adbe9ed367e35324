// Package live tells subscribers that something has changed, in this instance of the portal and in all others on the
// same database. An event says what to read again, never the content: a subscriber reads by its own rights, and sees
// only what it may see.
//
//	bus := live.New(s, log)
//	go bus.Run(ctx)
//
//	events, err := bus.Subscribe(ctx, func(e live.Event) bool { return e.ClientProductID == id })
//	err = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
//		...
//		return bus.Publish(ctx, tx, live.Event{Topic: live.MarketplaceChanged, ClientProductID: id})
//	})
package live

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Topic says what has changed. Its values are those of the GraphQL enum ChangeTopic.
type Topic string

// The topics.
const (
	// MarketplaceChanged: a marketplace was added or removed, or its health, credentials or settings have changed.
	MarketplaceChanged Topic = "MARKETPLACE"
	// AccessKeyUsed: an access key was used, or refused because of where it came from.
	AccessKeyUsed Topic = "ACCESS_KEY_USED"
	// InstallationsChanged: an unclaimed installation was added or removed.
	InstallationsChanged Topic = "INSTALLATIONS"
	// IncidentsChanged: an incident of a provider was opened or closed.
	IncidentsChanged Topic = "INCIDENTS"
	// RightsChanged: a key, service token, operator or session has fewer rights than before, or a client or its product
	// has changed so. Streams that are open for one are checked again. The objectId is the id of what changed; the page
	// does not get it.
	RightsChanged Topic = "RIGHTS"
	// Edited: a person has changed an object, which the objectId names: see package edit.
	Edited Topic = "EDITED"
	// Resync: events may have been missed, so everything is to be read again. It reaches every subscriber.
	Resync Topic = "RESYNC"
)

func (t Topic) isKnown() bool {
	switch t {
	case MarketplaceChanged, AccessKeyUsed, InstallationsChanged, IncidentsChanged, RightsChanged, Edited, Resync:
		return true
	default:
		return false
	}
}

// Event is one change. It has ids only, each empty where there is none.
type Event struct {
	Topic           Topic  `json:"topic"`
	ClientID        string `json:"clientId,omitempty"`
	ClientProductID string `json:"clientProductId,omitempty"`
	ObjectID        string `json:"objectId,omitempty"`
}

// Bus carries events from writers to subscribers. On PostgreSQL they travel through the database, to this instance too;
// on SQLite there is no other instance. It is safe for concurrent use.
type Bus struct {
	store *store.Store
	log   *slog.Logger
	id    string      // this instance's, among those on the same database
	tells chan string // messages of Tell for the other instances
	ready chan struct{}
	times times

	mu          sync.Mutex
	subscribers map[*subscriber]struct{}
}

// times are how long the listening connection may be silent before it is pinged, and how long the ping may take.
type times struct{ silence, answer time.Duration }

// maxTells caps the messages of Tell that wait to be sent.
const maxTells = 1000

// New returns a bus over a store. No event of PostgreSQL arrives until Run runs.
func New(s *store.Store, log *slog.Logger) *Bus {
	b := &Bus{
		store:       s,
		log:         log,
		id:          rand.Text(),
		tells:       make(chan string, maxTells),
		ready:       make(chan struct{}),
		times:       times{silence: 10 * time.Second, answer: 5 * time.Second},
		subscribers: map[*subscriber]struct{}{},
	}
	if !b.hasOtherInstances() {
		close(b.ready)
	}
	return b
}

// hasOtherInstances reports whether other instances may work on the same database.
func (b *Bus) hasOtherInstances() bool { return b.store.Dialect() == dialect.Postgres }

// Publish sends e to all subscribers once tx, the transaction of ctx, is committed, and to none if it is rolled back.
// It is called inside Store.Write and panics anywhere else. It returns an error if the topic is unknown, the ids are
// longer than a message may be, or the database fails. A nil bus sends nothing.
func (b *Bus) Publish(ctx context.Context, tx *ent.Tx, e Event) error {
	if b == nil {
		return nil
	}
	text, err := encode(message{Event: e})
	if err != nil {
		return err
	}
	if b.hasOtherInstances() {
		return b.store.Notify(ctx, channel, text)
	}
	store.AfterCommit(ctx, func() { b.deliver(e) })
	return nil
}

// PublishRights is Publish of RightsChanged for operators and service tokens: their open streams are checked again.
func (b *Bus) PublishRights(ctx context.Context, tx *ent.Tx, ids ...string) error {
	for _, id := range ids {
		if err := b.Publish(ctx, tx, Event{Topic: RightsChanged, ObjectID: id}); err != nil {
			return err
		}
	}
	return nil
}

// Tell sends e outside a transaction, and does not block. Subscribers of this instance get it at once, and those of the
// others soon. Others may miss it while the database is away or too many messages wait. Each call may send a message to
// every instance, so callers throttle events that every request causes. It drops an e that Publish would refuse.
func (b *Bus) Tell(e Event) {
	text, err := encode(message{Event: e, From: b.id})
	if err != nil {
		b.log.Error("an event was not sent", "topic", string(e.Topic), "err", err)
		return
	}
	b.deliver(e)
	if !b.hasOtherInstances() {
		return
	}
	select {
	case b.tells <- text:
	default:
	}
}

// message is the form of an event in the database.
type message struct {
	Event
	// From is the instance that has delivered the event to its own subscribers already; empty when none has.
	From string `json:"from,omitempty"`
}

// maxMessage is one more than the bytes that PostgreSQL takes in a notification.
const maxMessage = 8000

func encode(m message) (string, error) {
	if !m.Topic.isKnown() {
		return "", fmt.Errorf("an event of the unknown topic %q", m.Topic)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("encode an event of %s: %w", m.Topic, err)
	}
	if len(text) >= maxMessage {
		return "", fmt.Errorf("an event of %s has %d bytes, of at most %d", m.Topic, len(text), maxMessage-1)
	}
	return string(text), nil
}
