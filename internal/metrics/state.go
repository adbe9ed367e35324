package metrics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/backup"
	"github.com/chaveiro/chaveiro/internal/connection"
	"github.com/chaveiro/chaveiro/internal/due"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	// stateLife is how long what was read is shown: however often somebody asks, the database is asked no oftener.
	stateLife = 15 * time.Second
	// stateTime bounds one reading.
	stateTime = 3 * time.Second
	// soon is how far ahead ends of credentials are counted.
	soon = 7 * 24 * time.Hour
)

var (
	up = prometheus.NewDesc("chaveiro_database_up",
		"1 when the state could be read from the database at the last look; at 0 the gauges that are read there are absent.", nil, nil)
	connections = prometheus.NewDesc("chaveiro_marketplaces",
		"Marketplaces of clients that are not archived, by provider and health.", []string{"provider", "state"}, nil)
	lateness = prometheus.NewDesc("chaveiro_check_lateness_seconds",
		"For how long the check or renewal that has been due longest has waited for somebody to begin it; 0 when none is due.", []string{"provider"}, nil)
	expiring = prometheus.NewDesc("chaveiro_credentials_expiring",
		"Marketplaces of clients that are not archived whose credentials end within 7 days, or have ended, and which the portal cannot renew.", []string{"provider"}, nil)
	auditHead = prometheus.NewDesc("chaveiro_audit_head_sequence",
		"Number of the newest audit event. It never falls, but by a restore or by tampering.", nil, nil)
	lastBackup = prometheus.NewDesc("chaveiro_last_backup_timestamp_seconds",
		"When the last backup was made of this data folder, in Unix time; 0 when none ever was.", nil, nil)
)

// state reads what state the installation is in. Instances of one database all show the same.
type state struct {
	Options

	mu     sync.Mutex
	shown  []prometheus.Metric
	readAt time.Time
	failed bool // at the last look, so that the log says once what is wrong
}

func newState(o Options) *state { return &state{Options: o} }

// Describe implements prometheus.Collector.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{up, connections, lateness, expiring, auditHead, lastBackup} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (s *state) Collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.Now(); s.readAt.IsZero() || now.Sub(s.readAt) >= stateLife {
		s.look()
		s.readAt = now
	}
	for _, metric := range s.shown {
		to <- metric
	}
}

// look reads everything anew.
func (s *state) look() {
	ctx, cancel := context.WithTimeout(principal.AsSystem(context.Background(), "metrics"), stateTime)
	defer cancel()
	shown, err := s.database(ctx)
	if err != nil {
		shown = []prometheus.Metric{gauge(up, 0)} // half a picture would look like a whole one
	} else {
		shown = append(shown, gauge(up, 1))
	}
	made, backupErr := s.backup()
	if backupErr == nil {
		shown = append(shown, made)
	}
	err = errors.Join(err, backupErr)
	if err != nil && !s.failed {
		s.Log.Warn("not all of the metrics could be read", "error", err)
	}
	s.shown, s.failed = shown, err != nil
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func (s *state) backup() (prometheus.Metric, error) {
	at, err := backup.Last(s.DataDir)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		return gauge(lastBackup, 0), nil
	}
	return gauge(lastBackup, float64(at.Unix())), nil
}

func (s *state) database(ctx context.Context) (shown []prometheus.Metric, err error) {
	for _, read := range []func(context.Context) ([]prometheus.Metric, error){s.health, s.late, s.ending, s.head} {
		some, err := read(ctx)
		if err != nil {
			return nil, err
		}
		shown = append(shown, some...)
	}
	return shown, nil
}

// codes are the providers, in order.
func (s *state) codes() []provider.Code { return slices.Sorted(maps.Keys(s.Providers)) }

// counted is a number of rows with the same provider and, where that is asked for, state.
type counted struct {
	Provider    string `json:"provider"`
	HealthState string `json:"health_state"`
	Count       int    `json:"count"`
}

func (s *state) health(ctx context.Context) ([]prometheus.Metric, error) {
	var rows []counted
	err := s.Store.Reader().Marketplace.Query().Where(connection.OfActiveClient()).
		GroupBy(marketplace.FieldProvider, marketplace.FieldHealthState).Aggregate(ent.Count()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count the marketplaces: %w", err)
	}
	found := map[[2]string]int{}
	for _, row := range rows {
		found[[2]string{row.Provider, row.HealthState}] = row.Count
	}
	var shown []prometheus.Metric
	for _, code := range s.codes() {
		for _, health := range provider.States { // all of them: what is absent cannot be compared
			key := [2]string{string(code), string(health)}
			shown = append(shown, gauge(connections, float64(found[key]), key[0], key[1]))
		}
	}
	return shown, nil
}

func (s *state) late(ctx context.Context) ([]prometheus.Metric, error) {
	var shown []prometheus.Metric
	for _, code := range s.codes() {
		now := s.Now()
		first, err := s.Store.Reader().Marketplace.Query().
			Where(connection.IsDue(code, now)).
			Order(marketplace.ByNextCheckAt()).Select(marketplace.FieldNextCheckAt).First(ctx)
		waited := time.Duration(0)
		switch {
		case err == nil:
			waited = now.Sub(*first.NextCheckAt)
		case !ent.IsNotFound(err):
			return nil, fmt.Errorf("look for the check that is due longest: %w", err)
		}
		shown = append(shown, gauge(lateness, waited.Seconds(), string(code)))
	}
	return shown, nil
}

func (s *state) ending(ctx context.Context) ([]prometheus.Metric, error) {
	var rows []counted
	err := s.Store.Reader().Marketplace.Query().Where(due.EndingBy(s.Now().Add(soon))).
		GroupBy(marketplace.FieldProvider).Aggregate(ent.Count()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count the credentials that end: %w", err)
	}
	found := map[provider.Code]int{}
	for _, row := range rows {
		found[provider.Code(row.Provider)] = row.Count
	}
	var shown []prometheus.Metric
	for _, code := range s.codes() {
		shown = append(shown, gauge(expiring, float64(found[code]), string(code)))
	}
	return shown, nil
}

func (s *state) head(ctx context.Context) ([]prometheus.Metric, error) {
	head, err := audit.Head(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	return []prometheus.Metric{gauge(auditHead, float64(head.Seq))}, nil
}
