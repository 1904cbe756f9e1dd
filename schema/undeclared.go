package schema

// keptColumns limits the undeclared columns that are kept from one row to the
// next.
const keptColumns = 1000

// An undeclaredSet records which columns a row has that the table does not
// declare. It keeps their names from row to row, so that a name that many rows
// have is allocated once.
type undeclaredSet struct {
	byName map[string]*undeclaredColumn
	row    uint64 // the number of the current row
}

// An undeclaredColumn is a column that rows have but the table does not
// declare.
type undeclaredColumn struct {
	name string
	seen uint64 // the last row that had it
}

// reset prepares s for the next row.
func (s *undeclaredSet) reset() {
	s.row++
	if len(s.byName) > keptColumns {
		clear(s.byName)
	}
}

// mark records that the row has a column. It returns the name as a string, and
// reports whether the row had the column before.
func (s *undeclaredSet) mark(name []byte) (text string, duplicate bool) {
	u := s.byName[string(name)]
	if u == nil {
		if s.byName == nil {
			s.byName = map[string]*undeclaredColumn{}
		}
		u = &undeclaredColumn{name: string(name)}
		s.byName[u.name] = u
	}
	duplicate, u.seen = u.seen == s.row, s.row
	return u.name, duplicate
}
