package connectortest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// AssertRows reports whether the rows that were upserted into a table equal the
// elements of a JSON array, in order. If they differ, it reports a test error. The
// table is named as in [Result.Rows].
//
//	connectortest.AssertRows(t, sync, "orders", `[{"id":1,"total":"19.90"},{"id":2,"total":"5.00"}]`)
//
// Values are compared as JSON, and numbers by their digits: 9007199254740993 differs
// from 9007199254740992, and 1.50 differs from 1.5. A null column equals a missing
// one.
func AssertRows(t testing.TB, r *Result, table, want string) bool {
	t.Helper()
	return assertRows(t, "rows of table "+table, r.Rows(table), want)
}

// AssertDeletes is like [AssertRows], for the primary keys that were deleted from a
// table.
func AssertDeletes(t testing.TB, r *Result, table, want string) bool {
	t.Helper()
	return assertRows(t, "keys deleted from table "+table, r.Deletes(table), want)
}

// AssertState reports whether the state of the last checkpoint equals a JSON object.
// If it differs, AssertState reports a test error. Values are compared as in
// [AssertRows], except that a null member differs from a missing one.
func AssertState(t testing.TB, r *Result, want string) bool {
	t.Helper()
	expected, err := canonical([]byte(want))
	if err != nil {
		t.Errorf("the wanted state is not valid JSON: %v", err)
		return false
	}
	got := "none: there was no checkpoint"
	if r.State != nil {
		if got, err = canonical(r.State); err != nil {
			t.Errorf("the state is not valid JSON: %v", err)
			return false
		}
	}
	if got != expected {
		t.Errorf("unexpected state:\n    want %s\n    got  %s", expected, got)
	}
	return got == expected
}

func assertRows(t testing.TB, name string, rows []json.RawMessage, want string) bool {
	t.Helper()
	var wanted []json.RawMessage
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Errorf("the wanted %s are not a JSON array: %v", name, err)
		return false
	}
	expected, err := rowLines(wanted)
	if err != nil {
		t.Errorf("the wanted %s: %v", name, err)
		return false
	}
	got, err := rowLines(rows)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return false
	}
	if diff := diffLines("row", expected, got); diff != "" {
		t.Errorf("unexpected %s (- want, + got):\n%s", name, diff)
		return false
	}
	return true
}

// rowLines returns the rows in the canonical form, one on each line.
func rowLines(rows []json.RawMessage) (string, error) {
	var b strings.Builder
	for i, raw := range rows {
		row, err := parseRow(raw)
		if err != nil {
			return "", fmt.Errorf("row %d: %w", i+1, err)
		}
		b.WriteString(row.withoutNulls().text() + "\n")
	}
	return b.String(), nil
}
