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

// How many event streams may be open: in all, and of one caller. All who are nobody count as one caller.
const (
	maxStreams     = 1000
	maxStreamsEach = 10
)

// Live tells of what changes in the portal.
type Live interface {
	// Subscribe returns a channel of the events that wants says yes to, and of every Resync, until ctx ends.
	Subscribe(ctx context.Context, wants func(live.Event) bool) (<-chan live.Event, error)
}

const (
	// recheckTime is how often the caller of a stream is asked for its right, and so how long it may outlive it when
	// nobody has told of the change.
	recheckTime = 15 * time.Second
	// settleTime is how long after such a change a session may be remembered as it was before.
	settleTime = 6 * time.Second
	// streamTime is how long a stream may last: its caller asks again, and may be answered by another instance.
	streamTime = 15 * time.Minute
	// streamWriteTime is how long a caller may take to receive what was written.
	streamWriteTime = 5 * time.Second
)

// streams are the requests that are answered with Server-Sent Events. Such an answer may last for hours: the times of
// an ordinary one do not end it, but its caller's right does, a caller that does not read, and the server's own end.
type streams struct {
	identify  identifier
	recheck   time.Duration
	lifetime  time.Duration
	writeTime time.Duration
	log       *slog.Logger
	stopping  context.Context
	stop      context.CancelFunc // ends all streams, and those that come later

	mu      sync.Mutex
	open    map[string]int // by caller; "" is nobody
	all     int
	watched map[*watched]struct{}
}

// watched is an open stream of somebody, who is to be asked again whenever again has a value.
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

// follow asks the callers of streams again as soon as their rights change.
func (s *streams) follow(bus Live) {
	events, err := bus.Subscribe(s.stopping, func(e live.Event) bool { return e.Topic == live.RightsChanged })
	if err != nil {
		s.log.Error("streams do not hear of rights that change: they end a little later", "err", err)
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

// concerns reports whether the rights of a caller may be others after an event.
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
	default: // it is asked for already
	}
}

// add adds a stream to those that are watched, until the answer is called.
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

// wantsStream reports whether a request is answered with Server-Sent Events: it asks GraphQL in the same words.
func wantsStream(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// handler lets next answer with a stream where the request wants one. It answers 429 to a caller that has too many
// open, and 503 when there are too many in all.
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

// idOf names the caller of a stream.
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

// enter counts a stream. It returns the status of the refusal if there is no room for it.
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

// watch ends a stream once its Authorization header stands for its caller no more: the key was revoked, the session has
// ended, the token has expired, or the operator has another role. That the portal cannot tell is no better.
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
		if err != nil || now != w.caller {
			return
		}
	}
}

// logFailure logs why the portal cannot tell who the caller of an open stream is.
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

// stream writes an answer piece by piece, each with a time of its own to arrive. It may be written to by several at
// once, and by one that does not know that the request is over: GraphQL's keep-alive may wait for a write that is
// stuck and go on when the answer is finished, which net/http does not survive.
type stream struct {
	http.ResponseWriter
	control   *http.ResponseController
	writeTime time.Duration
	resting   bool // between two writes there is no time to keep

	mu    sync.Mutex
	begun bool
	over  bool
}

// newStream returns the stream of a request whose body has been read.
func newStream(w http.ResponseWriter, r *http.Request, writeTime time.Duration) *stream {
	s := &stream{ResponseWriter: w, control: http.NewResponseController(w), writeTime: writeTime,
		resting: r.ProtoMajor > 1}
	_ = s.control.SetReadDeadline(time.Time{}) // fails only where there is no network
	return s
}

// Unwrap returns the writer below, for http.ResponseController.
func (s *stream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// WriteHeader begins the answer, unless the stream is over.
func (s *stream) WriteHeader(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.begin()
		s.ResponseWriter.WriteHeader(status)
	}
}

// Write writes a piece. It returns io.ErrClosedPipe when the stream is over.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return 0, io.ErrClosedPipe
	}
	s.begin()
	s.allow()
	defer s.rest()
	return s.ResponseWriter.Write(p)
}

// Flush sends what was written, unless the stream is over. A caller that does not receive it in time is cut off, which
// ends the context of the request.
func (s *stream) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.begin()
	s.allow()
	defer s.rest()
	_ = s.control.Flush()
}

// close ends the stream: from now on nothing is written.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.allow() // the server sends what is left
}

// begin sets the headers of an event stream, which is kept nowhere on its way: in no cache, and in no proxy's buffer.
func (s *stream) begin() {
	if s.begun {
		return
	}
	s.begun = true
	if header := s.Header(); isStream(s) {
		header.Set("Cache-Control", "no-store")
		header.Set("X-Accel-Buffering", "no")
	}
}

// allow gives what is written next its time.
func (s *stream) allow() {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.writeTime)) // fails only where there is no network
}

// rest takes the time back once it is written. Over HTTP/2 it would run on, and end a stream that has nothing to say.
func (s *stream) rest() {
	if s.resting {
		_ = s.control.SetWriteDeadline(time.Time{})
	}
}
