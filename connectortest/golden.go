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

var update = flag.Bool("connectortest.update", false, "write golden files instead of comparing with them")

// Golden compares what a sync delivered with a file that an earlier one wrote,
// such as "testdata/orders.jsonl". Where they differ the test fails, with the
// lines. After a change that is meant,
//
//	go test -connectortest.update
//
// writes the file anew; what has changed in it is for the review to see. In
// continuous integration, where the environment's CI is set, that is refused.
//
// The file has a line for each operation: those of one table together, in their
// order, for the order across tables may be another one each time; then
// warnings, and the state of the last checkpoint. A column that differs each
// time is named in volatile, as "orders.fetched_at", and left out.
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
		t.Fatalf("golden file: %v\ngo test -connectortest.update writes it", err)
	}
	text := strings.ReplaceAll(string(want), "\r\n", "\n") // as git checks it out on Windows
	if diff := diffLines("line", text, got); diff != "" {
		t.Errorf("%s differs from what was delivered:\n%s\nif that is meant: go test -connectortest.update", path, diff)
	}
}

// writeCommitted writes a file that is to be committed.
func writeCommitted(path string, text []byte) error {
	if os.Getenv("CI") != "" {
		return errors.New("-connectortest.update in continuous integration: write the file where its change is reviewed")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// goldenLine is a line of a golden file. Its fields are in the order in which
// they are read.
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
		line := goldenLine{Operation: op.Kind.String(), Table: op.Table, Row: op.Row, Message: op.Message}
		switch {
		case op.Kind == host.OpCheckpoint:
		case op.Table == "":
			rest = append(rest, line)
		default:
			row, err := leaveOut(op.Row, op.Table, volatile)
			if err != nil {
				return "", fmt.Errorf("table %s: %w", op.Table, err)
			}
			line.Row = row
			tables[op.Table] = append(tables[op.Table], line)
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

// leaveOut returns a row without the columns that are volatile. Without any it
// is the row's very bytes.
func leaveOut(row json.RawMessage, table string, volatile []string) (json.RawMessage, error) {
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

// diffLines returns the lines that two texts don't share, with their numbers and
// what a line is, or "".
func diffLines(what, want, got string) string {
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
			fmt.Fprintf(&text, "    %s %s %d: %s\n", sign, what, start+i+1, line)
		}
	}
	show("-", a)
	show("+", b)
	return strings.TrimSuffix(text.String(), "\n")
}
