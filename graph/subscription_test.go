package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// These tests use their own schema, because they test the transport of any operation.
const tinySchema = `
directive @allow(to: [Caller!]!) on FIELD_DEFINITION
enum Caller { ANYONE ADMIN OPERATOR VIEWER ACCESS_KEY }
type Query { name: String @allow(to: [ADMIN]) }
type Mutation { name: String @allow(to: [ADMIN]) }
type Subscription { name: String! @allow(to: [ADMIN]) }`

// tiny returns the maker of a handler for tinySchema. A subscription sends what respond returns until it returns ""; a
// query and a mutation send one response.
func tiny(respond func(ctx context.Context) string) handlerMaker {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: tinySchema})
	executable := &graphql.ExecutableSchemaMock{
		SchemaFunc:     func() *ast.Schema { return schema },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) { return 0, false },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			subscription := graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription
			over := false
			return func(ctx context.Context) *graphql.Response {
				name := ""
				if !over {
					name = respond(ctx)
				}
				if name == "" {
					return nil
				}
				over = !subscription
				return &graphql.Response{Data: fmt.Appendf(nil, `{"name":%q}`, name)}
			}
		},
	}
	return func(r *graph.Resolver, refuse graph.Refuse, log *slog.Logger) (http.Handler, error) {
		return graph.NewHandlerOf(executable, r, refuse, log)
	}
}

// send sends a body to POST /graphql and returns the answer.
func (p *portal) send(t *testing.T, as caller, accept, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, publicURL+"/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	if authorization := as.authorization(t); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// events returns the events of an answer, each as "next: DATA" or "complete".
func events(t *testing.T, answer *httptest.ResponseRecorder) []string {
	t.Helper()
	if got := answer.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("Content-Type %q: %s", got, answer.Body)
	}
	var found []string
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			found = append(found, event)
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			found[len(found)-1] += ": " + data
		}
	}
	return found
}

func TestEveryEventOfASubscriptionReadsItsRowsAgain(t *testing.T) {
	t.Parallel()
	var (
		p    *portal
		id   string
		seen int
	)
	respond := func(ctx context.Context) string {
		seen++
		if seen > 3 {
			return ""
		}
		err := p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.ClientRecord.UpdateOneID(id).SetName(fmt.Sprintf("Padaria %d", seen)).Exec(ctx)
		})
		must.Do(t, err)
		var name string
		read := storetest.Statements(t, p.store, func() {
			for range 2 { // the second finds it in the loaders
				name, err = graph.ClientName(ctx, id)
				must.Do(t, err)
			}
		})
		if len(read) != 1 {
			t.Errorf("%d statements for an event, want 1: %q", len(read), read)
		}
		return name
	}
	p = newPortal(t, storetest.SQLite(t), tiny(respond))
	err := p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
		made, err := tx.ClientRecord.Create().SetName("Padaria").SetNameKey("padaria").SetSearchText("padaria").
			SetDocument("1").Save(ctx)
		if err == nil {
			id = made.ID
		}
		return err
	})
	must.Do(t, err)

	got := events(t, p.send(t, p.admin, "text/event-stream", `{"query":"subscription { name }"}`))
	var want []string
	for i := 1; i <= 3; i++ {
		want = append(want, fmt.Sprintf(`next: {"data":{"name":"Padaria %d"}}`, i))
	}
	want = append(want, "complete")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("events:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Proves: 8.5
func TestAnOperationHasADeadlineButASubscriptionHasNone(t *testing.T) {
	t.Parallel()
	const json, stream = "application/json", "text/event-stream"
	for name, test := range map[string]struct {
		document, accept string
		limited          bool
	}{
		"a query":                  {"{ name }", json, true},
		"a query as a stream":      {"{ name }", stream, true},
		"a mutation":               {"mutation { name }", json, true},
		"a mutation as a stream":   {"mutation { name }", stream, true},
		"the query of a document":  {"subscription S { name } query Q { name }", stream, true},
		"a subscription":           {"subscription { name }", stream, false},
		"the other of a document":  {"query S { name } subscription Q { name }", stream, false},
		"a stream beside the JSON": {"subscription { name }", json + ", " + stream, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			p := newPortal(t, storetest.SQLite(t), tiny(func(ctx context.Context) string {
				if asked++; asked > 1 {
					return ""
				}
				deadline, limited := ctx.Deadline()
				if limited != test.limited || limited && time.Until(deadline) > 5*time.Second {
					t.Errorf("limited: %v, until %v", limited, deadline)
				}
				return "Padaria"
			}))
			operation := ""
			if strings.Contains(test.document, " Q ") {
				operation = `,"operationName":"Q"`
			}
			answer := p.send(t, p.admin, test.accept, fmt.Sprintf(`{"query":%q%s}`, test.document, operation))
			if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `{"data":{"name":"Padaria"}}`) {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
			if asked == 0 {
				t.Error("nothing was asked")
			}
		})
	}
}

func TestASubscriptionNeedsAnEventStream(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), tiny(func(context.Context) string {
		t.Error("it began")
		return ""
	}))
	answer := p.post(t, p.admin, "subscription { name }", nil)
	answer.refused(t, "BAD_USER_INPUT")
	if !strings.Contains(answer.body, "Accept: text/event-stream") || answer.errors[0].Extensions.RequestID == "" {
		t.Errorf("it does not say what to do: %s", answer.body)
	}

	r := httptest.NewRequest(http.MethodGet, publicURL+"/graphql?query=subscription%7Bname%7D", nil)
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", p.admin.authorization(t))
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a GET: %d %s", w.Code, w.Body)
	}
}

func TestAStrangersSubscriptionIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), tiny(func(context.Context) string {
		t.Error("it began")
		return ""
	}))
	for _, document := range []string{"subscription { name }", "subscription { weather }", "subscription {"} {
		answer := p.send(t, stranger{}, "text/event-stream", fmt.Sprintf(`{"query":%q}`, document))
		if answer.Code != http.StatusUnauthorized || !strings.Contains(answer.Body.String(), `"code":"UNAUTHENTICATED"`) {
			t.Errorf("%s: %d %s", document, answer.Code, answer.Body)
		}
	}
}

func TestAnErrorInAStreamHasTheFormOfAllOthers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), tiny(func(context.Context) string { return "" }))
	got := events(t, p.send(t, p.admin, "text/event-stream", `{"query":"subscription { weather }"}`))
	if len(got) != 2 || got[1] != "complete" {
		t.Fatalf("events: %q", got)
	}
	var answer struct{ Errors []graphQLError }
	data, _ := strings.CutPrefix(got[0], "next: ")
	must.Do(t, json.Unmarshal([]byte(data), &answer))
	if len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != "GRAPHQL_VALIDATION_FAILED" ||
		answer.Errors[0].Extensions.RequestID == "" {
		t.Errorf("%s", data)
	}
}

// The engine would quote such a body in its error and, for a stream, print it.
// Proves: 8.3
func TestABodyThatIsNoGraphQLRequestIsNotRepeated(t *testing.T) {
	t.Parallel()
	p := newPortal(t, storetest.SQLite(t), tiny(func(context.Context) string { return "" }))
	for _, accept := range []string{"application/json", "text/event-stream"} {
		for _, body := range []string{
			`{"query":5,"variables":{"password":"planted-5ecret"}}`,
			`{"query":"{name}","variables":"planted-5ecret"}`,
			`{"query":"{name}","operationName":{"planted-5ecret":1}}`,
		} {
			for _, as := range []caller{p.admin, stranger{}} {
				answer := p.send(t, as, accept, body)
				text := answer.Body.String()
				if answer.Code != http.StatusBadRequest || !strings.Contains(text, `"code":"BAD_USER_INPUT"`) ||
					strings.Contains(text, "planted") {
					t.Errorf("%s %s: %d %s", accept, body, answer.Code, text)
				}
			}
		}
	}
}
