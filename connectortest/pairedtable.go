package connectortest

import (
	"maps"
	"slices"
	"strings"
)

// shownMembers is the number of members that the log names for each table.
const shownMembers = 20

// A pairedTable holds what the records say about the columns of the rows that they
// became.
type pairedTable struct {
	*deliveredTable
	pairs []recordPair
}

// A recordPair is a record of the source and the row that it became.
type recordPair struct {
	record map[string]any
	row    columns
}

// pair adds a record to the tables with a row of its key. If several tables have one,
// it adds the record to those whose row has the most values of the record.
func pair(record map[string]any, around *surroundings, tables []*pairedTable) {
	var best []*pairedTable
	most := 0
	for _, t := range tables {
		row := t.rowOf(record, around)
		if row == nil {
			continue
		}
		switch n := agreement(row, record); {
		case n > most:
			best, most = []*pairedTable{t}, n
		case n == most:
			best = append(best, t)
		}
	}
	for _, t := range best {
		t.pairs = append(t.pairs, recordPair{record, t.rowOf(record, around)})
	}
}

// keepSurePairs removes the pairs that have only the key in common, unless no pair has
// more: the key of a record may also be that of another object, as in
// {"id":1,"customer":{"id":1}}.
func (t *pairedTable) keepSurePairs() {
	isOnlyKey := func(p recordPair) bool { return t.isOnlyKey(p.row, p.record) }
	if !slices.ContainsFunc(t.pairs, func(p recordPair) bool { return !isOnlyKey(p) }) {
		return
	}
	t.pairs = slices.DeleteFunc(t.pairs, isOnlyKey)
}

// unusedMembers returns the members of the table's records that no column takes,
// sorted. A column takes the member with its name. A column whose value is always that
// of a member takes it under another name. A list that became rows of another table is
// taken, too.
func (t *pairedTable) unusedMembers(rows *deliveredRows) []string {
	unused := map[string]bool{} // whether the member has a value in any record
	for _, p := range t.pairs {
		for name, v := range p.record {
			if !t.hasColumn(name) {
				unused[name] = unused[name] || hasValue(v)
			}
		}
	}
	maps.DeleteFunc(unused, func(name string, filled bool) bool { return !filled || t.takes(name, rows) })
	return slices.Sorted(maps.Keys(unused))
}

// takes reports whether the values of a member are in the rows under another name.
func (t *pairedTable) takes(member string, rows *deliveredRows) bool {
	var candidates map[string]bool // columns that always have the member's value
	for _, p := range t.pairs {
		v := p.record[member]
		if isOfOtherTable(v, t, rows) {
			return true
		}
		text, ok := scalarText(v)
		if !ok {
			continue
		}
		same := map[string]bool{}
		for name, value := range p.row {
			if _, named := memberOf(p.record, name); named {
				continue
			}
			if have, ok := columnText(value); ok && have == text && (candidates == nil || candidates[name]) {
				same[name] = true
			}
		}
		if candidates = same; len(candidates) == 0 {
			return false
		}
	}
	return len(candidates) > 0
}

// isOfOtherTable reports whether a value contains a record of another table.
func isOfOtherTable(v any, own *pairedTable, rows *deliveredRows) (found bool) {
	objectsIn(v, func(object map[string]any) {
		for _, t := range rows.tables {
			found = found || t.table != own.table && t.shares(object)
		}
	})
	return found
}

// logUnused logs the members of the table's records that no column takes.
func logUnused(u *unread, t *pairedTable, unused []string) {
	if len(unused) == 0 {
		return
	}
	more := ""
	if len(unused) > shownMembers {
		unused, more = unused[:shownMembers], " and others"
	}
	u.Logf("table %s: no column takes these members of its records: %s%s", t.table, strings.Join(unused, ", "), more)
}

// logReplacedNulls logs the columns that have a value where the record has null. A Go
// field that cannot hold null leads to that.
func logReplacedNulls(u *unread, t *pairedTable) {
	replaced := map[string]bool{}
	for _, p := range t.pairs {
		for name, value := range p.row {
			if v, ok := memberOf(p.record, name); ok && v == nil && value != null {
				replaced[name+" ("+value+")"] = true
			}
		}
	}
	if len(replaced) > 0 {
		u.Logf("table %s: these columns have a value where the source has null: %s; if the rows should have null, let the field be a pointer", t.table, strings.Join(slices.Sorted(maps.Keys(replaced)), ", "))
	}
}
