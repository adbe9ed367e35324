// Package graphqlhttp reads a GraphQL request from HTTP, once: the server decides by the result, and the engine
// executes it. It reads what honest clients write, and refuses a request that two readers could understand differently.
package graphqlhttp

import (
	"context"
	"net/url"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Request is a GraphQL request.
type Request struct {
	// Query is the document, empty where a request has none.
	Query string
	// OperationName names the operation to execute; empty where there is only one.
	OperationName string
	// Variables and Extensions are nil where a request has none. Their numbers are json.Numbers.
	Variables  map[string]any
	Extensions map[string]any
}

type requestKey struct{}

// With returns a context that has a request.
func With(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// From returns the request of a context, an empty one where there is none.
func From(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

var errUnreadable = fault.BadRequest{Detail: fault.BodyUnreadable}

// ReadBody reads the body of a POST, which is JSON. It returns a fault.BadRequest when the body is not one object
// within the limits, or its query is not a text. The error is a fixed text that repeats nothing of the body.
func ReadBody(body []byte) (Request, error) {
	object, err := readObject(body, true)
	if err != nil {
		return Request{}, err
	}
	var r Request
	for name, into := range map[string]*string{"query": &r.Query, "operationname": &r.OperationName} {
		switch value := object[name].(type) {
		case nil:
		case string:
			*into = value
		default:
			return Request{}, errUnreadable
		}
	}
	for name, into := range map[string]*map[string]any{"variables": &r.Variables, "extensions": &r.Extensions} {
		switch value := object[name].(type) {
		case nil:
		case map[string]any:
			*into = value
		case []any:
			if len(value) > 0 { // PHP writes an empty object as []
				return Request{}, errUnreadable
			}
		default:
			return Request{}, errUnreadable
		}
	}
	return r, nil
}

// ReadQuery reads the query string of a GET. It returns a fault.BadRequest, as ReadBody does.
func ReadQuery(params url.Values) (Request, error) {
	r := Request{Query: params.Get("query"), OperationName: params.Get("operationName")}
	for name, into := range map[string]*map[string]any{"variables": &r.Variables, "extensions": &r.Extensions} {
		text := params.Get(name)
		if isNone(text) {
			continue
		}
		object, err := readObject([]byte(text), false)
		if err != nil {
			return Request{}, err
		}
		*into = object
	}
	return r, nil
}

// isNone reports whether a parameter for a JSON object is empty. PHP writes an empty object as [].
func isNone(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || text == "null" || text == "[]"
}
