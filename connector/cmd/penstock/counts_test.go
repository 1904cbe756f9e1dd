package main_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oneTable describes a table s.t with the primary key id.
const oneTable = `{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true},"a":{"type":"STRING"},"parent_id":{"type":"LONG"}}}}}}}`

const stateLine = `{"type":"STATE","state":{"n":1}}`

// upserts returns a RECORD line for each of count rows, with an id and another value.
func upserts(count int, row func(n int) (id, a int)) (lines []string) {
	for n := range count {
		id, a := row(n)
		lines = append(lines, fmt.Sprintf(`{"type":"RECORD","record":{"s":{"t":{"id":%d,"a":"%d"}}}}`, id, a))
	}
	return lines
}

func TestASyncWarnsIfItsRowsReplaceEachOther(t *testing.T) {
	b := newBench(t, "")
	lines := append(upserts(84, func(n int) (int, int) { return n % 27, n }), stateLine)
	out, failed := b.penstock("sync", "--", recorded(t, oneTable, lines...))
	require.False(t, failed, out)
	const warning = "warning: s.t: 84 rows became 27: the primary key may lack a column; see -explain\n"
	assert.Contains(t, out, warning)
	again, _ := b.penstock("summary")
	assert.Contains(t, again, warning)
	out, _ = b.penstock("sync", "-explain", "--", recorded(t, oneTable, lines...))
	assert.Contains(t, out, "look at: s.t: 57 times, a primary key was delivered again with a different row")
	assert.NotContains(t, out, "see -explain", "it was given")
}

func TestASyncOfManyRowsWarnsByASample(t *testing.T) {
	b := newBench(t, "")
	lines := append(upserts(240_000, func(n int) (int, int) { return n % 120_000, n }), stateLine)
	out, failed := b.penstock("sync", "--", recorded(t, oneTable, lines...))
	require.False(t, failed, out)
	assert.Regexp(t, `warning: s\.t: about 2[1-6]\d,\d{3} rows became 1[0-3]\d,\d{3}: the primary key may lack a column`, out)
}

func TestASyncDoesNotWarnOfRowsThatMayRightlyReplaceOthers(t *testing.T) {
	truncate := `{"type":"RECORD","op":"TRUNCATE","record":{"s":{"t":{}}}}`
	same := func(n int) (int, int) { return n, n }
	other := func(n int) (int, int) { return n, n + 1 }
	var updates, deletes []string
	for n := range 30 {
		updates = append(updates, fmt.Sprintf(`{"type":"RECORD","op":"UPDATE","record":{"s":{"t":{"id":%d,"a":"x"}}}}`, n))
		deletes = append(deletes, fmt.Sprintf(`{"type":"RECORD","op":"DELETE","record":{"s":{"t":{"id":%d}}}}`, n))
	}
	for name, parts := range map[string][][]string{
		"a page that is requested again":   {upserts(30, same), upserts(30, same)},
		"a few rows that change meanwhile": {upserts(30, same), upserts(9, other)},
		"a tenth of many rows":             {upserts(270, same), upserts(30, other)},
		"updates":                          {upserts(30, same), updates},
		"rows that return after deletes":   {upserts(30, same), deletes, upserts(30, other)},
		"all rows again after a truncate":  {upserts(30, same), {truncate}, upserts(30, other)},
	} {
		b := newBench(t, "")
		var lines []string
		for _, part := range parts {
			lines = append(lines, part...)
		}
		out, failed := b.penstock("sync", "--", recorded(t, oneTable, append(lines, stateLine)...))
		require.False(t, failed, out)
		assert.NotContains(t, out, "warning: ", name)
	}
	// Rows of an earlier sync are there to be replaced.
	b := newBench(t, "")
	for sync := range 2 {
		lines := upserts(30, func(n int) (int, int) { return n, sync })
		out, failed := b.penstock("sync", "--", recorded(t, oneTable, append(lines, stateLine)...))
		require.False(t, failed, out)
		assert.NotContains(t, out, "warning: ")
	}
}

func TestAColumnWithValuesInTheWarehouseIsNotReportedAsEmpty(t *testing.T) {
	b := newBench(t, "")
	out, _ := b.penstock("sync", "--", recorded(t, oneTable, `{"type":"RECORD","record":{"s":{"t":{"id":1,"parent_id":7}}}}`, `{"type":"RECORD","record":{"s":{"t":{"id":2}}}}`, stateLine))
	assert.Contains(t, out, "s.t: columns with only null: a\n")
	out, failed := b.penstock("sync", "-explain", "--", recorded(t, oneTable, `{"type":"RECORD","record":{"s":{"t":{"id":2}}}}`, stateLine))
	require.False(t, failed, out)
	assert.Contains(t, out, "s.t: columns with only null: a\n")
	assert.Contains(t, out, "s.t: columns that never had a value: a\n")
	assert.NotContains(t, out, "parent_id")
}

func TestATruncateIsNotCountedAsARow(t *testing.T) {
	b := newBench(t, "")
	truncate := `{"type":"RECORD","op":"TRUNCATE","record":{"s":{"t":{}}}}`
	out, failed := b.penstock("sync", "--", recorded(t, oneTable, truncate, stateLine))
	require.False(t, failed, out)
	assert.Contains(t, out, "\n0 rows in ")
	assert.Regexp(t, `\ns\.t +0 +0 +0 +1 +0\n`, out, "the table lists it")
}

func TestDeletesOfUnknownRowsAreNormalInAFirstSync(t *testing.T) {
	b := newBench(t, "")
	deleted := `{"type":"RECORD","op":"DELETE","record":{"s":{"t":{"id":1}}}}`
	updated := `{"type":"RECORD","op":"UPDATE","record":{"s":{"t":{"id":1,"a":"x"}}}}`
	row := `{"type":"RECORD","record":{"s":{"t":{"id":2,"a":"x","parent_id":1}}}}`
	connector := recorded(t, oneTable, deleted, deleted, updated, row, stateLine)
	out, failed := b.penstock("sync", "--", connector)
	require.False(t, failed, out)
	assert.Contains(t, out, "s.t: 2 deletes of rows that the warehouse did not have, which is normal in a first sync\n")
	assert.Contains(t, out, "s.t: 1 update of rows that the warehouse did not have, without effect\n")
	out, _ = b.penstock("sync", "--", connector)
	assert.Contains(t, out, "s.t: 2 deletes of rows that the warehouse did not have\n")
}
