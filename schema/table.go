package schema

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Table describes one table of a source. Make one from a struct with
// [TableOf], or fill the fields for a table that is discovered at run time:
//
//	schema.Table{Name: "orders", Columns: []schema.Column{
//		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
//		{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
//	}}
//
// A table with no columns accepts whatever rows hold; a table with no primary
// key is appended to.
type Table struct {
	// Schema is the name of the schema that the table belongs to. [New] sets it.
	Schema string
	// Name is the table's name, unique in its schema. Required.
	Name string
	// Description says to a person what the table holds. Optional.
	Description string
	// Columns are the declared columns. A row may bear others: they are
	// delivered all the same. Optional.
	Columns []Column

	// err is why the table could not be derived from its struct. New reports it.
	err error
}

// TableOf returns the table of the given name whose columns are the fields of
// the struct T, in their order. The package comment says how a field becomes a
// column. What can't become one is an error that names it as pkg.Type.Field,
// and that [New] and [Table.Validate] report.
func TableOf[T any](name string) Table {
	t := Table{Name: name}
	rowType := reflect.TypeFor[T]()
	for rowType.Kind() == reflect.Pointer {
		rowType = rowType.Elem()
	}
	fields, err := fieldsOf(rowType)
	if err != nil {
		t.err = fmt.Errorf("schema: table %q: %w", name, err)
		return t
	}
	for _, f := range fields {
		t.Columns = append(t.Columns, f.column)
	}
	return t
}

// String returns the table's name after its schema's, such as "shop.orders".
func (t *Table) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Column returns the declared column of the given name.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// PrimaryKey returns the names of the primary key's columns in the order of
// their declaration, or nil for a table without one.
func (t *Table) PrimaryKey() []string {
	var keys []string
	for _, c := range t.Columns {
		if c.PrimaryKey {
			keys = append(keys, c.Name)
		}
	}
	return keys
}

// Check reports whether a row fits the table as the given form of a row, with
// the error that [Encoder.Append] would give. Rows in number want an Encoder.
func (t *Table) Check(row any, form Form) error {
	_, err := NewEncoder(t, nil).Append(nil, row, form)
	return err
}

// Validate reports all that is wrong with the declaration: a missing or
// illegal name, columns that are the same once case is folded, a missing type,
// a primary key that can't be one, an impossible precision.
func (t *Table) Validate() error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("schema: table %q: "+format, append([]any{t.Name}, args...)...))
	}
	if t.err != nil {
		problems = append(problems, t.err)
	}
	if why := nameProblem(t.Name); why != "" {
		report("the table's name %s", why)
	}
	seen := make(map[string]string, len(t.Columns))
	for _, c := range t.Columns {
		if why := nameProblem(c.Name); why != "" {
			report("the name of column %q %s", c.Name, why)
		}
		folded := strings.ToLower(c.Name)
		if other, ok := seen[folded]; ok {
			report("columns %q and %q are one to a destination that folds case", other, c.Name)
		}
		seen[folded] = c.Name
		switch {
		case !c.Type.valid():
			report("column %q has no type", c.Name)
		case c.PrimaryKey && (c.Type == TypeJSON || c.Type == TypeXML):
			report("column %q of type %v can't be in a primary key", c.Name, c.Type)
		case c.PrimaryKey && c.Nullable:
			report("column %q can't be both in the primary key and nullable", c.Name)
		}
		switch {
		case c.Precision == 0 && c.Scale == 0:
		case c.Type != TypeDecimal:
			report("column %q: precision and scale belong to DECIMAL, not to %v", c.Name, c.Type)
		case c.Precision < 1 || c.Scale < 0 || c.Scale > c.Precision:
			report("column %q: precision %d and scale %d make no decimal (want precision >= 1 and 0 <= scale <= precision)",
				c.Name, c.Precision, c.Scale)
		}
	}
	return errors.Join(problems...)
}

// nameProblem says what makes a name illegal, or "".
func nameProblem(name string) string {
	switch {
	case name == "":
		return "is empty"
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	case strings.TrimSpace(name) != name:
		return "begins or ends with white space"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "holds a control character"
	}
	return ""
}
