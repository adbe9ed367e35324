package graph

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// tally collects the measurements of one operation. Fields of one operation fail in several goroutines, hence the
// atomic.
type tally struct {
	operation ast.Operation
	failed    atomic.Pointer[fault.Refusal] // the code of the first error
}

type tallyKey struct{}

// tallyFrom returns the tally of a context; nil when the operation is not measured.
func tallyFrom(ctx context.Context) *tally {
	t, _ := ctx.Value(tallyKey{}).(*tally)
	return t
}

// noteOperation records the kind of an operation; a nil operation records nothing.
func noteOperation(ctx context.Context, operation *ast.OperationDefinition) {
	if t := tallyFrom(ctx); t != nil && operation != nil {
		t.operation = operation.Operation
	}
}

// noteError records the code of an error, if it is the first.
func noteError(ctx context.Context, code fault.Refusal) {
	if t := tallyFrom(ctx); t != nil {
		t.failed.CompareAndSwap(nil, &code)
	}
}

// measureOperation calls measure after each operation that next answers.
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
