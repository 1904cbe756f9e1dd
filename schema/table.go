package schema

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Table describes one table of a source. [TableOf] derives a Table from a
// struct. A table that is discovered at run time is declared by its fields:
//
//	schema.Table{Name: "orders", Columns: []schema.Column{
//		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
//		{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
//	}}
//
// A table without columns accepts rows with any columns. If a table has no
// primary key, rows can only be appended to it. They cannot be updated or
// deleted.
type Table struct {
	// Schema is the name of the schema that the table belongs to. [New] sets
	// it.
	Schema string
	// Name is the name of the table. It must be unique within its schema even
	// if case is ignored. Required.
	Name string
	// Description explains to people what the table contains. Optional.
	Description string
	// Columns are the declared columns. Rows may have other columns, which are
	// also delivered, if their names are valid and none differs only in case
	// from another column. Optional.
	Columns []Column
	// Follows is the name of the table whose position in the state also covers
	// this table, because the rows of both are read together. See
	// [Table.Following]. Optional.
	Follows string
	// Unfit determines what happens to a value that the type of its column, or
	// JSON, cannot hold, such as NaN. Optional; by default, it is an error.
	Unfit Unfit

	// err is the error of TableOf, or nil. Validate returns it.
	err error
}

// TableOf returns a table with the given name whose columns are the fields of
// the struct T, in the order of their declaration. T may also be a pointer to a
// struct. The package documentation describes how a field becomes a column.
//
// If a field cannot be a column, [New] and [Table.Validate] return an error
// that names the field as pkg.Type.Field.
func TableOf[T any](name string) Table {
	t := Table{Name: name}
	rowType := reflect.TypeFor[T]()
	if pointed := target(rowType); pointed != nil {
		rowType = pointed
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

// String returns the qualified name of the table, such as "shop.orders". If the
// table has no schema, it returns the table's own name.
func (t *Table) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Following returns a copy of t that follows another table of the same schema.
// The rows of t come with the rows of the other table, and t has no position of
// its own in the state. For example, if each order of a source contains its
// items, order_items follows orders:
//
//	schema.New("shop",
//		schema.TableOf[Order]("orders"),
//		schema.TableOf[Item]("order_items").Following("orders"))
//
// Users may deselect order_items for some syncs, or reset it alone. The runtime
// records how far each follower has been read. Once the follower is selected
// again, the next sync reads the orders again from there.
//
// The other table must not follow a table itself. For a connector with such tables,
// see the examples of connector.Tables.
func (t Table) Following(table string) Table {
	t.Columns = slices.Clone(t.Columns)
	t.Follows = table
	return t
}

// Column returns the declared column with the given name. It returns false if
// the table declares no such column.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// PrimaryKey returns the names of the columns of the primary key in the order
// of their declaration. It returns nil if the table has no primary key.
func (t *Table) PrimaryKey() []string {
	var keys []string
	for _, c := range t.Columns {
		if c.PrimaryKey {
			keys = append(keys, c.Name)
		}
	}
	return keys
}

// Check returns nil if the row fits the table in the given form. Otherwise, it
// returns the error that [Encoder.Append] returns. To check many rows, use an
// [Encoder].
func (t *Table) Check(row any, form Form) error {
	_, err := NewEncoder(t, nil).Append(nil, row, form)
	return err
}

// Validate returns an error that wraps [ErrInvalid] if the declaration of the table is
// not valid. The error joins all problems:
//
//   - a name that is empty, is not valid UTF-8, begins or ends with white
//     space, or contains a control character;
//   - columns whose names are equal when case is ignored;
//   - a column without a type;
//   - a column of the primary key that is nullable, or is of type JSON or XML;
//   - a table that follows itself;
//   - an Unfit that is not one of its constants;
//   - a column other than a JSON column that states that its values are objects;
//   - a precision or scale that is out of range, or that belongs to a column
//     other than a DECIMAL;
//   - a field that [TableOf] could not turn into a column.
func (t *Table) Validate() error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("schema: table %q: "+format, append([]any{t.Name}, args...)...))
	}
	if t.err != nil {
		problems = append(problems, t.err)
	}
	if why := nameProblem(t.Name); why != "" {
		report("the name of the table %s", why)
	}
	if t.Follows != "" && t.Follows == t.Name {
		report("it follows itself")
	}
	if t.Unfit > NullUnfit {
		report("%v is not a policy for values that a column cannot hold", t.Unfit)
	}
	seen := make(map[string]string, len(t.Columns))
	for _, c := range t.Columns {
		if why := nameProblem(c.Name); why != "" {
			report("the name of column %q %s", c.Name, why)
		}
		folded := foldName(c.Name)
		if other, ok := seen[folded]; ok {
			report("columns %q and %q are the same column at a destination that ignores case", other, c.Name)
		}
		seen[folded] = c.Name
		switch {
		case !c.Type.valid():
			report("column %q has no type", c.Name)
		case c.PrimaryKey && (c.Type == TypeJSON || c.Type == TypeXML):
			report("column %q of type %v cannot be part of a primary key", c.Name, c.Type)
		case c.PrimaryKey && c.Nullable:
			report("column %q cannot be both nullable and part of the primary key", c.Name)
		}
		if c.Object && c.Type != TypeJSON {
			report("column %q: only a JSON column holds objects, not a column of type %v", c.Name, c.Type)
		}
		switch {
		case c.Precision == 0 && c.Scale == 0:
		case c.Type != TypeDecimal:
			report("column %q: only a DECIMAL has a precision and scale, not a column of type %v", c.Name, c.Type)
		case c.Precision < 1 || c.Scale < 0 || c.Scale > c.Precision:
			report("column %q: precision %d and scale %d are not valid (want precision >= 1 and 0 <= scale <= precision)",
				c.Name, c.Precision, c.Scale)
		}
	}
	return invalid(errors.Join(problems...))
}

// WithUnfit returns a copy of t with the given policy for values that a column
// cannot hold:
//
//	schema.New("shop", schema.TableOf[Order]("orders").WithUnfit(schema.NullUnfit))
func (t Table) WithUnfit(u Unfit) Table {
	t.Unfit = u
	return t
}

// nameProblem returns what is not valid about a name, or "".
func nameProblem(name string) string {
	switch {
	case name == "":
		return "is empty"
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	case strings.TrimSpace(name) != name:
		return "begins or ends with white space"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "contains a control character"
	}
	return ""
}
