// Package metrics counts what the portal does and reads its state, for Prometheus. It serves the metrics, and profiles,
// on a separate listener. No measured package imports it: these packages call the Hooks, which are nil when metrics are
// off.
//
// Labels have only values that this program defines, few of them; never a value of a caller or a row.
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
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Options are the sources of the metrics.
type Options struct {
	Store     *store.Store
	Providers provider.Registry
	// DataDir contains the note of the last backup.
	DataDir string
	// Version and Revision are those of the program.
	Version, Revision string
	// Now is the clock.
	Now func() time.Time
	Log *slog.Logger
}

// Hooks are the functions that the packages of the portal call. The zero value measures nothing.
type Hooks struct {
	// Request is for httpserver.Options, Operation for graph.Resolver, Login for staff.Options, and Providers for
	// keeper.Options and install.Options.
	Request   func(route string, status int, took time.Duration)
	Operation func(operation ast.Operation, code fault.Refusal)
	Login     func(login.Outcome)
	Misread   func(shape string) // for httpserver.Options too
	// Stranger is for audit.NewStrangers.
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

// New returns metrics with all counters at zero.
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

// begin exports the counters with known labels at zero. A counter whose first value is one shows no increase, so alerts
// on log-ins and renewals would miss the first event.
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

// Run reads the state of the installation at intervals until ctx ends. The metrics of the state are absent before its
// first reading.
func (m *Metrics) Run(ctx context.Context) { m.state.run(ctx) }

// Look reads the state once, for a caller that cannot wait for Run.
func (m *Metrics) Look(ctx context.Context) {
	for _, g := range m.state.groups {
		m.state.look(ctx, g)
	}
}

// Hooks returns the functions that count for these metrics.
func (m *Metrics) Hooks() Hooks {
	return Hooks{
		Request: m.request, Operation: m.operation, Login: m.login, Misread: m.countMisread, Stranger: m.stranger,
		Providers: m,
	}
}

// WatchStreams exports the number of open event streams. Call it once.
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
func (m *Metrics) CountCall(code provider.Code, status int, err error, took time.Duration) {
	m.calls.WithLabelValues(string(code), provider.OutcomeOfCall(status, err)).Observe(took.Seconds())
}

// notSaved is the outcome of a renewal whose result could not be saved: the provider's answer may be lost.
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

// The labels for the result of a credential's check.
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

// Keys returns keys with its calls counted.
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

// Sessions returns sessions with its calls counted.
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

// ServiceTokens returns tokens with its calls counted.
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
