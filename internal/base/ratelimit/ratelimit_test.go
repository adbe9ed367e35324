package ratelimit_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// clock is a time that stands still until a test moves it.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newLimiter() (*ratelimit.Limiter, *clock) {
	c := &clock{time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	return ratelimit.New(ratelimit.Default, c.Now), c
}

var (
	key      = principal.Key{ID: "key_1"}
	operator = principal.Operator{ID: "opr_1"}
)

// sent returns how many of n requests pass.
func sent(l *ratelimit.Limiter, p principal.Principal, address string, n int) int {
	through := 0
	for range n {
		if l.Request(p, address).OK {
			through++
		}
	}
	return through
}

// Proves: 5.6
func TestEachKindOfCallerHasItsRate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		caller           principal.Principal
		burst, perSecond int
	}{
		"a key":       {key, 50, 10},
		"an operator": {operator, 100, 20},
		"a stranger":  {nil, 20, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, clock := newLimiter()
			if got := sent(l, test.caller, "192.0.2.1", 200); got != test.burst {
				t.Errorf("%d at once, want %d", got, test.burst)
			}
			clock.now = clock.now.Add(3 * time.Second)
			if got := sent(l, test.caller, "192.0.2.1", 200); got != 3*test.perSecond {
				t.Errorf("%d after 3 s, want %d", got, 3*test.perSecond)
			}
			clock.now = clock.now.Add(time.Hour)
			if got := sent(l, test.caller, "192.0.2.1", 200); got != test.burst {
				t.Errorf("%d after an hour, want %d", got, test.burst)
			}
		})
	}
}

func TestCallersDoNotTakeFromEachOther(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter()
	sent(l, key, "192.0.2.1", 100)
	for name, request := range map[string]ratelimit.Answer{
		"another key":      l.Request(principal.Key{ID: "key_2"}, "192.0.2.1"),
		"an operator":      l.Request(operator, "192.0.2.1"),
		"a stranger":       l.Request(nil, "192.0.2.1"),
		"a stranger's /64": l.Request(nil, "2001:db8::1"),
	} {
		if !request.OK {
			t.Errorf("%s is refused", name)
		}
	}
}

func TestAnIPv6SubscriberIsOneStranger(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1":            "192.0.2.1",
		"::ffff:192.0.2.1":     "::ffff:192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
		"":                     "",
		"no address":           "no address",
	} {
		if got := ratelimit.Network(address); got != want {
			t.Errorf("%q counts as %q, want %q", address, got, want)
		}
	}
}

func TestAWideNetworkOfIPv6HasABoundOfItsOwn(t *testing.T) {
	t.Parallel()
	for form, times := range map[string]int{"2001:db8:1:1%02x::1": 4, "2001:db8:1:%02x00::1": 16} {
		l, clock := newLimiter()
		through := 0
		for i := range 256 {
			through += sent(l, nil, fmt.Sprintf(form, i), 20)
		}
		if want := times * 20; through != want {
			t.Errorf("from 256 networks like %s %d requests go through, want %d", form, through, want)
		}
		clock.now = clock.now.Add(time.Second)
		if again := sent(l, nil, fmt.Sprintf(form, 255), 100); again != 5 {
			t.Errorf("after a second %d go through", again)
		}
		if other := sent(l, nil, "2001:db8:ffff::1", 1); other != 1 {
			t.Error("another house is refused too")
		}
	}
}

func TestAFoundCredentialIsGivenBackToEachOfItsNetworks(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter()
	for i := range 2000 {
		address := fmt.Sprintf("2001:db8:1:%x::1", i)
		if !l.LookUp(address).OK {
			t.Fatalf("the %d. good credential is refused", i+1)
		}
		l.Found(address)
	}
}

func TestTheHeadersSayWhenToComeBack(t *testing.T) {
	t.Parallel()
	l, clock := newLimiter()
	headers := func() string {
		h := http.Header{}
		l.Request(nil, "192.0.2.1").SetHeaders(h)
		return fmt.Sprint(h.Get("RateLimit-Limit"), " ", h.Get("RateLimit-Remaining"), " ", h.Get("RateLimit-Reset"), " ",
			h.Get("Retry-After"))
	}
	if got, want := headers(), "20 19 1 "; got != want {
		t.Errorf("at first %q, want %q", got, want)
	}
	sent(l, nil, "192.0.2.1", 100)
	if got, want := headers(), "20 0 4 1"; got != want {
		t.Errorf("when all is gone %q, want %q", got, want)
	}
	clock.now = clock.now.Add(2 * time.Second)
	if got, want := headers(), "20 9 3 "; got != want {
		t.Errorf("after 2 s %q, want %q", got, want)
	}
}

func TestAKeySpendsPoints(t *testing.T) {
	t.Parallel()
	l, clock := newLimiter()
	ctx := ratelimit.With(principal.With(context.Background(), key), l)
	for i := range 4 {
		if answer := ratelimit.Spend(ctx, 5000); !answer.OK {
			t.Fatalf("the %d. 5,000 points are refused", i+1)
		}
	}
	if answer := ratelimit.Spend(ctx, 5000); answer.OK || answer.RetryAfter != 15 {
		t.Errorf("more is answered %+v, want to wait 15 s", answer)
	}
	clock.now = clock.now.Add(15 * time.Second)
	if answer := ratelimit.Spend(ctx, 5000); !answer.OK {
		t.Error("after the wait it is refused")
	}
	if answer := ratelimit.Spend(ctx, 1_000_000); answer.OK || answer.RetryAfter != 60 {
		t.Errorf("more than there ever is: %+v, want to wait a minute", answer)
	}
	for name, free := range map[string]context.Context{
		"an operator":          ratelimit.With(principal.With(context.Background(), operator), l),
		"a stranger":           ratelimit.With(context.Background(), l),
		"a key without limits": principal.With(context.Background(), key),
	} {
		if !ratelimit.Spend(free, 1_000_000).OK {
			t.Errorf("%s has to pay", name)
		}
	}
}

func TestAFoundCredentialGivesItsLookUpBack(t *testing.T) {
	t.Parallel()
	l, clock := newLimiter()
	const address = "192.0.2.1"
	looked := func() (n int) {
		for l.LookUp(address).OK {
			n++
		}
		return n
	}
	for range 300 {
		if !l.LookUp(address).OK {
			t.Fatal("good credentials are refused")
		}
		l.Found(address)
	}
	if got := looked(); got != 100 {
		t.Errorf("%d look-ups at once, want 100", got)
	}
	l.Found(address)
	l.Found("192.0.2.2") // an address without a look-up gets nothing back
	if got := looked(); got != 1 {
		t.Errorf("%d after one was given back", got)
	}
	clock.now = clock.now.Add(time.Hour)
	l.Found(address)
	if got := looked(); got != 100 {
		t.Errorf("%d after an hour, want 100", got)
	}
	if !l.Request(nil, address).OK {
		t.Error("a look-up costs a request")
	}
}

func TestAProvidersDeliveriesMayComeInALargeBurst(t *testing.T) {
	t.Parallel()
	l, clock := newLimiter()
	delivered := func(address string) (n int) {
		for l.Webhook(address).OK {
			n++
		}
		return n
	}
	if got := delivered("192.0.2.1"); got != 500 {
		t.Errorf("%d at once, want 500", got)
	}
	if got := delivered("192.0.2.2"); got != 500 {
		t.Errorf("%d from another address, want 500", got)
	}
	clock.now = clock.now.Add(time.Second)
	if got := delivered("192.0.2.1"); got != 20 {
		t.Errorf("%d after a second, want 20", got)
	}
}

// Proves: 5.6
func TestASweepOverAddressesDoesNotRenewAKey(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter()
	sent(l, key, "", 100)
	for i := range 100_500 {
		l.Request(nil, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	if l.Request(key, "").OK {
		t.Error("the key has its whole burst again")
	}
	if n := l.Strangers(); n != 100_000 {
		t.Errorf("%d strangers are remembered", n)
	}
}

func TestRequestsAtTheSameTimeAreAllCounted(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter()
	var through sync.Map
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if l.Request(key, "").OK {
				through.Store(i, true)
			}
		})
	}
	all.Wait()
	n := 0
	through.Range(func(any, any) bool { n++; return true })
	if n != 50 {
		t.Errorf("%d go through, want 50", n)
	}
}
