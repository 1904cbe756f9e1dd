package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/internal/visible"
)

const (
	alignedRows = 1000 // the number of rows that determine the column widths
	widestCell  = 40
)

// writeTable writes rows as aligned columns, and the number of rows. Only the first
// alignedRows rows are kept in memory. Later rows use the same widths.
func writeTable(out io.Writer, found *warehouse.Found) error {
	a := &aligned{out: out, widths: make([]int, len(found.Columns)), first: [][]string{header(found.Columns)}}
	count := 0
	for row, err := range found.Rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = cut(show(v), widestCell)
		}
		if count++; count <= alignedRows {
			a.first = append(a.first, cells)
			continue
		}
		if err := a.flush(); err != nil {
			return err
		}
		if err := a.line(cells); err != nil {
			return err
		}
	}
	if err := a.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, plural(count, "row"))
	return err
}

// header returns the names of columns as cells.
func header(names []string) []string {
	cells := make([]string, len(names))
	for i, name := range names {
		cells[i] = visible.Line(name)
	}
	return cells
}

// An aligned writes lines of cells in columns.
type aligned struct {
	out    io.Writer
	widths []int
	first  [][]string // lines not written yet, which determine the widths
}

// flush sets the widths and writes the first lines.
func (a *aligned) flush() error {
	for _, cells := range a.first {
		for i, cell := range cells {
			a.widths[i] = max(a.widths[i], runewidth.StringWidth(cell))
		}
	}
	for _, cells := range a.first {
		if err := a.line(cells); err != nil {
			return err
		}
	}
	a.first = nil
	return nil
}

func (a *aligned) line(cells []string) error {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(cell)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", max(a.widths[i]-runewidth.StringWidth(cell), 0)))
		}
	}
	_, err := io.WriteString(a.out, strings.TrimRight(b.String(), " ")+"\n")
	return err
}
