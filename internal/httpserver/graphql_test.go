package httpserver_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/cookie"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

const (
	document = `{viewer{id}}`
	query    = `{"query":"` + document + `"}`
	reached  = "reached GraphQL"
	planted  = "planted-5ecret"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Proves: 5.2
func TestTheAuthorizationHeaderIdentifiesTheCaller(t *testing.T) {
	t.Parallel()
	const bearer, both = `Bearer realm="Chaveiro"`, `Bearer realm="Chaveiro"; Basic realm="Chaveiro", charset="UTF-8"`
	refused := []string{reached, badKey, badJWT, planted}
	runAll(t, map[string]scenario{
		"nobody": {request: post(query), status: 200,
			has: []string{reached + ": <nil>"}, header: map[string]string{"WWW-Authenticate": ""}},
		"a key as bearer": {request: post(query, "Authorization", "Bearer "+goodKey), status: 200,
			has: []string{"ID:key_1"}, hasNot: []string{goodKey}},
		"a key as bearer, in small letters": {request: post(query, "Authorization", "bearer  "+goodKey), status: 200,
			has: []string{"ID:key_1"}},
		"a key as password": {request: post(query, "Authorization", basic("erp", goodKey)), status: 200,
			has: []string{"ID:key_1"}, hasNot: []string{goodKey}},
		"a key as password of no user": {request: post(query, "Authorization", basic("", goodKey)), status: 200,
			has: []string{"ID:key_1"}},
		"a key with GET": {request: get("/graphql?query=%7Bintegration%7Brevision%7D%7D", "Authorization", "Bearer "+goodKey),
			status: 200,
			has:    []string{"ID:key_1"}},
		"an operator": {request: post(query, "Authorization", "Bearer "+goodJWT), status: 200,
			has: []string{"ID:opr_1"}, hasNot: []string{goodJWT}},

		"an unknown key": {request: post(query, "Authorization", "Bearer "+badKey), status: 401, why: "UNKNOWN",
			has: []string{`"code":"UNAUTHENTICATED"`, `"requestId":"`}, hasNot: refused,
			header: map[string]string{"WWW-Authenticate": both}},
		"an unknown key as password": {request: post(query, "Authorization", basic("erp", badKey)), status: 401,
			why: "UNKNOWN", hasNot: refused},
		"another password": {request: post(query, "Authorization", basic("admin", planted)), status: 401, why: "NOT_A_KEY",
			hasNot: refused},
		"a key as user name": {request: post(query, "Authorization", basic(goodKey, "")), status: 401,
			why: "KEY_AS_USER_NAME", hasNot: append(refused, goodKey)},
		"a bad session": {request: post(query, "Authorization", "Bearer "+badJWT), status: 401, why: "SESSION_ENDED",
			hasNot: refused},
		"a bad session in a browser, without a window of its own": {
			request: post(query, "Authorization", "Bearer "+badJWT, "Sec-Fetch-Mode", "cors"), status: 401,
			header: map[string]string{"WWW-Authenticate": bearer}},
		"a bare token": {request: post(query, "Authorization", goodKey), status: 401, why: "WRONG_SCHEME",
			hasNot: append(refused, goodKey)},
		"another scheme": {request: post(query, "Authorization", "Digest "+planted), status: 401, why: "WRONG_SCHEME",
			hasNot: refused},
		"an empty header": {request: post(query, "Authorization", ""), status: 401, why: "NO_CREDENTIALS", hasNot: refused},
		"an empty bearer": {request: post(query, "Authorization", "Bearer "), status: 401, why: "NO_CREDENTIALS",
			hasNot: refused},
		"broken Basic": {request: post(query, "Authorization", "Basic "+planted), status: 401, why: "MALFORMED",
			hasNot: refused},

		"a key with a quote before it": {request: post(query, "Authorization", `Bearer "`+goodKey+`"`), status: 401,
			why: "MALFORMED", hasNot: append(refused, goodKey)},
		"a scheme twice": {request: post(query, "Authorization", "Bearer Bearer "+goodKey), status: 401,
			why: "MALFORMED", hasNot: append(refused, goodKey)},
		"a password with a blank before it": {request: post(query, "Authorization", basic("erp", " "+goodKey)), status: 401,
			why: "MALFORMED", hasNot: append(refused, goodKey)},
		"a bearer token of somebody else": {request: post(query, "Authorization", "Bearer "+planted), status: 401,
			why: "NOT_A_KEY", hasNot: refused},

		"a service token": {request: post(query, "Authorization", "Bearer "+goodServiceToken), status: 200,
			has: []string{"ID:svt_1"}, hasNot: []string{goodServiceToken}},
		"a service token as a password": {request: post(query, "Authorization", basic("any", goodServiceToken)), status: 200,
			has: []string{"ID:svt_1"}, hasNot: []string{goodServiceToken}},
		"a wrong service token": {request: post(query, "Authorization", "Bearer "+goodServiceToken+"x"), status: 401,
			has: []string{`"code":"UNAUTHENTICATED"`}, hasNot: []string{reached, goodServiceToken}},
		"two headers": {request: post(query, "Authorization", "Bearer "+goodKey, "Authorization", "Bearer "+goodJWT),
			status: 400,
			has:    []string{`"code":"BAD_USER_INPUT"`}, hasNot: []string{reached, goodKey, goodJWT}},
		"too many at once": {request: post(query, "Authorization", "Bearer busy"), status: 503,
			has: []string{`"code":"BUSY"`}, hasNot: []string{reached}},
		"a database that is gone": {request: post(query, "Authorization", "Bearer chv_broken"), status: 500,
			has: []string{`"code":"INTERNAL"`}, hasNot: []string{reached}},
	})
}

// Proves: 9.1
func TestAnInternalFaultIsLoggedAndNotDescribedToTheCaller(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	answer, body := p.send(t, post(query, "Authorization", "Bearer chv_broken"))
	id := answer.Header.Get("X-Request-Id")
	if strings.Contains(body, "database") || !strings.Contains(body, `"requestId":"`+id+`"`) {
		t.Errorf("the caller is told %s", body)
	}
	if log := p.log.String(); !strings.Contains(log, "database is gone") || !strings.Contains(log, "request_id="+id) {
		t.Errorf("the log has %s", log)
	}
}

func TestTheUseOfAGoodKeyIsRecorded(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	for _, key := range []string{goodKey, badKey} {
		req := post(query, "Authorization", "Bearer "+key)
		req.address = "192.0.2.7:1234"
		p.send(t, req)
	}
	if got := strings.Join(p.keys.used, ", "); got != "key_1 from 192.0.2.7" {
		t.Errorf("reported: %q", got)
	}
}

func TestARefusalSpeaksTheCallersLanguage(t *testing.T) {
	t.Parallel()
	runAll(t, map[string]scenario{
		"English": {request: post(query, "Authorization", "x", "Accept-Language", "en-US,en;q=0.9"), status: 401,
			has: []string{"The Authorization header must begin with Bearer"}},
		"Portuguese": {request: post(query, "Authorization", "x", "Accept-Language", "pt"), status: 401,
			has: []string{"O cabeçalho Authorization deve começar com Bearer"}},
		"another, or absent": {request: post(query, "Authorization", "x", "Accept-Language", "de"), status: 401,
			has: []string{"O cabeçalho Authorization deve começar com Bearer"}},
	})
}

// Proves: 4.2
func TestAMalformedRequestIsRefused(t *testing.T) {
	t.Parallel()
	large := `{"query":"` + strings.Repeat("x", 20<<10) + `"}`
	huge := `{"query":"` + strings.Repeat("x", 256<<10) + `"}`
	known := []string{"Authorization", "Bearer " + goodKey}
	params := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		return "/graphql?" + values.Encode()
	}
	verb := func(method string) request { return request{method: method, url: "/graphql", body: query} }

	scenarios := map[string]scenario{
		"PUT": {request: verb("PUT"), status: 405, header: map[string]string{"Allow": "GET, POST"}},
		"DELETE": {request: verb("DELETE"), status: 405,
			header: map[string]string{"Allow": "GET, POST"}},
		"OPTIONS, as there is no CORS": {request: verb("OPTIONS"), status: 405,
			header: map[string]string{"Allow": "GET, POST", "Access-Control-Allow-Origin": ""}},
		"PUT that claims to be POST": {request: func() request {
			r := post(query, "X-HTTP-Method-Override", "POST")
			r.method = "PUT"
			return r
		}(), status: 405},

		"a GET for a page": {request: get("/graphql?query=%7Ba%7D", "Accept", "text/html,application/xhtml+xml",
			"Authorization", "Bearer "+goodKey), status: 406},
		"an answer that is no JSON": {request: post(query, "Accept", "text/plain"), status: 406},

		"a form": {request: post("query="+planted, "Content-Type", "application/x-www-form-urlencoded"),
			status: 415},
		"an upload":                {request: post(planted, "Content-Type", "multipart/form-data; boundary=x"), status: 415},
		"plain text":               {request: post(query, "Content-Type", "text/plain"), status: 415},
		"GraphQL as it is":         {request: post("{viewer{id}}", "Content-Type", "application/graphql"), status: 415},
		"JSON in another encoding": {request: post(query, "Content-Type", "application/json; charset=utf-16"), status: 415},
		"no content type":          {request: post(query, "Content-Type", ""), status: 415},
		"a compressed body":        {request: post(planted, "Content-Encoding", "gzip"), status: 415},
		"compressed, then plain":   {request: post(planted, "Content-Encoding", "gzip, identity"), status: 415},

		"a large body of nobody": {request: post(large), status: 413, has: []string{"16 KiB"}},
		"a huge body of a key":   {request: post(huge, known...), status: 413, has: []string{"256 KiB"}},

		"broken JSON":  {request: post(`{"query":"mutation{login(input:{password:\"` + planted + `\"`), status: 400},
		"broken UTF-8": {request: post("{\"query\":\"" + planted + "\xff\"}"), status: 400},
		"a batch":      {request: post("[" + query + "," + query + "]"), status: 400, has: []string{"not an array"}},
		"a name twice": {request: post(`{"query":"` + planted + `","query":"{a}"}`), status: 400,
			has: []string{"same name twice"}},
		"an empty body": {request: post(""), status: 400},
		"33 levels": {request: post(`{"variables":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`),
			status: 400, has: []string{"32 levels"}},

		"a long query string":   {request: get(params("query", strings.Repeat("x", 8<<10))), status: 414},
		"a broken query string": {request: get("/graphql?query=%zz"), status: 400},
		"broken variables in a GET": {request: get(params("query", "{a}", "variables", `{"a":"`+planted)), status: 400,
			has: []string{"not valid JSON"}},
		"variables in a GET, a name twice": {request: get(params("query", "{a}", "variables", `{"a":1,"a":2}`)), status: 400},
	}
	for name, key := range map[string]string{
		"a key in the URL":                 params("key", goodKey),
		"a key in the URL, as a name":      params(goodKey, ""),
		"a key in the URL, within a query": params("query", `{a(key:"`+goodKey+`")}`),
		"a key in the URL, escaped":        "/graphql?key=%63hv_live_" + goodKey[len("chv_live_"):],
		"a key in the URL, beside broken":  params("key", goodKey) + "&x=%zz",
		"a key in the URL, though unknown": params("key", badKey),
	} {
		scenarios[name] = scenario{request: get(key, known...), status: 400, has: []string{"revoke"}}
	}
	for name, s := range scenarios {
		if s.request.header == nil {
			s.request.header = http.Header{}
		}
		inPortuguese := s
		inPortuguese.request.header = s.request.header.Clone()
		inPortuguese.has, inPortuguese.message = nil, i18n.Portuguese
		scenarios[name+", in Portuguese"] = inPortuguese
		s.request.header.Set("Accept-Language", "en")
		s.message = i18n.English
		s.has = append(s.has, `{"errors":[{"message":"`, `"code":"BAD_USER_INPUT"`, `"requestId":"`)
		s.hasNot = append(s.hasNot, reached, planted, goodKey, badKey, "viewer")
		scenarios[name] = s
	}
	runAll(t, scenarios)
}

// Proves: 4.2
func TestAWellFormedRequestReachesGraphQLUnchanged(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 200<<10)
	large := `{"query":"` + text + `"}`
	runAll(t, map[string]scenario{
		"a POST": {request: post(" " + query + "\n"), status: 200, has: []string{reached, document}},
		"with a charset": {request: post(query, "Content-Type", "Application/JSON; charset=UTF-8"), status: 200,
			has: []string{document}},
		"a large body of a key": {request: post(large, "Authorization", "Bearer "+goodKey), status: 200,
			has: []string{text}},
		"a large body of an operator": {request: post(large, "Authorization", "Bearer "+goodJWT), status: 200,
			has: []string{text}},
		"a GET of a browser": {request: get("/graphql?query=%7Ba%7D", "Accept", "text/html,*/*;q=0.8"), status: 200,
			has: []string{reached}},
		"a GET for JSON": {request: get("/graphql?query=%7Ba%7D", "Accept", "application/graphql-response+json"), status: 200,
			has: []string{reached}},
		"a GET": {request: get("/graphql?query=%7Ba%7D&variables=%7B%22a%22%3A1%7D"), status: 200, has: []string{reached}},
		"with headers for no cache": {request: post(query), status: 200, header: map[string]string{
			"Cache-Control": "no-store", "Vary": "Authorization, Accept-Language", "Access-Control-Allow-Origin": ""}},
		"never compressed": {request: post(query, "Accept-Encoding", "gzip"), status: 200,
			header: map[string]string{"Content-Encoding": ""}},
	})
}

// Proves: 4.2
func TestHarmlessPeculiaritiesOfClientsAreAccepted(t *testing.T) {
	t.Parallel()
	at := func(url string) request {
		r := post(query)
		r.url = url
		return r
	}
	head := get("/graphql?query=%7Ba%7D", "Authorization", "Bearer "+goodKey)
	head.method = http.MethodHead
	served := func(r request) scenario { return scenario{request: r, status: 200, has: []string{reached, document}} }
	runAll(t, map[string]scenario{
		"an upgrade that is not spoken": served(
			post(query, "Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AAEAAEAA")),
		"a byte order mark":                served(post("\ufeff" + query)),
		"utf8 without a hyphen":            served(post(query, "Content-Type", "application/json;charset=utf8")),
		"an encoding that changes nothing": served(post(query, "Content-Encoding", "identity")),
		"the characters as encoding":       served(post(query, "Content-Encoding", "utf-8")),
		"a slash behind":                   served(at("/graphql/")),
		"two slashes before":               served(at("//graphql")),
		"slashes around":                   served(at("//graphql//")),
		"an address within, which is none": {request: at("/x//graphql"), status: 404, hasNot: []string{reached}},
		"HEAD, for the headers of a GET":   {request: head, status: 200, has: []string{"ID:key_1"}},
		"variables as PHP writes none": {request: get("/graphql?query=%7Ba%7D&variables=%5B%5D&extensions=null"),
			status: 200, has: []string{reached}},
	})
	p := newPortal(t, func(o *httpserver.Options) {
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Upgrade"))
		})
	})
	if _, body := p.send(t, post(query, "Upgrade", "h2c")); body != "POST " {
		t.Errorf("GraphQL sees %q", body)
	}
	if _, body := p.send(t, head); body != "GET " {
		t.Errorf("GraphQL sees %q", body)
	}
}

func TestAnErrorHasTheFormThatTheCallerAccepts(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "application/json; charset=utf-8",
		"application/graphql-response+json; charset=utf-8, application/json; q=0.9": "application/graphql-response+json; " +
			"charset=utf-8",
		"*/*": "application/json; charset=utf-8",
	} {
		answer, body := newPortal(t).send(t, post("[]", "Accept", accept, "Accept-Language", "en"))
		if got := answer.Header.Get("Content-Type"); got != want {
			t.Errorf("Accept %q: Content-Type %q, want %q", accept, got, want)
		}
		wantBody := `{"errors":[{"message":"The request is not well formed: send one operation, not an array of them",` +
			`"extensions":{"code":"BAD_USER_INPUT","requestId":"` + answer.Header.Get("X-Request-Id") + `"}}]}` + "\n"
		if body != wantBody {
			t.Errorf("Accept %q: body %s", accept, body)
		}
	}
}

// Package cookie tests the rules of the cookie. This tests that GraphQL can reach it.
// Proves: 4.1
func TestGraphQLCanReadAndSetTheCookie(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(o *httpserver.Options) {
		o.AdminOrigins, o.CORSOrigins = []string{"https://admin.portal.example"}, []string{"https://erp.portal.example"}
		o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := cookie.From(r.Context()).Refresh()
			_ = json.NewEncoder(w).Encode([]any{token, err})
		})
	})
	own := []string{"Cookie", "__Host-chaveiro_rt=the-token", "X-Chaveiro-CSRF", "1"}
	for name, test := range map[string]struct {
		request request
		want    string
	}{
		"the page": {post(query, append(own, "Sec-Fetch-Site", "same-origin")...), `["the-token",null]`},
		"a copy of the page": {post(query,
			append(own, "Sec-Fetch-Site", "same-site", "Origin", "https://admin.portal.example")...), `["the-token",null]`},
		"a partner, a neighbour": {
			post(query, append(own, "Sec-Fetch-Site", "same-site", "Origin", "https://erp.portal.example")...), `["","CSRF"]`},
		"another site": {post(query, append(own, "Sec-Fetch-Site", "cross-site")...), `["","CSRF"]`},
		"a link":       {get("/graphql?query=%7Ba%7D", append(own, "Sec-Fetch-Site", "same-origin")...), `["","CSRF"]`},
		"no cookie":    {post(query), `["",null]`},
	} {
		if _, body := p.send(t, test.request); strings.TrimSpace(body) != test.want {
			t.Errorf("%s: the cookie reads as %s, want %s", name, body, test.want)
		}
	}
}

func TestABodyThatEndsTooSoonIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	r, w := newRequest(t, "POST", "/graphql", io.MultiReader(strings.NewReader(`{"query":"`+planted), brokenReader{}))
	r.Header.Set("Content-Type", "application/json")
	p.ServeHTTP(w, r)
	if body := w.Body.String(); w.Code != 400 || strings.Contains(body, planted) || strings.Contains(body, reached) {
		t.Errorf("%d %s", w.Code, body)
	}
}
