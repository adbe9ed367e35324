package httpserver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// Limits on open event streams: in all, and per caller. All unauthenticated callers count as one.
const (
	maxStreams     = 1000
	maxStreamsEach = 10
)

// Live delivers events of changes in the portal.
type Live interface {
	// Subscribe returns a channel with every Resync and the events for which wants returns true, until ctx ends.
	Subscribe(ctx context.Context, wants func(live.Event) bool) (<-chan live.Event, error)
}

const (
	// recheckTime is how often the right of a stream's caller is checked. It bounds how long a stream outlives that right
	// when no event reports the change.
	recheckTime = 15 * time.Second
	// settleTime is how long after such an event the session cache may still hold the old state.
	settleTime = 6 * time.Second
	// streamTime limits the life of a stream. Its caller reconnects, perhaps to another instance.
	streamTime = 15 * time.Minute
	// streamWriteTime limits how long a caller takes to receive one write.
	streamWriteTime = 5 * time.Second
)

// streams are the requests that are answered with Server-Sent Events. Such an answer may last long: the time limits of
// ordinary answers do not apply. It ends when its caller loses the right or stops reading, or when the server stops.
type streams struct {
	identify  identifier
	recheck   time.Duration
	lifetime  time.Duration
	writeTime time.Duration
	log       *slog.Logger
	stopping  context.Context
	stop      context.CancelFunc // ends all present and later streams

	mu      sync.Mutex
	open    map[string]int // by caller; "" is unauthenticated
	all     int
	watched map[*watched]struct{}
}

// watched is an open stream of an authenticated caller. A value in again demands a check of the caller's right at once.
type watched struct {
	caller principal.Principal
	again  chan struct{}
}

func newStreams(o Options) *streams {
	s := &streams{
		identify:  newIdentifier(o),
		recheck:   o.RecheckStreams,
		lifetime:  streamTime,
		writeTime: streamWriteTime,
		log:       o.Log,
		open:      map[string]int{},
		watched:   map[*watched]struct{}{},
	}
	if s.recheck == 0 {
		s.recheck = recheckTime
	}
	s.stopping, s.stop = context.WithCancel(context.Background()) // #nosec G118 -- the server stops it
	if o.Live != nil {
		s.follow(o.Live)
	}
	return s
}

// follow checks the callers of streams again as soon as their rights change.
func (s *streams) follow(bus Live) {
	events, err := bus.Subscribe(s.stopping, func(e live.Event) bool { return e.Topic == live.RightsChanged })
	if err != nil {
		s.log.Error("subscribe to changes of rights: streams end only at the next recheck", "err", err)
		return
	}
	go func() {
		for e := range events {
			s.mu.Lock()
			for w := range s.watched {
				if concerns(e, w.caller) {
					w.askAgain()
				}
			}
			s.mu.Unlock()
		}
	}()
}

// concerns reports whether an event may have changed the rights of a caller.
func concerns(e live.Event, caller principal.Principal) bool {
	if e.Topic == live.Resync {
		return true
	}
	switch caller := caller.(type) {
	case principal.Operator:
		return e.ObjectID == caller.ID
	case principal.Key:
		return e.ClientID == caller.ClientID && (e.ClientProductID == "" || e.ClientProductID == caller.ClientProductID)
	default:
		return false
	}
}

func (w *watched) askAgain() {
	select {
	case w.again <- struct{}{}:
	default: // a check is pending already
	}
}

// add registers a stream for checks, until the returned function is called.
func (s *streams) add(caller principal.Principal) (*watched, func()) {
	w := &watched{caller: caller, again: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watched[w] = struct{}{}
	return w, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watched, w)
	}
}

// wantsStream reports whether a request is answered with Server-Sent Events, by the same headers as the GraphQL layer.
func wantsStream(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// handler lets next answer with a stream if the request wants one. It answers 429 to a caller at its limit, and 503
// when all streams are taken.
func (s *streams) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !wantsStream(r) {
			next.ServeHTTP(w, r)
			return
		}
		caller := principal.From(r.Context())
		if status := s.enter(idOf(caller)); status != http.StatusOK {
			w.Header().Set("Retry-After", "5")
			writeRefusal(w, r, status, fault.Busy)
			return
		}
		defer s.leave(idOf(caller))

		ctx, end := context.WithCancel(r.Context())
		defer end()
		defer time.AfterFunc(s.lifetime, end).Stop()
		defer context.AfterFunc(s.stopping, end)()
		if caller != nil {
			w, forget := s.add(caller)
			defer forget()
			go s.watch(ctx, r, w, end)
		}
		out := newStream(w, r, s.writeTime)
		defer out.close()
		next.ServeHTTP(out, r.WithContext(ctx))
	})
}

// idOf returns the id that a caller is counted by; "" for an unauthenticated one.
func idOf(p principal.Principal) string {
	switch p := p.(type) {
	case principal.Operator:
		return p.ID
	case principal.Key:
		return p.ID
	default:
		return ""
	}
}

// enter counts a stream, and returns 200. At a limit it returns the status of the refusal.
func (s *streams) enter(caller string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open[caller] >= maxStreamsEach:
		return http.StatusTooManyRequests
	case s.all >= maxStreams:
		return http.StatusServiceUnavailable
	}
	s.open[caller]++
	s.all++
	return http.StatusOK
}

func (s *streams) leave(caller string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.open[caller]--; s.open[caller] == 0 {
		delete(s.open, caller)
	}
}

// watch ends a stream when its Authorization header no longer gives the same principal: the key was revoked, the
// session has ended, the token has expired, or the operator has another role. It also ends the stream when the check
// fails.
func (s *streams) watch(ctx context.Context, r *http.Request, w *watched, end func()) {
	defer end()
	ticker := time.NewTicker(s.recheck)
	defer ticker.Stop()
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-settled:
		case <-w.again:
			settled = time.After(settleTime)
		}
		now, err := s.ask(ctx, r)
		s.logFailure(ctx, err)
		if err != nil || !principal.Same(now, w.caller) {
			return
		}
	}
}

// logFailure logs why the check of a stream's caller failed, if that is the portal's fault.
func (s *streams) logFailure(ctx context.Context, err error) {
	const doing = "authenticate the caller of a stream"
	switch {
	case err == nil || ctx.Err() != nil || errors.Is(err, fault.Unauthenticated):
	case isBusy(err):
		logBusy(ctx, s.log, doing, err)
	default:
		s.log.ErrorContext(ctx, doing, "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
	}
}

func (s *streams) ask(ctx context.Context, r *http.Request) (principal.Principal, error) {
	ctx, cancel := context.WithTimeout(ctx, s.recheck)
	defer cancel()
	return s.identify(ctx, r)
}

// stream writes an answer piece by piece, with a write deadline for each piece. Several goroutines may write, and one
// may write after the request has ended: gqlgen's keep-alive can wait behind a blocked write and go on after the
// handler returns. net/http would crash then.
type stream struct {
	http.ResponseWriter
	control   *http.ResponseController
	writeTime time.Duration
	resting   bool // clears the deadline between writes (HTTP/2)

	mu      sync.Mutex
	started bool
	closed  bool
}

// newStream returns the stream of a request whose body has been read.
func newStream(w http.ResponseWriter, r *http.Request, writeTime time.Duration) *stream {
	s := &stream{ResponseWriter: w, control: http.NewResponseController(w), writeTime: writeTime,
		resting: r.ProtoMajor > 1}
	_ = s.control.SetReadDeadline(time.Time{}) // fails only where there is no network
	return s
}

// Unwrap returns the inner writer, for http.ResponseController.
func (s *stream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// WriteHeader starts the answer, unless the stream is closed.
func (s *stream) WriteHeader(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.begin()
		s.ResponseWriter.WriteHeader(status)
	}
}

// Write writes a piece. It returns io.ErrClosedPipe when the stream is closed.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	s.begin()
	s.allow()
	defer s.rest()
	return s.ResponseWriter.Write(p)
}

// Flush sends the written pieces, unless the stream is closed. If the caller does not receive them in time, its
// connection is cut and the context of the request ends.
func (s *stream) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.begin()
	s.allow()
	defer s.rest()
	_ = s.control.Flush()
}

// close ends the stream: later writes are refused.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.allow() // for the server, which sends the rest
}

// begin sets the headers of an event stream, so that no cache stores it and no proxy buffers it.
func (s *stream) begin() {
	if s.started {
		return
	}
	s.started = true
	if header := s.Header(); isStream(s) {
		header.Set("Cache-Control", "no-store")
		header.Set("X-Accel-Buffering", "no")
	}
}

// allow sets the deadline of the next write.
func (s *stream) allow() {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.writeTime)) // fails only where there is no network
}

// rest clears the deadline after a write. Over HTTP/2 an expired deadline would end a silent stream.
func (s *stream) rest() {
	if s.resting {
		_ = s.control.SetWriteDeadline(time.Time{})
	}
}
