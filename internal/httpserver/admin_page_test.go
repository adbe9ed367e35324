package httpserver

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

// Proves: 4.5
func TestTheExampleOfAHostForTheAdminPageDoesWhatThePortalDoes(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../deploy/admin-page.nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	example := string(file)
	const portal = "https://portal.example.com"
	for name, policy := range map[string]string{"/index.html": appPolicy, "/graphiql.html": graphiqlPolicy} {
		policy = strings.NewReplacer(noncePlaceholder, "$request_id", "connect-src 'self'", "connect-src "+portal).
			Replace(policy)
		if !strings.Contains(example, `"`+policy+`"`) {
			t.Errorf("the policy of %s should be %s", name, policy)
		}
	}

	for _, placeholder := range []string{noncePlaceholder, organizationPlaceholder} {
		if !strings.Contains(example, "\n\tsub_filter "+placeholder+" ") {
			t.Errorf("it leaves %s as it is", placeholder)
		}
	}

	answer := httptest.NewRecorder()
	securityHeaders(&url.URL{Scheme: "https", Host: "portal.example.com"})(http.NotFoundHandler()).
		ServeHTTP(answer, httptest.NewRequest(http.MethodGet, portal, nil))
	answer.Header().Del("Content-Type")
	for name, values := range answer.Header() {
		if line := "add_header " + name + ` "` + values[0] + `" always;`; !strings.Contains(example, line) {
			t.Errorf("it lacks %s", line)
		}
	}
}
