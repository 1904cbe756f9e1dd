package schema

import (
	"errors"
	"maps"
)

// Replaced returns, for each column, the number of rows in which the encoder
// replaced bytes that were not UTF-8 with U+FFFD. The map has no entries for
// columns without replacements, and at most 1000 entries.
func (e *Encoder) Replaced() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.replaced)
}

// Nulled returns, for each column, the rows in which the encoder replaced values
// by null that the column cannot hold (see [Unfit]). The map has no entries for
// other columns, and at most 1000 entries.
func (e *Encoder) Nulled() map[string]Nulled {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.nulled)
}

// Hexadecimal returns, for each BINARY column, the number of rows whose text was
// delivered as base64 although it consists of hexadecimal digits only. The map
// has no entries for columns that also had text that can only be base64, or whose
// texts have too few digits to tell.
func (e *Encoder) Hexadecimal() map[string]int {
	var all map[string]int
	for _, c := range e.columns {
		if n := c.texts.suspects(); n > 0 { // only BINARY columns have texts
			if all == nil {
				all = map[string]int{}
			}
			all[c.Name] = n
		}
	}
	return all
}

// Respelled returns the undeclared columns whose names differ only in case from
// an undeclared column of an earlier row, each with the name of that column. A
// destination that ignores case delivers the values of both into one column. The
// encoder knows the first 1000 undeclared columns.
func (e *Encoder) Respelled() map[string]string {
	if names := e.names.Load(); names != nil {
		return names.respelled()
	}
	return nil
}

// undeclaredNames returns the names of the undeclared columns of all rows.
func (e *Encoder) undeclaredNames() *undeclaredNames {
	if names := e.names.Load(); names != nil {
		return names
	}
	e.names.CompareAndSwap(nil, newUndeclaredNames(e.table.Columns))
	return e.names.Load()
}

// count counts a row for a column whose value was altered. It ignores further
// columns once it has counted rows for keptColumns.
func (e *Encoder) count(column string, typ Type, n notes, nulled *valueError) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.replaced[column]; n&replacedText != 0 && (known || len(e.replaced) < keptColumns) {
		if e.replaced == nil {
			e.replaced = map[string]int{}
		}
		e.replaced[column]++
	}
	if entry, known := e.nulled[column]; n&nulledValue != 0 && (known || len(e.nulled) < keptColumns) {
		if e.nulled == nil {
			e.nulled = map[string]Nulled{}
		}
		if !known {
			errors.As(e.valueError(column, typ, nulled), &entry.First)
		}
		entry.Rows++
		e.nulled[column] = entry
	}
}
