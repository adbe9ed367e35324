package httpserver

import (
	"io"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"
)

// What people open is written as the spreadsheet programs of Brazil read it; programs read JSON lines.

const byteOrderMark = "\ufeff"

// formula is where a cell or a line may begin, as a program sees it that reads no quotes, with what begins a formula.
var formula = regexp.MustCompile(`(^|[;,|\t\r\n]+)([\s\p{Z}\p{Cf}"']*[=+\-@\t\r＝＋－＠])`)

// harmless keeps a spreadsheet from taking any part of a cell for a formula.
func harmless(cell string) string { return formula.ReplaceAllString(cell, "$1'$2") }

// csvWriter writes lines of cells: UTF-8 that says so, semicolons, every cell in quotes. Its first error stays.
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

// workbook is a table as an .xlsx file. Its cells are texts: none is a formula, whatever it begins with. Beyond 16 MiB
// its rows wait in a temporary file until they are written.
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
