package span_test

import (
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/span"
)

func TestWorkThatIsNotTracedAllocatesNothing(t *testing.T) {
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		inside, s := span.Begin(ctx, nil, "work")
		span.Fail(s, true)
		s.End()
		span.Past(inside, "call", time.Second, true)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAMethodOfACallersOwnIsNotShown(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{
		"GET": "GET", "POST": "POST", "get": "_OTHER", "chv_live_planted": "_OTHER",
	} {
		if got := span.MethodOf(method); got != want {
			t.Errorf("%s is shown as %s", method, got)
		}
	}
}
