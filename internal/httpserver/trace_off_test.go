package httpserver

import (
	"net/http/httptest"
	"testing"
)

func TestARequestWithoutTracesAllocatesNothingForThem(t *testing.T) {
	r, seen := httptest.NewRequest("POST", "/graphql", nil), &exchange{}
	for _, name := range []string{"Accept", "Accept-Language", "Authorization", "Content-Type", "User-Agent"} {
		r.Header.Set(name, "any")
	}
	if n := testing.AllocsPerRun(100, func() {
		ctx, request := beginSpan(r.Context(), r, seen, nil)
		endSpan(ctx, request, r.Method, nil, seen)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
