package jsonvalue

import (
	"strings"
	"unicode/utf8"
)

// A nameTable finds the fields of a struct by names that consist of ASCII characters. Names
// that match without regard to case have one entry.
type nameTable struct {
	fields  []tableField
	buckets [64]int8 // the first entry of a bucket, plus 1
}

type tableField struct {
	name  string // as the first field writes it
	shape *shape
	next  int8 // the next entry of the bucket, plus 1
}

// newNameTable returns a table of the fields of a struct. It returns nil if two fields of
// different shapes have names that match without regard to case, or if there are more
// fields than a pruner can remember.
func newNameTable(fields map[string]*shape) *nameTable {
	t := &nameTable{}
	for name, s := range fields {
		folded := foldName(name)
		if strings.IndexFunc(folded, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			continue // no name in ASCII matches it
		}
		if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			name = folded // U+017F is an s, and U+212A is a k
		}
		if i := t.find([]byte(name)); i >= 0 {
			if t.fields[i].shape != s {
				return nil
			}
			continue
		}
		if !t.add(name, s) {
			return nil
		}
	}
	return t
}

// add adds a field. It reports false if there are too many, or if its name matches that of
// another one.
func (t *nameTable) add(name string, s *shape) bool {
	if len(t.fields) == 64 || t.find([]byte(name)) >= 0 {
		return false
	}
	bucket := bucketOf([]byte(name))
	t.fields = append(t.fields, tableField{name, s, t.buckets[bucket]})
	t.buckets[bucket] = int8(len(t.fields))
	return true
}

// bucketOf returns the bucket of a name, which does not depend on its case.
func bucketOf(name []byte) uint8 {
	n := len(name)
	if n == 0 {
		return 0
	}
	return (uint8(n*7) + (name[0]|0x20)*5 + (name[n-1]|0x20)*11 + (name[n/2]|0x20)*3) & 63
}

// find returns the index of the field with a name, or -1.
func (t *nameTable) find(name []byte) int {
	for i := t.buckets[bucketOf(name)]; i > 0; i = t.fields[i-1].next {
		if f := &t.fields[i-1]; len(f.name) == len(name) && (f.name == string(name) || equalFoldASCII(f.name, name)) {
			return int(i - 1)
		}
	}
	return -1
}

// equalFoldASCII reports whether two names of the same length are equal without regard to
// case.
func equalFoldASCII(a string, b []byte) bool {
	for i := range len(a) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x |= 0x20; x != y|0x20 || x < 'a' || x > 'z' {
			return false
		}
	}
	return true
}
