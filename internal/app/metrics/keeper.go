package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/provider"
)

var (
	pairs = prometheus.NewDesc("chaveiro_renewable",
		"Marketplaces with credentials that the portal renews.", []string{"provider"}, nil)
	renewalsDue = prometheus.NewDesc("chaveiro_renewals_due",
		"Renewals that are past their time, whatever puts them off.", []string{"provider"}, nil)
	renewalOverdue = prometheus.NewDesc("chaveiro_renewal_overdue_seconds",
		"For how long the renewal that has been due longest is past its time; 0 when none is.", []string{"provider"}, nil)
	renewalsNeeded = prometheus.NewDesc("chaveiro_renewals_needed_per_minute",
		"Renewals a minute that the pairs and what is due take, a half more included.", []string{"provider"}, nil)
	renewalsAllowed = prometheus.NewDesc("chaveiro_renewals_allowed_per_minute",
		"The most renewals a minute that the provider's setting allows, by all processes.", []string{"provider"}, nil)
	checkInterval = prometheus.NewDesc("chaveiro_check_interval_seconds",
		"How often a marketplace that works is checked: longer than the setting when the calls at once do not carry that.",
		[]string{"provider"}, nil)
	incident = prometheus.NewDesc("chaveiro_provider_incident",
		"1 while the provider, and not its shops, is in trouble.", []string{"provider"}, nil)
	answersHeld = prometheus.NewDesc("chaveiro_answers_held",
		"Answers of providers that cannot be asked for again and could not be saved yet.", nil, nil)
)

// Keeper is the part of the keeper that the metrics read.
type Keeper interface {
	// Loads returns the latest count of pending renewals, by provider.
	Loads() map[provider.Code]keeper.Load
}

// Spool is the part of the spool that the metrics read.
type Spool interface {
	// Waiting returns how many calls are running, and how many answers are held.
	Waiting() (calls, held int)
}

// WatchKeeper exports the pending renewals and the held answers. Call it once.
func (m *Metrics) WatchKeeper(k Keeper, s Spool) { m.registry.MustRegister(keeping{k, s}) }

// keeping collects from memory only, so a scrape waits for no query.
type keeping struct {
	keeper Keeper
	spool  Spool
}

// Describe implements prometheus.Collector.
func (keeping) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		pairs, renewalsDue, renewalOverdue, renewalsNeeded, renewalsAllowed, checkInterval, incident, answersHeld,
	} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (k keeping) Collect(to chan<- prometheus.Metric) {
	loads := k.keeper.Loads()
	for _, code := range slices.Sorted(maps.Keys(loads)) {
		load, label := loads[code], string(code)
		open := 0.0
		if load.Incident {
			open = 1
		}
		to <- gauge(incident, open, label)
		to <- gauge(checkInterval, load.CheckEvery.Seconds(), label)
		if load.Ceiling == 0 { // the provider renews nothing
			continue
		}
		to <- gauge(pairs, float64(load.Pairs), label)
		to <- gauge(renewalsDue, float64(load.Due), label)
		to <- gauge(renewalOverdue, load.Oldest.Seconds(), label)
		to <- gauge(renewalsNeeded, float64(load.Needed), label)
		to <- gauge(renewalsAllowed, float64(load.Ceiling), label)
	}
	_, held := k.spool.Waiting()
	to <- gauge(answersHeld, float64(held))
}
