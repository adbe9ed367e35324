package metrics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/diskspace"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/due"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// soon is how far ahead ending credentials are counted.
const soon = 7 * 24 * time.Hour

var (
	up = prometheus.NewDesc("chaveiro_database_up",
		"1 when the database answered the last ping, 0 when it did not.", nil, nil)
	readAt = prometheus.NewDesc("chaveiro_state_timestamp_seconds",
		"When the gauges of a group were last read, in Unix time; they show what was true then.", []string{"group"}, nil)
	refusedWrites = prometheus.NewDesc("chaveiro_database_refused_writes_total",
		"Changes that the database could not take, by cause (gone, full, read_only, crowded, slow, outdated). Nothing of "+
			"them was saved.",
		[]string{"cause"}, nil)
	refusedGrants = prometheus.NewDesc("chaveiro_grants_refused_total",
		"Times that a row let nobody in because it was changed in the database behind the portal, by table.",
		[]string{"table"}, nil)
	freeSpace = prometheus.NewDesc("chaveiro_data_free_bytes",
		"Space that is free for the data folder.", nil, nil)
	databaseSize = prometheus.NewDesc("chaveiro_database_size_bytes",
		"Size of the database: on SQLite of its file, with what is free in it.", nil, nil)
	tableRows = prometheus.NewDesc("chaveiro_table_rows",
		"Rows of a table. On PostgreSQL its own estimate.", []string{"table"}, nil)
	connections = prometheus.NewDesc("chaveiro_marketplaces",
		"Marketplaces of clients that are not archived, by provider and health.", []string{"provider", "state"}, nil)
	lateness = prometheus.NewDesc("chaveiro_check_lateness_seconds",
		"For how long the check or renewal that has been due longest has waited for somebody to begin it; 0 when none "+
			"is due.", []string{"provider"}, nil)
	expiring = prometheus.NewDesc("chaveiro_credentials_expiring",
		"Marketplaces of clients that are not archived whose credentials end within 7 days, or have ended, and which the "+
			"portal cannot renew.", []string{"provider"}, nil)
	auditHead = prometheus.NewDesc("chaveiro_audit_head_sequence",
		"Number of the newest audit event. It never falls, but by a restore or by tampering.", nil, nil)
	lastBackup = prometheus.NewDesc("chaveiro_last_backup_timestamp_seconds",
		"When the last backup was made of this data folder, in Unix time; 0 when none ever was.", nil, nil)
)

// group is a set of gauges that are read together at intervals. A scrape shows the last reading.
type group struct {
	name string
	// every is the least time between two readings, and bound the time limit of one. After a slow reading the group pauses
	// for three times its duration.
	every, bound time.Duration
	read         func(context.Context) ([]prometheus.Metric, error)
}

// state holds the state of the installation. Instances of one database show the same values.
type state struct {
	Options
	groups []group

	mu    sync.Mutex
	shown map[string]shown // by group
}

// shown is the last reading of a group.
type shown struct {
	metrics []prometheus.Metric
	at      time.Time
	failed  bool // the last reading failed, so the log names the failure once
}

func newState(o Options) *state {
	s := &state{Options: o, shown: map[string]shown{}}
	// What is added here must be added to Describe and to docs/operations.md too.
	s.groups = []group{
		{"database", 10 * time.Second, 2 * time.Second, s.ping},
		{"disk", time.Minute, 10 * time.Second, s.disk},
		{"audit", 15 * time.Second, 10 * time.Second, s.head},
		{"lateness", 15 * time.Second, 10 * time.Second, s.late},
		{"health", time.Minute, time.Minute, s.health},
		{"ends", time.Minute, time.Minute, s.ending},
		{"size", time.Hour, 5 * time.Minute, s.size},
	}
	return s
}

// Describe implements prometheus.Collector.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{up, readAt, refusedWrites, freeSpace, connections, lateness, expiring,
		auditHead, lastBackup, refusedGrants, databaseSize, tableRows} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. It reads memory only.
func (s *state) Collect(to chan<- prometheus.Metric) {
	for cause, n := range s.Store.RefusedWrites() {
		to <- prometheus.MustNewConstMetric(refusedWrites, prometheus.CounterValue, float64(n), string(cause))
	}
	for table, n := range s.Store.RefusedGrants() {
		to <- prometheus.MustNewConstMetric(refusedGrants, prometheus.CounterValue, float64(n), table)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, group := range s.shown {
		if group.at.IsZero() {
			continue // not read yet
		}
		to <- gauge(readAt, float64(group.at.Unix()), name)
		for _, metric := range group.metrics {
			to <- metric
		}
	}
}

// run reads each group at its own intervals until ctx ends.
func (s *state) run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	for _, g := range s.groups {
		running.Go(func() {
			for {
				began := time.Now()
				s.look(ctx, g)
				select {
				case <-ctx.Done():
					return
				case <-time.After(max(g.every, 3*time.Since(began))):
				}
			}
		})
	}
}

// look reads a group. If that fails, the earlier reading stays.
func (s *state) look(ctx context.Context, g group) {
	bounded, cancel := context.WithTimeout(principal.AsSystem(ctx, "metrics"), g.bound)
	defer cancel()
	metrics, err := g.read(bounded)
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.shown[g.name]
	if err != nil {
		if !last.failed {
			s.Log.Warn("metrics could not be read", "group", g.name, "err", err)
		}
		last.failed = true
		s.shown[g.name] = last
		return
	}
	s.shown[g.name] = shown{metrics: metrics, at: s.Now()}
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

// ping asks the database for an answer that depends on no table, because a large or locked table would make it look
// down.
func (s *state) ping(ctx context.Context) ([]prometheus.Metric, error) {
	if err := s.Store.Ping(ctx); err != nil {
		s.Log.Warn("the database does not answer", "err", err)
		return []prometheus.Metric{gauge(up, 0)}, nil
	}
	return []prometheus.Metric{gauge(up, 1)}, nil
}

// disk reads the free space of the data folder and the time of its last backup.
func (s *state) disk(context.Context) ([]prometheus.Metric, error) {
	at, err := backup.Last(s.DataDir)
	if err != nil {
		return nil, err
	}
	made := 0.0
	if !at.IsZero() {
		made = float64(at.Unix())
	}
	free, err := diskspace.Free(s.DataDir)
	if err != nil {
		return nil, err
	}
	return []prometheus.Metric{gauge(lastBackup, made), gauge(freeSpace, float64(free))}, nil
}

// size reads how large the database and its tables are.
func (s *state) size(ctx context.Context) ([]prometheus.Metric, error) {
	size, err := s.Store.Size(ctx)
	if err != nil {
		return nil, err
	}
	shown := []prometheus.Metric{gauge(databaseSize, float64(size.Bytes))}
	for table, rows := range size.Rows {
		shown = append(shown, gauge(tableRows, float64(rows), table))
	}
	return shown, nil
}

// codes returns the codes of the providers in order.
func (s *state) codes() []provider.Code { return slices.Sorted(maps.Keys(s.Providers)) }

// counted is a number of rows with the same provider.
type counted struct {
	Provider string `json:"provider"`
	Count    int    `json:"count"`
}

func (s *state) health(ctx context.Context) ([]prometheus.Metric, error) {
	rows, err := connection.CountStates(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	found := map[[2]string]int{}
	for _, row := range rows {
		found[[2]string{row.Provider, row.State}] += row.Count
	}
	var shown []prometheus.Metric
	for _, code := range s.codes() {
		for _, health := range provider.States { // all states, because an absent series cannot be compared
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
