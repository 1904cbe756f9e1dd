package stdin

import "bytes"

// recordStarts are the beginnings of recent RECORD lines, up to the row. The rows of a few
// tables usually alternate, so most lines begin like one of them and need no decoding up
// to the row.
type recordStarts struct {
	known [4]recordStart
	next  int // the one to replace
}

// A recordStart is the part of a RECORD line before the row. Each line that consists of it,
// a row and [recordEnd] is a record of the same operation on the same table.
type recordStart struct {
	text          []byte
	op            Op
	schema, table string
}

// longestStart is the length in bytes of the longest beginning that is remembered. A longer
// one has further members, whose values hardly occur again.
const longestStart = 512

// parse decodes a line that begins like an earlier one. It reports whether it did. If not,
// the line may be valid nevertheless.
func (s *recordStarts) parse(text []byte, into *Line) bool {
	for i := range s.known {
		start := &s.known[i]
		if start.text == nil || !bytes.HasPrefix(text, start.text) {
			continue
		}
		row, ended := bytes.CutSuffix(trimEnd(text[len(start.text):]), []byte(recordEnd))
		if !ended || !isPlainObject(row) {
			return false
		}
		*into = Line{Kind: Record, Op: start.op, Schema: start.schema, Table: start.table, Row: row[:len(row):len(row)]}
		return true
	}
	return false
}

// learn remembers the beginning of a line that was decoded to a record whose row ends at
// rowEnd.
func (s *recordStarts) learn(text []byte, record *Line, rowEnd int) {
	begin := rowEnd - len(record.Row)
	if begin > longestStart || string(trimEnd(text[rowEnd:])) != recordEnd {
		return
	}
	for i := range s.known { // the line may begin like an earlier one, with a row that is not plain
		if string(s.known[i].text) == string(text[:begin]) {
			return
		}
	}
	start := &s.known[s.next]
	s.next = (s.next + 1) % len(s.known)
	start.text = append(start.text[:0], text[:begin]...)
	start.op, start.schema, start.table = record.Op, record.Schema, record.Table
}

// trimEnd returns the end of a line without the line end.
func trimEnd(text []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
}
