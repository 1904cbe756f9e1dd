package schema

import "strings"

// A memberColumn is what a [RowReader] knows of a declared column.
type memberColumn struct {
	member      string // how a member of the column begins, usually: the name and a colon
	first, mask uint64 // the first word of member, and the bits of it that count
	last        uint64 // the last word of member, if it is longer than a word
	column      *Column
	name        string
	typ         Type
	seen        uint64 // the last row that had the column
}

func newMemberColumn(c *Column) memberColumn {
	name, _ := appendString(nil, c.Name)
	member := string(append(name, ':'))
	m := memberColumn{member: member, column: c, name: c.Name, typ: c.Type, mask: 1<<(8*len(member)) - 1}
	m.first = word(member+"\x00\x00\x00\x00\x00\x00\x00\x00", 0) & m.mask
	if len(member) > wordSize {
		m.last = word(member, len(member)-wordSize)
	}
	return m
}

// begins reports whether a member of the column begins at i, in its usual form.
func (m *memberColumn) begins(s string, i int) bool {
	size := len(m.member)
	if len(s)-i < max(size, wordSize) {
		return strings.HasPrefix(s[i:], m.member)
	}
	switch {
	case word(s, i)&m.mask != m.first:
		return false
	case size <= wordSize:
		return true
	case size <= 2*wordSize:
		return word(s, i+size-wordSize) == m.last
	}
	return s[i:i+size] == m.member
}
