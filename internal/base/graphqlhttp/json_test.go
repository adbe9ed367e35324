package graphqlhttp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// nested returns an object with n levels in all, the inner ones arrays.
func nested(n int) string {
	return `{"variables":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}`
}

// named returns an object with n names in all.
func named(n int) string {
	names := make([]string, n-1)
	for i := range names {
		names[i] = fmt.Sprintf(`"n%d":%d`, i, i)
	}
	return `{"variables":{` + strings.Join(names, ",") + `}}`
}

// listed returns an object with n values in all, most of them numbers of one list.
func listed(n int) string {
	return `{"variables":[0` + strings.Repeat(",0", n-4) + `],"query":""}`
}

func TestABodyIsOneObjectWithinTheLimits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want error
	}{
		"a request": {
			`{"query":"{viewer{id}}","variables":{"a":[1,"x",null,true,{"b":{}}]},"operationName":null}`, nil},
		"an empty object":                  {` {} `, nil},
		"a number of any size":             {`{"variables":{"n":1e999}}`, nil},
		"names that differ in case":        {`{"variables":{"a":1,"A":2}}`, nil},
		"a name twice in two objects":      {`{"variables":{"a":{"x":1},"b":{"x":1}}}`, nil},
		"32 levels":                        {nested(32), nil},
		"2,000 names":                      {named(2000), nil},
		"nothing":                          {``, errNotJSON},
		"blanks":                           {" \n", errNotJSON},
		"cut off":                          {`{"query":"{viewer{id}}"`, errNotJSON},
		"two objects":                      {`{} {}`, errNotJSON},
		"a comma too many":                 {`{"a":1,}`, errNotJSON},
		"a form":                           {`query=%7B%7D`, errNotJSON},
		"a byte order mark":                {"\ufeff{}", errNotJSON},
		"broken UTF-8":                     {"{\"query\":\"\xff\"}", errNotJSON},
		"a batch":                          {` [{"query":"{viewer{id}}"}]`, errJSONBatch},
		"a text":                           {`"query"`, errJSONNoObject},
		"null":                             {`null`, errJSONNoObject},
		"33 levels":                        {nested(33), errJSONDepth},
		"100,000 levels":                   {nested(100_000), errNotJSON},
		"2,001 names":                      {named(2001), errJSONNames},
		"5,000 values":                     {listed(5000), nil},
		"5,001 values":                     {listed(5001), errJSONValues},
		"130,000 numbers":                  {listed(130_000), errJSONValues},
		"a name twice":                     {`{"query":"a","query":"b"}`, errJSONDuplicate},
		"a name twice, deep inside":        {`{"variables":[{"a":1,"a":1}]}`, errJSONDuplicate},
		"a name twice, once escaped":       {`{"variables":{"a":1,"\u0061":2}}`, errJSONDuplicate},
		"a name twice to the decoder":      {`{"query":"a","Query":"b"}`, errJSONDuplicate},
		"a name twice to it, by folding":   {`{"variables":{},"variable\u017f":{}}`, errJSONDuplicate},
		"a name twice, the second is deep": {`{"variables":{},"variables":` + nested(31) + `}`, errJSONDuplicate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readObject([]byte(test.body), true); !errors.Is(err, test.want) {
				t.Errorf("it is read with %v, want %v", err, test.want)
			}
		})
	}
}

func TestABodyIsReadAsHonestClientsWriteIt(t *testing.T) {
	t.Parallel()
	number := func(text string) map[string]any { return map[string]any{"n": json.Number(text)} }
	for body, want := range map[string]Request{
		`{"query":"...","operationName":"Pull"}`:    {Query: "...", OperationName: "Pull"},
		`{"Query":"...","OPERATIONNAME":null}`:      {Query: "..."},
		`{"variables":{"operationName":"Other"}}`:   {Variables: map[string]any{"operationName": "Other"}},
		`{"query":null,"variables":null,"other":7}`: {},
		`{"variables":[],"extensions":[ ]}`:         {},
		`{"variables":{"n":25.0}}`:                  {Variables: number("25")},
		`{"variables":{"n":2.5e1}}`:                 {Variables: number("25")},
		`{"variables":{"n":2.5}}`:                   {Variables: number("2.5")},
		`{"variables":{"n":99999999999.0}}`:         {Variables: number("99999999999.0")},
		`{"variables":{"n":12345678901234567890}}`:  {Variables: number("12345678901234567890")},
		`{"variables":{"a":[1,"x",null,true,{}]}}`: {
			Variables: map[string]any{"a": []any{json.Number("1"), "x", nil, true, map[string]any{}}}},
		`{"extensions":{"persistedQuery":{"a":""}}}`: {Extensions: map[string]any{"persistedQuery": map[string]any{"a": ""}}},
	} {
		if got, err := ReadBody([]byte(body)); !reflect.DeepEqual(got, want) || err != nil {
			t.Errorf("%s is read as %#v, %v, want %#v", body, got, err, want)
		}
	}
	for _, body := range []string{
		`{"query":7}`, `{"operationName":{"a":"b"}}`, `{"operationName":7}`, `{"variables":[1]}`, `{"variables":"a"}`,
		`{"extensions":true}`,
	} {
		if _, err := ReadBody([]byte(body)); err != errUnreadable {
			t.Errorf("%s is read with %v", body, err)
		}
	}
}

func TestAQueryStringIsReadAsHonestClientsWriteIt(t *testing.T) {
	t.Parallel()
	got, err := ReadQuery(url.Values{
		"query": {"{a}"}, "operationName": {"A"}, "variables": {`{"n":25.0,"Query":"x"}`}, "extensions": {" [] "},
	})
	want := Request{Query: "{a}", OperationName: "A", Variables: map[string]any{"n": json.Number("25"), "Query": "x"}}
	if !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("it is read as %#v, %v, want %#v", got, err, want)
	}
	for text, want := range map[string]error{`[1]`: errJSONBatch, `{"a":1,"a":2}`: errJSONDuplicate,
		`"a"`: errJSONNoObject, `{`: errNotJSON} {
		if _, err := ReadQuery(url.Values{"variables": {text}}); err != want {
			t.Errorf("the variables %s are read with %v, want %v", text, err, want)
		}
	}
}

func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{a}","variables":{"a":[1,{"b":null}]}}`, `[{}]`, `{"a":1,"a":2}`, `{"a":}`, `{"a"`, `"a"`, "\xff",
		`{"A":1,"a":2}`, nested(40),
	} {
		f.Add([]byte(seed))
	}
	reasons := []error{errNotJSON, errJSONBatch, errJSONNoObject, errJSONDepth, errJSONNames, errJSONValues,
		errJSONDuplicate, errUnreadable}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := ReadBody(body)
		if err != nil {
			if !slices.Contains(reasons, err) {
				t.Fatalf("%q is refused with an error of its own: %v", body, err)
			}
			if err == errNotJSON && utf8.Valid(body) && json.Valid(body) {
				t.Fatalf("%q is JSON, but refused as none", body)
			}
			return
		}
		// encoding/json reads what readObject accepts as an object too; only a number may be too large for it.
		var object map[string]any
		if err := json.Unmarshal(body, &object); err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
			t.Fatalf("%q is accepted, but is no object: %v", body, err)
		}
		if depth(object) > maxJSONDepth {
			t.Fatalf("%q is accepted, but too deep", body)
		}
	})
}

func depth(value any) int {
	deepest := 0
	switch value := value.(type) {
	case map[string]any:
		for _, member := range value {
			deepest = max(deepest, depth(member))
		}
	case []any:
		for _, element := range value {
			deepest = max(deepest, depth(element))
		}
	default:
		return 0
	}
	return deepest + 1
}
