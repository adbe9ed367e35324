package metrics_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/app/metrics"
	"github.com/chaveiro/chaveiro/internal/app/metrics/token"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// watch is metrics of a store, on a clock that a test moves, with a server that needs no network.
type watch struct {
	*metrics.Metrics
	*metrics.Server
	now time.Time
	dir string
}

func newWatch(t *testing.T, s *store.Store, required token.Token) *watch {
	t.Helper()
	w := &watch{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), dir: t.TempDir()}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w.Metrics = metrics.New(metrics.Options{
		Store: s, Providers: providers.All(), DataDir: w.dir, Version: "v1.2.3", Revision: "abc",
		Now: func() time.Time { return w.now }, Log: log,
	})
	w.WatchStreams(func() int { return 7 })
	w.WatchKeeper(loaded{}, loaded{})
	w.Server = w.NewServer(required, log)
	return w
}

// loaded is a keeper with overdue work, and a spool that holds two answers.
type loaded struct{}

func (loaded) Loads() map[provider.Code]keeper.Load {
	return map[provider.Code]keeper.Load{
		"NUVEMSHOP": {CheckEvery: time.Hour, Incident: true},
		"PLUG4MARKET": {
			Pairs: 20_000, Due: 900, Oldest: 31 * time.Minute, Allowance: 60, Needed: 91, Ceiling: 120,
			CheckEvery: 2 * time.Hour,
		},
	}
}

func (loaded) Waiting() (calls, held int) { return 5, 2 }

func TestPendingRenewalsAndHeldAnswersAreShown(t *testing.T) {
	t.Parallel()
	text := newWatch(t, storetest.SQLite(t), token.Token{}).scrape(t)
	for _, want := range []string{
		`chaveiro_renewable{provider="PLUG4MARKET"} 20000`,
		`chaveiro_renewals_due{provider="PLUG4MARKET"} 900`,
		`chaveiro_renewal_overdue_seconds{provider="PLUG4MARKET"} 1860`,
		`chaveiro_renewals_needed_per_minute{provider="PLUG4MARKET"} 91`,
		`chaveiro_renewals_allowed_per_minute{provider="PLUG4MARKET"} 120`,
		`chaveiro_check_interval_seconds{provider="PLUG4MARKET"} 7200`,
		`chaveiro_provider_incident{provider="NUVEMSHOP"} 1`,
		`chaveiro_provider_incident{provider="PLUG4MARKET"} 0`,
		`chaveiro_answers_held 2`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is not shown", want)
		}
	}
	if strings.Contains(text, `chaveiro_renewable{provider="NUVEMSHOP"}`) {
		t.Error("a provider that renews nothing has pairs")
	}
}

// ask returns the answer to a request for a path. headers are names and values in turn; the name Host is the host.
func (w *watch) ask(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:9464"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

// scrape returns all metrics.
func (w *watch) scrape(t *testing.T) string {
	t.Helper()
	answer := w.ask(t, "/metrics")
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// wantLines checks that there are these lines.
func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, " ")
			name, _, _ = strings.Cut(name, "{")
			found := regexp.MustCompile(`(?m)^`+name+`[ {].*$`).FindAllString(text, -1)
			t.Errorf("there is no line %s among\n%s", line, strings.Join(found, "\n"))
		}
	}
}

// happen calls each hook once.
func (w *watch) happen() {
	hooks := w.Hooks()
	hooks.Request("/graphql", 200, 20*time.Millisecond)
	hooks.Request("", 405, time.Millisecond)
	hooks.Operation(ast.Query, "")
	hooks.Operation("", fault.RateLimited)
	hooks.Login(login.Done)
	hooks.Providers.CountCall("SHOWKASE", 503, nil, 3*time.Second)
	hooks.Providers.CountCall("SHOWKASE", 0, &outbound.Error{Kind: outbound.TimedOut}, 10*time.Second)
	hooks.Providers.CountRenewal("PLUG4MARKET", provider.Transient, nil)
	hooks.Providers.CountRenewal("PLUG4MARKET", provider.OK, errors.New("the disk is full"))
}

func TestEventsAreCountedUnderLabelsOfThisProgramOnly(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	w.happen()
	wantLines(t, w.scrape(t),
		`chaveiro_build_info{revision="abc",version="v1.2.3"} 1`,
		`chaveiro_event_streams 7`,
		`chaveiro_http_request_duration_seconds_bucket{route="/graphql",status="200",le="0.025"} 1`,
		`chaveiro_http_request_duration_seconds_count{route="none",status="405"} 1`,
		`chaveiro_graphql_operations_total{code="OK",kind="query"} 1`,
		`chaveiro_graphql_operations_total{code="RATE_LIMITED",kind="unknown"} 1`,
		`chaveiro_logins_total{outcome="done"} 1`,
		`chaveiro_logins_total{outcome="throttled"} 0`,
		`chaveiro_provider_request_duration_seconds_bucket{outcome="5xx",provider="SHOWKASE",le="2.5"} 0`,
		`chaveiro_provider_request_duration_seconds_count{outcome="5xx",provider="SHOWKASE"} 1`,
		`chaveiro_provider_request_duration_seconds_count{outcome="timed_out",provider="SHOWKASE"} 1`,
		`chaveiro_renewals_total{outcome="unreachable",provider="PLUG4MARKET"} 1`,
		`chaveiro_renewals_total{outcome="not_saved",provider="PLUG4MARKET"} 1`,
		`chaveiro_renewals_total{outcome="ok",provider="PLUG4MARKET"} 0`,
		`chaveiro_renewals_total{outcome="refused",provider="MEU_CARRINHO"} 0`,
	)
}

// callers accepts one credential of each kind, and fails for one more.
type callers struct{}

func (callers) known(token string) error {
	switch token {
	case "good":
		return nil
	case "any":
		return fault.Busy
	default:
		return fmt.Errorf("find: %w", fault.Unauthenticated)
	}
}

func (callers) HandOutAgain(context.Context, []remember.Read) error { return nil }

func (callers) ShopVersion(context.Context, string) (principal.Version, error) {
	return principal.Version{}, nil
}

func (c callers) Authenticate(_ context.Context, key, _ string) (principal.Key, error) {
	return principal.Key{ID: "key_1"}, c.known(key)
}
func (callers) NoteUse(principal.Key, string)                     {}
func (callers) FlagExposed(context.Context, string, string) error { return nil }
func (c callers) Verify(_ context.Context, token string) (principal.Operator, error) {
	return principal.Operator{ID: "opr_1"}, c.known(token)
}

// scripts accepts service tokens, the same ones as callers.
type scripts struct{}

func (scripts) Verify(_ context.Context, token, _ string) (principal.Operator, error) {
	return principal.Operator{ID: "svt_1"}, callers{}.known(token)
}

func TestCheckedCredentialsAreCountedAndTheirResultsUnchanged(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	keys, sessions := w.Keys(callers{}), w.Sessions(callers{})
	for _, token := range []string{"good", "good", "bad", "any"} {
		want := callers{}.known(token)
		key, err := keys.Authenticate(t.Context(), token, "")
		if key.ID != "key_1" || fmt.Sprint(err) != fmt.Sprint(want) {
			t.Errorf("the key %s: %v, %v", token, key, err)
		}
		if operator, err := sessions.Verify(t.Context(), token); operator.ID != "opr_1" ||
			fmt.Sprint(err) != fmt.Sprint(want) {
			t.Errorf("the access token %s: %v, %v", token, operator, err)
		}
	}
	if _, err := w.ServiceTokens(scripts{}).
		Verify(t.Context(), "bad", "192.0.2.1"); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("a bad service token: %v", err)
	}
	text := w.scrape(t)
	wantLines(t, text,
		`chaveiro_authentications_total{credential="access_key",outcome="taken"} 2`,
		`chaveiro_authentications_total{credential="access_key",outcome="refused"} 1`,
		`chaveiro_authentications_total{credential="access_key",outcome="failed"} 1`,
		`chaveiro_authentications_total{credential="access_token",outcome="taken"} 2`,
		`chaveiro_authentications_total{credential="service_token",outcome="taken"} 0`,
		`chaveiro_authentications_total{credential="service_token",outcome="refused"} 1`,
	)
}

// shop is a marketplace to be seeded.
type shop struct {
	provider, state, reason string
	due, end                time.Duration // from now; 0 for never
	leased, archived        bool
}

// seed writes marketplaces of an active and of an archived client.
func (w *watch) seed(t *testing.T, s *store.Store, shops ...shop) {
	t.Helper()
	must.Do(t, s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		active := tx.ClientRecord.Create().SetName("Padaria São João").SetNameKey("padaria").SetDocument("11222333000181").
			SetSearchText("padaria").SaveX(ctx)
		archived := tx.ClientRecord.Create().SetName("Mercado").SetNameKey("mercado").SetDocument("11444777000161").
			SetSearchText("mercado").SetArchivedAt(w.now).SaveX(ctx)
		product := tx.Product.Create().SetCode("P").SetName("P").SetNameKey("p").SetHasMarketplaces(true).
			SetHasAccessKeys(true).SaveX(ctx)
		owned := map[bool]*ent.ClientProduct{}
		for of, client := range map[bool]*ent.ClientRecord{false: active, true: archived} {
			owned[of] = tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).SaveX(ctx)
		}
		for _, shop := range shops {
			owned := owned[shop.archived]
			row := tx.Marketplace.Create().SetClientProductID(owned.ID).SetClientID(owned.ClientID).SetProvider(shop.provider).
				SetDescription("Loja").
				SetSettings([]byte("{}")).SetHealthState(shop.state).SetHealthReason(shop.reason)
			if shop.due != 0 {
				row.SetNextCheckAt(w.now.Add(shop.due))
			}
			if shop.end != 0 {
				row.SetCredentialsExpireAt(w.now.Add(shop.end))
			}
			if shop.leased {
				row.SetLeaseUntil(w.now.Add(time.Minute)).SetLeaseBy("another")
			}
			row.ExecX(ctx)
		}
		return audit.Append(ctx, tx, audit.Event{Action: "test.seed"})
	}))
}

func TestTheStateIsReadFromTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWatch(t, s, token.Token{})
		const day = 24 * time.Hour
		w.seed(t, s,
			shop{provider: "NUVEMSHOP", state: "NEEDS_ATTENTION", reason: "TOKEN_REFUSED"},
			shop{provider: "NUVEMSHOP", state: "NEEDS_ATTENTION", reason: "RENEWAL_REFUSED", end: 8 * day},
			shop{provider: "NUVEMSHOP", state: "CONNECTED", reason: "CHECK_PASSED", due: time.Hour},
			shop{provider: "PLUG4MARKET", state: "CONNECTED", reason: "CHECK_PASSED", due: -40 * time.Minute, leased: true},
			shop{provider: "PLUG4MARKET", state: "CONNECTED", reason: "CHECK_PASSED", due: -20 * time.Minute, end: time.Hour},
			shop{provider: "PLUG4MARKET", state: "CONNECTED", reason: "CHECK_PASSED", due: -10 * time.Minute},
			shop{provider: "SHOWKASE", state: "EXPIRING", reason: "CREDENTIALS_END_SOON", end: 6 * day},
			shop{provider: "SHOWKASE", state: "EXPIRING", reason: "CREDENTIALS_END_SOON", end: -day},
			shop{provider: "SHOWKASE", state: "EXPIRING", reason: "CREDENTIALS_END_SOON", end: day, archived: true},
			shop{provider: "NUVEMSHOP", state: "NEEDS_ATTENTION", reason: "TOKEN_REFUSED", archived: true},
		)
		must.Do(t, os.WriteFile(filepath.Join(w.dir, "last-backup"), []byte("2026-11-24T03:00:00Z\n"), 0o600))
		w.Look(t.Context())
		text := w.scrape(t)
		wantLines(t, text,
			`chaveiro_database_up 1`,
			`chaveiro_state_timestamp_seconds{group="health"} 1.7955216e+09`,
			`chaveiro_database_refused_writes_total{cause="full"} 0`,
			`chaveiro_grants_refused_total{table="access_keys"} 0`,
			`chaveiro_marketplaces{provider="NUVEMSHOP",state="NEEDS_ATTENTION"} 2`,
			`chaveiro_marketplaces{provider="NUVEMSHOP",state="CONNECTED"} 1`,
			`chaveiro_marketplaces{provider="PLUG4MARKET",state="CONNECTED"} 3`,
			`chaveiro_marketplaces{provider="MEU_CARRINHO",state="NEEDS_ATTENTION"} 0`,
			`chaveiro_check_lateness_seconds{provider="PLUG4MARKET"} 1200`,
			`chaveiro_check_lateness_seconds{provider="NUVEMSHOP"} 0`,
			`chaveiro_credentials_expiring{provider="SHOWKASE"} 2`,
			`chaveiro_credentials_expiring{provider="PLUG4MARKET"} 0`,
			`chaveiro_credentials_expiring{provider="NUVEMSHOP"} 0`,
			`chaveiro_audit_head_sequence 2`, // the first event starts the chain
			`chaveiro_last_backup_timestamp_seconds 1.7954892e+09`,
		)
		for _, planted := range []string{"Padaria", "11222333000181", "Loja", "another"} {
			if strings.Contains(text, planted) {
				t.Errorf("%s is among the metrics", planted)
			}
		}

		w.now = w.now.Add(time.Hour)
		if sent := storetest.Statements(t, s, func() { w.scrape(t) }); len(sent) != 0 {
			t.Errorf("a scrape asks the database: %q", sent)
		}
	})
}

func TestWithoutADatabaseTheRestIsShown(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), slog.New(slog.DiscardHandler))
	must.Do(t, err)
	w := newWatch(t, s, token.Token{}) // the database has no tables
	w.Look(t.Context())
	text := w.scrape(t)
	wantLines(t, text, `chaveiro_database_up 1`, `chaveiro_last_backup_timestamp_seconds 0`, `chaveiro_event_streams 7`)
	for _, absent := range []string{"chaveiro_marketplaces", "chaveiro_audit_head_sequence", "no such table"} {
		if strings.Contains(text, absent) {
			t.Errorf("%s is shown without a database", absent)
		}
	}
	must.Do(t, s.Close())
	w.Look(t.Context())
	wantLines(t, w.scrape(t), `chaveiro_database_up 0`, `chaveiro_event_streams 7`)
}

func TestAFailedReadingLeavesTheEarlierOneWithItsTime(t *testing.T) {
	t.Parallel()
	s, proxy := storetest.Proxied(t)
	w := newWatch(t, s, token.Token{})
	w.seed(t, s, shop{provider: "NUVEMSHOP", state: "CONNECTED", reason: "CHECK_PASSED"})
	w.Look(t.Context())
	proxy.Down()
	w.now = w.now.Add(time.Hour)
	w.Look(t.Context())
	wantLines(t, w.scrape(t),
		`chaveiro_database_up 0`,
		`chaveiro_state_timestamp_seconds{group="health"} 1.7955216e+09`,
		`chaveiro_marketplaces{provider="NUVEMSHOP",state="CONNECTED"} 1`,
	)
}

// The lock stands for a count that takes longer than a scrape.
func TestAScrapeDoesNotWaitForASlowCountAndTheDatabaseIsUp(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	config, _ := s.ListenerConfig()
	other, err := pgx.ConnectConfig(t.Context(), config)
	must.Do(t, err)
	defer other.Close(context.WithoutCancel(t.Context()))
	_, err = other.Exec(t.Context(), "BEGIN; LOCK TABLE marketplaces IN ACCESS EXCLUSIVE MODE")
	must.Do(t, err)
	w := newWatch(t, s, token.Token{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	defer func() { stop(); <-ended }()
	for range 200 {
		text := w.scrape(t)
		if strings.Contains(text, "chaveiro_marketplaces{") {
			t.Fatal("the table is not locked")
		}
		if strings.Contains(text, "\nchaveiro_database_up 1\n") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the database is not shown as up")
}

// names returns the metrics of a scrape.
func names(text string) map[string]bool {
	found := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllStringSubmatch(text, -1) {
		found[line[1]] = true
	}
	return found
}

// shown returns the names of all metrics of a process in which every event has happened.
func shown(t *testing.T) map[string]bool {
	t.Helper()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	w.happen()
	w.Look(t.Context())
	return names(w.scrape(t))
}

func TestTheMetricsOfTheManualAreThoseThatAreShown(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../../docs/operations.md")
	must.Do(t, err)
	shown, documented := shown(t), map[string]bool{}
	var families []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`(?:chaveiro|go|process)_[^|]*) \\|").
		FindAllStringSubmatch(string(manual), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			if prefix, ok := strings.CutSuffix(name[1], "*"); ok {
				families = append(families, prefix)
				continue
			}
			documented[name[1]] = true
			if !shown[name[1]] {
				t.Errorf("%s is in the manual and is not shown", name[1])
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		inFamily := slices.ContainsFunc(families, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if !documented[name] && (!inFamily || strings.HasPrefix(name, "chaveiro_")) {
			t.Errorf("%s is shown and is not in the manual", name)
		}
	}
	if len(documented) > 30 {
		t.Errorf("%d metrics of our own are more than somebody reads", len(documented))
	}
}

func TestTheAlertsAreOnMetricsThatThereAre(t *testing.T) {
	t.Parallel()
	shown := shown(t)
	manual, err := os.ReadFile("../../../docs/operations.md")
	must.Do(t, err)
	rules, err := os.ReadFile("../../../deploy/prometheus-rules.yml")
	must.Do(t, err)
	name := regexp.MustCompile(`\b(?:chaveiro|go|process)_[a-z0-9_]+`)
	used := 0
	for where, text := range map[string]string{"the rules": string(rules), "the manual": string(manual)} {
		for _, found := range name.FindAllString(text, -1) {
			base := found
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if !shown[base] && found != "go_" && found != "process_" && found != "go_sql_" {
				t.Errorf("%s name %s, which is not shown", where, found)
			}
			used++
		}
	}
	alerts := strings.Count(string(rules), "- alert: ")
	if alerts < 10 || alerts != strings.Count(string(rules), " expr: ") || used < alerts {
		t.Errorf("there are %d alerts, with %d names in them", alerts, used)
	}

	inRules := matches(regexp.MustCompile(`(?m)- alert: (\w+)$`), string(rules))
	inManual := matches(regexp.MustCompile("(?m)^\\|[^|]*\\| `(Chaveiro\\w+)` \\|"), string(manual))
	if diff := cmp.Diff(inRules, inManual); diff != "" {
		t.Errorf("alerts of the rules (-) and of the manual (+):\n%s", diff)
	}
	if len(inRules) != alerts {
		t.Errorf("%d of %d alerts were read", len(inRules), alerts)
	}
}

// matches returns what the first group of an expression matches in a text, in order.
func matches(expression *regexp.Regexp, text string) (found []string) {
	for _, match := range expression.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return found
}

func TestTheMetricsAreNamedAsIsUsual(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	w.happen()
	w.Look(t.Context())
	problems, err := promlint.New(strings.NewReader(w.scrape(t))).Lint()
	must.Do(t, err)
	for _, problem := range problems {
		if strings.HasPrefix(problem.Metric, "chaveiro_") {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
	}
}

const goodToken = "0123456789abcdef0123456789abcdef"

// tokenFile writes a token file.
func tokenFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "metrics.token")
	must.Do(t, os.WriteFile(path, []byte(content), 0o600))
	must.Do(t, os.Chmod(path, mode))
	return path
}

// Proves: 9.3
func TestWithATokenRequestsWithoutItAreRefused(t *testing.T) {
	t.Parallel()
	required, err := token.Load(tokenFile(t, goodToken+"\n", 0o400))
	must.Do(t, err)
	w := newWatch(t, storetest.SQLite(t), required)
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"none":              {nil, 401},
		"another":           {[]string{"Authorization", "Bearer " + strings.Repeat("x", 32)}, 401},
		"a part of it":      {[]string{"Authorization", "Bearer " + goodToken[:31]}, 401},
		"as Basic":          {[]string{"Authorization", "Basic " + goodToken}, 401},
		"without a scheme":  {[]string{"Authorization", goodToken}, 401},
		"two headers":       {[]string{"Authorization", "Bearer " + goodToken, "Authorization", "Bearer " + goodToken}, 401},
		"the token":         {[]string{"Authorization", "Bearer " + goodToken}, 200},
		"by another's name": {[]string{"Authorization", "Bearer " + goodToken, "Host", "portal.internal:9464"}, 200},
	} {
		for _, path := range []string{"/metrics", "/debug/pprof/goroutine?debug=2"} {
			answer := w.ask(t, path, c.headers...)
			body := answer.Body.String()
			if answer.Code != c.status {
				t.Errorf("%s at %s: status %d, want %d", name, path, answer.Code, c.status)
			}
			if answer.Code == 401 && (strings.Contains(body, "chaveiro_") || strings.Contains(body, "goroutine") ||
				answer.Header().Get("WWW-Authenticate") == "") {
				t.Errorf("%s at %s is told %s", name, path, body)
			}
		}
	}
}

// Proves: 9.3
func TestATokenThatOthersCouldReadOrGuessIsRefused(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "link")
	must.Do(t, os.Symlink(tokenFile(t, goodToken, 0o600), link))
	for name, c := range map[string]struct{ path, says string }{
		"readable by others": {tokenFile(t, goodToken, 0o644), "0600"},
		"a link":             {link, "is a link"},
		"missing":            {filepath.Join(t.TempDir(), "nowhere"), "no such file"},
		"a folder":           {t.TempDir(), "not a regular file"},
		"empty":              {tokenFile(t, "", 0o600), "32"},
		"too short":          {tokenFile(t, "guessable-9"+"\n", 0o600), "32"},
		"of two lines":       {tokenFile(t, goodToken+"\n"+goodToken+"\n", 0o600), "one line"},
		"too long":           {tokenFile(t, strings.Repeat("x", 513), 0o600), "512"},
	} {
		_, err := token.Load(c.path)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), goodToken) || strings.Contains(err.Error(), "guessable") {
			t.Errorf("%s: the error tells the token: %v", name, err)
		}
	}
}

// Proves: 9.3
func TestWithoutATokenOnlyRequestsForThisMachinesOwnNamesAreAnswered(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	for host, status := range map[string]int{
		"127.0.0.1:9464": 200, "localhost:9464": 200, "LOCALHOST": 200, "[::1]:9464": 200, "[::1]": 200,
		"evil.example:9464": 421, "127.0.0.1.evil.example": 421, "10.0.0.5:9464": 421,
	} {
		answer := w.ask(t, "/metrics", "Host", host)
		if answer.Code != status {
			t.Errorf("%s: status %d, want %d", host, answer.Code, status)
		}
		if status != 200 && strings.Contains(answer.Body.String(), "chaveiro_") {
			t.Errorf("%s is told %s", host, answer.Body)
		}
	}
}

// Proves: 9.3
func TestProfilesAreTakenButNotTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	for path, status := range map[string]int{
		"/debug/pprof/":                    200,
		"/debug/pprof/goroutine?debug=2":   200,
		"/debug/pprof/heap":                200,
		"/debug/pprof/cmdline":             404, // it may contain the database's password
		"/debug/pprof/profile?seconds=121": 400,
		"/debug/pprof/trace?seconds=1e9":   400,
		"/debug/pprof/heap?seconds=9999":   400,
		"/debug/vars":                      404,
		"/":                                404,
	} {
		answer := w.ask(t, path)
		if answer.Code != status {
			t.Errorf("%s: status %d, want %d", path, answer.Code, status)
		}
		if strings.Contains(answer.Body.String(), os.Args[0]) {
			t.Errorf("%s tells the command line", path)
		}
	}
}

// serve runs the server until stop is called, which checks that it ends without an error.
func (w *watch) serve(t *testing.T) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.Serve(ctx, listener) }()
	return listener.Addr().String(), func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	}
}

// Proves: 9.3
func TestTheServerEndsWithItsContextAlsoInTheMiddleOfAProfile(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	address, stop := w.serve(t)
	url := "http://" + address

	answer, err := http.Get(url + "/metrics")
	must.Do(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	must.Do(t, errors.Join(err, answer.Body.Close()))
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status %d", answer.StatusCode)
	}

	profile := make(chan error, 1)
	go func() {
		answer, err := http.Get(url + "/debug/pprof/trace?seconds=100")
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			err = errors.Join(err, answer.Body.Close())
		}
		profile <- err
	}()
	must.WaitFor(t, 30*time.Second, "the profile is running", func() bool {
		return strings.Contains(w.ask(t, "/debug/pprof/goroutine?debug=2").Body.String(), "net/http/pprof.Trace(")
	})
	stop()
	<-profile // whether it succeeded or not
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the listener is still open")
	}
}

func TestConnectionsBeyondTheLimitWaitUntilOthersAreClosed(t *testing.T) {
	t.Parallel()
	w := newWatch(t, storetest.SQLite(t), token.Token{})
	address, stop := w.serve(t)
	held := make([]net.Conn, 16)
	for i := range held {
		var err error
		held[i], err = net.Dial("tcp", address)
		must.Do(t, err)
		_, err = io.WriteString(held[i], "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
		must.Do(t, err)
		_, err = bufio.NewReader(held[i]).ReadString('\n') // is served, and stays
		must.Do(t, err)
	}
	late, err := net.Dial("tcp", address)
	must.Do(t, err)
	defer late.Close()
	_, err = io.WriteString(late, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
	must.Do(t, err)
	must.Do(t, late.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
	if n, err := late.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection beyond the limit is answered: %d, %v", n, err)
	}
	must.Do(t, held[0].Close())
	must.Do(t, late.SetReadDeadline(time.Time{}))
	if line, err := bufio.NewReader(late).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("when there is room it is answered %q, %v", line, err)
	}
	for _, conn := range held[1:] {
		must.Do(t, conn.Close())
	}
	stop()
}
