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

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

func checkFormat(format string) error {
	switch format {
	case "table", "csv", "json":
		return nil
	}
	return &usageError{fmt.Errorf("unknown format %s; want table, csv or json", pasted.Argument(format))}
}

func write(out *console, found *warehouse.Found, format string) error {
	switch format {
	case "csv":
		return writeCSV(out.machine(format), found)
	case "json":
		return writeJSON(out.machine(format), found)
	}
	return writeTable(out, found)
}

// show formats a value for people.
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

// writeJSON writes one JSON object per line. Bytes are written in base64. The infinite
// numbers, which JSON does not have, are written as the strings "Infinity" and
// "-Infinity".
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
			name, _ := json.Marshal(found.Columns[i]) // a string always marshals
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
