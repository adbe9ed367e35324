package httpserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent/privacy"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

const (
	// exportTime limits a whole export, and exportStep the time its caller takes to read one part.
	exportTime = 5 * time.Minute
	exportStep = 30 * time.Second
	// exportFlush is how many rows are flushed together.
	exportFlush = 1000
)

// Trail is the audit trail.
type Trail interface {
	// Export calls each with the events that match a filter, newest first. It reports whether more events match than an
	// export may have. Returns fault.Forbidden for a caller who may not read the trail.
	Export(ctx context.Context, f audit.Filter, format string, each func(audit.Recorded) error) (more bool, err error)
}

// auditExport answers with the audit trail as a file. It needs an operator's Authorization header, which the page
// sends, so no secret is in a link.
type auditExport struct {
	trail Trail
	log   *slog.Logger
}

// csv answers with a table for a spreadsheet program, one line per event.
func (e auditExport) csv(w http.ResponseWriter, r *http.Request) {
	buffer := bufio.NewWriter(w)
	out := csvWriter{w: buffer}
	e.serve(w, r, file{
		format: "csv", mediaType: "text/csv; charset=utf-8; header=present",
		begin: func() error { return out.begin(columns) },
		row:   func(event audit.Recorded) error { return out.row(cells(event)) },
		flush: buffer.Flush,
		note:  func(text string) error { return out.row([]string{text}) },
	})
}

// jsonLines answers with one JSON object per line.
func (e auditExport) jsonLines(w http.ResponseWriter, r *http.Request) {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	e.serve(w, r, file{
		format: "jsonl", mediaType: "application/jsonl; charset=utf-8",
		begin: func() error { return nil },
		row:   func(event audit.Recorded) error { return out.Encode(event) },
		flush: func() error { return nil },
		note:  func(text string) error { return out.Encode(map[string]string{"note": text}) },
	})
}

// xlsx answers with a workbook, one row per event.
func (e auditExport) xlsx(w http.ResponseWriter, r *http.Request) {
	out := newWorkbook()
	defer out.close()
	e.serve(w, r, file{
		format: "xlsx", mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		begin: func() error { return out.row(columns) },
		row:   func(event audit.Recorded) error { return out.row(cells(event)) },
		flush: func() error { return nil },
		note:  func(text string) error { return out.row([]string{text}) },
		end:   func() error { return out.write(patientWriter{w, http.NewResponseController(w)}) },
	})
}

// patientWriter extends the write deadline by exportStep for each part.
type patientWriter struct {
	w       io.Writer
	control *http.ResponseController
}

// Write implements io.Writer.
func (p patientWriter) Write(part []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(exportStep)) // a test's recorder has no deadline
	return p.w.Write(part)
}

// file writes one format.
type file struct {
	format, mediaType string
	begin             func() error
	row               func(audit.Recorded) error
	flush             func() error
	note              func(text string) error
	// end writes the end of a format; nil if the format has none.
	end func() error
}

func (e auditExport) serve(w http.ResponseWriter, r *http.Request, f file) {
	if status, refusal := refuseExport(principal.From(r.Context())); status != 0 {
		writeRefusal(w, r, status, refusal)
		return
	}
	filter, err := filterOf(r.URL.Query())
	if err != nil {
		writeBadRequest(w, r, http.StatusBadRequest, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), exportTime)
	defer cancel()
	rows, err := e.write(ctx, w, filter, f)
	e.finishExport(w, r, err, rows > 0)
}

// refuseExport returns the status and the reason of a refusal. It returns 0 when the caller may export, as far as this
// layer knows.
func refuseExport(caller principal.Principal) (int, fault.Refusal) {
	switch p := caller.(type) {
	case principal.Operator:
		if p.MustProve {
			return http.StatusForbidden, fault.Reauthenticate
		}
		if p.LacksSecondFactor {
			return http.StatusForbidden, fault.SecondFactorRequired
		}
		return 0, ""
	case nil:
		return http.StatusUnauthorized, fault.Unauthenticated
	default:
		return http.StatusForbidden, fault.Forbidden
	}
}

// write sends the events of a filter as a file, and returns how many rows it started to send.
func (e auditExport) write(
	ctx context.Context, w http.ResponseWriter, filter audit.Filter, f file,
) (rows int, err error) {
	control := http.NewResponseController(w)
	begin := func() error {
		w.Header().Set("Content-Type", f.mediaType)
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="audit.%s"`, f.format))
		return f.begin()
	}
	send := func() error {
		if err := f.flush(); err != nil {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(exportStep)) // a test's recorder has no deadline
		return nil
	}
	more, err := e.trail.Export(ctx, filter, f.format, func(event audit.Recorded) error {
		if rows == 0 {
			if err := begin(); err != nil {
				return err
			}
		}
		if rows++; rows%exportFlush == 0 {
			if err := send(); err != nil {
				return err
			}
		}
		return f.row(event)
	})
	if err == nil && rows == 0 {
		err = begin()
	}
	if err == nil && more {
		err = f.note(fmt.Sprintf("there are more than %d events: narrow the filter", audit.MaxExport))
	}
	if err == nil {
		err = send()
	}
	if err == nil && f.end != nil {
		err = f.end()
	}
	return rows, err
}

// finishExport answers for an export that failed. Once rows were sent, it can only cut the connection, so that the
// caller does not take a part for the whole.
func (e auditExport) finishExport(w http.ResponseWriter, r *http.Request, err error, sent bool) {
	switch {
	case err == nil:
		return
	case sent:
		e.log.WarnContext(r.Context(), "export the audit trail: cut off after the first rows", "err", err, "request_id",
			audit.OriginFrom(r.Context()).RequestID)
		panic(http.ErrAbortHandler)
	case errors.Is(err, fault.Forbidden), errors.Is(err, privacy.Deny):
		writeRefusal(w, r, http.StatusForbidden, fault.Forbidden)
	case isBusy(err):
		writeBusy(w, r, e.log, "export the audit trail", err)
	default:
		e.log.ErrorContext(r.Context(), "export the audit trail", "err", err, "request_id",
			audit.OriginFrom(r.Context()).RequestID)
		writeInternal(w, r)
	}
}

// filterOf reads a filter from a query string, as the field auditEvents of the API has it.
func filterOf(query url.Values) (audit.Filter, error) {
	var f audit.Filter
	texts := map[string]**string{"clientId": &f.ClientID, "operatorId": &f.OperatorID, "accessKeyId": &f.AccessKeyID,
		"action": &f.Action}
	times := map[string]**time.Time{"since": &f.Since, "until": &f.Until}
	for name, values := range query {
		text, isText := texts[name]
		at, isTime := times[name]
		switch {
		case !isText && !isTime:
			return f, fault.BadRequest{Detail: fault.FilterUnknown}
		case len(values) != 1 || len(values[0]) > 200 || strings.Contains(values[0], "\x00"):
			return f, fault.BadRequest{Detail: fault.FilterTwice}
		case isText:
			*text = &values[0]
		default:
			instant, err := time.Parse(time.RFC3339, values[0])
			if err != nil {
				return f, fault.BadRequest{Detail: fault.FilterTime}
			}
			*at = &instant
		}
	}
	return f, nil
}

var columns = []string{"at", "actor_kind", "actor_id", "actor", "address", "request_id", "action", "result",
	"object_id", "client_id", "changes", "id"}

func cells(e audit.Recorded) []string {
	return []string{
		instant.Text(time.Time(e.At)), e.ActorKind, e.ActorID, e.ActorLabel, e.Address, e.RequestID,
		e.Action, e.Result, e.ObjectID, e.ClientID, summary(e.Changes), e.ID,
	}
}

// summary writes changes as "name: old -> new", in order.
func summary(changes []audit.Change) string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = c.Field
		if c.Old != nil || c.New != nil {
			texts[i] += ": " + plain(c.Old) + " -> " + plain(c.New)
		}
	}
	return strings.Join(texts, "; ")
}

func plain(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		text, _ := json.Marshal(value) // it was decoded from JSON
		return string(text)
	}
}
