package program

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// board is the part of a dashboard of Grafana that is tested.
type board struct {
	SchemaVersion int
	Panels        []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []struct{ RefID, Expr, LegendFormat string }
}

func readBoard(t *testing.T) (b board) {
	t.Helper()
	text, err := os.ReadFile("deploy/grafana/chaveiro.json")
	must.Do(t, err)
	must.Do(t, json.Unmarshal(text, &b))
	return b
}

func TestThePanelsOfTheDashboardAreWholeAndDoNotOverlap(t *testing.T) {
	t.Parallel()
	b := readBoard(t)
	ids := map[int]bool{}
	for i, p := range b.Panels {
		if p.ID == 0 || ids[p.ID] || p.Title == "" {
			t.Errorf("panel %d, %q, has no id or title of its own", p.ID, p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && (p.Description == "" || len(p.Targets) == 0) {
			t.Errorf("%s has no description, or nothing to show", p.Title)
		}
		at := p.GridPos
		if at.W < 1 || at.H < 1 || at.X < 0 || at.X+at.W > 24 {
			t.Errorf("%s stands beyond the 24 columns: %+v", p.Title, at)
		}
		for _, other := range b.Panels[:i] {
			o := other.GridPos
			if at.X < o.X+o.W && o.X < at.X+at.W && at.Y < o.Y+o.H && o.Y < at.Y+at.H {
				t.Errorf("%s stands on %s", p.Title, other.Title)
			}
		}
	}
	if len(b.Panels) < 30 || b.SchemaVersion < 39 {
		t.Errorf("%d panels of the schema %d", len(b.Panels), b.SchemaVersion)
	}
}

// prometheus is a server of Prometheus that scrapes a portal.
type prometheus struct {
	t   *testing.T
	url string
}

// watchWith starts Prometheus with the example's rules, scraping an address each second.
func watchWith(t *testing.T, metrics string) prometheus {
	t.Helper()
	program := storetest.Installed(t, "prometheus", "prometheus")
	rules, err := filepath.Abs("deploy/prometheus-rules.yml")
	must.Do(t, err)
	example, err := os.ReadFile("deploy/prometheus.yml")
	must.Do(t, err)
	config := strings.NewReplacer("/etc/prometheus/prometheus-rules.yml", rules, "127.0.0.1:9464", metrics,
		"scrape_interval: 30s", "scrape_interval: 1s", "scrape_timeout: 10s", "scrape_timeout: 1s").Replace(string(example))
	dir, address := t.TempDir(), programtest.FreeAddress(t)
	file := filepath.Join(dir, "prometheus.yml")
	must.Do(t, os.WriteFile(file, []byte("global: {evaluation_interval: 1s}\n"+config), 0o600))
	command := exec.Command(program, "--config.file="+file, // #nosec G204 -- it was looked for above
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=warn")
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	must.Do(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	p := prometheus{t, "http://" + address}
	must.WaitFor(t, patience, "Prometheus is ready", func() bool {
		answer, err := http.Get(p.url + "/-/ready")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

// ask reads the data of an answer of the API.
func (p prometheus) ask(path string, data any) error {
	p.t.Helper()
	status, body := ask(p.t, p.url+path)
	answer := struct {
		Data  any
		Error string
	}{Data: data}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return fmt.Errorf("status %d: %w: %s", status, err, body)
	}
	if status != http.StatusOK {
		return fmt.Errorf("status %d: %s", status, answer.Error)
	}
	return nil
}

// series returns the labels of what a query gives now.
func (p prometheus) series(query string) ([]map[string]string, error) {
	p.t.Helper()
	var found struct {
		Result []struct{ Metric map[string]string }
	}
	if err := p.ask("/api/v1/query?"+url.Values{"query": {query}}.Encode(), &found); err != nil {
		return nil, err
	}
	var labels []map[string]string
	for _, series := range found.Result {
		labels = append(labels, series.Metric)
	}
	return labels, nil
}

var (
	// aSelector is a metric with what it is narrowed by.
	aSelector = regexp.MustCompile(`\b(?:up|(?:chaveiro|go|process)_[a-z0-9_]+)(?:\{[^}]*\})?`)
	// byStatus narrows by a status that nobody may have got.
	byStatus = regexp.MustCompile(`status(?:=~|!~|!=|=)"[^"]*",?`)
	// grouping has the labels that a query keeps, legend those that a panel shows.
	grouping = regexp.MustCompile(`\bby \(([^)]*)\)`)
	legend   = regexp.MustCompile(`\{\{([^}]*)\}\}`)
)

// wantSelectors checks that each metric of a query is there, narrowed as it is there, with all labels that the query
// keeps.
func (p prometheus) wantSelectors(where, query string) {
	p.t.Helper()
	labels := map[string]bool{}
	selectors := aSelector.FindAllString(grouping.ReplaceAllString(query, ""), -1)
	for _, selector := range selectors {
		found, err := p.series(byStatus.ReplaceAllString(selector, ""))
		if err != nil || len(found) == 0 {
			p.t.Errorf("%s: there is no %s (%v)", where, selector, err)
		}
		for _, series := range found {
			for label := range series {
				labels[label] = true
			}
		}
	}
	if len(selectors) == 0 {
		p.t.Errorf("%s names no metric: %s", where, query)
	}
	for _, kept := range grouping.FindAllStringSubmatch(query, -1) {
		for label := range strings.SplitSeq(kept[1], ",") {
			if !labels[strings.TrimSpace(label)] {
				p.t.Errorf("%s: no metric of it has the label %s: %s", where, label, query)
			}
		}
	}
}

// wantShown checks that a query of a panel gives something now, with all labels that the legend shows.
func (p prometheus) wantShown(where, query, shown string) {
	p.t.Helper()
	found, err := p.series(query)
	if err != nil || len(found) == 0 {
		p.t.Errorf("%s shows nothing (%v): %s", where, err, query)
	}
	for _, label := range legend.FindAllStringSubmatch(shown, -1) {
		for _, series := range found {
			if series[label[1]] == "" {
				p.t.Errorf("%s shows a label %s, and has %v: %s", where, label[1], series, query)
			}
		}
	}
}

func TestEachQueryOfTheDashboardAndOfTheAlertsFindsTheMetricsOfAPortal(t *testing.T) {
	t.Parallel()
	metrics := programtest.FreeAddress(t)
	at := newPlace(t)
	at.env = []string{"CHAVEIRO_METRICS_LISTEN=" + metrics}
	p := at.startDemo()
	session := p.logInToDemo()
	for _, m := range p.samples(session, "")["Padaria Pão Dourado Ltda"].Products[0].Marketplaces {
		p.test(session, m.ID) // calls its provider
	}
	if body, err := p.Post(session, `{ planted }`, nil); err != nil || !strings.Contains(body, "errors") {
		t.Fatalf("a bad query is answered %s, %v", body, err)
	}
	watch := watchWith(t, metrics)
	must.WaitFor(t, patience, "the metrics are scraped twice", func() bool {
		found, err := watch.series(`count_over_time(chaveiro_table_rows[1m]) > 1`)
		return err == nil && len(found) > 0
	})

	queries := 0
	for _, panel := range readBoard(t).Panels {
		for _, target := range panel.Targets {
			query := strings.NewReplacer("$instance", metrics, "$__rate_interval", "1m").Replace(target.Expr)
			if strings.Contains(query, "$") {
				t.Errorf("%s: a variable is not known: %s", panel.Title, query)
			}
			watch.wantSelectors(panel.Title, query)
			watch.wantShown(panel.Title, query, target.LegendFormat)
			queries++
		}
	}
	var instances []string
	must.Do(t, watch.ask("/api/v1/label/instance/values?match[]=chaveiro_build_info", &instances))
	if !slices.Equal(instances, []string{metrics}) || queries < 40 {
		t.Errorf("%d queries of %q", queries, instances)
	}
	watch.wantRules()
}

// wantRules checks that each alert is evaluated over metrics that there are.
func (p prometheus) wantRules() {
	p.t.Helper()
	type rule struct{ Name, Query, Health, LastError string }
	var found struct{ Groups []struct{ Rules []rule } }
	must.WaitFor(p.t, patience, "the alerts are evaluated", func() bool {
		must.Do(p.t, p.ask("/api/v1/rules", &found))
		return len(found.Groups) > 0 && !slices.ContainsFunc(found.Groups[0].Rules,
			func(r rule) bool { return r.Health == "unknown" })
	})
	for _, r := range found.Groups[0].Rules {
		if r.Health != "ok" {
			p.t.Errorf("%s is %s: %s", r.Name, r.Health, r.LastError)
		}
		p.wantSelectors(r.Name, r.Query)
	}
	if n := len(found.Groups[0].Rules); n < 20 {
		p.t.Errorf("%d alerts were looked at", n)
	}
}
