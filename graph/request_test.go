package graph_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// raw sends a body as it is, or a GET with these parameters, as the caller.
func (p *portal) raw(t *testing.T, as caller, body string, params url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, publicURL+"/graphql", strings.NewReader(body))
	if params != nil {
		r = httptest.NewRequest(http.MethodGet, publicURL+"/graphql?"+params.Encode(), nil)
	}
	r.Header.Set("Content-Type", "application/json")
	if authorization := as.authorization(t); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// Proves: 4.2
func TestRequestsAreReadAsHonestClientsWriteThem(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		shop := p.newShop(t, "Loja")
		const page = `query($n: Int!) { clients(first: $n) { edges { node { name } } } }`
		const typed = `{"query":"query($n: Int!) { clients(first: $n) { edges { node { name } } } }","variables":{"n":`
		for name, test := range map[string]struct {
			as     caller
			body   string
			params url.Values
			has    string
		}{
			"no variables, as PHP writes them": {shop.key, `{"query":"{integration{revision}}","variables":[]}`, nil,
				`"revision":`},
			"no extensions, as PHP writes them": {shop.key, `{"query":"{integration{revision}}","extensions":[ ]}`, nil,
				`"revision":`},
			"no variables in a GET": {shop.key, "",
				url.Values{"query": {"{integration{revision}}"}, "variables": {"[]"}}, `"revision":`},
			"a whole number with a fraction":  {p.operator, typed + `25.0}}`, nil, `"Loja"`},
			"a whole number with an exponent": {p.operator, typed + `2.5e1}}`, nil, `"Loja"`},
			"a whole number with a fraction, in GET": {p.operator, "",
				url.Values{"query": {page}, "variables": {`{"n":25.0}`}}, `"Loja"`},
			"half a number is none": {p.operator, typed + `2.5}}`, nil, `VALIDATION_FAILED`},
			"an array of variables is none": {shop.key, `{"query":"{integration{revision}}","variables":[1]}`, nil,
				`BAD_USER_INPUT`},
		} {
			if w := p.raw(t, test.as, test.body, test.params); !strings.Contains(w.Body.String(), test.has) {
				t.Errorf("%s is answered %d: %s", name, w.Code, w.Body)
			}
		}
	})
}

// On this answer such a client sends the whole document beside its hash.
func TestAPersistedQueryIsAnsweredAsItsProtocolSays(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		shop := p.newShop(t, "Loja")
		const hash = `{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}`
		for name, w := range map[string]*httptest.ResponseRecorder{
			"POST": p.raw(t, shop.key, `{"operationName":"A","extensions":`+hash+`}`, nil),
			"GET":  p.raw(t, shop.key, "", url.Values{"operationName": {"A"}, "extensions": {hash}}),
		} {
			body := w.Body.String()
			if w.Code != http.StatusOK || !strings.Contains(body, `"message":"PersistedQueryNotSupported"`) ||
				!strings.Contains(body, `"code":"PERSISTED_QUERY_NOT_SUPPORTED"`) {
				t.Errorf("%s is answered %d: %s", name, w.Code, body)
			}
		}
		whole := p.raw(t, shop.key, `{"query":"{integration{revision}}","extensions":`+hash+`}`, nil)
		if !strings.Contains(whole.Body.String(), `"revision":`) {
			t.Errorf("the whole document beside its hash is answered %d: %s", whole.Code, whole.Body)
		}
	})
}

func TestAnswersInPartsAreNeitherOfferedNorGiven(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		shop := p.newShop(t, "Loja")
		directives := p.must(t, p.operator, `{ __schema { directives { name } } }`, nil).body
		if strings.Contains(directives, `"defer"`) || !strings.Contains(directives, `"skip"`) {
			t.Errorf("the directives are %s", directives)
		}
		answer := p.post(t, shop.key, `{ integration { revision ... @defer { marketplaces { id } } } }`, nil)
		if len(answer.errors) == 0 || answer.data != nil {
			t.Errorf("@defer is answered %s", answer.body)
		}
	})
}
