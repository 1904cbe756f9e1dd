package schema

import "fmt"

// keptColumns limits the undeclared columns that are kept from one row to the
// next.
const keptColumns = 1000

// An undeclaredSet records which columns a row has that the table does not
// declare. It keeps their names from row to row, so that a name that many rows
// have is allocated and checked once.
type undeclaredSet struct {
	byName map[string]*undeclaredColumn
	folded map[string]string // the names of the row that need a check, by foldName
	row    uint64            // the number of the current row
}

// An undeclaredColumn is a column that rows have but the table does not
// declare.
type undeclaredColumn struct {
	name      string
	seen      uint64 // the last row that had it
	delivered uint64 // the last row from which it was delivered

	// The fields below are set when the column is delivered for the first time.
	quoted  string // the name as a JSON string, followed by a colon
	problem string // why no row may have the column, or ""
	known   *knownName
}

// reset prepares s for the next row.
func (s *undeclaredSet) reset() {
	s.row++
	if len(s.byName) > keptColumns {
		s.byName = nil
	}
	if len(s.folded) > keptColumns {
		s.folded = nil
	}
	if len(s.folded) > 0 {
		clear(s.folded)
	}
}

// mark records that the row has a column. It reports whether the row had the
// column before.
func (s *undeclaredSet) mark(name []byte) (u *undeclaredColumn, duplicate bool) {
	u = s.byName[string(name)]
	if u == nil {
		u = s.add(string(name))
	}
	duplicate, u.seen = u.seen == s.row, s.row
	return u, duplicate
}

// column returns the column of the given name.
func (s *undeclaredSet) column(name string) *undeclaredColumn {
	if u := s.byName[name]; u != nil {
		return u
	}
	return s.add(name)
}

func (s *undeclaredSet) add(name string) *undeclaredColumn {
	if s.byName == nil {
		s.byName = map[string]*undeclaredColumn{}
	}
	u := &undeclaredColumn{name: name}
	s.byName[name] = u
	return u
}

// deliver records that the row's column u is delivered. It returns why the row
// may not have the column, or "".
func (s *undeclaredSet) deliver(u *undeclaredColumn, e *Encoder) (problem string) {
	if u.quoted == "" {
		u.quoted = quotedName(u.name)
		u.known, u.problem = e.undeclaredNames().check(u.name)
	}
	if u.problem != "" {
		return u.problem
	}
	u.delivered = s.row
	if u.known != nil && !u.known.respelled.Load() {
		return "" // no other column is known that differs only in case
	}
	if u.known != nil && u.known.name != u.name {
		// The row may have had the other column when it was the only one.
		if other := s.byName[u.known.name]; other != nil && other.delivered == s.row {
			return alsoHas(other.name)
		}
	}
	folded := foldName(u.name)
	if other, twin := s.folded[folded]; twin {
		return alsoHas(other)
	}
	if s.folded == nil {
		s.folded = map[string]string{}
	}
	s.folded[folded] = u.name
	return ""
}

func alsoHas(twin string) string {
	return fmt.Sprintf("the row also has the column %q, which is the same column at a destination that ignores case: rename or omit one of them", excerpt(twin))
}
