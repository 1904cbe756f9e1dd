package warehouse

import (
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// A Column is a column of a table.
type Column struct {
	// Source is its name as the source has it, and Name as the warehouse has it.
	Source, Name string
	// Type, Precision and Scale say what it holds.
	Type             schema.Type
	Precision, Scale int
	// PrimaryKey says that it is a part of the key.
	PrimaryKey bool
	// Declared says that the connector's schema has it.
	Declared bool
	// New says that this sync added it, and Widened from which type this sync
	// changed it, or 0.
	New     bool
	Widened schema.Type
	// Filled is how many values other than null this sync brought.
	Filled int64
}

// declared is how a column's type is written in the file: so that SQLite keeps
// the value as it is, and a person reads what it is.
func (c *Column) declared() string {
	switch c.Type {
	case schema.TypeBoolean:
		return "BOOLEAN"
	case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		return "INTEGER" // the one spelling that a sole key can be the row's number by
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

// add adds a column.
func (t *Table) add(c *Column) error {
	if strings.Contains(c.Source, "\x00") {
		return fmt.Errorf("the name of column %q has a NUL, which no database takes", c.Source)
	}
	c.Name = t.warehouse.naming.column(c.Source)
	for _, other := range t.Columns {
		if strings.EqualFold(other.Name, c.Name) {
			return fmt.Errorf("columns %s and %s are both %s in the warehouse: rename one of them", other.Source, c.Source, c.Name)
		}
	}
	for _, own := range []string{syncedColumn, deletedColumn, idColumn} {
		if strings.EqualFold(own, c.Name) {
			return fmt.Errorf("column %s has the name of one that platforms add: rename it", c.Source)
		}
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
		return fmt.Errorf("column %s is new and a part of the primary key", c.Source)
	}
	if err := t.forget(); err != nil {
		return err
	}
	if err := t.warehouse.conn.Exec("ALTER TABLE " + quote(t.Name) + " ADD COLUMN " + quote(c.Name) + " " + c.declared()); err != nil {
		return err
	}
	return t.record(len(t.Columns) - 1)
}

// record writes down what is known of a column.
func (t *Table) record(i int) error {
	c := t.Columns[i]
	return t.warehouse.exec("INSERT OR REPLACE INTO _penstock_columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.Source, c.Source, c.Name, c.Type.String(), c.Precision, c.Scale, c.PrimaryKey, c.Declared, i)
}

// widen changes a column's type, and what it holds with it.
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
			return fmt.Errorf("column %s from %v to %v: %w", c.Source, from, into, err)
		}
	}
	return t.record(t.byName[c.Source])
}

// converted is what a column of a type is in its new one.
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
