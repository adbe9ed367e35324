package httpserver

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// trailOf is a trail that exports some events and then returns fixed results.
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

func TestATruncatedExportSaysSo(t *testing.T) {
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
	if w := exported(t, trailOf{err: fails}, asCSV); w.Code != http.StatusInternalServerError ||
		strings.Contains(w.Body.String(), "database") {
		t.Errorf("before the first row: %d %s", w.Code, w.Body)
	}
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler {
			t.Errorf("after the first row: %v, want that the answer breaks off", cause)
		}
	}()
	exported(t, trailOf{events: []audit.Recorded{{ID: "aud_1"}}, err: fails}, asJSONLines)
}

// Proves: 11.4
func TestTheExportOpensInASpreadsheetOfBrazil(t *testing.T) {
	t.Parallel()
	trail := trailOf{
		events: []audit.Recorded{{ID: "aud_1", ActorLabel: "Ana \"Lú\"; =HYPERLINK(1)\n=2", Action: "client.create"}}}
	w := exported(t, trail, asCSV)
	lines := strings.Split(strings.TrimSuffix(w.Body.String(), "\r\n"), "\r\n")
	if got, ok := strings.CutPrefix(lines[0], "\ufeff"); !ok ||
		got != `"at";"actor_kind";"actor_id";"actor";"address";"request_id";"action";"result";"object_id";"client_id";"changes";"id"` {
		t.Errorf("the first line is %q", lines[0])
	}
	if want := `"0001-01-01T00:00:00.000Z";"";"";"Ana ""Lú"";' =HYPERLINK(1)` + "\n" +
		`'=2";"";"";"client.create";"";"";"";"";"aud_1"`; len(lines) != 2 || lines[1] != want {
		t.Errorf("the event is %q, want %s", lines[1:], want)
	}
}

// Proves: 11.4
func TestTheWorkbookOfTheExportHasOnlyTextCells(t *testing.T) {
	t.Parallel()
	const label = "=HYPERLINK(1); <b>&\n=2"
	var events []audit.Recorded
	for range 6_000 { // more than the workbook holds in memory
		events = append(events,
			audit.Recorded{ID: "aud_1", ActorLabel: label, Action: "client.create", RequestID: strings.Repeat("x", 3_000)})
	}
	w := exported(t, trailOf{events: events, more: true}, func(e auditExport) http.HandlerFunc { return e.xlsx })
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="audit.xlsx"` ||
		w.Code != http.StatusOK {
		t.Fatalf("%d, %q", w.Code, got)
	}
	book, err := excelize.OpenReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	sheet := book.GetSheetName(0)
	rows, err := book.Rows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var n int
	var last []string
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		switch n++; {
		case n == 1 && !slices.Equal(row, columns):
			t.Errorf("the first row is %q", row)
		case n == 2 && row[3] != label:
			t.Errorf("the actor is %q", row[3])
		}
		last = row
	}
	if n != 1+6_000+1 || !strings.Contains(last[0], "more than 100000 events") {
		t.Errorf("%d rows, the last is %q", n, last)
	}
	if formula, err := book.GetCellFormula(sheet, "D2"); formula != "" || err != nil {
		t.Errorf("the actor is the formula %q, %v", formula, err)
	}
}

// Proves: 11.4
func TestNoCellOfTheExportIsAFormula(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+55 11": "'+55 11", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "\r": "'\r",
		"Loja": "Loja", "": "", "a=1": "a=1", "Loja; =1": "Loja;' =1", `a";"=1`: `a";'"=1`, "a,=1": "a,'=1",
		"a\t=1": "a\t'=1",
		"a\n@x": "a\n'@x", "a\r\n+1": "a\r\n'+1", " \u00a0=1": "' \u00a0=1", "\u200b=1": "'\u200b=1", "＝1": "'＝1",
		"name: a -> b; code: -> c": "name: a -> b; code: -> c",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
