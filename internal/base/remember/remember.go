// Package remember keeps answers to back-offices, to give them again while nothing that they can show has changed. An
// answer is made the ordinary way, which takes notes of what counts when it is given again:
//
//	notes := &remember.Notes{}
//	ctx = remember.With(ctx, notes)
//	...                                 // elsewhere, while the answer is made:
//	remember.From(ctx).Read(read)       // a secret is in it
//	remember.From(ctx).EndAt(expiresAt) // it shows something else from then on
//	remember.From(ctx).Cost(points)     // what it costs each time
//	remember.From(ctx).Complete()       // it may be given again
//	...
//	answer, complete := notes.Answer()
//	answers.Keep(question, answer)
package remember

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// Limits on what is remembered.
const (
	// longest is how long an answer is given again at most.
	longest = 10 * time.Minute
	// maxShops caps the shops with answers, and maxEach the answers of one.
	maxShops = 20_000
	maxEach  = 8
	// maxBytes caps the bytes of all answers, and MaxBody those of the body of one.
	maxBytes = 24 << 20
	MaxBody  = 64 << 10
	// overhead is about what an answer costs beside its body.
	overhead = 500
)

// Question says what was asked: by which shop, of which version, and a hash of all of the request that its answer
// depends on.
type Question struct {
	Shop string
	AsOf principal.Version
	Hash [sha256.Size]byte
}

// Read is that the credentials of a marketplace are in an answer.
type Read struct {
	MarketplaceID, Provider string
	Version                 int64
}

// Answer is an answer that may be given again.
type Answer struct {
	// ContentType, ETag and Vary are its headers; empty where it has none.
	ContentType, ETag, Vary string
	// Body is nil where only the ETag is known.
	Body []byte
	// Operation is the name of the operation, for the access log.
	Operation string
	// Points are what it costs each time.
	Points int
	// Until is when it may show something else, although nothing has changed.
	Until time.Time
	// Reads are the credentials in it.
	Reads []Read

	made time.Time
}

// Answers are the answers that are remembered. Their bodies are sealed with a key of the process alone. It is safe for
// concurrent use.
type Answers struct {
	now func() time.Time

	mu     sync.Mutex
	sealer cipher.AEAD // nil once it is closed
	shops  *simplelru.LRU[string, *shop]
	bytes  int
}

// shop is what is remembered of one shop: answers of one version.
type shop struct {
	asOf    principal.Version
	answers map[[sha256.Size]byte]Answer
	bytes   int
}

// New returns no answers yet. now is the clock.
func New(now func() time.Time) *Answers {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails: it ends the program instead
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for a key of another length
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for another cipher
	}
	a := &Answers{now: now, sealer: sealer}
	a.shops, err = simplelru.NewLRU(maxShops, func(_ string, of *shop) { a.bytes -= of.bytes })
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return a
}

// Find returns the answer to a question. It returns false when there is none, or none that still holds.
func (a *Answers) Find(of Question) (Answer, bool) {
	found, sealer, ok := a.find(of)
	if !ok || found.Body == nil {
		return found, ok
	}
	body, err := sealer.Open(nil, nil, found.Body, of.Hash[:])
	if err != nil {
		panic("remember: a body does not open in the memory of its own process")
	}
	found.Body = body
	return found, true
}

func (a *Answers) find(of Question) (Answer, cipher.AEAD, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.shops.Get(of.Shop)
	if !ok {
		return Answer{}, nil, false
	}
	if known.asOf != of.AsOf {
		a.shops.Remove(of.Shop) // something has changed
		return Answer{}, nil, false
	}
	found, ok := known.answers[of.Hash]
	if now := a.now(); !ok || now.Before(found.made) || !now.Before(found.Until) {
		return Answer{}, nil, false
	}
	return found, a.sealer, true
}

// Keep remembers the answer to a question, unless it is too large or the version is unknown.
func (a *Answers) Keep(of Question, answer Answer) {
	if len(answer.Body) > MaxBody || !of.AsOf.IsKnown() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sealer == nil {
		return
	}
	answer.made = a.now()
	if !answer.Until.IsZero() && !answer.Until.After(answer.made) {
		return
	}
	if latest := answer.made.Add(longest); answer.Until.After(latest) || answer.Until.IsZero() {
		answer.Until = latest
	}
	if answer.Body != nil {
		answer.Body = a.sealer.Seal(nil, nil, answer.Body, of.Hash[:]) // #nosec G407 -- it makes its own random nonce
	}
	known, ok := a.shops.Get(of.Shop)
	if !ok || known.asOf != of.AsOf || len(known.answers) >= maxEach {
		a.shops.Remove(of.Shop)
		known = &shop{asOf: of.AsOf, answers: map[[sha256.Size]byte]Answer{}}
		a.shops.Add(of.Shop, known)
	}
	grown := sizeOf(answer)
	if before, again := known.answers[of.Hash]; again {
		grown -= sizeOf(before)
	}
	known.answers[of.Hash] = answer
	known.bytes += grown
	for a.bytes += grown; a.bytes > maxBytes; {
		a.shops.RemoveOldest()
	}
}

func sizeOf(answer Answer) int { return overhead + len(answer.Body) }

// Knows reports whether there are answers of a shop.
func (a *Answers) Knows(shopID string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shops.Contains(shopID)
}

// Forget drops the answers of a shop unless they are of this version; those of all for the empty shop.
func (a *Answers) Forget(shopID string, but principal.Version) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if shopID == "" {
		a.shops.Purge()
		return
	}
	if known, ok := a.shops.Peek(shopID); ok && known.asOf != but {
		a.shops.Remove(shopID)
	}
}

// Sweep drops the shops whose answers have all ended.
func (a *Answers) Sweep() {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for _, id := range a.shops.Keys() {
		known, _ := a.shops.Peek(id)
		if !holds(known, now) {
			a.shops.Remove(id)
		}
	}
}

// holds reports whether one of the answers of a shop still holds.
func holds(known *shop, now time.Time) bool {
	for _, answer := range known.answers {
		if now.Before(answer.Until) {
			return true
		}
	}
	return false
}

// Close drops all answers and the key. No answer is kept from then on.
func (a *Answers) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shops.Purge()
	a.sealer = nil
}

// Size returns how many shops have answers, and about how many bytes these take.
func (a *Answers) Size() (shops, bytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shops.Len(), a.bytes
}

// Notes are what is found out while an answer is made. The zero value and nil are ready for use. They are safe for
// concurrent use.
type Notes struct {
	mu       sync.Mutex
	complete bool
	points   int
	until    time.Time // zero when no end was noted
	reads    []Read
}

type contextKey struct{}

// With returns a context in which the answer to a request takes notes.
func With(ctx context.Context, n *Notes) context.Context {
	return context.WithValue(ctx, contextKey{}, n)
}

// From returns the notes of a context, or nil: nobody wants to know.
func From(ctx context.Context) *Notes {
	n, _ := ctx.Value(contextKey{}).(*Notes)
	return n
}

// Read notes that credentials are in the answer.
func (n *Notes) Read(read Read) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reads = append(n.reads, read)
}

// EndAt notes that the answer shows something else from end on. The zero time notes nothing.
func (n *Notes) EndAt(end time.Time) {
	if n == nil || end.IsZero() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.until.IsZero() || end.Before(n.until) {
		n.until = end
	}
}

// Cost notes what the answer costs each time it is given.
func (n *Notes) Cost(points int) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.points = points
}

// Complete notes that the answer is whole, without an error, and shows nothing but what its shop's version covers.
func (n *Notes) Complete() {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.complete = true
}

// Answer returns the answer with what was noted. It returns false unless the answer is complete.
func (n *Notes) Answer() (Answer, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return Answer{Points: n.points, Until: n.until, Reads: n.reads}, n.complete
}
