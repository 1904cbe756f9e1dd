package connectortest

import (
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
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

// checkColumns compares the members of records with the columns of their rows.
func (u *unread) checkColumns() {
	members := map[string]bool{} // of all objects in all responses, in lower case
	var tables []*pairedTable
	for _, t := range u.rows.tables {
		tables = append(tables, &pairedTable{deliveredTable: t})
	}
	for _, r := range u.responses {
		objectsIn(r.doc, func(object map[string]any) {
			for name := range object {
				members[strings.ToLower(name)] = true
			}
			for _, t := range tables {
				if row := t.rowOf(object); row != nil {
					t.pairs = append(t.pairs, recordPair{object, row})
				}
			}
		})
	}
	for _, t := range tables {
		if len(t.pairs) == 0 {
			continue // the rows do not come from JSON, or under other names
		}
		unused := t.unusedMembers(u.rows)
		for _, column := range t.table.Columns {
			u.checkColumn(t, column, members, unused)
		}
		logUnused(u, t, unused)
		logReplacedNulls(u, t)
	}
}

// checkColumn fails if a column never has a value, no record has its member, and a
// member that no column takes has nearly the same name.
func (u *unread) checkColumn(t *pairedTable, column schema.Column, members map[string]bool, unused []string) {
	if column.PrimaryKey || members[strings.ToLower(column.Name)] || !t.isAlwaysZero(column.Name) {
		return
	}
	for _, member := range unused {
		if isMisspelling(column.Name, member) {
			u.failWithf(fixColumn, "table %s: column %s has no value in any row, and no record of the source has a member of that name; the records have the member %s, which no column takes", t.table, column.Name, member)
			return
		}
	}
}

// isAlwaysZero reports whether no row has a value in a column other than null and the
// zero value of its Go type.
func (t *deliveredTable) isAlwaysZero(column string) bool {
	for _, row := range t.rows {
		switch value := row.value(column); {
		case value == null, value == `""`, value == "false", value == "{}", value == "[]":
		case strings.HasPrefix(value, `"0001-01-01`):
		case strings.Trim(value, `"0.-`) == "":
		default:
			return false
		}
	}
	return len(t.rows) > 0
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

// hasColumn reports whether encoding/json decodes a member into a column.
func (t *deliveredTable) hasColumn(member string) bool {
	return slices.ContainsFunc(t.table.Columns, func(c schema.Column) bool { return strings.EqualFold(c.Name, member) })
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

// shares reports whether an object has members for most of the table's columns. The
// rest may be computed, such as the key of the record around the object.
func (t *deliveredTable) shares(object map[string]any) bool {
	n := 0
	for name := range object {
		if t.hasColumn(name) {
			n++
		}
	}
	return n > 0 && 2*n >= len(t.table.Columns)
}

// hasValue reports whether a member is more than null or empty.
func hasValue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
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
