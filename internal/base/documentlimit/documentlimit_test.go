package documentlimit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chaveiro/chaveiro/internal/base/documentlimit"
	"github.com/chaveiro/chaveiro/internal/base/fault"
)

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query {
		me: Person!
		people(first: Int, last: Int): PersonConnection!
		nodes(ids: [ID!]!): [Node]!
		node(id: ID!): Node
	}
	type Mutation { login(name: String): Person logout: Person }
	type Subscription { changes: Person! }
	interface Node { id: ID! }
	type Person implements Node { id: ID! name: String! friend: Person! children: [Person!]! tags: [String!]! }
	type PersonConnection { edges: [PersonEdge!]! totalCount: Int! }
	type PersonEdge { node: Person! }
`})

// small are limits that a short document reaches.
var small = documentlimit.Limits{
	Depth: 5, Introspection: 4, Aliases: 3, RootFields: 2, MutationFields: 1, SameField: 3,
	Directives: 4, NodeDirectives: 2, Fragments: 3, Complexity: 100, Text: 10, Once: "login",
}

func parse(t testing.TB, document string) *ast.QueryDocument {
	t.Helper()
	parsed, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return parsed
}

// Proves: 8.1
func TestADocumentMayReachEachLimitAndNotExceedIt(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("friend{", n) + "id" + strings.Repeat("}", n) }
	for name, test := range map[string]struct {
		document  string
		variables map[string]any
		want      error
	}{
		"5 levels": {document: "{me{" + nested(3) + "}}"},
		"6 levels": {document: "{me{" + nested(4) + "}}",
			want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 5, Found: 6}},
		"6 levels, in a fragment": {document: "{me{...A}} fragment A on Person{" + nested(4) + "}",
			want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 5, Found: 6}},
		"6 levels, in inline fragments": {document: "{me{...{" + nested(2) + "...on Person{" + nested(4) + "}}}}",
			want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 5, Found: 6}},
		"6 levels, where nobody asks": {document: "{me{id}} fragment A on Person{" + nested(5) + "}",
			want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 5, Found: 6}},
		"6 levels of an unknown field": {document: "{a{a{a{a{a{a}}}}}}",
			want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 5, Found: 6}},
		"4 levels of introspection": {document: "{__schema{types{fields{name}}}}"},
		"5 levels of introspection": {document: "{__schema{types{fields{args{name}}}}}",
			want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 4, Found: 5}},
		"5 levels of a type": {document: `{__type(name:"A"){...T}} fragment T on
			__Type{ofType{ofType{ofType{name}}}}`, want: documentlimit.Exceeded{Code: fault.LimitDepth, Limit: 4, Found: 5}},
		"3 aliases": {document: "{me{a:id b:id c:id}}"},
		"4 aliases": {document: "{me{a:id b:id c:id d:id}}",
			want: documentlimit.Exceeded{Code: fault.LimitAliases, Limit: 3, Found: 4}},
		"2 aliases, spread twice": {document: "{me{...A friend{...A}}} fragment A on Person{a:id b:id}",
			want: documentlimit.Exceeded{Code: fault.LimitAliases, Limit: 3, Found: 4}},
		"2 root fields": {document: `{__typename me{id} node(id:"a"){id}}`},
		"3 root fields": {document: `{me{id} ...{me{id}} ...A} fragment A on Query{me{id}}`,
			want: documentlimit.Exceeded{Code: fault.LimitRootFields, Limit: 2, Found: 3}},
		"1 root field of a mutation": {document: "mutation{__typename logout{id}}"},
		"2 root fields of a mutation": {document: "mutation{logout{id} a:logout{id}}",
			want: documentlimit.Exceeded{Code: fault.LimitRootFields, Limit: 1, Found: 2}},
		"1 login": {document: "mutation{login{id}} query B{me{id}}"},
		"2 logins, one with an alias": {document: "mutation{login{id} a:login{id}}",
			want: documentlimit.Exceeded{Code: fault.LimitLogin, Limit: 1, Found: 2}},
		"2 logins, in two operations": {document: "mutation A{login{id}} mutation B{...L} fragment L on " +
			"Mutation{login{id}}", want: documentlimit.Exceeded{Code: fault.LimitLogin, Limit: 1, Found: 2}},
		"a field 3 times": {document: "{me{id id id}}"},
		"a field 4 times": {document: "{me{id id id id}}",
			want: documentlimit.Exceeded{Code: fault.LimitSameField, Limit: 3, Found: 4}},
		"a field 4 times, in fragments": {document: "{me{...A ...{...A}}} fragment A on Person{id ...{id}}",
			want: documentlimit.Exceeded{Code: fault.LimitSameField, Limit: 3, Found: 4}},
		"a field 4 times, nobody asks": {document: "{me{id}} fragment A on Person{id id id id}",
			want: documentlimit.Exceeded{Code: fault.LimitSameField, Limit: 3, Found: 4}},
		"a name of the answer 4 times": {document: "{me{name name name name:id}}",
			want: documentlimit.Exceeded{Code: fault.LimitSameField, Limit: 3, Found: 4}},
		"the same field at other places": {document: "{me{id id friend{id id children{id id}}}}"},
		"2 directives at a field":        {document: "{me{id @a @b name @a @b}}"},
		"3 directives at a field": {document: "{me{id @a @b @c}}",
			want: documentlimit.Exceeded{Code: fault.LimitDirectives, Limit: 2, Found: 3}},
		"3 directives at an operation": {document: "query @a @b @c {me{id}}",
			want: documentlimit.Exceeded{Code: fault.LimitDirectives, Limit: 2, Found: 3}},
		"3 directives at a variable": {document: "query($a:Int @a @b @c){me{id}}",
			want: documentlimit.Exceeded{Code: fault.LimitDirectives, Limit: 2, Found: 3}},
		"3 directives at a fragment": {document: "{me{...A}} fragment A on Person @a @b @c {id}",
			want: documentlimit.Exceeded{Code: fault.LimitDirectives, Limit: 2, Found: 3}},
		"3 directives at a spread": {document: "{me{...A @a @b @c}} fragment A on Person{id}",
			want: documentlimit.Exceeded{Code: fault.LimitDirectives, Limit: 2, Found: 3}},
		"5 directives": {document: "query @a @b{me{id @a @b name @a}}",
			want: documentlimit.Exceeded{Code: fault.LimitDirectives, Limit: 4, Found: 5}},
		"3 fragments": {
			document: "{me{...A ...B ...C}} fragment A on Person{id} fragment B on Person{id} fragment C on Person{id}"},
		"4 fragments": {
			document: "{me{id}} fragment A on Person{id} fragment B on Person{id} fragment C on Person{id} fragment C on " +
				"Person{id}", want: documentlimit.Exceeded{Code: fault.LimitFragments, Limit: 3, Found: 4}},
		"a fragment that spreads itself": {document: "{me{...A}} fragment A on Person{friend{...A}}",
			want: documentlimit.Exceeded{Code: fault.LimitFragmentCycle}},
		"a circle of fragments": {document: "{me{...A}} fragment A on Person{...B} fragment B on Person{...A}",
			want: documentlimit.Exceeded{Code: fault.LimitFragmentCycle}},
		"a circle that nobody asks for": {document: "{me{id}} fragment A on Person{...A}",
			want: documentlimit.Exceeded{Code: fault.LimitFragmentCycle}},
		"an unknown fragment": {document: "{me{...A}}"},
		"10 bytes of text":    {document: `{node(id:"0123456789"){id}}`},
		"11 bytes of text": {document: `{node(id:"0123456789+"){id}}`,
			want: documentlimit.Exceeded{Code: fault.LimitText, Limit: 10, Found: 11}},
		"11 bytes, deep in a value": {document: `{node(id:[{a:["0123456789+"]}]){id}}`,
			want: documentlimit.Exceeded{Code: fault.LimitText, Limit: 10, Found: 11}},
		"11 bytes in a default": {document: `query($a:ID="0123456789+"){node(id:$a){id}}`,
			want: documentlimit.Exceeded{Code: fault.LimitText, Limit: 10, Found: 11}},
		"11 bytes in a directive": {document: `{me{id @a(b:"""0123456789+""")}}`,
			want: documentlimit.Exceeded{Code: fault.LimitText, Limit: 10, Found: 11}},
		"11 bytes in the variables": {document: `query($a:ID){node(id:$a){id}}`,
			variables: map[string]any{"a": map[string]any{"b": []any{1, "0123456789+"}}},
			want:      documentlimit.Exceeded{Code: fault.LimitText, Limit: 10, Found: 11}},
		"a complexity of 101": {document: "{people(first:100){totalCount}}",
			want: documentlimit.Exceeded{Code: fault.LimitComplexity, Limit: 100, Found: 101}},
		"a complexity of 100": {document: "{people(first:99){totalCount}}"},
		"a dear operation behind one": {document: "query A{me{id}} query B{people(last:100){totalCount}}",
			want: documentlimit.Exceeded{Code: fault.LimitComplexity, Limit: 100, Found: 101}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := small.Check(t.Context(), schema, parse(t, test.document), test.variables); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// wide are limits of which only complexity can be reached.
var wide = documentlimit.Limits{
	Depth: 1 << 20, Introspection: 1 << 20, Aliases: math.MaxInt, RootFields: math.MaxInt, MutationFields: math.MaxInt,
	SameField: math.MaxInt, Directives: 1 << 20, NodeDirectives: 1 << 20, Fragments: 1 << 20, Complexity: math.MaxInt,
	Text: 1 << 20,
}

func TestAListCostsItsMembers(t *testing.T) {
	t.Parallel()
	given := func(n any) map[string]any { return map[string]any{"n": n} }
	for name, test := range map[string]struct {
		document  string
		variables map[string]any
		want      int
	}{
		"fields":                     {"{me{id name friend{id}}}", nil, 5},
		"a page of 10":               {"{people(first:10){edges{node{id}}}}", nil, 1 + 10*3},
		"the last 10":                {"{people(last:10){edges{node{id}}}}", nil, 1 + 10*3},
		"a page of no size":          {"{people{edges{node{id}}}}", nil, 1 + 25*3},
		"a page in a variable":       {"query($n:Int){people(first:$n){totalCount}}", given(json.Number("7")), 8},
		"as a Go number":             {"query($n:Int){people(first:$n){totalCount}}", given(7), 8},
		"as a float":                 {"query($n:Int){people(first:$n){totalCount}}", given(7.0), 8},
		"a default":                  {"query($n:Int=7){people(first:$n){totalCount}}", nil, 8},
		"a default that is not used": {"query($n:Int=7){people(first:$n){totalCount}}", given(json.Number("9")), 10},
		"null":                       {"query($n:Int=7){people(first:$n){totalCount}}", given(nil), 26},
		"no number":                  {"query($n:Int){people(first:$n){totalCount}}", given("7"), 26},
		"more than a page may have":  {"{people(first:1000000){totalCount}}", nil, 101},
		"more than a number may be": {"query($n:Int){people(first:$n){totalCount}}",
			given(json.Number("1e999")), 101},
		"less than none": {"{people(first:-5){totalCount}}", nil, 26},
		"a variable of a fragment": {"query($n:Int){...A} fragment A on Query{people(first:$n){totalCount}}",
			given(json.Number("7")), 8},
		"3 ids":                   {`{nodes(ids:["a","b","c"]){id}}`, nil, 4},
		"3 ids in a variable":     {"query($n:[ID!]!){nodes(ids:$n){id}}", given([]any{"a", "b", "c"}), 4},
		"a list that comes whole": {"{me{children{id}}}", nil, 1 + 1 + 2},
		"a list of plain values":  {"{me{tags}}", nil, 2},
		"lists in lists": {"{people(first:10){edges{node{children{children{id}}}}}}", nil,
			1 + 10*(1+1+1+2*(1+2))},
		"a fragment twice": {"{me{...A friend{...A}}} fragment A on Person{children{id}}", nil,
			1 + 3 + 1 + 3},
		"all branches of an inline fragment": {`{node(id:"a"){id ...on Person{name children{id}} ...on Nothing{a}}}`, nil,
			1 + 1 + 1 + 3 + 1},
		"what the schema does not know":       {"{nothing(first:50){a{b}}}", nil, 3},
		"an operation that is a subscription": {"subscription{changes{id}}", nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wide.Check(t.Context(), schema, parse(t, test.document), test.variables)
			if err != nil || got != test.want {
				t.Errorf("%d, %v, want %d", got, err, test.want)
			}
		})
	}
}

// nestedFragments spread the next one twice each: n of them ask for 2^n fields.
func nestedFragments(n int) string {
	var document strings.Builder
	document.WriteString("{me{...F0}}")
	for i := range n {
		fmt.Fprintf(&document, "fragment F%d on Person{...F%d ...F%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&document, "fragment F%d on Person{a:id}", n)
	return document.String()
}

// It would take more than a lifetime if a fragment were measured each time that it is spread.
func TestAFragmentIsMeasuredOnceAndNumbersDoNotOverflow(t *testing.T) {
	t.Parallel()
	document := parse(t, nestedFragments(300))
	if got, err := wide.Check(t.Context(), schema, document, nil); err != nil || got != math.MaxInt {
		t.Errorf("%d, %v, want %d", got, err, math.MaxInt)
	}
}

func TestMeasuringEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := small.Check(ctx, schema, parse(t, "{me{id}}"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

// Proves: 8.1
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"{me{id}}", "query($n:Int=3){people(first:$n){edges{node{id}}}}", nestedFragments(40),
		"{me{...A}} fragment A on Person{...A}",
		`{__schema{types{fields{args{name}}}} node(id:"""x"""){id @include(if:true)}}`, "mutation{login{id} a:login{id}}",
		"fragment A on B{c}",
		`{nodes(ids:[[1,{a:"b"}]]){... on Person @skip(if:false){id}}}`, "subscription{changes{id}}",
		"{people(first:99999999999999999999){totalCount}}",
	} {
		f.Add(seed, `{"n":5}`)
	}
	f.Fuzz(func(t *testing.T, text, variables string) {
		document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, 1000)
		if err != nil {
			return
		}
		var given map[string]any
		_ = json.Unmarshal([]byte(variables), &given) // none when they are none
		complexity, err := wide.Check(t.Context(), schema, document, given)
		var exceeded documentlimit.Exceeded
		if err != nil && !errors.As(err, &exceeded) {
			t.Fatalf("%q ends with an error that is no limit: %v", text, err)
		}
		if complexity < 0 || err == nil && complexity == 0 && len(document.Operations) > 0 &&
			len(document.Operations[0].SelectionSet) > 0 && !onlySpreads(document.Operations[0]) {
			t.Fatalf("%q costs %d", text, complexity)
		}
		if _, again := wide.Check(t.Context(), schema, document, given); !errors.Is(again, err) {
			t.Fatalf("%q is judged twice: %v, then %v", text, err, again)
		}
	})
}

// onlySpreads reports whether an operation asks for nothing by itself.
func onlySpreads(operation *ast.OperationDefinition) bool {
	for _, selection := range operation.SelectionSet {
		if _, ok := selection.(*ast.Field); ok {
			return false
		}
	}
	return true
}
