package httpserver_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chaveiro/chaveiro/internal/httpserver"
)

// Proves: 4.7
func TestEachPathServesItsPageOrFileOrIsNotFound(t *testing.T) {
	t.Parallel()
	const js, forEver = "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"
	app := []string{"the app"}
	html := map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"}
	none := []string{"the app", "concealed", "__CSP_NONCE__"}
	runAll(t, map[string]scenario{
		"the root":          {request: get("/"), status: 200, has: app, header: html, hasNot: []string{"__CSP_NONCE__"}},
		"a page of the app": {request: visit("/clients/cli_1?tab=keys"), status: 200, has: app, header: html},
		"an unknown page":   {request: visit("/nowhere"), status: 200, has: app, header: html},
		"HEAD of a page": {request: request{method: "HEAD", url: "/clients",
			header: http.Header{"Accept": {"text/html"}}}, status: 200, header: html},
		"index.html by name": {request: visit("/index.html"), status: 200, has: app, hasNot: []string{"__CSP_NONCE__"}},
		"GraphiQL": {request: visit("/graphiql"), status: 200, has: []string{"GraphiQL"}, header: html,
			hasNot: none},
		"GraphiQL by its file": {request: visit("/graphiql.html"), status: 200, has: app,
			hasNot: []string{"__CSP_NONCE__", "GraphiQL"}},
		"a file beside": {request: get("/favicon.svg"), status: 200, has: []string{"<svg/>"},
			header: map[string]string{"Content-Type": "image/svg+xml"}},
		"an asset": {request: get("/assets/app-1a2b3c.js"), status: 200, has: []string{"console.log"},
			header: map[string]string{"Content-Type": js, "Cache-Control": forEver}},
		"HEAD of an asset": {request: request{method: "HEAD", url: "/assets/app-1a2b3c.js"}, status: 200,
			header: map[string]string{"Content-Type": js}},
		"a part of an asset": {request: visit("/assets/app-1a2b3c.js", "Range", "bytes=0-3"), status: 200},

		"a missing asset": {request: visit("/assets/app-000000.js"), status: 404, hasNot: none,
			header: map[string]string{"Cache-Control": ""}},
		"the list of assets":      {request: visit("/assets/"), status: 404, hasNot: append(none, "app-1a2b3c")},
		"assets without a slash":  {request: visit("/assets"), status: 404, hasNot: none},
		"an asset, slash escaped": {request: visit("/assets%2fmissing.js"), status: 404, hasNot: none},
		"a hidden asset":          {request: visit("/assets/.hidden"), status: 404, hasNot: none},
		"a hidden folder":         {request: visit("/.vite/manifest.json"), status: 404, hasNot: none},
		"a dot file":              {request: visit("/.env"), status: 404, hasNot: none},
		"a dot file, escaped":     {request: visit("/%2eenv"), status: 404, hasNot: none},
		"a folder above":          {request: visit("/a/../../etc/passwd"), status: 404, hasNot: none},
		"above, escaped":          {request: visit("/%2e%2e/etc/passwd"), status: 404, hasNot: none},
		"above, escaped twice":    {request: visit("/%252e%252e/etc/passwd"), status: 404, hasNot: none},
		"above, from the assets":  {request: visit("/assets/../index.html"), status: 404, hasNot: none},
		"above, with a backslash": {request: visit("/..%5cetc"), status: 404, hasNot: none},
		"below GraphQL":           {request: visit("/graphql/x"), status: 404, hasNot: none},
		"below GraphiQL":          {request: visit("/graphiql/x"), status: 404, hasNot: none},
		"below auth":              {request: visit("/auth/callback"), status: 404, hasNot: none},
		"below health":            {request: visit("/healthz/x"), status: 404, hasNot: none},
	})
}

// Proves: 4.7
func TestAProgramAtAWrongAddressIsToldTheAddressOfTheAPI(t *testing.T) {
	t.Parallel()
	with := func(method, url string, headers ...string) request {
		r := visit(url, headers...)
		r.method = method
		return r
	}
	scenarios := map[string]scenario{}
	for name, r := range map[string]request{
		"a GET that does not ask for a page": get("/api/v1"),
		"a GET that takes anything":          get("/api/v1", "Accept", "*/*"),
		"a GET for JSON":                     get("/graphqls", "Accept", "application/json"),
		"a GET with a key":                   visit("/api", "Authorization", "Bearer "+goodKey),
		"the root, with a key":               get("/", "Authorization", "Bearer "+goodKey),
		"a POST":                             with("POST", "/api"),
		"a POST to the root":                 with("POST", "/"),
		"a POST to a page":                   with("POST", "/clients"),
		"a POST to a file":                   with("POST", "/favicon.svg"),
		"a POST to an asset":                 with("POST", "/assets/app-1a2b3c.js"),
		"a POST to what is only read":        with("POST", "/healthz"),
		"a POST to an export":                with("POST", "/export/audit.csv"),
		"a PUT to a webhook":                 with("PUT", "/webhooks/nuvemshop"),
		"a DELETE":                           with("DELETE", "/graphql/clients/1"),
		"a PATCH":                            with("PATCH", "/x"),
		"OPTIONS":                            with("OPTIONS", "/x"),
		"a verb that is none":                with("FETCH", "/x"),
		"below GraphQL":                      get("/graphql/v2"),
		"a missing asset":                    get("/assets/app-000000.js"),
		"a dot file":                         get("/.env"),
		"above":                              get("/%2e%2e/etc/passwd"),
	} {
		scenarios[name] = scenario{request: r, status: 404,
			has:    []string{`"code":"NOT_FOUND"`, publicURL + "/graphql", `"requestId":"`},
			hasNot: []string{"the app", "concealed", goodKey},
			header: map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}}
	}
	runAll(t, scenarios)
}

func TestThePageHasTheNameOfTheOrganisationAsText(t *testing.T) {
	t.Parallel()
	named := func(name string) func(*httpserver.Options) {
		return func(o *httpserver.Options) {
			o.Organization = name
			o.Frontend = fstest.MapFS{
				"index.html": {Data: []byte(`<meta name="organization" content="__ORGANIZATION__">the app`)}}
		}
	}
	runAll(t, map[string]scenario{"a name": {request: visit("/login"), status: 200,
		has: []string{`content="Casa &#34;&gt;&lt;script&gt;"`}, hasNot: []string{"<script>", "__ORGANIZATION__"}}},
		named(`Casa "><script>`))
	runAll(t, map[string]scenario{"none": {request: visit("/login"), status: 200,
		has: []string{`content=""`}, hasNot: []string{"__ORGANIZATION__"}}}, named(""))
}

// Proves: 4.5
func TestThePolicyOfThePagesHasAFreshNonce(t *testing.T) {
	t.Parallel()
	const app = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data:; " +
		"font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; " +
		"frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'"
	p := newPortal(t)
	form := regexp.MustCompile(`content="([A-Z2-7]{26})"`)
	seen := map[string]bool{}
	for range 3 {
		answer, body := p.send(t, get("/"))
		nonce := form.FindStringSubmatch(body)
		if nonce == nil || seen[nonce[1]] {
			t.Fatalf("no fresh nonce in %s", body)
		}
		seen[nonce[1]] = true
		if got := strings.ReplaceAll(answer.Header.Get("Content-Security-Policy"), nonce[1], "N"); got != app {
			t.Errorf("the policy is %s\nwant          %s", got, app)
		}
	}
}

// Proves: 4.5
func TestThePolicyOfGraphiQLIsItsOwn(t *testing.T) {
	t.Parallel()
	answer, _ := newPortal(t).send(t, get("/graphiql"))
	policy := answer.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "worker-src 'self' blob:",
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data:", "font-src 'self' data:", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %s", want, policy)
		}
	}
	for _, unwanted := range []string{"unsafe-eval", "nonce", "http", "*"} {
		if strings.Contains(policy, unwanted) {
			t.Errorf("the policy has %q: %s", unwanted, policy)
		}
	}
}

func TestPagesAndAssetsAreCompressed(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"/", "/assets/app-1a2b3c.js"} {
		answer, plain := newPortal(t).send(t, get(url))
		if answer.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed for a client that does not ask for it", url)
		}
		answer, body := newPortal(t).send(t, get(url, "Accept-Encoding", "gzip, br"))
		if answer.Header.Get("Content-Encoding") != "gzip" || answer.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", url, answer.Header)
			continue
		}
		reader, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(reader)
		if err != nil || len(unpacked) != len(plain) {
			t.Errorf("%s: %d bytes unpacked, %v, want %d", url, len(unpacked), err, len(plain))
		}
	}
}

func TestABinaryWithoutPagesSaysHowToBuildThem(t *testing.T) {
	t.Parallel()
	unbuilt := func(o *httpserver.Options) { o.Frontend = fstest.MapFS{".gitkeep": {}} }
	runAll(t, map[string]scenario{
		"the app":  {request: get("/"), status: 503, has: []string{"make build"}},
		"GraphiQL": {request: get("/graphiql"), status: 503, has: []string{"make build"}},
		"GraphQL":  {request: post(query), status: 200, has: []string{reached}},
		"an asset": {request: get("/assets/app.js"), status: 404},
	}, unbuilt)
}
