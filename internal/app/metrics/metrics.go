// Package metrics counts what the portal does and reads what state it is in, for Prometheus, and serves that and
// profiles on a listener of its own. Nothing that is measured imports it: what happens is told to it by the Hooks,
// which are nil where nothing is measured.
//
// No label has a value that a caller or a row could choose: they are names of this program, and there are few.
package metrics

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Options are what is watched.
type Options struct {
	Store     *store.Store
	Providers provider.Registry
	// DataDir has the note of the last backup.
	DataDir string
	// Version and Revision are the program's.
	Version, Revision string
	// Now is the clock.
	Now func() time.Time
	Log *slog.Logger
}

// Hooks are what the packages of the portal are given to tell what happens. The zero value measures nothing.
type Hooks struct {
	// Request is of httpserver.Options, Operation of graph.Resolver, Login of staff.Options, and Providers of
	// keeper.Options and install.Options.
	Request   func(route string, status int, took time.Duration)
	Operation func(operation ast.Operation, code fault.Refusal)
	Login     func(login.Outcome)
	Misread   func(shape string) // of httpserver.Options too
	// Stranger is of audit.NewStrangers.
	Stranger  func(action string)
	Providers provider.Meter
}

// Metrics are the metrics of one process.
type Metrics struct {
	registry        *prometheus.Registry
	requests        *prometheus.HistogramVec
	operations      *prometheus.CounterVec
	authentications *prometheus.CounterVec
	logins          *prometheus.CounterVec
	misread         prometheus.Counter
	strangers       *prometheus.CounterVec
	calls           *prometheus.HistogramVec
	renewals        *prometheus.CounterVec
	state           *state
}

// New returns metrics that nobody has counted for yet.
func New(o Options) *Metrics {
	m := &Metrics{
		state:    newState(o),
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "chaveiro_http_request_duration_seconds",
			Help:    "How long requests took, by route and status of the answer. Event streams are not among them.",
			Buckets: prometheus.DefBuckets,
		}, []string{"route", "status"}),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chaveiro_graphql_operations_total",
			Help: "GraphQL operations by kind (query, mutation, subscription, unknown) and code of the first error, OK " +
				"without one. A subscription counts when it ends.",
		}, []string{"kind", "code"}),
		authentications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chaveiro_authentications_total",
			Help: "Credentials that were looked at, by kind (access_key, service_token, access_token) and outcome (taken, " +
				"refused, failed). An open event stream counts again every 15 seconds.",
		}, []string{"credential", "outcome"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chaveiro_logins_total",
			Help: "Log-ins of operators, each half for itself, by outcome.",
		}, []string{"outcome"}),
		misread: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "chaveiro_forwarded_unreadable_total",
			Help: "Requests of which a trusted proxy sent an address that cannot be read, so that its own was taken.",
		}),
		strangers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chaveiro_stranger_tries_total",
			Help: "What callers who proved nothing tried in vain, by the action of the audit trail, which has one event a " +
				"minute of it.",
		}, []string{"action"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "chaveiro_provider_request_duration_seconds",
			Help: "How long HTTP requests to providers took, by provider and outcome: the class of the status, or how the " +
				"request failed.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 90},
		}, []string{"provider", "outcome"}),
		renewals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chaveiro_renewals_total",
			Help: "Renewals of credentials by provider and outcome (ok, refused, suspended, unreachable, not_testable, " +
				"not_saved).",
		}, []string{"provider", "outcome"}),
	}
	m.registry.MustRegister(
		m.requests, m.operations, m.authentications, m.logins, m.misread, m.strangers, m.calls, m.renewals,
		m.state,
		buildInfo(o),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for name, db := range o.Store.Pools() {
		m.registry.MustRegister(collectors.NewDBStatsCollector(db, name))
	}
	m.begin(o.Providers)
	return m
}

// begin shows the counters whose labels are known, before the first event: a counter that begins at one has not risen,
// which the alerts on log-ins and renewals, and whoever watches authentications, would miss.
func (m *Metrics) begin(providers provider.Registry) {
	for _, credential := range []string{accessKey, serviceToken, accessToken} {
		for _, outcome := range []string{taken, refused, failed} {
			m.authentications.WithLabelValues(credential, outcome)
		}
	}
	for _, outcome := range login.Outcomes {
		m.logins.WithLabelValues(string(outcome))
	}
	for _, action := range audit.StrangerActions {
		m.strangers.WithLabelValues(action)
	}
	for code, p := range providers {
		if _, ok := p.(provider.Refresher); !ok {
			continue
		}
		for _, outcome := range []string{lower(provider.OK), lower(provider.Refused), lower(provider.Halted),
			lower(provider.Transient), notSaved} {
			m.renewals.WithLabelValues(string(code), outcome)
		}
	}
}

func buildInfo(o Options) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "chaveiro_build_info",
		Help:        "1, with the version of the program and the commit that it was built from.",
		ConstLabels: prometheus.Labels{"version": o.Version, "revision": o.Revision},
	}, func() float64 { return 1 })
}

// Run reads what state the installation is in, now and then, until ctx ends. Until it runs the metrics of that are
// absent.
func (m *Metrics) Run(ctx context.Context) { m.state.run(ctx) }

// Look reads all of that once, for who cannot wait until Run does.
func (m *Metrics) Look(ctx context.Context) {
	for _, g := range m.state.groups {
		m.state.look(ctx, g)
	}
}

// Hooks returns what counts for these metrics.
func (m *Metrics) Hooks() Hooks {
	return Hooks{
		Request: m.request, Operation: m.operation, Login: m.login, Misread: m.countMisread, Stranger: m.stranger,
		Providers: m,
	}
}

// WatchStreams shows how many event streams are open. It is called once.
func (m *Metrics) WatchStreams(open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "chaveiro_event_streams",
		Help: "Event streams that are open.",
	}, func() float64 { return float64(open()) }))
}

func (m *Metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(cmp.Or(route, "none"), strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *Metrics) operation(operation ast.Operation, code fault.Refusal) {
	m.operations.WithLabelValues(cmp.Or(string(operation), "unknown"), cmp.Or(string(code), "OK")).Inc()
}

func (m *Metrics) login(outcome login.Outcome) { m.logins.WithLabelValues(string(outcome)).Inc() }

func (m *Metrics) countMisread(string) { m.misread.Inc() }

func (m *Metrics) stranger(action string) { m.strangers.WithLabelValues(action).Inc() }

// CountCall implements marketplace.Meter.
func (m *Metrics) CountCall(provider provider.Code, status int, err error, took time.Duration) {
	outcome := strconv.Itoa(status/100) + "xx"
	if e, ok := outbound.AsError(err); ok {
		outcome = strings.ReplaceAll(string(e.Kind), " ", "_")
	}
	m.calls.WithLabelValues(string(provider), outcome).Observe(took.Seconds())
}

// notSaved is a renewal whose outcome could not be written: what the provider answered may be lost.
const notSaved = "not_saved"

// CountRenewal implements marketplace.Meter.
func (m *Metrics) CountRenewal(provider provider.Code, outcome provider.Outcome, err error) {
	label := lower(outcome)
	if err != nil {
		label = notSaved
	}
	m.renewals.WithLabelValues(string(provider), label).Inc()
}

func lower(o provider.Outcome) string { return strings.ToLower(string(o)) }

// The labels of a credential that was looked at.
const (
	accessKey    = "access_key"
	serviceToken = "service_token"
	accessToken  = "access_token"

	taken   = "taken"
	refused = "refused"
	failed  = "failed"
)

func (m *Metrics) lookedAt(credential string, err error) {
	outcome := failed
	switch {
	case err == nil:
		outcome = taken
	case errors.Is(err, fault.Unauthenticated):
		outcome = refused
	}
	m.authentications.WithLabelValues(credential, outcome).Inc()
}

// Keys returns keys as they are, but counted.
func (m *Metrics) Keys(keys httpserver.Keys) httpserver.Keys { return countedKeys{keys, m} }

type countedKeys struct {
	httpserver.Keys
	metrics *Metrics
}

// Authenticate implements httpserver.Keys.
func (k countedKeys) Authenticate(ctx context.Context, key, address string) (principal.Key, error) {
	found, err := k.Keys.Authenticate(ctx, key, address)
	k.metrics.lookedAt(accessKey, err)
	return found, err
}

// Sessions returns sessions as they are, but counted.
func (m *Metrics) Sessions(sessions httpserver.Sessions) httpserver.Sessions {
	return countedSessions{sessions, m}
}

type countedSessions struct {
	httpserver.Sessions
	metrics *Metrics
}

// Verify implements httpserver.Sessions.
func (s countedSessions) Verify(ctx context.Context, token string) (principal.Operator, error) {
	found, err := s.Sessions.Verify(ctx, token)
	s.metrics.lookedAt(accessToken, err)
	return found, err
}

// ServiceTokens returns tokens as they are, but counted.
func (m *Metrics) ServiceTokens(tokens httpserver.ServiceTokens) httpserver.ServiceTokens {
	return countedServiceTokens{tokens, m}
}

type countedServiceTokens struct {
	httpserver.ServiceTokens
	metrics *Metrics
}

// Verify implements httpserver.ServiceTokens.
func (s countedServiceTokens) Verify(ctx context.Context, token, address string) (principal.Operator, error) {
	found, err := s.ServiceTokens.Verify(ctx, token, address)
	s.metrics.lookedAt(serviceToken, err)
	return found, err
}
