package graph

import (
	"encoding/json"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// plain is one of gqlgen's transports, but for the common case: an answer without errors, as JSON. That one it writes
// as the engine made it, where gqlgen reads it once more to write it.
type plain struct{ graphql.Transport }

// Do implements graphql.Transport.
func (t plain) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if accept := r.Header.Get("Accept"); accept != "" && accept != "*/*" && accept != "application/json" {
		t.Transport.Do(w, r, exec)
		return
	}
	now := graphql.Now()
	operation, errs := exec.CreateOperationContext(r.Context(), &graphql.RawParams{ // readRequest fills in the rest
		Headers: r.Header, ReadTime: graphql.TraceTiming{Start: now, End: now},
	})
	if len(errs) > 0 {
		t.Transport.Do(w, r, exec) // it finds them too, and knows their statuses
		return
	}
	respond, ctx := exec.DispatchOperation(r.Context(), operation)
	w.Header().Set("Content-Type", "application/json")
	body, err := encode(respond(ctx))
	if err != nil {
		panic(err) // the engine answers that it failed
	}
	_, _ = w.Write(body) // fails only when the caller is gone
}

// encode returns a response as JSON.
func encode(response *graphql.Response) ([]byte, error) {
	if response == nil || len(response.Errors) > 0 || response.Extensions != nil || response.Data == nil {
		return json.Marshal(response)
	}
	body := make([]byte, 0, len(`{"data":}`)+len(response.Data))
	body = append(body, `{"data":`...)
	body = append(body, response.Data...)
	return append(body, '}'), nil
}
