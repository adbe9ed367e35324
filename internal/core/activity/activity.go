// Package activity counts by the hour what a desk looks back at: reads, refusals, renewals, and how many connections
// are in which state. Whatever happens is counted in memory, and saved behind everything; a process that is killed
// takes with it what it counted since its last save.
package activity

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Kind is what is counted.
type Kind string

// The kinds of what happens.
const (
	// Reads are credentials that back-offices got.
	Reads Kind = "READS"
	// KeysRefused are calls with an access key that was refused. They have no provider.
	KeysRefused Kind = "KEYS_REFUSED"
	// Renewed are renewals that gave new credentials, and NotRenewed those that gave none.
	Renewed    Kind = "RENEWED"
	NotRenewed Kind = "NOT_RENEWED"
	// Broke are connections that stopped working, BrokeInIncident those that an incident of the provider explains, and
	// Refused those whose credentials the provider began to refuse.
	Broke           Kind = "BROKE"
	BrokeInIncident Kind = "BROKE_IN_INCIDENT"
	Refused         Kind = "REFUSED"
)

var kinds = []Kind{Reads, KeysRefused, Renewed, NotRenewed, Broke, BrokeInIncident, Refused}

// The kinds of what there is. An hour has the last sample that was taken in it.
const (
	// InIncident are connections that an incident of their provider holds up.
	InIncident Kind = "IN_INCIDENT"
	// LongestDown is for how many minutes the connection that is broken longest has been so.
	LongestDown Kind = "LONGEST_DOWN"
	// inState is before the state of the connections that are counted.
	inState = "STATE_"
)

// InState is the kind of the connections in a state.
func InState(state provider.State) Kind { return Kind(inState + string(state)) }

// Options are what a Service is made of.
type Options struct {
	Store *store.Store
	// Providers are those that things are counted of.
	Providers provider.Registry
	// Sample counts what there is. It may be nil where no job runs.
	Sample func(context.Context) ([]Sample, error)
	// Now is the clock.
	Now func() time.Time
}

// Sample is how many there are of something.
type Sample struct {
	Kind     Kind
	Provider provider.Code
	N        int64
}

// Service counts. A nil Service counts nothing.
type Service struct {
	store  *store.Store
	now    func() time.Time
	sample func(context.Context) ([]Sample, error)
	// counts has an entry for each kind and provider, and the empty provider, so that the map itself never changes.
	counts map[key]*atomic.Int64
	// sampled is when Run has taken the last sample.
	sampled time.Time
}

// key is what is counted, and of which provider; empty for what has none.
type key struct {
	kind     Kind
	provider provider.Code
}

// New returns the service.
func New(o Options) *Service {
	t := &Service{store: o.Store, now: o.Now, sample: o.Sample, counts: map[key]*atomic.Int64{}}
	for _, kind := range kinds {
		t.counts[key{kind: kind}] = new(atomic.Int64)
		for code := range o.Providers {
			t.counts[key{kind, code}] = new(atomic.Int64)
		}
	}
	return t
}

// Count counts in memory that something happened n times; Run saves it. It drops what is of an unknown provider.
func (t *Service) Count(kind Kind, code provider.Code, n int64) {
	if t == nil {
		return
	}
	if counter := t.counts[key{kind, code}]; counter != nil {
		counter.Add(n)
	}
}

// CountCall implements provider.Meter: calls are not counted.
func (*Service) CountCall(provider.Code, int, error, time.Duration) {}

// CountRenewal implements provider.Meter.
func (t *Service) CountRenewal(code provider.Code, outcome provider.Outcome, err error) {
	switch {
	case outcome == provider.Untestable: // nothing was tried
	case outcome == provider.OK && err == nil:
		t.Count(Renewed, code, 1)
	default:
		t.Count(NotRenewed, code, 1)
	}
}

// count is a number of an hour.
type count struct {
	hour time.Time
	key
	n int64
}

// hourForm is how ids write hours: they sort as the hours do.
const hourForm = "2006010215"

// RowID returns the id of the row with the count of an hour.
func RowID(hour time.Time, kind Kind, code provider.Code) string {
	return strings.Join([]string{hour.UTC().Format(hourForm), string(kind), string(code)}, " ")
}

func (c count) id() string { return RowID(c.hour, c.kind, c.provider) }

// parse returns the count of a row; false when the row has another form.
func parse(id string, n int64) (count, bool) {
	parts := strings.Split(id, " ")
	if len(parts) != 3 {
		return count{}, false
	}
	hour, err := time.Parse(hourForm, parts[0])
	return count{hour, key{Kind(parts[1]), provider.Code(parts[2])}, n}, err == nil
}

// FirstAt returns the smallest id of the hour of an instant.
func FirstAt(at time.Time) string { return at.UTC().Format(hourForm) }

// inOrder sorts counts by their ids: two instances that save the same ones do not deadlock.
func inOrder(counts []count) []count {
	slices.SortFunc(counts, func(a, b count) int { return cmp.Compare(a.id(), b.id()) })
	return counts
}
