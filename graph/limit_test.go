package graph_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
)

// times returns a text n times, with the number of each in place of %d.
func times(n int, text string) string {
	var all strings.Builder
	for i := range n {
		all.WriteString(strings.ReplaceAll(text, "%d", fmt.Sprint(i)))
	}
	return all.String()
}

// Proves: 2.5, 8.2
func TestADocumentBeyondALimitIsAnsweredWithTheCodeOfTheLimit(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		for name, test := range map[string]struct {
			as        caller
			document  string
			variables vars
			code      string
			says      string // in English
		}{
			"tokens": {as: p.viewer, document: "{viewer{" + times(1000, "id ") + "}}",
				code: "LIMIT_TOKENS", says: "At most 1000 words"},
			"tokens of a key": {as: s.key, document: "{integration{" + times(1000, "revision ") + "}}",
				code: "LIMIT_TOKENS"},
			"depth": {as: p.viewer,
				document: `{node(id:"x"){...on AccessKey{` + times(9, "replacedBy{") + "id" + times(9, "}") + "}}}",
				code:     "LIMIT_DEPTH", says: "At most 10 levels of fields are answered; this document nests 11."},
			"depth of introspection": {as: p.viewer, document: "{__schema{types{" + times(13,
				"ofType{") + "name" + times(13, "}") + "}}}", code: "LIMIT_DEPTH", says: "At most 15"},
			"aliases": {as: p.viewer, document: "{viewer{" + times(31, "a%d:id ") + "}}",
				code: "LIMIT_ALIASES", says: "31"},
			"root fields": {as: p.viewer, document: "{" + times(11, "viewer{id} ") + "}",
				code: "LIMIT_ROOT_FIELDS", says: "11"},
			"root fields of a mutation": {as: p.operator, document: `mutation{a:archiveClient(input:{id:"x"}){client{id}}
				b:archiveClient(input:{id:"y"}){client{id}}}`, code: "LIMIT_ROOT_FIELDS", says: "At most 1 fields"},
			"one field": {as: p.viewer, document: "{viewer{" + times(101, "id ") + "}}",
				code: "LIMIT_SAME_FIELD", says: "101"},
			"directives of a field": {as: p.viewer, document: "{viewer{id " + times(6, "@skip(if:false)") + "}}",
				code: "LIMIT_DIRECTIVES", says: "At most 5"},
			"directives of a document": {as: p.viewer, document: "{viewer{" + times(51, "id @skip(if:false)") + "}}",
				code: "LIMIT_DIRECTIVES", says: "At most 50"},
			"fragments": {as: p.viewer, document: "{viewer{" + times(21, "...F%d ") + "}}" + times(21,
				"fragment F%d on Operator{id}"), code: "LIMIT_FRAGMENTS", says: "21"},
			"a fragment that spreads self": {as: p.viewer, document: "{viewer{...F}} fragment F on Operator{id ...F}",
				code: "LIMIT_FRAGMENT_CYCLE"},
			"complexity": {as: p.viewer, document: "query($n:Int){clients(first:$n){edges{node{" + times(60,
				"name ") + "}}}}", variables: vars{"n": 100}, code: "LIMIT_COMPLEXITY", says: "6201"},
			"complexity of a stranger": {as: stranger{}, document: "mutation{logout{userErrors{" + times(51,
				"code ") + "}}}", code: "LIMIT_COMPLEXITY", says: "at most 100"},
			"logins": {as: stranger{},
				document: `mutation{a:login(input:{email:"a@b.c",password:"planted"}){accessToken}
					b:login(input:{email:"a@b.c",password:"planted"}){accessToken}}`, code: "LIMIT_LOGIN", says: "2 times"},
			"logins of several operations": {as: stranger{},
				document: `mutation A{login(input:{email:"a@b.c",password:"planted"}){accessToken}} mutation
					B{login(input:{email:"a@b.c",password:"planted"}){accessToken}}`, code: "LIMIT_LOGIN"},
			"a text of the document": {as: p.viewer, document: `{node(id:"` + times(16<<10+1, "x") + `"){id}}`,
				code: "LIMIT_TEXT", says: "16385"},
			"a text of the variables": {as: p.viewer, document: `query($id:ID!){node(id:$id){id}}`,
				variables: vars{"id": times(16<<10+1, "x")}, code: "LIMIT_TEXT"},
			"a stranger's tokens": {as: stranger{}, document: "{" + times(201, "setupRequired ") + "}",
				code: "UNAUTHENTICATED"},
			"a stranger who looks around": {as: stranger{}, document: "{__schema{types{name}}}", code: "UNAUTHENTICATED"},
			"a stranger beyond all limits": {as: stranger{}, document: "{" + times(60, "viewer{id}") + "}",
				code: "UNAUTHENTICATED"},
			"a stranger, a field like ours": {as: stranger{}, document: "{setupRequire}", code: "UNAUTHENTICATED"},
		} {
			t.Run(name, func(t *testing.T) {
				answer := p.post(t, test.as, test.document, test.variables, "Accept-Language", "en")
				answer.refused(t, test.code)
				if want := map[bool]int{true: http.StatusUnauthorized,
					false: http.StatusBadRequest}[test.code == "UNAUTHENTICATED"]; answer.status != want {
					t.Errorf("status %d, want %d", answer.status, want)
				}
				if !strings.Contains(answer.body, test.says) {
					t.Errorf("the answer does not say %q: %s", test.says, answer.body)
				}
				for _, leak := range []string{"planted", "setupRequired", "Did you mean"} {
					if strings.Contains(answer.body, leak) {
						t.Errorf("the answer has %q: %s", leak, answer.body)
					}
				}
			})
		}
	})
}

// Proves: 8.2
func TestADocumentExactlyAtALimitIsAccepted(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for name, document := range map[string]string{
			"10 levels":       `{node(id:"x"){...on AccessKey{` + times(8, "replacedBy{") + "id" + times(8, "}") + "}}}",
			"30 aliases":      "{viewer{" + times(30, "a%d:id ") + "}}",
			"10 root fields":  "{__typename " + times(10, "viewer{id} ") + "}",
			"100 times":       "{viewer{" + times(100, "id ") + "}}",
			"20 fragments":    "{viewer{" + times(20, "...F%d ") + "}}" + times(20, "fragment F%d on Operator{id}"),
			"a page of 100":   "{clients(first:100){totalCount edges{node{id name}}}}",
			"a long document": "{viewer{" + times(90, "id name email ") + "}}",
		} {
			t.Run(name, func(t *testing.T) { p.must(t, p.viewer, document, nil) })
		}
	})
}

// These are the documents of the page and the examples, and the introspection query of GraphQL tools.
// Proves: 8.2
func TestTheDocumentsThatWeWriteAreWithinTheLimits(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		introspection, err := os.ReadFile("testdata/introspection.graphql")
		must.Do(t, err)
		p.must(t, p.viewer, string(introspection), nil)
		_, key := p.newKey(t, p.newShop(t, "Loja").clientProductID)
		p.must(t, key, string(introspection), nil)
		examples, err := filepath.Glob("../examples/*.graphql")
		must.Do(t, err)
		for _, file := range examples {
			document, err := os.ReadFile(file)
			must.Do(t, err)
			p.must(t, key, string(document), nil)
		}
	})
	documents := ofThePage(t)
	if len(documents) < 30 {
		t.Fatalf("the page has %d documents only", len(documents))
	}
	for _, document := range documents {
		parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, 1000)
		must.Do(t, err)
		name := parsed.Operations[0].Name
		if complexity, err := graph.Limits.Check(t.Context(), graph.Schema(), parsed,
			map[string]any{"first": 25}); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if public := []string{"Login", "RefreshSession", "Logout", "SetupRequired",
			"CreateFirstAdministrator"}; slices.Contains(public, name) && complexity > 100 {
			t.Errorf("%s is for strangers and has a complexity of %d", name, complexity)
		}
	}
}

var (
	inThePage  = regexp.MustCompile("(?s)graphql\\(`(.*?)`\\)")
	spreadName = regexp.MustCompile(`\.\.\.\s*([A-Z][A-Za-z]+)`)
	defined    = regexp.MustCompile(`^\s*fragment (\w+) on`)
)

// ofThePage returns the operations of the page, each with its fragments.
func ofThePage(t *testing.T) []string {
	t.Helper()
	var operations []string
	fragments := map[string]string{}
	must.Do(t, filepath.WalkDir("../frontend/src", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.Contains(path, "/gql/") || !strings.HasPrefix(filepath.Ext(path), ".ts") {
			return err
		}
		source, err := os.ReadFile(path)
		must.Do(t, err)
		for _, found := range inThePage.FindAllStringSubmatch(string(source), -1) {
			if name := defined.FindStringSubmatch(found[1]); name != nil {
				fragments[name[1]] = found[1]
			} else {
				operations = append(operations, found[1])
			}
		}
		return nil
	}))
	for i := range operations {
		added := map[string]bool{}
		for more := true; more; {
			more = false
			for _, spread := range spreadName.FindAllStringSubmatch(operations[i], -1) {
				if name := spread[1]; fragments[name] != "" && !added[name] {
					operations[i], added[name], more = operations[i]+fragments[name], true, true
				}
			}
		}
	}
	return operations
}

func TestAResponseHasAtMost10Errors(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		if answer := p.post(t, p.viewer, "{viewer{"+times(50, "no%d ")+"}}", nil); len(answer.errors) != 10 {
			t.Errorf("the validation tells %d errors", len(answer.errors))
		}
		shop := p.newShop(t, "Loja")
		document := `{node(id:"` + shop.clientProductID + `"){...on ClientProduct{` + times(20,
			"a%d:accessKeys(first:0){id} ") + "}}}"
		if answer := p.post(t, p.viewer, document, nil); len(answer.errors) != 10 {
			t.Errorf("the fields tell %d errors", len(answer.errors))
		}
	})
}

// Proves: 8.3
func TestOnlySmallDocumentsOfKnownCallersAreCached(t *testing.T) {
	t.Parallel()
	known := principal.With(t.Context(), principal.Operator{ID: "opr_1"})
	large := times(8<<10+1, "x")
	for name, test := range map[string]struct {
		adds, asks context.Context
		text       string
		kept       bool
	}{
		"of somebody":                 {known, known, "{a}", true},
		"of 8 KiB":                    {known, known, large[1:], true},
		"of more":                     {known, known, large, false},
		"of a stranger":               {t.Context(), known, "{a}", false},
		"of somebody, for a stranger": {known, t.Context(), "{a}", false},
	} {
		cache := graph.NewDocumentCache()
		cache.Add(test.adds, test.text, &ast.QueryDocument{})
		if _, kept := cache.Get(test.asks, test.text); kept != test.kept {
			t.Errorf("%s: kept %t", name, kept)
		}
	}
	cache := graph.NewDocumentCache()
	for i := range 201 {
		cache.Add(known, fmt.Sprint(i), &ast.QueryDocument{})
	}
	if _, kept := cache.Get(known, "0"); kept {
		t.Error("more than 200 documents are kept")
	}
}

// Proves: 5.6
func TestTheComplexityOfDocumentsIsDeductedUntilTheKeyIsRefused(t *testing.T) {
	usual := func(r *graph.Resolver, refuse graph.Refuse, log *slog.Logger) (http.Handler, error) {
		api, err := graph.NewHandler(r, refuse, log)
		limiter := ratelimit.New(ratelimit.Default, r.Now)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			api.ServeHTTP(w, r.WithContext(ratelimit.With(r.Context(), limiter)))
		}), err
	}
	eachWith(t, usual, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		document := "{ integration { " + times(90, "revision client { id name document } ") + "} }"
		var refused response
		for range 300 {
			if refused = p.post(t, s.key, document, nil, ordinary...); refused.status != http.StatusOK {
				break
			}
		}
		refused.refused(t, "RATE_LIMITED")
		if refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") == "" ||
			refused.header.Get("RateLimit-Limit") != "20000" {
			t.Errorf("%d %v", refused.status, refused.header)
		}
		p.must(t, p.viewer, "{ viewer { id } }", nil) // other callers are still served
	})
}
