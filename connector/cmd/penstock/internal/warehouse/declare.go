package warehouse

import (
	"errors"
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// Declare applies a connector's schema. It creates new tables, adds new columns, and
// widens columns whose type now holds more values. It is an error if the primary key of
// a table changed, because stored rows cannot be found by another key.
func (w *Warehouse) Declare(tables []*schema.Table) (err error) {
	if err := w.begin(); err != nil {
		return err
	}
	for _, declared := range tables {
		if err := w.declare(declared); err != nil {
			return errors.Join(fmt.Errorf("table %s: %w", declared, err), w.Rollback())
		}
	}
	return w.commit()
}

func (w *Warehouse) declare(declared *schema.Table) error {
	t, err := w.tableOf(declared.Schema, declared.Name)
	if err != nil {
		return err
	}
	if t.exists && !slices.Equal(sorted(declared.PrimaryKey()), sorted(t.keySources())) {
		return fmt.Errorf("the primary key is %v, but it is %v in the warehouse: run penstock reset and sync again", declared.PrimaryKey(), t.keySources())
	}
	t.Declared = true
	if !t.exists {
		t.keyed = len(declared.PrimaryKey()) > 0
	}
	for _, column := range declared.Columns {
		typ := column.Type
		if typ == 0 && column.PrimaryKey {
			typ = schema.TypeString // it holds any value
		}
		if typ == 0 {
			continue // the type is inferred from the first value
		}
		i, known := t.byName[column.Name]
		if !known {
			c := &Column{Source: column.Name, Type: typ, Precision: column.Precision, Scale: column.Scale, PrimaryKey: column.PrimaryKey, Declared: true, New: t.exists}
			if err := t.add(c); err != nil {
				return err
			}
			continue
		}
		c := t.Columns[i]
		c.Declared = true
		c.Precision, c.Scale = max(c.Precision, column.Precision), max(c.Scale, column.Scale)
		if into := joined(c.Type, typ); into != c.Type {
			if err := t.widen(c, into); err != nil {
				return err
			}
		}
	}
	if !t.exists && len(t.Columns) > 0 && w.made < tablesAhead {
		return t.make()
	}
	return nil
}

// tablesAhead is the maximum number of tables that are created before they have a
// record. To create a table, SQLite goes through all existing tables.
const tablesAhead = 1000

// joined returns a type that holds the values of both types.
func joined(a, b schema.Type) schema.Type {
	if a == b {
		return a
	}
	whole := []schema.Type{schema.TypeShort, schema.TypeInt, schema.TypeLong, schema.TypeDecimal}
	i, j := slices.Index(whole, a), slices.Index(whole, b)
	if i >= 0 && j >= 0 {
		return whole[max(i, j)]
	}
	floats := []schema.Type{schema.TypeFloat, schema.TypeDouble}
	if slices.Contains(floats, a) && slices.Contains(floats, b) {
		return schema.TypeDouble
	}
	if (slices.Contains(floats, a) || i >= 0) && (slices.Contains(floats, b) || j >= 0) {
		return schema.TypeDecimal
	}
	return schema.TypeString
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func (t *Table) keySources() []string {
	var names []string
	for _, c := range t.key() {
		names = append(names, c.Source)
	}
	return names
}
