package schema

import (
	"encoding/base64"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// A RowReader reads the rows of one table as typed cells. Rows have the
// canonical form that an [Encoder] writes. A RowReader also reads JSON objects
// that other programs wrote, and accepts these differences from the canonical
// form, none of which makes a value ambiguous:
//
//   - members in any order, and white space between them;
//   - an integer that is written with a zero fraction or with an exponent;
//   - a DECIMAL that is a number instead of a string;
//   - a value that is not a string in a STRING or XML column: its JSON becomes
//     the text;
//   - a UTC_DATETIME with an offset other than Z, and a NAIVE_DATETIME with a
//     space instead of the T.
//
// It does not check that a row has all columns of the primary key, or whether the
// names of columns differ only in case.
//
// A RowReader reuses its memory from row to row, up to 16 MiB. It is not safe for concurrent
// use.
type RowReader struct {
	// AllowDuplicates accepts rows that have a column more than once. Read then
	// returns a cell for each occurrence. Optional; by default, Read reports an
	// error.
	AllowDuplicates bool

	table      *Table
	byName     map[string]int
	columns    []memberColumn // the declared columns
	undeclared undeclaredSet
	cells      []Cell
	row        uint64 // the number of the current row
	next       int    // the column that comes next in a row in the table's order
	err        error  // the first fault of the current row that concerns a column
	buf        []byte // decoded values that the Bytes of cells point to
	name       []byte // a name that had to be unquoted
}

// keptBytes limits the memory for values that is kept from one row to the next. Rows
// with documents or images in them have some MiB, and memory that is not kept is made
// and cleared again for each of them.
const keptBytes = 16 << 20

// NewRowReader returns a reader for rows of the table t. The caller must not
// modify t afterwards.
func NewRowReader(t *Table) *RowReader {
	r := &RowReader{table: t, byName: make(map[string]int, len(t.Columns)), columns: make([]memberColumn, len(t.Columns))}
	for i := range t.Columns {
		r.byName[t.Columns[i].Name] = i
		r.columns[i] = newMemberColumn(&t.Columns[i])
	}
	return r
}

// Read returns the cells of a row in the order of the row, one for each column
// that the row has. They are valid until the next call of Read, and only as
// long as the caller does not modify the row.
//
// The error is a [*RowError]. If it names a column, the row is valid JSON and
// Read returns all of its cells. A cell whose value does not fit its column has
// the kind CellMisfit. If several cells have a fault, the error describes the
// first one. If the error names no column, the row is not a JSON object, and
// Read returns the cells before the fault.
func (r *RowReader) Read(row []byte) ([]Cell, error) {
	if r.table == nil {
		return nil, errors.New("schema: a RowReader without a table: make it with NewRowReader")
	}
	r.reset()
	i := skipBlank(row, 0)
	if i == len(row) || row[i] != '{' {
		if !jsontext.Value(row).IsValid(rawOptions...) {
			return nil, r.invalid()
		}
		return nil, &RowError{Table: r.table.String(), Got: kindOfJSON(row), Problem: wantObject}
	}
	i = skipBlank(row, i+1)
	if i < len(row) && row[i] == '}' {
		return r.end(row, i+1)
	}
	for {
		var ended bool
		if i, ended = r.readInOrder(row, i); ended {
			return r.end(row, i)
		}
		i = r.readMember(row, skipBlank(row, i))
		switch {
		case i < 0 || i == len(row):
			return r.cells, r.invalid()
		case row[i] == ',':
			i++
		case row[i] == '}':
			return r.end(row, i+1)
		default:
			return r.cells, r.invalid()
		}
	}
}

// reset prepares r for the next row.
func (r *RowReader) reset() {
	r.row++
	r.next, r.err = 0, nil
	r.cells = r.cells[:0]
	if r.buf = r.buf[:0]; cap(r.buf) == 0 || cap(r.buf) > keptBytes {
		r.buf = make([]byte, 0, 512)
	}
	r.undeclared.reset()
}

// readMember reads the name and the value at row[i:] and adds a cell for them.
// It returns the position of the first byte after the value that is not white
// space, or -1 if the row is not valid JSON.
func (r *RowReader) readMember(row []byte, i int) int {
	n := len(r.cells)
	if n == cap(r.cells) {
		r.cells = slices.Grow(r.cells, 1)
	}
	r.cells = r.cells[:n+1]
	cell := &r.cells[n]
	*cell = Cell{}
	var duplicate bool
	if k := r.next; k < len(r.columns) && r.columns[k].begins(view(row), i) {
		duplicate = r.declare(cell, k)
		i += len(r.columns[k].member)
	} else if i, duplicate = r.readName(cell, row, i); i < 0 {
		return r.giveUp()
	}
	i = skipBlank(row, i)
	end, clean := scanValue(row, i)
	if end < 0 {
		return r.giveUp()
	}
	cell.Raw = row[i:end:end]
	if duplicate && !r.AllowDuplicates && r.err == nil {
		r.err = &RowError{Table: r.table.String(), Column: cell.Name, Got: kindOfJSON(cell.Raw), Problem: duplicateColumn}
	}
	problem, ok := r.fill(cell, clean)
	if !ok {
		return r.giveUp()
	}
	if cell.Kind == CellMisfit && r.err == nil {
		r.err = &RowError{Table: r.table.String(), Column: cell.Name, Want: cell.Type, Got: kindOfJSON(cell.Raw), Problem: problem}
	}
	return skipBlank(row, end)
}

// giveUp removes the cell of a member that is not valid, and returns -1.
func (r *RowReader) giveUp() int {
	r.cells = r.cells[:len(r.cells)-1]
	return -1
}

// readName sets the column of a cell by the name at row[i:]. It returns the position after
// the colon, or -1 if there is no name, and reports whether the row already had a cell of
// that column.
func (r *RowReader) readName(cell *Cell, row []byte, i int) (next int, duplicate bool) {
	end, clean := scanString(row, i)
	if end < 0 {
		return -1, false
	}
	name := row[i+1 : end-1]
	if !clean {
		var err error
		if r.name, err = jsontext.AppendUnquote(r.name[:0], row[i:end]); err != nil {
			return -1, false
		}
		name = r.name
	}
	if i = skipBlank(row, end); i == len(row) || row[i] != ':' {
		return -1, false
	}
	if k, declared := r.byName[string(name)]; declared {
		return i + 1, r.declare(cell, k)
	}
	u, duplicate := r.undeclared.mark(name)
	cell.Column, cell.Name = -1, u.name
	return i + 1, duplicate
}

// declare sets the declared column of a cell. It reports whether the row already had a cell
// of that column.
func (r *RowReader) declare(cell *Cell, i int) (duplicate bool) {
	c := &r.columns[i]
	cell.Column, cell.Name, cell.Type = i, c.name, c.typ
	duplicate, c.seen = c.seen == r.row, r.row
	r.next = i + 1
	return duplicate
}

// end returns the cells of a row whose object ends at i.
func (r *RowReader) end(row []byte, i int) ([]Cell, error) {
	if skipBlank(row, i) != len(row) {
		return r.cells, r.invalid()
	}
	return r.cells, r.err
}

func (r *RowReader) invalid() error {
	return &RowError{Table: r.table.String(), Got: "raw JSON", Problem: invalidRow}
}

// fill sets the value of a cell from its Raw. The argument clean is the result
// of scanValue. If the value does not fit its column, the problem says why,
// unless the types already do. It reports false if the value is not valid
// JSON.
func (r *RowReader) fill(cell *Cell, clean bool) (problem string, ok bool) {
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
	switch cell.Type {
	case TypeBoolean:
		if raw[0] == 't' || raw[0] == 'f' {
			cell.Kind, cell.Bool = CellBool, raw[0] == 't'
		}
	case TypeShort, TypeInt, TypeLong:
		return cell.setInt(), true
	case TypeFloat, TypeDouble:
		return cell.setFloat(), true
	case TypeDecimal:
		if problem = cell.setDecimal(text); problem == "" && cell.Kind == CellText {
			problem = r.limit(cell)
		}
		return problem, true
	case TypeNaiveDate, TypeNaiveDatetime, TypeUTCDatetime:
		return cell.setTime(text), true
	case TypeBinary:
		return r.decode(cell, text), true
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

// limit makes a DECIMAL cell a misfit if the precision and scale of its column
// do not allow the number. It returns the reason.
func (r *RowReader) limit(cell *Cell) (problem string) {
	if cell.Column < 0 || r.table.Columns[cell.Column].Precision == 0 {
		return ""
	}
	if problem = r.table.Columns[cell.Column].decimalProblem(cell.Bytes); problem != "" {
		cell.Kind, cell.Bytes = CellMisfit, nil
	}
	return problem
}

// decode sets the cell to the bytes that the base64 text stands for. The argument text is
// nil if the cell's JSON is not a string.
func (r *RowReader) decode(cell *Cell, text []byte) (problem string) {
	if text == nil {
		return ""
	}
	start := len(r.buf)
	b, err := base64.StdEncoding.AppendDecode(r.buf, text)
	if err != nil {
		return "want standard base64 with padding"
	}
	r.buf = b
	cell.Kind, cell.Bytes = CellBytes, b[start:len(b):len(b)]
	return ""
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
