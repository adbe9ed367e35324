package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// profiler writes CPU profiles of the portal, one for each work, for `go tool pprof`.
type profiler struct {
	// address is where the portal serves its metrics.
	address, folder, database string
	done                      map[string]bool
}

func newProfiler(folder, database string) (*profiler, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return &profiler{address, folder, database, map[string]bool{}}, os.MkdirAll(folder, 0o750)
}

// begin profiles the portal while it does a work for the first time. The channel gives the error once the profile is
// written; a nil profiler writes none.
func (p *profiler) begin(ctx context.Context, s *system, work string, during time.Duration) <-chan error {
	done := make(chan error, 1)
	if p == nil || s.name != portalName || p.done[work] {
		done <- nil
		return done
	}
	p.done[work] = true
	go func() { done <- p.write(ctx, work, during) }()
	return done
}

func (p *profiler) write(ctx context.Context, work string, during time.Duration) (err error) {
	from := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.address, max(1, int(during.Seconds())))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request) // #nosec G704 -- the address is this program's own choice
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it is read to its end
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the profile of %s: %s", work, response.Status)
	}
	profile, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(p.database+" "+work, " ", "-") + ".pprof"
	return os.WriteFile(filepath.Join(p.folder, name), profile, 0o600)
}
