package live

import (
	"context"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

const (
	maxSubscribers = 1000
	// backlog is how many events wait for a subscriber.
	backlog = 64
)

type subscriber struct {
	wants  func(Event) bool
	events chan Event
}

// Subscribe returns a channel of the events for which wants returns true, all of them if it is nil, and of every
// Resync. The channel is closed when ctx ends. At most 64 events wait in it. A subscriber that does not keep up finds a
// single Resync in their place, and blocks no publisher. wants is called while every publisher waits, so it must look
// only at the event. Subscribe returns fault.Busy when there are 1,000 subscribers.
func (b *Bus) Subscribe(ctx context.Context, wants func(Event) bool) (<-chan Event, error) {
	s := &subscriber{wants: wants, events: make(chan Event, backlog)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.subscribers) >= maxSubscribers {
		return nil, fault.Busy
	}
	b.subscribers[s] = struct{}{}
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subscribers, s)
		close(s.events)
	})
	return s.events, nil
}

// deliver hands an event to the subscribers of this instance.
func (b *Bus) deliver(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subscribers {
		if e.Topic == Resync || s.wants == nil || s.wants(e) {
			s.put(e)
		}
	}
}

// put adds an event to the backlog, or replaces a full one with a Resync. The caller holds the lock of the bus, so
// nothing else sends.
func (s *subscriber) put(e Event) {
	if e.Topic != Resync {
		select {
		case s.events <- e:
			return
		default:
		}
	}
	for {
		select {
		case <-s.events:
			continue
		default:
		}
		break
	}
	s.events <- Event{Topic: Resync}
}
