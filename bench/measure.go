package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/bench/load"
)

// The works that are measured.
const (
	readAgain     = "W1 a read again"
	readCold      = "W1 cold"
	readUnchanged = "W1 by ETag"
	listClients   = "W2 a list"
	addOne        = "W3 a write"
	allAtOnce     = "W4 reads beside writes and log-ins"
)

// How the shops are shared out: most of those with keys are read; those that are neither read nor listed get
// marketplaces.
const (
	readShare = 0.6
	// maxRead is how many shops are read at most: the portal lets one address read 10,000.
	maxRead = 9000
	// repeatedShops is how many shops are read again and again.
	repeatedShops = 1000
	// warmReads is how many reads a server that was just started answers before it is measured.
	warmReads = 500
)

// How often an operator writes, and somebody logs in, while back-offices read.
const (
	writeEvery = 50 * time.Millisecond
	logInEvery = 500 * time.Millisecond
)

// restTime is how long the systems rest before their memory is read: what they keep for the next log-in is not what
// they need.
const restTime = 4 * time.Second

// searches are inner pieces of words; each finds about a twelfth of the clients.
var searches = []string{
	"adari", "ercad", "armac", "apelar", "onfec", "alcad", "ivrar", "oncei", "araib", "rogress", "uimara", "vangel",
}

// figures are what one work of one system took, a member for each round.
type figures struct {
	throughput []float64
	took       []time.Duration // of all rounds
	cpu        time.Duration   // of all rounds
}

// bench measures the systems of one database in rounds.
type bench struct {
	systems     []*system
	skipped     []string // the peers that do not start
	connections int
	round       time.Duration
	// read are the shops that are read, and answers what each is answered.
	read    []limit.Shop
	answers [][]byte
	// writable are the shops that are in none of these answers.
	writable []limit.Shop
	measured map[string]map[string]*figures // by work and system
	profiler *profiler                      // nil where nothing is profiled
	start    map[string][]time.Duration
	memory   map[string][]float64
	peak     map[string][]float64
}

func newBench(connections int, round time.Duration, systems ...*system) *bench {
	return &bench{
		systems: systems, connections: connections, round: round,
		measured: map[string]map[string]*figures{}, start: map[string][]time.Duration{},
		memory: map[string][]float64{}, peak: map[string][]float64{},
	}
}

// learn shares out the shops and asks each system all that is read: the answers must be the same to the byte, and so
// must the lists where a system has no comparison of its own.
func (b *bench) learn(ctx context.Context, shops []limit.Shop) error {
	toRead := min(int(readShare*float64(len(shops))), maxRead)
	for _, shop := range shops {
		if shop.AccessKey != "" && len(b.read) < toRead {
			b.read = append(b.read, shop)
		} else {
			b.writable = append(b.writable, shop)
		}
	}
	for _, s := range b.systems {
		answers, lists := make([][]byte, len(b.read)), make([][]byte, len(searches))
		err := b.pass(ctx, s, len(answers), func(i int) load.Request {
			return load.Request{Text: s.read(b.read[i].AccessKey), Check: keepBody(&answers[i])}
		})
		if err == nil {
			err = b.pass(ctx, s, len(lists), func(i int) load.Request {
				return load.Request{Text: s.list(s.token(i), searches[i]), Check: s.keepList(&lists[i])}
			})
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		s.lists = lists
		if b.answers == nil {
			b.answers = answers
		}
		if err := b.compare(s, answers); err != nil {
			return err
		}
	}
	shown := bytes.Join(b.systems[0].lists, nil)
	b.writable = slices.DeleteFunc(b.writable, func(of limit.Shop) bool {
		return bytes.Contains(shown, []byte(of.ClientID))
	})
	if len(b.writable) == 0 {
		return errors.New("each shop is read or listed: none is left to be written to")
	}
	return nil
}

// compare checks what a system answers against the answers of the first.
func (b *bench) compare(s *system, answers [][]byte) error {
	first := b.systems[0]
	want, got := b.answers, answers
	if s.wantSameList == nil {
		want, got = slices.Concat(want, first.lists), slices.Concat(got, s.lists)
	} else {
		for i, list := range s.lists {
			if err := s.wantSameList(first.lists[i], list); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	for i, answer := range got {
		if !bytes.Equal(want[i], answer) {
			return fmt.Errorf("%s answers\n%s\nand %s\n%s", first.name, want[i], s.name, answer)
		}
	}
	return nil
}

// pass sends each of n requests once, as a work that is not measured.
func (b *bench) pass(ctx context.Context, s *system, n int, request func(i int) load.Request) error {
	_, err := load.Run(ctx, s.of.address, time.Hour, load.Lane{Connections: b.connections, Next: sendOnce(n, request)})
	return err
}

// sendOnce returns a source of n requests, each once.
func sendOnce(n int, request func(i int) load.Request) func(int) (load.Request, bool) {
	return func(i int) (load.Request, bool) {
		if i >= n {
			return load.Request{}, false
		}
		return request(i), true
	}
}

// sendForever returns a source of requests without end.
func sendForever(request func(i int) load.Request) func(int) (load.Request, bool) {
	return func(i int) (load.Request, bool) { return request(i), true }
}

// reads returns the request that reads the shop i, on and on around the first n.
func (b *bench) reads(s *system, n int) func(i int) load.Request {
	texts := make([][]byte, n)
	for i := range texts {
		texts[i] = s.read(b.read[i].AccessKey)
	}
	return func(i int) load.Request {
		return load.Request{Text: texts[i%n], Check: wantBytes(b.answers[i%n])}
	}
}

// readsAgain returns the reads of the shops that are read again and again, once each of them was read.
func (b *bench) readsAgain(ctx context.Context, s *system) (func(i int) load.Request, error) {
	n := min(repeatedShops, len(b.read))
	request := b.reads(s, n)
	return request, b.pass(ctx, s, n, request)
}

// polls returns the requests of back-offices that have the answer.
func (b *bench) polls(ctx context.Context, s *system) (func(i int) load.Request, error) {
	n := min(repeatedShops, len(b.read))
	texts := make([][]byte, n)
	err := b.pass(ctx, s, n, func(i int) load.Request {
		key := b.read[i].AccessKey
		return load.Request{Text: poll(key, ""), Check: func(a load.Answer) error {
			texts[i] = poll(key, a.Header("ETag"))
			return wantBytes(b.answers[i])(a)
		}}
	})
	return func(i int) load.Request { return load.Request{Text: texts[i%n], Check: wantUnchanged} }, err
}

func (b *bench) listings(s *system) func(i int) load.Request {
	return func(i int) load.Request {
		of := i % len(searches)
		return load.Request{Text: s.list(s.token(i), searches[of]), Check: wantBytes(s.lists[of])}
	}
}

func (b *bench) additions(s *system) func(i int) load.Request {
	return func(int) load.Request {
		n := int(s.added.Add(1) - 1)
		shop, description := b.writable[n%len(b.writable)], fmt.Sprintf("Loja %d", n)
		return load.Request{
			Text:  s.add(s.token(n), shop, description, fmt.Sprintf("token-%d", n)),
			Check: s.wantAdded(description),
		}
	}
}

// restart starts a system anew, so that it remembers nothing.
func (b *bench) restart(ctx context.Context, s *system) error {
	if err := s.stop(); err != nil {
		return err
	}
	running, err := s.of.start(ctx)
	if err != nil {
		return err
	}
	s.running = running
	b.start[s.name] = append(b.start[s.name], running.took)
	return nil
}

// measure does one round of the works: each of them with each system, one after the other.
func (b *bench) measure(ctx context.Context, works []string) error {
	for _, s := range b.systems {
		if err := b.restart(ctx, s); err != nil {
			return err
		}
	}
	for _, s := range b.systems {
		if err := s.running.settle(ctx); err != nil {
			return err
		}
	}
	for _, work := range works {
		for _, s := range b.systems {
			if work == readUnchanged && s.name != portalName {
				continue // the limit knows no ETag: its whole answer is what this is compared with
			}
			if s.peer && !slices.Contains(peerWorks, work) {
				continue
			}
			if err := b.measureOne(ctx, work, s); err != nil {
				return fmt.Errorf("%s, %s: %w", work, s.name, err)
			}
		}
	}
	if err := wait(ctx, restTime); err != nil {
		return err
	}
	for _, s := range b.systems {
		now, most, err := s.running.memory()
		if err != nil {
			return err
		}
		b.memory[s.name], b.peak[s.name] = append(b.memory[s.name], now), append(b.peak[s.name], most)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *bench) measureOne(ctx context.Context, work string, s *system) error {
	lanes, err := b.lanesOf(ctx, work, s)
	if err != nil {
		return err
	}
	before, err := s.running.cpu()
	if err != nil {
		return err
	}
	atMost := b.round
	if work == allAtOnce {
		atMost *= 2 // log-ins are few
	}
	profiled := b.profiler.begin(ctx, s, work, atMost)
	measured, err := load.Run(ctx, s.of.address, atMost, lanes...)
	if err := errors.Join(err, <-profiled); err != nil {
		return err
	}
	after, err := s.running.cpu()
	if err != nil {
		return err
	}
	if work != allAtOnce {
		b.note(work, s, measured[0], after-before)
	} else { // nobody can tell whose the processor time was
		b.note(work, s, measured[0], 0)
		b.note(writesBeside, s, measured[1], 0)
		b.note(logInsBeside, s, measured[2], 0)
	}
	return nil
}

// The lanes of allAtOnce beside the reads.
const (
	writesBeside = "W4 writes"
	logInsBeside = "W4 log-ins"
)

func (b *bench) note(work string, s *system, took load.Measured, cpu time.Duration) {
	if b.measured[work] == nil {
		b.measured[work] = map[string]*figures{}
	}
	of := b.measured[work][s.name]
	if of == nil {
		of = &figures{}
		b.measured[work][s.name] = of
	}
	of.throughput = append(of.throughput, took.Throughput())
	of.took = append(of.took, took.Took...)
	of.cpu += cpu
}

// lanesOf prepares a work: what is sent before it is measured, and what then.
func (b *bench) lanesOf(ctx context.Context, work string, s *system) ([]load.Lane, error) {
	lane := load.Lane{Connections: b.connections}
	switch work {
	case readCold:
		request := b.reads(s, len(b.read))
		before := min(warmReads, len(b.read)/4)
		if err := b.pass(ctx, s, before, request); err != nil {
			return nil, err
		}
		lane.Next = sendOnce(len(b.read)-before, func(i int) load.Request { return request(before + i) })
	case readAgain:
		request, err := b.readsAgain(ctx, s)
		if err != nil {
			return nil, err
		}
		lane.Next = sendForever(request)
	case readUnchanged:
		request, err := b.polls(ctx, s)
		if err != nil {
			return nil, err
		}
		lane.Next = sendForever(request)
	case listClients:
		request := b.listings(s)
		if err := b.pass(ctx, s, len(searches), request); err != nil {
			return nil, err
		}
		lane.Next = sendForever(request)
	case addOne:
		lane.Next = sendForever(b.additions(s))
	case allAtOnce:
		request, err := b.readsAgain(ctx, s)
		if err != nil {
			return nil, err
		}
		lane.Next = sendForever(request)
		var body []byte
		logIn := load.Request{Text: s.logIn(), Check: keepBody(&body)}
		return []load.Lane{
			lane,
			{Connections: 1, Every: writeEvery, Next: sendForever(b.additions(s))},
			{Connections: 1, Every: logInEvery, Next: sendForever(func(int) load.Request { return logIn })},
		}, nil
	default:
		return nil, fmt.Errorf("%q is no work", work)
	}
	return []load.Lane{lane}, nil
}

// token returns one of the tokens of operators, in turn: each has a rate of its own.
func (s *system) token(i int) string { return s.tokens[i%len(s.tokens)] }

// stop ends a system that runs.
func (s *system) stop() error {
	if s.running == nil {
		return nil
	}
	running := s.running
	s.running = nil
	return running.stop()
}
