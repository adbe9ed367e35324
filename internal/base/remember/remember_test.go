package remember

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func asked(shop, what string) Question {
	return Question{
		Shop: shop, AsOf: principal.Version{Shop: 1, Revision: 1, Settings: 1}, Hash: sha256.Sum256([]byte(what)),
	}
}

func TestAnAnswerIsGivenToTheSameQuestionAlone(t *testing.T) {
	t.Parallel()
	a := New(newClock().now)
	a.Keep(asked("shop", "question"), Answer{
		Body: []byte("body"), ETag: `W/"1"`, Points: 7, Reads: []Read{{MarketplaceID: "mkp_1", Version: 3}},
	})
	found, ok := a.Find(asked("shop", "question"))
	if !ok || string(found.Body) != "body" || found.ETag != `W/"1"` || found.Points != 7 || len(found.Reads) != 1 {
		t.Errorf("the same question gets %+v, %v", found, ok)
	}
	for what, other := range map[string]Question{
		"another question": asked("shop", "other"),
		"another shop":     asked("other", "question"),
	} {
		if _, ok := a.Find(other); ok {
			t.Errorf("%s gets the answer", what)
		}
	}
}

func TestAnotherVersionEndsEveryAnswerOfItsShop(t *testing.T) {
	t.Parallel()
	a := New(newClock().now)
	for _, what := range []string{"one", "two"} {
		a.Keep(asked("shop", what), Answer{Body: []byte(what)})
	}
	a.Keep(asked("other", "one"), Answer{Body: []byte("other")})
	newer := asked("shop", "one")
	newer.AsOf.Revision++
	if _, ok := a.Find(newer); ok {
		t.Error("an answer is given in another version")
	}
	if _, ok := a.Find(asked("shop", "two")); ok {
		t.Error("the version that was gives answers again")
	}
	if _, ok := a.Find(asked("other", "one")); !ok {
		t.Error("another shop has lost its answer")
	}
}

func TestAnAnswerEndsAfterTenMinutesOrWhenItSaysSoOrWhenTheClockIsPutBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		until time.Duration // 0 is none
		holds time.Duration
		ends  time.Duration
	}{
		"without an end":        {0, 10*time.Minute - 1, 10 * time.Minute},
		"with a late end":       {time.Hour, 10*time.Minute - 1, 10 * time.Minute},
		"with an early end":     {time.Minute, time.Minute - 1, time.Minute},
		"with a clock put back": {0, 0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			a := New(clock.now)
			answer := Answer{Body: []byte("body")}
			if c.until > 0 {
				answer.Until = clock.now().Add(c.until)
			}
			a.Keep(asked("shop", "question"), answer)
			clock.advance(c.holds)
			if _, ok := a.Find(asked("shop", "question")); !ok {
				t.Errorf("it does not hold after %v", c.holds)
			}
			clock.advance(c.ends - c.holds)
			if _, ok := a.Find(asked("shop", "question")); ok {
				t.Errorf("it holds after %v", c.ends)
			}
		})
	}
}

func TestAnAnswerIsNotKept(t *testing.T) {
	t.Parallel()
	clock := newClock()
	unknown := asked("shop", "question")
	unknown.AsOf = principal.Version{}
	for name, c := range map[string]struct {
		of     Question
		answer Answer
	}{
		"that is too large":         {asked("shop", "question"), Answer{Body: make([]byte, MaxBody+1)}},
		"that has ended":            {asked("shop", "question"), Answer{Body: []byte("body"), Until: clock.now()}},
		"of a version nobody knows": {unknown, Answer{Body: []byte("body")}},
	} {
		a := New(clock.now)
		a.Keep(c.of, c.answer)
		if _, ok := a.Find(c.of); ok {
			t.Errorf("an answer %s is kept", name)
		}
	}
}

// Proves: 5.9
func TestTheAnswersAreBoundedInNumberAndBytes(t *testing.T) {
	t.Parallel()
	a := New(newClock().now)
	for i := range maxShops + 10 {
		a.Keep(asked(fmt.Sprint(i), "question"), Answer{Body: []byte("body")})
	}
	if shops, _ := a.Size(); shops != maxShops {
		t.Errorf("%d shops are remembered, want %d", shops, maxShops)
	}
	for i := range 1000 {
		a.Keep(asked(fmt.Sprint(i), "question"), Answer{Body: make([]byte, MaxBody)})
	}
	if _, size := a.Size(); size > maxBytes {
		t.Errorf("%d bytes are remembered, want at most %d", size, maxBytes)
	}
	if _, ok := a.Find(asked("999", "question")); !ok {
		t.Error("the latest is not among them")
	}
	for i := range 100 {
		a.Keep(asked("one", fmt.Sprint(i)), Answer{Body: []byte("body")})
	}
	known, _ := a.shops.Peek("one")
	if len(known.answers) > maxEach {
		t.Errorf("one shop has %d answers, want at most %d", len(known.answers), maxEach)
	}
	a.Forget("", principal.Version{})
	if shops, size := a.Size(); shops != 0 || size != 0 {
		t.Errorf("of nothing there are %d shops and %d bytes", shops, size)
	}
}

// Proves: 5.9
func TestABodyIsNotInMemoryAsItIs(t *testing.T) {
	t.Parallel()
	a := New(newClock().now)
	secret := []byte("planted-secret")
	a.Keep(asked("shop", "question"), Answer{Body: secret})
	known, _ := a.shops.Peek("shop")
	for _, answer := range known.answers {
		if bytes.Contains(answer.Body, secret) {
			t.Error("the body is remembered in clear")
		}
	}
}

// Proves: 5.9
func TestSweepingForgettingAndClosingDropAnswers(t *testing.T) {
	t.Parallel()
	clock := newClock()
	a := New(clock.now)
	a.Keep(asked("short", "question"), Answer{Body: []byte("body"), Until: clock.now().Add(time.Minute)})
	a.Keep(asked("long", "question"), Answer{Body: []byte("body")})
	a.Keep(asked("changed", "question"), Answer{Body: []byte("body")})
	clock.advance(time.Minute)
	a.Sweep()
	a.Forget("changed", principal.Version{})
	a.Forget("long", asked("long", "question").AsOf) // late news of a change that it shows already
	if shops, _ := a.Size(); shops != 1 || !a.Knows("long") || a.Knows("changed") {
		t.Errorf("%d shops are remembered, want the one whose answer holds", shops)
	}
	a.Close()
	a.Keep(asked("late", "question"), Answer{Body: []byte("body")})
	if shops, size := a.Size(); shops != 0 || size != 0 {
		t.Errorf("after closing there are %d shops and %d bytes", shops, size)
	}
}

func TestNotesSayWhatCountsWhenAnAnswerIsGivenAgain(t *testing.T) {
	t.Parallel()
	soon, later := time.Now(), time.Now().Add(time.Hour)
	notes := &Notes{}
	ctx := With(t.Context(), notes)
	From(ctx).Read(Read{MarketplaceID: "mkp_1"})
	From(ctx).EndAt(later)
	From(ctx).EndAt(soon)
	From(ctx).EndAt(time.Time{})
	From(ctx).Cost(9)
	if _, complete := notes.Answer(); complete {
		t.Error("an answer that nobody called complete is")
	}
	From(ctx).Complete()
	answer, complete := notes.Answer()
	if !complete || !answer.Until.Equal(soon) || answer.Points != 9 || len(answer.Reads) != 1 {
		t.Errorf("the notes are %+v, %v", answer, complete)
	}

	nobody := From(t.Context()) // each call does nothing
	nobody.Read(Read{})
	nobody.EndAt(soon)
	nobody.Cost(1)
	nobody.Complete()
}
