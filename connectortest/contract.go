package connectortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// A contract records what the users of a connector rely on.
type contract struct {
	Spec   property                 `json:"spec"`
	Tables map[string]contractTable `json:"tables"`
}

// A property is the part of a JSON Schema that decides whether a value is valid.
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

type contractTable struct {
	PrimaryKey []string                  `json:"primary_key,omitempty"`
	Columns    map[string]contractColumn `json:"columns"`
}

type contractColumn struct {
	Type      schema.Type `json:"type"`
	Precision int         `json:"precision,omitempty"`
	Scale     int         `json:"scale,omitempty"`
}

// currentContract returns the contract of the connector or program under test.
func currentContract(s *suite, c *check) (*contract, error) {
	var spec []byte
	var err error
	switch {
	case s.program != nil && s.defaults != nil:
		return nil, errors.New("the option Contract has a connector: pass nil, because the program itself returns its spec")
	case s.program != nil:
		spec = s.program.mustAnswer(c, "spec")
	case s.defaults == nil:
		return nil, errors.New("the option Contract has no connector: pass the one that main passes to penstock.Main")
	default:
		if spec, err = specOf(s.defaults); err != nil {
			return nil, fmt.Errorf("the configuration has no spec: %w", err)
		}
	}
	now := &contract{Tables: map[string]contractTable{}}
	if err := json.Unmarshal(spec, &now.Spec); err != nil {
		return nil, fmt.Errorf("parse the spec: %w", err)
	}
	for _, t := range s.discover(c) {
		recorded := contractTable{PrimaryKey: t.PrimaryKey(), Columns: map[string]contractColumn{}}
		for _, column := range t.Columns {
			recorded.Columns[column.Name] = contractColumn{column.Type, column.Precision, column.Scale}
		}
		now.Tables[t.String()] = recorded
	}
	return now, nil
}

func (c *contract) text() []byte {
	text, _ := json.MarshalIndent(c, "", "  ") // a contract can always be marshaled
	return append(text, '\n')
}

// changes returns the reasons why a configuration that was valid may no longer be
// valid.
func (p property) changes(path string, now property) (all []string) {
	add := func(format string, args ...any) {
		name := "the configuration"
		if path != "" {
			name = "field " + path
		}
		all = append(all, name+fmt.Sprintf(format, args...))
	}
	if p.Type != now.Type && (p.Type != "integer" || now.Type != "number") {
		add(" has the type %q instead of %q", now.Type, p.Type)
	}
	if p.Format != now.Format && now.Format != "" {
		add(" has the format %q instead of %q", now.Format, p.Format)
	}
	if p.Pattern != now.Pattern && now.Pattern != "" {
		add(" has the pattern %q instead of %q", now.Pattern, p.Pattern)
	}
	if p.WriteOnly && !now.WriteOnly {
		add(" is no longer a secret")
	}
	if len(now.Enum) > 0 {
		for _, value := range p.Enum {
			if !slices.Contains(now.Enum, value) {
				add(" can no longer be %v", value)
			}
		}
		if len(p.Enum) == 0 {
			add(" must be one of %v, but could have any value before", now.Enum)
		}
	}
	if limit := p.stricterLimit(now); limit != "" {
		add("%s", limit)
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
			all = append(all, "field "+within(name)+" is newly required, but existing configurations may lack it")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Properties)) {
		if field, ok := now.Properties[name]; ok {
			all = append(all, p.Properties[name].changes(within(name), field)...)
		} else {
			all = append(all, "field "+within(name)+" has disappeared, so the values that users have set no longer have any effect")
		}
	}
	return all
}

// stricterLimit returns which limit on a value has become stricter, or "".
func (p property) stricterLimit(now property) string {
	above := func(limit, was *float64) bool { return limit != nil && (was == nil || *limit > *was) }
	below := func(limit, was *float64) bool { return limit != nil && (was == nil || *limit < *was) }
	switch {
	case above(now.Minimum, p.Minimum):
		return fmt.Sprintf(" must be at least %v, but could be less before", *now.Minimum)
	case below(now.Maximum, p.Maximum):
		return fmt.Sprintf(" must be at most %v, but could be more before", *now.Maximum)
	case now.MinLength > p.MinLength, below(now.MaxLength, p.MaxLength):
		return " has a stricter limit on its length"
	case now.MinItems > p.MinItems, below(now.MaxItems, p.MaxItems):
		return " has a stricter limit on its number of items"
	}
	return ""
}

// tableChanges returns the changes that break users of the tables.
func tableChanges(before, now map[string]contractTable) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was := before[name]
		is, ok := now[name]
		if !ok {
			all = append(all, "table "+name+" has disappeared")
			continue
		}
		if !slices.Equal(was.PrimaryKey, is.PrimaryKey) {
			all = append(all, fmt.Sprintf("table %s has the primary key %v instead of %v, so a platform can no longer find its rows", name, is.PrimaryKey, was.PrimaryKey))
		}
		for _, column := range slices.Sorted(maps.Keys(was.Columns)) {
			old := was.Columns[column]
			switch c, ok := is.Columns[column]; {
			case !ok:
				all = append(all, fmt.Sprintf("table %s: column %s has disappeared", name, column))
			case !old.fits(c):
				all = append(all, fmt.Sprintf("table %s: column %s has the type %v instead of %v", name, column, c, old))
			}
		}
	}
	return all
}

func (c contractColumn) String() string {
	if c.Type == schema.TypeDecimal {
		return fmt.Sprintf("%v(%d,%d)", c.Type, c.Precision, c.Scale)
	}
	return fmt.Sprint(c.Type)
}

// fits reports whether every value of the column fits another column. Platforms
// widen columns on their own.
func (c contractColumn) fits(into contractColumn) bool {
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
