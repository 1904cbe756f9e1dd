package schema

import (
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
)

// A RowReader reads the rows of one table in their canonical form, the one that
// an [Encoder] writes, as typed cells. It also reads rows that another program
// wrote, as long as they are JSON objects, and accepts where such rows differ
// from the canonical form without doubt about the value:
//
//   - members in any order, with white space between them;
//   - a DECIMAL that is a number instead of a string;
//   - a value of another kind in a STRING or XML column: its text is its JSON;
//   - a UTC_DATETIME with another offset than Z, and a NAIVE_DATETIME with a
//     space in place of the T.
//
// It does not check that a row has all columns of the primary key.
//
// A RowReader reuses its memory from row to row and is not safe for concurrent
// use.
type RowReader struct {
	// AllowDuplicates accepts rows that have a column more than once: Read then
	// returns a cell for each. Optional; the default is to report an error.
	AllowDuplicates bool

	table      *Table
	byName     map[string]int
	undeclared map[string]*undeclaredColumn
	cells      []Cell
	seen       []uint64 // the last row that each declared column was seen in
	row        uint64   // the number of the row at hand
	buf        []byte   // what Bytes of the cells points to where that is not in the row
	name       []byte
}

type undeclaredColumn struct {
	name string
	seen uint64
}

// How much a RowReader keeps from one row to the next.
const (
	keptColumns = 1000    // names that are not declared
	keptBytes   = 1 << 20 // of decoded values
)

// NewRowReader returns a reader for rows of the table, which must not change
// afterwards.
func NewRowReader(t *Table) *RowReader {
	r := &RowReader{
		table: t, byName: make(map[string]int, len(t.Columns)), undeclared: map[string]*undeclaredColumn{},
		seen: make([]uint64, len(t.Columns)),
	}
	for i, c := range t.Columns {
		r.byName[c.Name] = i
	}
	return r
}

// Read returns the cells of a row in the row's own order, one for each column
// that the row has. They are valid until the next Read, and as long as the row
// does not change.
//
// The error is a [*RowError]. If it names a column, the row is valid JSON, and
// all its cells are returned: the cell of a value that does not fit its column
// has the kind CellMisfit. If several cells are at fault, the error is about the
// first. If it names no column, the row is not a JSON object, and the cells are
// those before the fault.
func (r *RowReader) Read(row []byte) ([]Cell, error) {
	r.row++
	r.cells = r.cells[:0]
	if r.buf = r.buf[:0]; cap(r.buf) == 0 || cap(r.buf) > keptBytes {
		r.buf = make([]byte, 0, 512)
	}
	if len(r.undeclared) > keptColumns {
		clear(r.undeclared)
	}
	i := skipBlank(row, 0)
	if i == len(row) || row[i] != '{' {
		if !jsontext.Value(row).IsValid(rawOptions...) {
			return nil, r.invalid()
		}
		return nil, &RowError{Table: r.table.String(), Got: kindOfJSON(row), Problem: "a row of raw JSON is an object"}
	}
	var misfit error
	next := 0 // the column that comes next if the row has the order of the table
	i = skipBlank(row, i+1)
	if i < len(row) && row[i] == '}' {
		return r.end(row, i+1, nil)
	}
	for {
		end, clean := scanString(row, i)
		if end < 0 {
			return r.cells, r.invalid()
		}
		name := row[i+1 : end-1]
		if !clean {
			var err error
			if r.name, err = jsontext.AppendUnquote(r.name[:0], row[i:end]); err != nil {
				return r.cells, r.invalid()
			}
			name = r.name
		}
		i = skipBlank(row, end)
		if i == len(row) || row[i] != ':' {
			return r.cells, r.invalid()
		}
		i = skipBlank(row, i+1)
		end, clean = scanValue(row, i)
		if end < 0 {
			return r.cells, r.invalid()
		}
		r.cells = append(r.cells, Cell{Column: -1, Raw: row[i:end:end]})
		cell := &r.cells[len(r.cells)-1]
		duplicate := r.identify(cell, name, next)
		if cell.Column >= 0 {
			next = cell.Column + 1
		}
		if duplicate && !r.AllowDuplicates && misfit == nil {
			misfit = &RowError{Table: r.table.String(), Column: cell.Name, Got: kindOfJSON(cell.Raw), Problem: "the row has the column twice"}
		}
		why, ok := r.fill(cell, clean)
		switch {
		case !ok:
			return r.cells[:len(r.cells)-1], r.invalid()
		case cell.Kind == CellMisfit && misfit == nil:
			misfit = &RowError{Table: r.table.String(), Column: cell.Name, Want: cell.Type, Got: kindOfJSON(cell.Raw), Problem: why}
		}
		i = skipBlank(row, end)
		switch {
		case i < len(row) && row[i] == ',':
			i = skipBlank(row, i+1)
		case i < len(row) && row[i] == '}':
			return r.end(row, i+1, misfit)
		default:
			return r.cells, r.invalid()
		}
	}
}

// end returns the cells of a row whose object ends at i.
func (r *RowReader) end(row []byte, i int, misfit error) ([]Cell, error) {
	if skipBlank(row, i) != len(row) {
		return r.cells, r.invalid()
	}
	return r.cells, misfit
}

func (r *RowReader) invalid() error {
	return &RowError{Table: r.table.String(), Got: "raw JSON", Problem: "the row is not valid JSON"}
}

// identify says which column a cell is of, and whether the row had that column
// before. The column at next is tried first.
func (r *RowReader) identify(cell *Cell, name []byte, next int) (duplicate bool) {
	i, declared := next, next < len(r.table.Columns) && r.table.Columns[next].Name == string(name)
	if !declared {
		i, declared = r.byName[string(name)]
	}
	if !declared {
		u := r.undeclared[string(name)]
		if u == nil {
			u = &undeclaredColumn{name: string(name)}
			r.undeclared[u.name] = u
		}
		cell.Name = u.name
		duplicate, u.seen = u.seen == r.row, r.row
		return duplicate
	}
	c := &r.table.Columns[i]
	cell.Column, cell.Name, cell.Type = i, c.Name, c.Type
	duplicate, r.seen[i] = r.seen[i] == r.row, r.row
	return duplicate
}

// fill sets the value of a cell from its Raw. Clean is that of scanValue. If the
// value does not fit its column, why may say more than the types do. It reports
// false if the value is not valid JSON.
func (r *RowReader) fill(cell *Cell, clean bool) (why string, ok bool) {
	raw := cell.Raw
	if cell.Type == 0 {
		cell.Type = cell.Inferred()
	}
	if raw[0] == 'n' {
		cell.Kind = CellNull
		return "", true
	}
	var text []byte // of a string
	if raw[0] == '"' {
		if text = raw[1 : len(raw)-1]; !clean {
			if text, ok = r.unquote(raw); !ok {
				return "", false
			}
		}
	}
	number := raw[0] == '-' || isDigit(raw[0])
	switch cell.Type {
	case TypeBoolean:
		if raw[0] == 't' || raw[0] == 'f' {
			cell.Kind, cell.Bool = CellBool, raw[0] == 't'
		}
	case TypeShort, TypeInt, TypeLong:
		if number {
			return fillInt(cell), true
		}
	case TypeFloat, TypeDouble:
		if number {
			return fillFloat(cell), true
		}
	case TypeDecimal:
		switch {
		case number:
			cell.Kind, cell.Bytes = CellText, raw
		case text == nil:
		case isDecimal(text):
			cell.Kind, cell.Bytes = CellText, text
		default:
			return "it is not a decimal number", true
		}
	case TypeNaiveDate, TypeNaiveDatetime, TypeUTCDatetime:
		if text == nil {
			break
		}
		if !isCommonTime(text, cell.Type) {
			if _, fits := parseTime(text, cell.Type); !fits {
				return "it is not a date or time of the type", true
			}
		}
		cell.Kind, cell.Bytes = CellText, text
	case TypeBinary:
		if text == nil {
			break
		}
		start := len(r.buf)
		b, err := base64.StdEncoding.AppendDecode(r.buf, text)
		if err != nil {
			return "want standard base64 with padding", true
		}
		r.buf = b
		cell.Kind, cell.Bytes = CellBytes, b[start:len(b):len(b)]
	case TypeJSON:
		cell.Kind, cell.Bytes = CellJSON, raw
	default:
		cell.Kind, cell.Bytes = CellText, raw
		if text != nil {
			cell.Bytes = text
		}
	}
	return "", true
}

// unquote returns the text of a JSON string that has escapes.
func (r *RowReader) unquote(quoted []byte) ([]byte, bool) {
	start := len(r.buf)
	b, err := jsontext.AppendUnquote(r.buf, quoted)
	if err != nil {
		return nil, false
	}
	r.buf = b
	return b[start:len(b):len(b)], true
}
