package warehouse

import (
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// A Column is a column of a table.
type Column struct {
	// Source is the name in the source, and Name the name in the warehouse.
	Source, Name string
	// Type, Precision and Scale are the type of the values.
	Type             schema.Type
	Precision, Scale int
	// PrimaryKey reports whether the column is part of the primary key.
	PrimaryKey bool
	// Declared reports whether the connector's schema has the column.
	Declared bool
	// New reports whether this sync added the column. It is false for the columns that
	// the schema declares in a new table.
	New bool
	// Widened is the type that the column had before this sync widened it, or 0.
	Widened schema.Type
	// Filled is the number of values other than null in this sync.
	Filled int64
}

// declared returns the column's type in SQL. Its affinity makes SQLite store values
// unchanged, and its name shows people the original type.
func (c *Column) declared() string {
	switch c.Type {
	case schema.TypeBoolean:
		return "BOOLEAN"
	case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		return "INTEGER" // a single key column with exactly this type is SQLite's row id
	case schema.TypeFloat, schema.TypeDouble:
		return "DOUBLE"
	case schema.TypeDecimal:
		if c.Precision > 0 {
			return fmt.Sprintf("DECIMAL_TEXT(%d,%d)", c.Precision, c.Scale)
		}
		return "DECIMAL_TEXT"
	case schema.TypeBinary:
		return "BLOB"
	case schema.TypeString:
		return "TEXT"
	}
	return c.Type.String() + "_TEXT"
}

// mostColumns is the largest number of columns of a table in SQLite, as it is compiled by
// default. It includes those that a platform adds.
const mostColumns = 2000

// room returns an error if a number of further columns does not fit the table.
func (t *Table) room(columns int) error {
	most := mostColumns - len([]string{syncedColumn, deletedColumn})
	if !t.keyed {
		most-- // for idColumn
	}
	if len(t.Columns)+columns > most {
		return fmt.Errorf("a table of the warehouse holds at most %d columns, and this one has more: deselect columns with the flag -selection", most)
	}
	return nil
}

// add adds a column to the table, and to the file if the table exists there.
func (t *Table) add(c *Column) error {
	if strings.Contains(c.Source, "\x00") {
		return fmt.Errorf("the name of column %q contains a NUL character, which SQLite does not allow", c.Source)
	}
	c.Name = t.warehouse.naming.column(c.Source)
	for _, other := range t.Columns {
		if strings.EqualFold(other.Name, c.Name) {
			return fmt.Errorf("columns %s and %s are both %s in the warehouse: rename one of them", other.Source, c.Source, c.Name)
		}
	}
	for _, own := range []string{syncedColumn, deletedColumn, idColumn} {
		if strings.EqualFold(own, c.Name) {
			return fmt.Errorf("the name of column %s is reserved, because platforms add a column with that name: rename it", c.Source)
		}
	}
	if err := t.room(1); err != nil {
		return err
	}
	t.enter(c)
	t.warehouse.undo = append(t.warehouse.undo, func() {
		t.Columns, t.seen, t.reader = t.Columns[:len(t.Columns)-1], t.seen[:len(t.seen)-1], nil
		delete(t.byName, c.Source)
	})
	if !t.exists {
		return nil
	}
	if c.PrimaryKey {
		return fmt.Errorf("column %s is part of the primary key and cannot be added to an existing table", c.Source)
	}
	if err := t.forget(); err != nil {
		return err
	}
	if err := t.warehouse.conn.Exec("ALTER TABLE " + quote(t.Name) + " ADD COLUMN " + quote(c.Name) + " " + c.declared()); err != nil {
		return err
	}
	return t.record(len(t.Columns) - 1)
}

// record stores a column's definition.
func (t *Table) record(i int) error {
	c := t.Columns[i]
	return t.warehouse.exec("INSERT OR REPLACE INTO _penstock_columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.Source, c.Source, c.Name, c.Type.String(), c.Precision, c.Scale, c.PrimaryKey, c.Declared, i)
}

// widen changes a column's type and converts its stored values.
func (t *Table) widen(c *Column, into schema.Type) error {
	from, widened := c.Type, c.Widened
	c.Type, t.reader = into, nil
	t.warehouse.undo = append(t.warehouse.undo, func() { c.Type, c.Widened, t.reader = from, widened, nil })
	if !t.exists {
		return nil
	}
	if c.Widened == 0 && !c.New {
		c.Widened = from
	}
	if err := t.forget(); err != nil {
		return err
	}
	var names, values []string
	if !t.keyed {
		names, values = append(names, quote(idColumn)), append(values, quote(idColumn))
	}
	for _, other := range t.Columns {
		names = append(names, quote(other.Name))
		if other == c {
			values = append(values, converted(c, from))
		} else {
			values = append(values, quote(other.Name))
		}
	}
	for _, own := range []string{syncedColumn, deletedColumn} {
		names, values = append(names, quote(own)), append(values, quote(own))
	}
	const temporary = "_penstock_widened"
	for _, sql := range []string{
		t.create(temporary),
		"INSERT INTO " + temporary + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + quote(t.Name),
		"DROP TABLE " + quote(t.Name),
		"ALTER TABLE " + temporary + " RENAME TO " + quote(t.Name),
	} {
		if err := t.warehouse.conn.Exec(sql); err != nil {
			return fmt.Errorf("widen column %s from %v to %v: %w", c.Source, from, into, err)
		}
	}
	return t.record(t.byName[c.Source])
}

// converted returns the SQL expression that converts a column's stored values to its new
// type.
func converted(c *Column, from schema.Type) string {
	name := quote(c.Name)
	switch {
	case from == schema.TypeBoolean:
		return "CASE " + name + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
	case c.Type == schema.TypeDouble:
		return "CAST(" + name + " AS REAL)"
	case from == schema.TypeFloat || from == schema.TypeDouble:
		return "penstock_shortest(" + name + ")"
	case from == schema.TypeBinary:
		return "penstock_base64(" + name + ")"
	case c.Type == schema.TypeString || c.Type == schema.TypeDecimal:
		return "CAST(" + name + " AS TEXT)"
	}
	return name
}
