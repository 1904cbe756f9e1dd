package connectortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// A contract is what the users of a connector rely on.
type contract struct {
	Spec   property                 `json:"spec"`
	Tables map[string]promisedTable `json:"tables"`
}

// A property is a part of a JSON Schema: what decides whether a value fits it.
type property struct {
	Type       string              `json:"type,omitempty"`
	Format     string              `json:"format,omitempty"`
	Pattern    string              `json:"pattern,omitempty"`
	WriteOnly  bool                `json:"writeOnly,omitempty"`
	Enum       []any               `json:"enum,omitempty"`
	Minimum    *float64            `json:"minimum,omitempty"`
	Maximum    *float64            `json:"maximum,omitempty"`
	MinLength  int                 `json:"minLength,omitempty"`
	MaxLength  *float64            `json:"maxLength,omitempty"`
	MinItems   int                 `json:"minItems,omitempty"`
	MaxItems   *float64            `json:"maxItems,omitempty"`
	Items      *property           `json:"items,omitempty"`
	Required   []string            `json:"required,omitempty"`
	Properties map[string]property `json:"properties,omitempty"`
}

type promisedTable struct {
	PrimaryKey []string                  `json:"primary_key,omitempty"`
	Columns    map[string]promisedColumn `json:"columns"`
}

type promisedColumn struct {
	Type      schema.Type `json:"type"`
	Precision int         `json:"precision,omitempty"`
	Scale     int         `json:"scale,omitempty"`
}

func (s *suite) contractNow(c *check) (*contract, error) {
	var spec []byte
	var err error
	switch {
	case s.program != nil && s.shipped != nil:
		return nil, errors.New("the option Contract was given a connector: want nil, for the program says itself what its spec is")
	case s.program != nil:
		spec = s.program.ask(c, "spec")
	case s.shipped == nil:
		return nil, errors.New("the option Contract was given no connector: want the one that main hands to penstock.Main")
	default:
		if spec, err = specOf(s.shipped); err != nil {
			return nil, fmt.Errorf("there is no spec: %w", err)
		}
	}
	now := &contract{Tables: map[string]promisedTable{}}
	if err := json.Unmarshal(spec, &now.Spec); err != nil {
		return nil, fmt.Errorf("the spec: %w", err)
	}
	for _, t := range s.discover(c) {
		promised := promisedTable{PrimaryKey: t.PrimaryKey(), Columns: map[string]promisedColumn{}}
		for _, column := range t.Columns {
			promised.Columns[column.Name] = promisedColumn{column.Type, column.Precision, column.Scale}
		}
		now.Tables[t.String()] = promised
	}
	return now, nil
}

func (c *contract) text() []byte {
	text, _ := json.MarshalIndent(c, "", "  ") // plain fields
	return append(text, '\n')
}

// changes returns what a configuration that fitted before may no longer fit.
func (p property) changes(path string, now property) (all []string) {
	is := func(format string, args ...any) {
		name := "the configuration"
		if path != "" {
			name = "field " + path
		}
		all = append(all, name+fmt.Sprintf(format, args...))
	}
	if p.Type != now.Type && (p.Type != "integer" || now.Type != "number") {
		is(" has the type %q, and had %q", now.Type, p.Type)
	}
	if p.Format != now.Format && now.Format != "" {
		is(" has the format %q, and had %q", now.Format, p.Format)
	}
	if p.Pattern != now.Pattern && now.Pattern != "" {
		is(" has the pattern %q, and had %q", now.Pattern, p.Pattern)
	}
	if p.WriteOnly && !now.WriteOnly {
		is(" is no longer a secret")
	}
	if len(now.Enum) > 0 {
		for _, value := range p.Enum {
			if !slices.Contains(now.Enum, value) {
				is(" can no longer be %v", value)
			}
		}
		if len(p.Enum) == 0 {
			is(" can only be one of %v, and could be anything", now.Enum)
		}
	}
	above := func(limit, was *float64) bool { return limit != nil && (was == nil || *limit > *was) }
	below := func(limit, was *float64) bool { return limit != nil && (was == nil || *limit < *was) }
	switch {
	case above(now.Minimum, p.Minimum):
		is(" is at least %v, and could be less", *now.Minimum)
	case below(now.Maximum, p.Maximum):
		is(" is at most %v, and could be more", *now.Maximum)
	case now.MinLength > p.MinLength, below(now.MaxLength, p.MaxLength):
		is(" has another limit of its length")
	case now.MinItems > p.MinItems, below(now.MaxItems, p.MaxItems):
		is(" has another limit of how many items it holds")
	}
	if p.Items != nil && now.Items != nil {
		all = append(all, p.Items.changes(path+"[]", *now.Items)...)
	}
	within := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	for _, name := range now.Required {
		if !slices.Contains(p.Required, name) {
			all = append(all, "field "+within(name)+" is newly required: configurations that users have are without")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Properties)) {
		if field, ok := now.Properties[name]; ok {
			all = append(all, p.Properties[name].changes(within(name), field)...)
		} else {
			all = append(all, "field "+within(name)+" is gone: what users have in it has no effect any more")
		}
	}
	return all
}

// changedTables returns what the users of tables miss.
func changedTables(before, now map[string]promisedTable) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was := before[name]
		is, ok := now[name]
		if !ok {
			all = append(all, "table "+name+" is gone")
			continue
		}
		if !slices.Equal(was.PrimaryKey, is.PrimaryKey) {
			all = append(all, fmt.Sprintf("table %s has the primary key %v, and had %v: rows that a platform has can't be found by it", name, is.PrimaryKey, was.PrimaryKey))
		}
		for _, column := range slices.Sorted(maps.Keys(was.Columns)) {
			old := was.Columns[column]
			switch c, ok := is.Columns[column]; {
			case !ok:
				all = append(all, fmt.Sprintf("table %s: column %s is gone", name, column))
			case !old.fits(c):
				all = append(all, fmt.Sprintf("table %s: column %s has the type %v, and had %v", name, column, c, old))
			}
		}
	}
	return all
}

func (c promisedColumn) String() string {
	if c.Type == schema.TypeDecimal {
		return fmt.Sprintf("%v(%d,%d)", c.Type, c.Precision, c.Scale)
	}
	return fmt.Sprint(c.Type)
}

// fits reports whether every value of one column is one of another, which is
// what platforms change columns for by themselves.
func (c promisedColumn) fits(into promisedColumn) bool {
	for _, wider := range [][]schema.Type{
		{schema.TypeShort, schema.TypeInt, schema.TypeLong},
		{schema.TypeFloat, schema.TypeDouble},
	} {
		if from := slices.Index(wider, c.Type); from >= 0 {
			return slices.Contains(wider[from:], into.Type)
		}
	}
	if c.Type != into.Type {
		return false
	}
	return c.Type != schema.TypeDecimal || into.Precision == 0 ||
		c.Precision != 0 && into.Scale >= c.Scale && into.Precision-into.Scale >= c.Precision-c.Scale
}
