package connectortest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// AssertRows reports an error, and returns false, unless the rows that were
// upserted into a table are those of a JSON array, in its order:
//
//	connectortest.AssertRows(t, sync, "orders", `[{"id":1,"total":"19.90"},{"id":2,"total":"5.00"}]`)
//
// Values are compared as JSON, and numbers by their digits: 9007199254740993 is
// not 9007199254740992, and 1.50 is not 1.5. A column that is null is the same
// as one that is missing.
func AssertRows(t testing.TB, r *Result, table, want string) bool {
	t.Helper()
	return assertRows(t, "rows of table "+table, r.Rows(table), want)
}

// AssertDeletes is [AssertRows] for the keys that were deleted from a table.
func AssertDeletes(t testing.TB, r *Result, table, want string) bool {
	t.Helper()
	return assertRows(t, "keys deleted from table "+table, r.Deletes(table), want)
}

// AssertState reports an error, and returns false, unless the last checkpoint's
// state is the JSON object that is wanted. Values are compared as JSON, and
// numbers by their digits.
func AssertState(t testing.TB, r *Result, want string) bool {
	t.Helper()
	expected, err := spell([]byte(want))
	if err != nil {
		t.Errorf("the state that is wanted is no JSON: %v", err)
		return false
	}
	got := "none: there was no checkpoint"
	if r.State != nil {
		if got, err = spell(r.State); err != nil {
			t.Errorf("the state is no JSON: %v", err)
			return false
		}
	}
	if got != expected {
		t.Errorf("the state is another one:\n    want %s\n    got  %s", expected, got)
	}
	return got == expected
}

func assertRows(t testing.TB, what string, rows []json.RawMessage, want string) bool {
	t.Helper()
	var wanted []json.RawMessage
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Errorf("the %s that are wanted are no JSON array: %v", what, err)
		return false
	}
	expected, err := rowLines(wanted)
	if err != nil {
		t.Errorf("the %s that are wanted: %v", what, err)
		return false
	}
	got, err := rowLines(rows)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return false
	}
	if diff := diffLines("row", expected, got); diff != "" {
		t.Errorf("other %s than are wanted:\n%s", what, diff)
		return false
	}
	return true
}

// rowLines writes each row on a line, in the one spelling.
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
