package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/connector/host"
)

var update = flag.Bool("connectortest.update", false, "write golden and contract files instead of comparing with them")

// Golden compares the operations of a sync with a file, such as
// "testdata/orders.jsonl". If they differ, it reports a test error that quotes the
// lines. Create the file, and accept intended changes, with
//
//	go test -connectortest.update
//
// A reviewer then sees the changes to the file. If the environment variable CI is set,
// as in continuous integration, the flag is refused.
//
// The file has a line for each operation. The operations of a table are together and
// in order, because the order of operations of different tables may vary. Warnings
// and the state of the last checkpoint follow. The file omits the columns that volatile
// names, such as "orders.fetched_at", because their values differ each time.
func Golden(t testing.TB, r *Result, path string, volatile ...string) {
	t.Helper()
	got, err := goldenText(r, volatile)
	if err != nil {
		t.Fatalf("golden file: %v", err)
	}
	if *update {
		if err := writeCommitted(path, []byte(got)); err != nil {
			t.Fatalf("golden file: %v", err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden file: %v\nrun go test -connectortest.update to create it", err)
	}
	text := strings.ReplaceAll(string(want), "\r\n", "\n") // git may convert line endings on Windows
	if diff := diffLines("line", text, got); diff != "" {
		t.Errorf("the sync differs from %s (- want, + got):\n%s\nif the change is intended, run go test -connectortest.update", path, diff)
	}
}

// writeCommitted writes a file that is part of the repository.
func writeCommitted(path string, text []byte) error {
	if os.Getenv("CI") != "" {
		return errors.New("-connectortest.update is refused in continuous integration: write the file on your machine, so that its change is reviewed")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// goldenLine is a line of a golden file. The members of the JSON object have the
// order of the fields.
type goldenLine struct {
	Operation string          `json:"op"`
	Table     string          `json:"table,omitempty"`
	Row       json.RawMessage `json:"row,omitempty"`
	State     json.RawMessage `json:"state,omitempty"`
	Message   string          `json:"message,omitempty"`
}

func goldenText(r *Result, volatile []string) (string, error) {
	tables := map[string][]goldenLine{}
	var rest []goldenLine
	for _, op := range r.Operations {
		line := goldenLine{Operation: op.Kind.String(), Row: op.Row, Message: op.Message}
		switch {
		case op.Kind == host.OpCheckpoint:
		case op.Table == nil:
			rest = append(rest, line)
		default:
			line.Table = op.Table.Name
			row, err := withoutVolatile(op.Row, line.Table, volatile)
			if err != nil {
				return "", fmt.Errorf("table %s: %w", line.Table, err)
			}
			line.Row = row
			tables[line.Table] = append(tables[line.Table], line)
		}
	}
	if r.State != nil {
		rest = append(rest, goldenLine{Operation: host.OpCheckpoint.String(), State: r.State})
	}
	var all []goldenLine
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		all = append(all, tables[name]...)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, line := range append(all, rest...) {
		if err := enc.Encode(line); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// withoutVolatile returns a row without the volatile columns. If there are none, it
// returns the row unchanged.
func withoutVolatile(row json.RawMessage, table string, volatile []string) (json.RawMessage, error) {
	names := map[string]bool{}
	for _, name := range volatile {
		if column, ok := strings.CutPrefix(name, table+"."); ok {
			names[column] = true
		}
	}
	if len(names) == 0 || row == nil {
		return row, nil
	}
	c, err := parseRow(row)
	if err != nil {
		return nil, err
	}
	return c.without(names).json(nil), nil
}

// diffLines returns the lines that differ, each with its number and with unit as the
// name of a line. It returns "" if the texts are equal.
func diffLines(unit, want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	a, b = a[start:len(a)-end], b[start:len(b)-end]
	var text strings.Builder
	show := func(sign string, lines []string) {
		for i, line := range lines {
			if i == shownDifferences {
				fmt.Fprintf(&text, "    %s … and %d more lines\n", sign, len(lines)-i)
				return
			}
			fmt.Fprintf(&text, "    %s %s %d: %s\n", sign, unit, start+i+1, line)
		}
	}
	show("-", a)
	show("+", b)
	return strings.TrimSuffix(text.String(), "\n")
}
