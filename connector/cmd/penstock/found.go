package main

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

func checkFormat(format string) error {
	switch format {
	case "table", "csv", "json":
		return nil
	}
	return &usageError{fmt.Errorf("format %q is unknown; want table, csv or json", format)}
}

func write(out io.Writer, found *warehouse.Found, format string) error {
	switch format {
	case "csv":
		return writeCSV(out, found)
	case "json":
		return writeJSON(out, found)
	}
	return writeTable(out, found)
}

// show writes a value as a person reads it.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		if size := math.Abs(v); size >= 1e-6 && size < 1e15 || v == 0 {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []byte:
		return hex.EncodeToString(v)
	}
	return fmt.Sprint(v)
}

func writeCSV(out io.Writer, found *warehouse.Found) error {
	w := csv.NewWriter(out)
	if err := w.Write(found.Columns); err != nil {
		return err
	}
	cells := make([]string, len(found.Columns))
	for row, err := range found.Rows {
		if err != nil {
			return err
		}
		for i, v := range row {
			cells[i] = show(v)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// writeJSON writes a JSON object a line. Bytes are base64, and a number that JSON
// doesn't have is the text "Infinity" or "-Infinity".
func writeJSON(out io.Writer, found *warehouse.Found) error {
	for row, err := range found.Rows {
		if err != nil {
			return err
		}
		var b strings.Builder
		b.WriteByte('{')
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			name, _ := json.Marshal(found.Columns[i]) // a text
			switch v {
			case math.Inf(1):
				v = "Infinity"
			case math.Inf(-1):
				v = "-Infinity"
			}
			value, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("column %s: %w", found.Columns[i], err)
			}
			b.Write(name)
			b.WriteByte(':')
			b.Write(value)
		}
		b.WriteString("}\n")
		if _, err := io.WriteString(out, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// shownRows is how many rows a table is aligned by; those after it are as wide.
const (
	shownRows  = 1000
	widestCell = 40
)

func writeTable(out io.Writer, found *warehouse.Found) error {
	widths := make([]int, len(found.Columns))
	var head [][]string
	line := func(cells []string) error {
		var b strings.Builder
		for i, cell := range cells {
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(cell)
			if i < len(cells)-1 {
				b.WriteString(strings.Repeat(" ", max(widths[i]-runewidth.StringWidth(cell), 0)))
			}
		}
		_, err := io.WriteString(out, strings.TrimRight(b.String(), " ")+"\n")
		return err
	}
	flush := func() error {
		for _, cells := range head {
			for i, cell := range cells {
				widths[i] = max(widths[i], runewidth.StringWidth(cell))
			}
		}
		for _, cells := range head {
			if err := line(cells); err != nil {
				return err
			}
		}
		head = nil
		return nil
	}
	head = append(head, found.Columns)
	count := 0
	for row, err := range found.Rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = cut(strings.NewReplacer("\n", "\\n", "\t", "\\t", "\r", "\\r").Replace(show(v)), widestCell)
		}
		if count++; count <= shownRows {
			head = append(head, cells)
			continue
		}
		if head != nil {
			if err := flush(); err != nil {
				return err
			}
		}
		if err := line(cells); err != nil {
			return err
		}
	}
	if head != nil {
		if err := flush(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(out, plural(count, "row"))
	return err
}
