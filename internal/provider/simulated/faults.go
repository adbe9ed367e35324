package simulated

import (
	"bytes"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with one call.
type Fault struct {
	kind        faultKind
	path        string // how the paths begin that it is for
	wait        time.Duration
	release     <-chan struct{}
	status      int
	retryAfter  time.Duration
	contentType string
	body        string
	reshape     func(*Shape) // of the answer to a call that is done
}

type faultKind int

const (
	pass faultKind = iota
	hang
	problem
	instead
	cutBefore
	delay
	truncated
	cutWithin
	cutAfter
	reshaped
)

// On returns the fault limited to calls whose path has this prefix.
func (f Fault) On(pathPrefix string) Fault {
	f.path = pathPrefix
	return f
}

// Pass is no fault: in a script, it lets a call through.
func Pass() Fault { return Fault{} }

// Hang leaves a call undone until release is closed, which may be nil, or Clear is
// called: then it is done. It is never done if the caller leaves before.
func Hang(release <-chan struct{}) Fault { return Fault{kind: hang, release: release} }

// Status answers with a status and an error in the provider's own shape. The call
// is not done.
func Status(code int) Fault { return Fault{kind: problem, status: code} }

// TooManyRequests answers 429 in the provider's own shape, with Retry-After in
// whole seconds unless it is 0. The call is not done.
func TooManyRequests(retryAfter time.Duration) Fault {
	return Fault{kind: problem, status: http.StatusTooManyRequests, retryAfter: retryAfter}
}

// Answer answers with this and nothing else. The call is not done.
func Answer(status int, contentType, body string) Fault {
	return Fault{kind: instead, status: status, contentType: contentType, body: body}
}

// HTML answers 200 with a page where JSON should be, as a gateway does. The call is
// not done.
func HTML() Fault {
	return Answer(http.StatusOK, "text/html; charset=utf-8",
		"<!DOCTYPE html><html><body><h1>Em manutenção</h1></body></html>")
}

// ErrorIn200 answers 200 with the error and error_description of RFC 6749. The call
// is not done.
func ErrorIn200(code, description string) Fault {
	return Answer(http.StatusOK, "application/json",
		`{"error":`+strconv.Quote(code)+`,"error_description":`+strconv.Quote(description)+`}`)
}

// CutBefore cuts the connection before the call is done.
func CutBefore() Fault { return Fault{kind: cutBefore} }

// CutAfter cuts the connection after the call is done, unanswered: a refresh token
// is spent, and nobody has the new one.
func CutAfter() Fault { return Fault{kind: cutAfter} }

// Delay does the call at once and answers after this time, or not at all if the
// caller has left by then.
func Delay(d time.Duration) Fault { return Fault{kind: delay, wait: d} }

// Truncated does the call and answers with the first half of its JSON, as if that
// were all.
func Truncated() Fault { return Fault{kind: truncated} }

// CutWithin does the call and cuts the connection after the first half of the
// answer's body.
func CutWithin() Fault { return Fault{kind: cutWithin} }

// Reshaped does the call and answers with what change makes of its answer.
func Reshaped(change func(*Shape)) Fault { return Fault{kind: reshaped, reshape: change} }

// transient are the faults that come at random: with none of them is the call done.
var transient = []Fault{
	Status(http.StatusInternalServerError),
	Status(http.StatusServiceUnavailable),
	Answer(http.StatusBadGateway, "text/html", "<html><body>502 Bad Gateway</body></html>"),
	TooManyRequests(time.Second),
	CutBefore(),
}

// Faults is what can go wrong with a provider's API, and what was asked of it. The
// panel, and the pages that a merchant sees, always work and are not counted.
//
// Of several faults that fit a call, a scripted one comes first, then one of
// Always, then one at random.
type Faults struct {
	now func() time.Time
	// problem writes an error in the provider's own shape.
	problem func(w http.ResponseWriter, status int, message string)

	mu      sync.Mutex // guards the provider's own state too
	down    bool
	slow    func() time.Duration // nil answers at once
	script  []Fault
	always  []Fault
	rate    float64
	random  *rand.Rand
	holds   []*hold
	cleared chan struct{} // closed and replaced by Clear
	calls   []*Call
	counts  map[string]int
}

// hold is a place where the next call stops.
type hold struct {
	path     string
	after    bool
	reached  chan struct{}
	released chan struct{}
}

// faults makes what embeds Faults a Twin.
func (f *Faults) faults() *Faults { return f }

// prepare makes the zero value usable.
func (f *Faults) prepare(now func() time.Time, problem func(w http.ResponseWriter, status int, message string)) {
	f.now, f.problem = now, problem
	f.cleared = make(chan struct{})
	f.counts = make(map[string]int)
}

// Script adds faults, each of which befalls one call: the next one that it is for.
func (f *Faults) Script(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script = append(f.script, faults...)
}

// Always lets every call suffer the first of these faults that is for it, in place
// of those of an earlier Always. Without any, that ends.
func (f *Faults) Always(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.always = slices.Clone(faults)
}

// Rate lets a share of the calls, from 0 to 1, fail at random: with 5xx, 429, or a
// connection cut before the call is done. The same seed gives the same sequence.
func (f *Faults) Rate(share float64, seed uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate, f.random = share, rand.New(rand.NewPCG(seed, 0)) // #nosec G404 -- faults that repeat
}

// SetDown answers every call with 503, whatever else is set, until it is called
// with false.
func (f *Faults) SetDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// SetSlow lets every call be done at once and answered after a time between these
// two; two of 0 end that. The same seed gives the same times. A fault that is set
// comes on top.
func (f *Faults) SetSlow(least, most time.Duration, seed uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if most <= 0 {
		f.slow = nil
		return
	}
	random := rand.New(rand.NewPCG(seed, 0)) // #nosec G404 -- times that repeat
	f.slow = func() time.Duration { return least + time.Duration(random.Int64N(int64(max(most-least, 0))+1)) }
}

// Clear ends all faults, and lets go the calls that hang or are held.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down, f.slow, f.script, f.always, f.rate, f.random, f.holds = false, nil, nil, nil, 0, nil, nil
	close(f.cleared)
	f.cleared = make(chan struct{})
}

// Hold stops the next call whose path begins like this before it is done. Reached
// is closed when there is one; release, which may be called again, lets it go on.
// If the caller leaves before, it is never done.
func (f *Faults) Hold(pathPrefix string) (reached <-chan struct{}, release func()) {
	return f.hold(pathPrefix, false)
}

// HoldAnswer is Hold for a call that has been done, and has its answer to come.
func (f *Faults) HoldAnswer(pathPrefix string) (reached <-chan struct{}, release func()) {
	return f.hold(pathPrefix, true)
}

func (f *Faults) hold(path string, after bool) (<-chan struct{}, func()) {
	h := &hold{path, after, make(chan struct{}), make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds = append(f.holds, h)
	return h.reached, sync.OnceFunc(func() { close(h.released) })
}

const maxRequest = 1 << 20

// api makes a call of the API of what does it: counted, and with the faults that
// are set.
func (f *Faults) api(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Read whole before anything waits: only then is a caller who leaves noticed.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			cut(w)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		call, fault, slow := f.recordCall(r)
		said := &answer{header: make(http.Header)}

		if !f.isHeld(r, false) || fault.kind == hang && !f.wait(r, fault.release) || fault.kind == cutBefore {
			cut(w)
			return
		}
		f.say(said, r, fault, do)
		if fault.kind == delay {
			slow += fault.wait
		}
		if !f.isHeld(r, true) || slow > 0 && !pause(r, slow) || fault.kind == cutAfter {
			cut(w)
			return
		}
		switch fault.kind {
		case truncated:
			said.body.Truncate(said.body.Len() / 2)
		case reshaped:
			said.reshape(fault.reshape)
		case cutWithin:
			f.recordAnswer(call, said.status)
			said.sendHalf(w)
			return
		}
		f.recordAnswer(call, said.status)
		said.send(w)
	}
}

// say answers a call with do, or with its fault instead.
func (f *Faults) say(said *answer, r *http.Request, fault Fault, do http.HandlerFunc) {
	switch fault.kind {
	case problem:
		if fault.retryAfter > 0 {
			said.Header().Set("Retry-After", strconv.Itoa(int(fault.retryAfter.Seconds())))
		}
		f.problem(said, fault.status, "Falha simulada")
	case instead:
		said.Header().Set("Content-Type", fault.contentType)
		said.WriteHeader(fault.status)
		_, _ = said.Write([]byte(fault.body))
	default:
		do(said, r)
	}
}

// next returns the fault that befalls a call, and takes it out of the script.
func (f *Faults) next(path string) Fault {
	fits := func(fault Fault) bool { return strings.HasPrefix(path, fault.path) }
	if f.down {
		return Status(http.StatusServiceUnavailable)
	}
	if i := slices.IndexFunc(f.script, fits); i >= 0 {
		fault := f.script[i]
		f.script = slices.Delete(f.script, i, i+1)
		return fault
	}
	if i := slices.IndexFunc(f.always, fits); i >= 0 {
		return f.always[i]
	}
	if f.random != nil && f.random.Float64() < f.rate {
		return transient[f.random.IntN(len(transient))]
	}
	return Pass()
}

// isHeld stops a call if there is a hold for it, and reports whether it may go on.
func (f *Faults) isHeld(r *http.Request, after bool) bool {
	f.mu.Lock()
	i := slices.IndexFunc(f.holds, func(h *hold) bool {
		return h.after == after && strings.HasPrefix(r.URL.Path, h.path)
	})
	if i < 0 {
		f.mu.Unlock()
		return true
	}
	h := f.holds[i]
	f.holds = slices.Delete(f.holds, i, i+1)
	cleared := f.cleared
	close(h.reached)
	f.mu.Unlock()
	return until(r, h.released, cleared)
}

// wait stops a call, and reports whether it may go on.
func (f *Faults) wait(r *http.Request, release <-chan struct{}) bool {
	f.mu.Lock()
	cleared := f.cleared
	f.mu.Unlock()
	return until(r, release, cleared)
}

// until waits for one of two channels. It reports false if the caller left, even if
// that was not seen before the channel was closed.
func until(r *http.Request, one, other <-chan struct{}) bool {
	select {
	case <-one:
	case <-other:
	case <-r.Context().Done():
	}
	return r.Context().Err() == nil
}

// pause waits. It reports false if the caller left first.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// cut closes the connection in the middle of the status line. If it were closed
// before that, HTTP libraries would take it for a connection that had been idle for
// too long, and ask again by themselves: the test would not see its fault.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 ")
	_ = conn.Close()
}

// answer is what a provider is about to say.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(text []byte) (int, error) { return a.body.Write(text) }

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// sendHalf sends half of the body that the head promises, and cuts the connection.
func (a *answer) sendHalf(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()[:a.body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (a *answer) reshape(change func(*Shape)) {
	shape := Shape{Status: a.status, ContentType: a.header.Get("Content-Type"), Body: bytes.Clone(a.body.Bytes())}
	change(&shape)
	a.status = shape.Status
	a.header.Set("Content-Type", shape.ContentType)
	a.body.Reset()
	_, _ = a.body.Write(shape.Body)
}
