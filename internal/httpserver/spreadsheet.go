package httpserver

import (
	"io"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"
)

// CSV and .xlsx follow the conventions of spreadsheet programs in Brazil; programs read JSON lines.

const byteOrderMark = "\ufeff"

// formula matches the start of a formula where a program that ignores quotes would see the start of a cell or a line.
var formula = regexp.MustCompile(`(^|[;,|\t\r\n]+)([\s\p{Z}\p{Cf}"']*[=+\-@\t\r＝＋－＠])`)

// harmless keeps a spreadsheet from reading any part of a cell as a formula.
func harmless(cell string) string { return formula.ReplaceAllString(cell, "$1'$2") }

// csvWriter writes lines of cells in UTF-8 with a byte order mark, semicolons, and every cell quoted. It keeps its
// first error.
type csvWriter struct {
	w   io.Writer
	err error
}

func (c *csvWriter) begin(columns []string) error {
	c.write(byteOrderMark)
	return c.row(columns)
}

func (c *csvWriter) row(cells []string) error {
	quoted := make([]string, len(cells))
	for i, cell := range cells {
		quoted[i] = `"` + strings.ReplaceAll(harmless(cell), `"`, `""`) + `"`
	}
	c.write(strings.Join(quoted, ";") + "\r\n")
	return c.err
}

func (c *csvWriter) write(text string) {
	if c.err == nil {
		_, c.err = io.WriteString(c.w, text)
	}
}

// workbook is a table in an .xlsx file. Its cells are texts, never formulas. Rows beyond 16 MiB wait in a temporary
// file.
type workbook struct {
	file  *excelize.File
	sheet *excelize.StreamWriter
	rows  int
	err   error
}

func newWorkbook() *workbook {
	file := excelize.NewFile()
	sheet, err := file.NewStreamWriter(file.GetSheetName(0))
	return &workbook{file: file, sheet: sheet, err: err}
}

func (b *workbook) row(cells []string) error {
	if b.err != nil {
		return b.err
	}
	values := make([]any, len(cells))
	for i, cell := range cells {
		values[i] = cell
	}
	b.rows++
	var first string
	if first, b.err = excelize.CoordinatesToCellName(1, b.rows); b.err == nil {
		b.err = b.sheet.SetRow(first, values)
	}
	return b.err
}

func (b *workbook) write(w io.Writer) error {
	if b.err == nil {
		b.err = b.sheet.Flush()
	}
	if b.err == nil {
		b.err = b.file.Write(w)
	}
	return b.err
}

// close removes the temporary file.
func (b *workbook) close() { _ = b.file.Close() }
