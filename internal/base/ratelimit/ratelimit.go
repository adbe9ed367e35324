// Package ratelimit limits how much each caller may ask for in a time. It counts in the memory of this instance: with
// several instances a caller gets the rates of each.
package ratelimit

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/recent"
)

// maxCallers caps the remembered callers of each kind. Strangers have a cache of their own, so that a sweep over many
// addresses evicts no other caller's count.
const maxCallers = 100_000

// Rate is a token bucket: how much comes back in a second, and how much there is at most, which a silent caller may
// send at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Rates are the rates of each kind of caller.
type Rates struct {
	// Key, Operator and Stranger count requests: of an access key, an operator, and an address without either.
	Key, Operator, Stranger Rate
	// KeyPoints counts the cost of an access key's requests: the complexity of their documents.
	KeyPoints Rate
	// LookUp counts the credentials from one address that are not known to be valid and have to be looked up.
	LookUp Rate
	// Webhook counts the deliveries of one address.
	Webhook Rate
}

// The requests per second of each kind of caller, in a portal that sets none.
const (
	DefaultKey      = 10
	DefaultOperator = 20
	DefaultStranger = 5
)

// Default are the rates of a portal that sets none.
var Default = For(DefaultKey, DefaultOperator, DefaultStranger)

// For returns the rates for so many requests per second of each kind of caller. A caller may send the requests of 5
// seconds at once, a stranger those of 4. A key may spend 2,000 points a minute for each request per second.
func For(key, operator, stranger int) Rates {
	return Rates{
		Key:       Rate{PerSecond: float64(key), Burst: 5 * key},
		Operator:  Rate{PerSecond: float64(operator), Burst: 5 * operator},
		Stranger:  Rate{PerSecond: float64(stranger), Burst: 4 * stranger},
		KeyPoints: Rate{PerSecond: 2000.0 / 60 * float64(key), Burst: 2000 * key},
		// After a start the requests of all back-offices behind one address are looked up at once: a hundred connections'
		// worth.
		LookUp: Rate{PerSecond: float64(stranger), Burst: 20 * stranger},
		// A provider sends for all shops of the house from few addresses. After an outage of the portal it sends at once what
		// waited.
		Webhook: Rate{PerSecond: 20, Burst: 500},
	}
}

// Limiter counts what callers ask for.
type Limiter struct {
	rates              atomic.Pointer[Rates]
	now                func() time.Time
	requests           *lru.Cache[string, *rate.Limiter] // of keys and operators, by id
	points             *lru.Cache[string, *rate.Limiter] // of keys, by id
	requestsOfStranger *lru.Cache[string, *rate.Limiter] // by network
	lookups            *lru.Cache[string, *rate.Limiter] // by network
	webhooks           *lru.Cache[string, *rate.Limiter] // by network
}

// New returns a limiter; now is its clock.
func New(rates Rates, now func() time.Time) *Limiter {
	l := &Limiter{
		now: now, requests: remember(), points: remember(), requestsOfStranger: remember(), lookups: remember(),
		webhooks: remember(),
	}
	l.rates.Store(&rates)
	return l
}

// Adjust sets other rates. The counts of all callers begin anew.
func (l *Limiter) Adjust(rates Rates) {
	l.rates.Store(&rates)
	for _, counts := range []*lru.Cache[string, *rate.Limiter]{
		l.requests, l.points, l.requestsOfStranger, l.lookups, l.webhooks,
	} {
		counts.Purge()
	}
}

func remember() *lru.Cache[string, *rate.Limiter] {
	return recent.New[string, *rate.Limiter](maxCallers)
}

// Request counts a request of a principal, or of its network address when p is nil.
func (l *Limiter) Request(p principal.Principal, address string) Answer {
	switch p := p.(type) {
	case principal.Key:
		return l.take(l.requests, p.ID, l.rates.Load().Key, 1)
	case principal.Operator:
		return l.take(l.requests, p.ID, l.rates.Load().Operator, 1)
	default:
		return l.takeEach(l.requestsOfStranger, address, l.rates.Load().Stranger)
	}
}

// LookUp counts a look-up of an unproven credential from an address. Found takes it back.
func (l *Limiter) LookUp(address string) Answer {
	return l.takeEach(l.lookups, address, l.rates.Load().LookUp)
}

// Found takes back a LookUp whose credential was valid: it costs its address nothing.
func (l *Limiter) Found(address string) {
	for _, n := range Networks(address) {
		if bucket, known := l.lookups.Peek(n.Name); known {
			bucket.AllowN(l.now(), -1) // gives one back, up to the burst
		}
	}
}

// Webhook counts a delivery from an address. Each address has a count of its own: otherwise strangers could use up a
// provider's.
func (l *Limiter) Webhook(address string) Answer {
	return l.takeEach(l.webhooks, address, l.rates.Load().Webhook)
}

// Network returns the network by which strangers are counted: the address, or the /64 of an IPv6 address, which is one
// subscriber's.
func Network(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || !parsed.Is6() || parsed.Is4In6() {
		return address
	}
	prefix, err := parsed.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// Counted is a network that a request from an address counts for.
type Counted struct {
	// Name identifies the network.
	Name string
	// Times is how many times the rate of one subscriber the network may use.
	Times int
}

// Networks returns the networks that a stranger is counted for, the narrowest first. Of IPv6 there are three: a line
// has a /64 or a /56, a company or a rented server often a /48. Such a /48 could otherwise use 65,536 networks one
// after the other.
func Networks(address string) []Counted {
	networks := []Counted{{Network(address), 1}}
	parsed, err := netip.ParseAddr(address)
	if err != nil || !parsed.Is6() || parsed.Is4In6() {
		return networks
	}
	for _, wide := range []struct{ bits, times int }{{56, 4}, {48, 16}} {
		if prefix, err := parsed.WithZone("").Prefix(wide.bits); err == nil {
			networks = append(networks, Counted{prefix.String(), wide.times})
		}
	}
	return networks
}

// takeEach takes one from the bucket of each network of an address. It returns the answer of the narrowest that
// refuses, or of the narrowest of all.
func (l *Limiter) takeEach(of *lru.Cache[string, *rate.Limiter], address string, r Rate) Answer {
	var narrowest Answer
	for i, n := range Networks(address) {
		answer := l.take(of, n.Name, Rate{PerSecond: r.PerSecond * float64(n.Times), Burst: r.Burst * n.Times}, 1)
		if !answer.OK {
			return answer
		}
		if i == 0 {
			narrowest = answer
		}
	}
	return narrowest
}

// take takes n from the bucket of a caller, or nothing when it has less.
func (l *Limiter) take(of *lru.Cache[string, *rate.Limiter], caller string, r Rate, n int) Answer {
	bucket, known := of.Get(caller)
	if !known {
		bucket = rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
		if before, known, _ := of.PeekOrAdd(caller, bucket); known {
			bucket = before // a concurrent request has made it
		}
	}
	now := l.now()
	answer := Answer{OK: bucket.AllowN(now, n), limit: r.Burst}
	left := max(0, bucket.TokensAt(now))
	answer.remaining = int(left)
	answer.reset = secondsUntil(float64(r.Burst)-left, r)
	if !answer.OK {
		answer.RetryAfter = max(1, secondsUntil(math.Min(float64(n), float64(r.Burst))-left, r))
	}
	return answer
}

// secondsUntil returns in how many whole seconds n come back.
func secondsUntil(n float64, r Rate) int { return int(math.Ceil(n / r.PerSecond)) }

// Answer says whether a caller may go on.
type Answer struct {
	// OK reports whether it may.
	OK bool
	// RetryAfter is the seconds that a refused caller has to wait.
	RetryAfter int

	limit, remaining int
	reset            int // seconds until the bucket is full again
}

// SetHeaders sets RateLimit-Limit, -Remaining and -Reset, and Retry-After when the caller has to wait. The names are
// written as http.Header keeps them: Set would make each anew.
func (a Answer) SetHeaders(h http.Header) {
	h["Ratelimit-Limit"] = []string{strconv.Itoa(a.limit)}
	h["Ratelimit-Remaining"] = []string{strconv.Itoa(a.remaining)}
	h["Ratelimit-Reset"] = []string{strconv.Itoa(a.reset)}
	if !a.OK {
		h.Set("Retry-After", strconv.Itoa(a.RetryAfter))
	}
}

type contextKey struct{}

// With returns a context in which Spend counts with l.
func With(ctx context.Context, l *Limiter) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// Spend counts the cost of a request for the principal of the context. It counts access keys only: all other callers
// may go on, and so may every request of a context without a limiter.
func Spend(ctx context.Context, points int) Answer {
	key, ok := principal.From(ctx).(principal.Key)
	l, counted := ctx.Value(contextKey{}).(*Limiter)
	if !ok || !counted {
		return Answer{OK: true}
	}
	return l.take(l.points, key.ID, l.rates.Load().KeyPoints, points)
}
