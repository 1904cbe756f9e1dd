package schema

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A field is one struct field that is a column.
type field struct {
	column    Column
	index     []int
	typ       reflect.Type
	goName    string // pkg.Type.Field
	tagged    bool   // has a name in its json tag
	omitEmpty bool
	omitZero  bool
}

type fieldList struct {
	fields []field
	err    error
}

var fieldCache sync.Map // reflect.Type to fieldList

// fieldsOf returns the columns of a struct type, worked out once per type.
func fieldsOf(t reflect.Type) ([]field, error) {
	if l, ok := fieldCache.Load(t); ok {
		return l.(fieldList).fields, l.(fieldList).err
	}
	var l fieldList
	if t.Kind() != reflect.Struct {
		l.err = fmt.Errorf("%v is not a struct", t)
	} else {
		var all []field
		if all, l.err = collectFields(nil, t, nil, map[reflect.Type]bool{}); l.err == nil {
			l.fields, l.err = dominantFields(t, all)
		}
	}
	fieldCache.Store(t, l)
	return l.fields, l.err
}

// collectFields appends the fields of t, those of embedded structs included.
func collectFields(all []field, t reflect.Type, index []int, within map[reflect.Type]bool) ([]field, error) {
	if within[t] {
		return nil, fmt.Errorf("%v embeds itself", t)
	}
	within[t] = true
	defer delete(within, t)
	for sf := range t.Fields() {
		jsonName, jsonOptions, _ := strings.Cut(sf.Tag.Get("json"), ",")
		tag, tagged := sf.Tag.Lookup("schema")
		if tag == "-" || sf.Tag.Get("json") == "-" {
			continue
		}
		f := field{
			index:     append(slices.Clone(index), sf.Index...),
			typ:       sf.Type,
			goName:    t.String() + "." + sf.Name,
			tagged:    jsonName != "",
			omitEmpty: hasOption(jsonOptions, "omitempty"),
			omitZero:  hasOption(jsonOptions, "omitzero"),
		}
		if sf.Anonymous && jsonName == "" {
			embedded := sf.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			if typ, _ := columnType(embedded); embedded.Kind() == reflect.Struct && typ == TypeJSON && !isJSONMarshaler(embedded) {
				if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
					return nil, fmt.Errorf("%s: an embedded pointer to an unexported struct can't be a row's part", f.goName)
				}
				if tagged {
					return nil, fmt.Errorf("%s: the fields of an embedded struct are columns of their own: give it a name in its json tag to make it one column, or drop the tag `schema:%q`", f.goName, tag)
				}
				var err error
				if all, err = collectFields(all, embedded, f.index, within); err != nil {
					return nil, err
				}
				continue
			}
		}
		if !sf.IsExported() {
			if tagged {
				return nil, fmt.Errorf("%s: an unexported field can't be a column", f.goName)
			}
			continue
		}
		f.column.Name = cmp.Or(jsonName, sf.Name)
		f.column.Type, f.column.Nullable = columnType(sf.Type)
		if err := f.parseTag(tag); err != nil {
			return nil, err
		}
		if f.column.Type == 0 {
			return nil, fmt.Errorf("%s: %v can't be a column: leave it out with `schema:\"-\"`", f.goName, sf.Type)
		}
		if f.column.PrimaryKey {
			// A pointer may be a key's type: a nil one is an error of its row.
			f.column.Nullable = false
		}
		if _, err := valueFunc(f.typ, f.column.Type); err != nil {
			return nil, fmt.Errorf("%s: %w", f.goName, err)
		}
		all = append(all, f)
	}
	return all, nil
}

// dominantFields keeps of each name the field that Go's rules for embedding
// select: the shallowest, and of several such the one that is tagged.
func dominantFields(t reflect.Type, all []field) ([]field, error) {
	byName := make(map[string][]field, len(all))
	for _, f := range all {
		byName[f.column.Name] = append(byName[f.column.Name], f)
	}
	var fields []field
	for _, f := range all {
		rivals := byName[f.column.Name]
		if rivals == nil {
			continue
		}
		byName[f.column.Name] = nil
		slices.SortStableFunc(rivals, func(a, b field) int {
			if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
				return c
			}
			if a.tagged {
				return -1
			}
			return 1
		})
		if len(rivals) > 1 && len(rivals[0].index) == len(rivals[1].index) && rivals[0].tagged == rivals[1].tagged {
			return nil, fmt.Errorf("%s and %s are both column %q", rivals[0].goName, rivals[1].goName, f.column.Name)
		}
		fields = append(fields, rivals[0])
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("%v has no exported field that can be a column", t)
	}
	slices.SortStableFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields, nil
}

// parseTag reads a schema tag, such as "primary_key" or
// "type=DECIMAL,precision=12,scale=2,description=net, without tax".
func (f *field) parseTag(tag string) error {
	for tag != "" {
		var option string
		if strings.HasPrefix(tag, "description=") {
			option, tag = tag, "" // a description may hold commas
		} else {
			option, tag, _ = strings.Cut(tag, ",")
		}
		key, value, _ := strings.Cut(option, "=")
		var err error
		switch key {
		case "primary_key":
			f.column.PrimaryKey = true
		case "nullable":
			f.column.Nullable = true
		case "type":
			f.column.Type, err = ParseType(value)
		case "precision":
			f.column.Precision, err = strconv.Atoi(value)
		case "scale":
			f.column.Scale, err = strconv.Atoi(value)
		case "description":
			f.column.Description = value
		default:
			err = fmt.Errorf("unknown option (want primary_key, nullable, type, precision, scale or description)")
		}
		if err != nil {
			return fmt.Errorf("%s: schema tag %q: %w", f.goName, option, err)
		}
	}
	return nil
}
