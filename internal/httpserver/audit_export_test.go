package httpserver

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
)

// trailOf is a trail that exports some events and then ends in one way.
type trailOf struct {
	events []audit.Recorded
	more   bool
	err    error
}

func (t trailOf) Export(_ context.Context, _ audit.Filter, _ string, each func(audit.Recorded) error) (bool, error) {
	for _, e := range t.events {
		if err := each(e); err != nil {
			return false, err
		}
	}
	return t.more, t.err
}

func exported(t *testing.T, trail trailOf, serve func(auditExport) http.HandlerFunc) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/export/audit", nil)
	r = r.WithContext(principal.With(r.Context(), principal.Operator{ID: "opr_1", Role: principal.Admin}))
	w := httptest.NewRecorder()
	serve(auditExport{trail: trail, log: slog.New(slog.DiscardHandler)})(w, r)
	return w
}

func asCSV(e auditExport) http.HandlerFunc       { return e.csv }
func asJSONLines(e auditExport) http.HandlerFunc { return e.jsonLines }

func TestAnExportThatIsNotWholeSaysSo(t *testing.T) {
	t.Parallel()
	trail := trailOf{events: []audit.Recorded{{ID: "aud_1", Action: "client.create"}}, more: true}
	for name, serve := range map[string]func(auditExport) http.HandlerFunc{"CSV": asCSV, "JSON lines": asJSONLines} {
		w := exported(t, trail, serve)
		lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
		if last := lines[len(lines)-1]; w.Code != http.StatusOK || !strings.Contains(last, "more than 100000 events") {
			t.Errorf("%s ends with %q", name, last)
		}
	}
}

func TestAnExportThatFailsIsAnErrorOrBreaksOff(t *testing.T) {
	t.Parallel()
	fails := errors.New("the database is gone")
	if w := exported(t, trailOf{err: fails}, asCSV); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "database") {
		t.Errorf("before the first row: %d %s", w.Code, w.Body)
	}
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler {
			t.Errorf("after the first row: %v, want that the answer breaks off", cause)
		}
	}()
	exported(t, trailOf{events: []audit.Recorded{{ID: "aud_1"}}, err: fails}, asJSONLines)
}

func TestACellOfTheExportIsNoFormula(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+55 11": "'+55 11", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "\r": "'\r",
		"Loja": "Loja", "": "", "a=1": "a=1",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
