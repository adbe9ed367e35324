package graph

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// tally is what is measured of one operation. Its fields fail in several goroutines.
type tally struct {
	operation ast.Operation
	failed    atomic.Pointer[fault.Refusal] // with the code of the first error
}

type tallyKey struct{}

// tallyFrom returns the tally of a context, nil where nothing is measured.
func tallyFrom(ctx context.Context) *tally {
	t, _ := ctx.Value(tallyKey{}).(*tally)
	return t
}

// noteOperation takes note of what an operation is; nil is none.
func noteOperation(ctx context.Context, operation *ast.OperationDefinition) {
	if t := tallyFrom(ctx); t != nil && operation != nil {
		t.operation = operation.Operation
	}
}

// noteError takes note of the code of an error.
func noteError(ctx context.Context, code fault.Refusal) {
	if t := tallyFrom(ctx); t != nil {
		t.failed.CompareAndSwap(nil, &code)
	}
}

// measureOperation tells measure how each operation that next answers went.
func measureOperation(measure func(ast.Operation, fault.Refusal), next http.Handler) http.Handler {
	if measure == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &tally{}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), tallyKey{}, t)))
		var code fault.Refusal
		if failed := t.failed.Load(); failed != nil {
			code = *failed
		}
		measure(t.operation, code)
	})
}
