package graph_test

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Which of two ways writes an answer depends on its Accept header.
func TestAnAnswerIsTheSameWhateverFormOfJSONIsAccepted(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.newClient(t, "Silva & <Filhos> \u2028 \"Calçados\" \\ Ltda")
		for name, document := range map[string]string{
			"data":                "{ clients(first: 5) { totalCount edges { node { name tradeName document } } } }",
			"data and an error":   "{ __typename client(id: \"cli_none\") { name } }",
			"a broken document":   "{ clients(",
			"an unknown field":    "{ nothing }",
			"a missing operation": "query A { __typename } query B { __typename }",
		} {
			var answers []any
			for _, accept := range []string{"", "*/*", "application/json", "application/json; charset=utf-8", "text/html, */*"} {
				answer := p.post(t, p.admin, document, nil, "Accept", accept)
				var decoded map[string]any
				if err := json.Unmarshal([]byte(answer.body), &decoded); err != nil {
					t.Fatalf("%s, Accept %q: %v: %s", name, accept, err, answer.body)
				}
				if got := answer.header.Get("Content-Type"); got != "application/json" {
					t.Errorf("%s, Accept %q: Content-Type %q", name, accept, got)
				}
				answers = append(answers, []any{answer.status, withoutRequestID(decoded)})
			}
			for _, answer := range answers[1:] {
				if !reflect.DeepEqual(answer, answers[0]) {
					t.Errorf("%s: %v and %v", name, answers[0], answer)
				}
			}
		}
	})
}

// withoutRequestID returns an answer without the id of its request, which each has its own.
func withoutRequestID(answer map[string]any) map[string]any {
	errs, _ := answer["errors"].([]any)
	for _, err := range errs {
		if extensions, ok := err.(map[string]any)["extensions"].(map[string]any); ok {
			delete(extensions, "requestId")
		}
	}
	return answer
}
