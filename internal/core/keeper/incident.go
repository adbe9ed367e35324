package keeper

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/providerincident"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// An incident means that a provider is in trouble, as many of its connections turn bad at the same time. It opens when,
// within incidentWindow, at least incidentLeast connections that had worked turned bad, and at least incidentShare
// percent of all visits were bad. It also opens when surgeShare percent of the last visits were bad, surgeVisits at
// most. It closes when probesToClose visits in a row were good. A shop that is refused again does not break the row: it
// may really be refused. For incidentWindow after the close, the last visits alone open no incident, so that a slow
// recovery is one incident.
const (
	incidentWindow = 5 * time.Minute
	incidentLeast  = 5
	incidentShare  = 50
	surgeVisits    = 50
	surgeShare     = 90
	probesToClose  = 8
	// probeEvery is the time between two probes during an incident; a probe asks for one connection.
	probeEvery = 5 * time.Second
	// watchEvery is how often the keeper looks at incidents.
	watchEvery = 5 * time.Second
	// blameBefore is how much earlier than the first bad visit a connection may have turned bad to count as part of an
	// incident. A visit is known only once it is saved, and the clock of another process may differ a little.
	blameBefore = time.Minute
)

// troubles is what a lane remembers of its last visits, to find incidents.
type troubles struct {
	mu     sync.Mutex
	visits []seenVisit // within the window
	open   string      // the incident; empty when there is none
	good   int         // in a row, during the incident
	closed time.Time   // when the last incident closed, as far as this process knows
	probed time.Time
	// refused are the connections that were refused when they were last visited during the incident.
	refused map[string]bool
}

type seenVisit struct {
	at      time.Time
	id      string
	bad     bool
	turned  bool // it is bad and had worked before
	reason  provider.Reason
	message string
}

func (t *troubles) isOpen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open != ""
}

// probe returns how many of n checks may begin during an incident: one, once per probeEvery.
func (t *troubles) probe(now time.Time, n int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since := now.Sub(t.probed); n <= 0 || since >= 0 && since < probeEvery {
		return 0
	}
	t.probed = now
	return 1
}

// learn stores how a visit ended that began at a time. Visits are sorted by when they began: a slow good answer says
// nothing of the time after its call. A pair that this portal lost says nothing of the provider.
func (t *troubles) learn(began time.Time, row *connection.Row, a answer) {
	bad := a.Outcome == provider.Transient || a.Outcome == provider.Refused
	if !a.asked || a.minted || !bad && a.Outcome != provider.OK || a.Reason == provider.RenewalLost {
		return
	}
	state := connection.State(row)
	t.mu.Lock()
	defer t.mu.Unlock()
	place := len(t.visits)
	for place > 0 && t.visits[place-1].at.After(began) {
		place--
	}
	t.visits = slices.Insert(t.visits, place, seenVisit{
		at: began, id: row.ID, bad: bad, reason: a.Reason, message: cmp.Or(a.Message, string(a.Cause)),
		turned: bad && (state == provider.Connected || state == provider.Expiring),
	})
	switch {
	case a.Outcome == provider.OK:
		t.good++
		delete(t.refused, row.ID)
	case a.Outcome == provider.Refused && t.refused[row.ID]: // it says nothing new
	case a.Outcome == provider.Refused && t.open != "":
		t.refused[row.ID] = true
		t.good = 0
	default:
		t.good = 0
	}
}

func (t *troubles) forgetOld(now time.Time) {
	t.visits = slices.DeleteFunc(t.visits,
		func(v seenVisit) bool { return now.Sub(v.at) > incidentWindow || v.at.After(now) })
}

// suspected reports whether the last visits show that the provider is in trouble, with the evidence, and since when
// connections turned bad. It judges the whole window, and then only the last visits: a provider that seems to be down
// is hardly asked any more. With many connections, good visits from before would be most of the window throughout.
func (t *troubles) suspected(now time.Time) (evidence string, since time.Time, suspected bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgetOld(now)
	first := slices.IndexFunc(t.visits, func(v seenVisit) bool { return v.turned })
	if first < 0 {
		return "", time.Time{}, false
	}
	if evidence, suspected = judge(t.visits, incidentShare); suspected {
		return evidence, t.visits[first].at, true
	}
	if since := now.Sub(t.closed); since >= 0 && since < incidentWindow {
		return "", time.Time{}, false
	}
	for i := max(first, len(t.visits)-surgeVisits); i < len(t.visits); i++ {
		if t.visits[i].turned {
			if evidence, suspected = judge(t.visits[i:], surgeShare); suspected {
				return evidence, t.visits[first].at, true
			}
		}
	}
	return "", time.Time{}, false
}

// judge reports whether enough connections turned bad in some visits, and at least a share in percent of the visits
// were bad. It returns the evidence.
func judge(visits []seenVisit, share int) (evidence string, bad bool) {
	turned, count, reasons, said := map[string]bool{}, 0, map[provider.Reason]int{}, ""
	for _, v := range visits {
		if v.bad {
			count++
			reasons[v.reason]++
		}
		if v.turned {
			turned[v.id] = true
			said = v.message
		}
	}
	if len(turned) < incidentLeast || count*100 < share*len(visits) {
		return "", false
	}
	return describe(reasons, said), true
}

// describe returns the count of each reason, and what the provider said.
func describe(reasons map[provider.Reason]int, said string) string {
	counts := make([]string, 0, len(reasons)+1)
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		counts = append(counts, fmt.Sprintf("%s: %d", reason, reasons[reason]))
	}
	if said != "" {
		counts = append(counts, said)
	}
	return provider.Said(strings.Join(counts, "; "))
}

// set stores which incident is open; empty for none. A change drops the visits: those before it say nothing of the time
// after it.
func (t *troubles) set(id string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == id {
		return
	}
	if id == "" {
		t.closed = now
	}
	t.open, t.good, t.refused, t.visits = id, 0, map[string]bool{}, nil
}

// over returns the open incident if the last visits show that it is over; empty otherwise.
func (t *troubles) over() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open != "" && t.good >= probesToClose {
		return t.open
	}
	return ""
}

// watch opens and closes the incidents of providers by this process's visits, and learns of those of other processes.
func (k *Keeper) watch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(system(ctx), jobTime)
	defer cancel()
	open, err := k.openIncidents(ctx)
	if err != nil {
		return err
	}
	for code, l := range k.lanes {
		var openID string
		if open[code] != nil {
			openID = open[code].ID
		}
		l.troubles.set(openID, k.now())
		if id := l.troubles.over(); id != "" {
			if err := k.closeIncident(ctx, l, id); err != nil {
				return err
			}
			continue
		}
		if openID != "" { // connections that turned bad before all processes knew of the incident
			if err := k.blame(ctx, code, open[code].OpenedAt.Add(-blameBefore)); err != nil {
				return err
			}
		} else if evidence, since, suspected := l.troubles.suspected(k.now()); suspected {
			if err := k.openIncident(ctx, l, evidence, since); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *Keeper) openIncidents(ctx context.Context) (map[provider.Code]*ent.ProviderIncident, error) {
	rows, err := k.store.Reader().ProviderIncident.Query().Where(providerincident.ClosedAtIsNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the open incidents: %w", err)
	}
	open := map[provider.Code]*ent.ProviderIncident{}
	for _, row := range rows {
		open[provider.Code(row.Provider)] = row
	}
	return open, nil
}

// openIncident opens an incident, and replaces by it the bad health of single connections since it began.
func (k *Keeper) openIncident(ctx context.Context, l *lane, evidence string, since time.Time) error {
	code := l.provider.Code()
	since = since.Add(-blameBefore)
	affected, err := k.store.Reader().Marketplace.Query().Where(turnedBad(code, since)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the connections in trouble: %w", err)
	}
	all, err := k.store.Reader().Marketplace.Query().Where(marketplace.Provider(string(code))).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the connections: %w", err)
	}
	var made *ent.ProviderIncident
	err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		made, err = tx.ProviderIncident.Create().SetProvider(string(code)).SetOpenedAt(k.now()).
			SetAffected(affected).SetConnections(all).SetEvidence(evidence).Save(ctx)
		if err != nil {
			return err
		}
		return k.tellIncident(ctx, tx, "incident.open", made.ID, code, audit.Change{Field: "evidence", New: evidence})
	})
	if store.IsUniqueViolation(err, providerincident.Table, providerincident.FieldProvider) {
		return nil // another process was faster: the next look finds it
	}
	if err != nil {
		return fmt.Errorf("open an incident: %w", err)
	}
	l.troubles.set(made.ID, k.now())
	k.log.WarnContext(ctx, "a provider is in trouble", "provider", code, "incident", made.ID, "affected", affected,
		"connections", all, "evidence", evidence)
	return k.blame(ctx, code, since)
}

// turnedBad matches the connections whose bad health since an instant an incident may explain.
func turnedBad(code provider.Code, since time.Time) predicate.Marketplace {
	return marketplace.And(
		marketplace.Provider(string(code)), marketplace.HealthSinceGTE(since),
		marketplace.HealthStateIn(string(provider.Failing), string(provider.NeedsAttention)),
		marketplace.HealthReasonNotIn(string(provider.Incident), string(provider.SecretsLost)),
	)
}

// blame replaces the bad health of single connections since an instant by the incident.
func (k *Keeper) blame(ctx context.Context, code provider.Code, since time.Time) error {
	return k.each(ctx, turnedBad(code, since), func(old *connection.Row) *connection.Row {
		return connection.Blamed(old, k.now())
	})
}

// closeIncident ends an incident, and plans visits of the connections that it held up.
func (k *Keeper) closeIncident(ctx context.Context, l *lane, id string) error {
	code := l.provider.Code()
	closed := 0
	err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
		closed, err = tx.ProviderIncident.Update().
			Where(providerincident.ID(id), providerincident.ClosedAtIsNil()).SetClosedAt(k.now()).Save(ctx)
		if err != nil || closed == 0 {
			return err
		}
		return k.tellIncident(ctx, tx, "incident.close", id, code)
	})
	if err != nil {
		return fmt.Errorf("close an incident: %w", err)
	}
	l.troubles.set("", k.now())
	if closed == 0 {
		return nil
	}
	k.log.InfoContext(ctx, "the trouble of a provider is over", "provider", code, "incident", id)
	return k.planAfter(ctx, l)
}

// planAfter plans the visits of the connections that an incident held up. Renewals that are due come at once, as the
// allowance lets them, by the end of their credentials. Checks come one after the other.
func (k *Keeper) planAfter(ctx context.Context, l *lane) error {
	at, step := k.now(), usualCheck*2/time.Duration(k.atOnce)
	held := marketplace.And(
		marketplace.Provider(string(l.provider.Code())), marketplace.HealthReason(string(provider.Incident)))
	for last := ""; ; {
		ids, err := k.store.Reader().Marketplace.Query().Where(held, marketplace.IDGT(last)).
			Order(marketplace.ByID()).Limit(sweepBatch).IDs(ctx)
		if err != nil {
			return fmt.Errorf("find what an incident held up: %w", err)
		}
		if len(ids) == 0 {
			poke(l.wake)
			return nil
		}
		last = ids[len(ids)-1]
		err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			batch := marketplace.And(marketplace.IDIn(ids...), held)
			if err := tx.Marketplace.Update().Where(batch).SetNextCheckAt(at).Exec(ctx); err != nil {
				return err
			}
			now := k.now()
			return tx.Marketplace.Update().Where(batch, marketplace.RenewAtLTE(now)).SetNextCheckAt(now).Exec(ctx)
		})
		if err != nil {
			return fmt.Errorf("plan the checks after an incident: %w", err)
		}
		at = at.Add(step * time.Duration(len(ids)))
	}
}

func (k *Keeper) tellIncident(
	ctx context.Context, tx *ent.Tx, action, id string, code provider.Code, changes ...audit.Change,
) error {
	if err := k.live.Publish(ctx, tx, live.Event{Topic: live.IncidentsChanged, ObjectID: id}); err != nil {
		return err
	}
	changes = append([]audit.Change{{Field: "provider", New: code}}, changes...)
	return audit.Append(ctx, tx, audit.Event{Action: action, ObjectID: id, Changes: changes})
}
