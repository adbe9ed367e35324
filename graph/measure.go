package graph

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/span"
)

// tally collects the measurements of one operation. Fields of one operation fail in several goroutines, hence the
// atomic.
type tally struct {
	operation *ast.OperationDefinition      // nil when the document has none that can be read
	failed    atomic.Pointer[fault.Refusal] // the code of the first error
}

type tallyKey struct{}

// tallyFrom returns the tally of a context; nil when the operation is not measured.
func tallyFrom(ctx context.Context) *tally {
	t, _ := ctx.Value(tallyKey{}).(*tally)
	return t
}

// noteOperation records an operation; a nil operation records nothing.
func noteOperation(ctx context.Context, operation *ast.OperationDefinition) {
	if t := tallyFrom(ctx); t != nil {
		t.operation = operation
	}
}

// noteError records the code of an error, if it is the first.
func noteError(ctx context.Context, code fault.Refusal) {
	if t := tallyFrom(ctx); t != nil {
		t.failed.CompareAndSwap(nil, &code)
	}
}

// measureOperation calls measure after each operation that next answers, and gives each a span. It leaves out what is
// nil.
func measureOperation(
	measure func(ast.Operation, fault.Refusal), tracer trace.Tracer, schema *ast.Schema, next http.Handler,
) http.Handler {
	if measure == nil && tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &tally{}
		ctx, answering := span.Begin(r.Context(), tracer, "answer operation")
		defer answering.End()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, tallyKey{}, t)))
		var code fault.Refusal
		if failed := t.failed.Load(); failed != nil {
			code = *failed
		}
		kind := ast.Operation("")
		if t.operation != nil {
			kind = t.operation.Operation
		}
		if measure != nil {
			measure(kind, code)
		}
		if answering.IsRecording() {
			answering.SetAttributes(span.Operation.String(cmp.Or(string(kind), "unknown")),
				span.RootFields.StringSlice(rootFields(schema, t.operation)),
				span.Code.String(cmp.Or(string(code), "OK")))
		}
	})
}

// maxShownFields caps the root fields of a span.
const maxShownFields = 10

// rootFields returns the fields on the root of an operation, without those in fragments. Other names than those of the
// schema are a caller's own text: they are left out.
func rootFields(schema *ast.Schema, operation *ast.OperationDefinition) (names []string) {
	if operation == nil {
		return nil
	}
	root := map[ast.Operation]*ast.Definition{
		ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription,
	}[operation.Operation]
	for _, selection := range operation.SelectionSet {
		field, ok := selection.(*ast.Field)
		if ok && root != nil && root.Fields.ForName(field.Name) != nil && len(names) < maxShownFields {
			names = append(names, field.Name)
		}
	}
	return names
}
