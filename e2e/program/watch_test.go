package program

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// ask returns status and body of what an address answers. headers are names and values in turn.
func ask(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	must.Do(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	must.Do(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	must.Do(t, err)
	return answer.StatusCode, string(body)
}

// Proves: 9.3
func TestMetricsAreOffUntilAnAddressIsNamed(t *testing.T) {
	t.Parallel()
	p := newPlace(t).start()
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/goroutine?debug=2"} {
		_, body := ask(t, p.URL+path)
		for _, told := range []string{"chaveiro_", "go_goroutines", "goroutine "} {
			if strings.Contains(body, told) {
				t.Errorf("%s of the portal itself tells %q", path, told)
			}
		}
	}
}

// Proves: 9.3
func TestMetricsAreServedBesideThePortalUntilItEnds(t *testing.T) {
	t.Parallel()
	const token = "planted-token-0123456789abcdef-0123456789"
	at, address := newPlace(t), programtest.FreeAddress(t)
	must.Do(t, os.WriteFile(at.path("metrics.token"), []byte(token+"\n"), 0o600))
	at.env = []string{"CHAVEIRO_METRICS_LISTEN=" + address, "CHAVEIRO_METRICS_TOKEN_FILE=" + at.path("metrics.token")}
	p := at.start()
	session := p.setUp()
	key := p.walk(session)
	p.mustPost(key, readPassword, nil)

	url := "http://" + address
	if status, body := ask(t, url+"/metrics"); status != http.StatusUnauthorized || strings.Contains(body, "chaveiro_") {
		t.Errorf("without the token: status %d, %s", status, body)
	}
	secrets := []string{token, session, key, goodPassword, "senha da loja", "Padaria", "ana@example.com", "12ABC34501DE35"}
	for path, has := range map[string][]string{
		"/metrics": {
			`chaveiro_build_info{`, `chaveiro_database_up 1`, `chaveiro_marketplaces{provider="MEU_CARRINHO",state="`,
			`chaveiro_authentications_total{credential="access_key",outcome="taken"} 1`,
			`chaveiro_graphql_operations_total{code="OK",kind="mutation"}`,
			`chaveiro_http_request_duration_seconds_bucket{route="/graphql",status="200"`,
			`go_sql_open_connections{db_name="writes"}`, `go_goroutines`,
		},
		"/debug/pprof/goroutine?debug=2": {"internal/app/metrics.(*Server).Serve"},
	} {
		status, body := ask(t, url+path, "Authorization", "Bearer "+token)
		if status != http.StatusOK {
			t.Errorf("%s: status %d: %s", path, status, body)
		}
		for _, text := range has {
			if !strings.Contains(body, text) {
				t.Errorf("%s has no %s", path, text)
			}
		}
		for _, secret := range secrets {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
	}
	if strings.Contains(p.Output(), token) {
		t.Error("the token is in the log")
	}
	p.stop()
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the listener outlives the portal")
	}
}

// Proves: 9.3
func TestAnInvalidMetricsListenerStopsTheStart(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	must.Do(t, os.WriteFile(at.path("open.token"), []byte(strings.Repeat("x", 32)), 0o600))
	must.Do(t, os.Chmod(at.path("open.token"), 0o644))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(t, err)
	defer func() { _ = taken.Close() }()
	for name, c := range map[string]struct {
		env  []string
		says string
	}{
		"reachable from elsewhere": {[]string{"CHAVEIRO_METRICS_LISTEN=0.0.0.0:9464"}, "CHAVEIRO_METRICS_LISTEN"},
		"a token that all read": {[]string{"CHAVEIRO_METRICS_LISTEN=" + programtest.FreeAddress(t),
			"CHAVEIRO_METRICS_TOKEN_FILE=" + at.path("open.token")}, "chmod 600"},
		"no token file": {[]string{"CHAVEIRO_METRICS_LISTEN=" + programtest.FreeAddress(t),
			"CHAVEIRO_METRICS_TOKEN_FILE=" + at.path("nowhere")}, "CHAVEIRO_METRICS_TOKEN_FILE"},
		"an address that is taken": {[]string{"CHAVEIRO_METRICS_LISTEN=" + taken.Addr().String()}, "CHAVEIRO_METRICS_LISTEN"},
	} {
		output, code := at.run(append([]string{"CHAVEIRO_LISTEN=" + programtest.FreeAddress(t), "CHAVEIRO_LOG_LEVEL=error"},
			c.env...), "serve")
		if code == 0 || !strings.Contains(output, c.says) || strings.Count(strings.TrimSpace(output), "\n") != 0 {
			t.Errorf("%s: exit %d, want one sentence with %q: %s", name, code, c.says, output)
		}
	}
}
