package portal

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
)

func TestJobsEndInOrderAndTheirErrorsAreLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var ends []string
		wait := func(name string) func(context.Context, func(error)) {
			return func(ctx context.Context, report func(error)) {
				<-ctx.Done()
				ends = append(ends, name) // one job at a time ends here
				if name == "save uses" {
					report(errors.New("the disk is full"))
				}
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		group := startJobs(ctx, []job{
			{name: "save uses", run: wait("save uses")},
			{name: "keep connections", run: wait("keep connections"), endsFirst: true},
		}, slog.New(slog.NewTextHandler(&log, nil)))

		stop()
		synctest.Wait()
		if got := strings.Join(ends, ", "); got != "keep connections" {
			t.Errorf("before the last request has ended these jobs have: %q", got)
		}
		group.end()
		if got := strings.Join(ends, ", "); got != "keep connections, save uses" {
			t.Errorf("at the end these jobs have ended: %q", got)
		}
		if !strings.Contains(log.String(), `msg="could not save uses" err="the disk is full"`) {
			t.Errorf("the log has %s", log.String())
		}
	})
}
