package schema

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/internal/structtag"
)

// A field is a struct field that is a column.
type field struct {
	column    Column
	index     []int
	typ       reflect.Type
	goName    string // pkg.Type.Field
	tagged    bool   // whether its json tag has a name
	omitEmpty bool
	omitZero  bool
}

// A fieldList is the result of fieldsOf.
type fieldList struct {
	fields []field
	err    error
}

var fieldCache sync.Map // reflect.Type to fieldList

// fieldsOf returns the columns of the struct type t. It derives them once per
// type.
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

// collectFields appends the columns of the struct type t to all, including
// those of embedded structs. The index leads to t from the row's type. The
// argument within holds the types that contain t.
func collectFields(all []field, t reflect.Type, index []int, within map[reflect.Type]bool) ([]field, error) {
	if within[t] {
		return nil, fmt.Errorf("%v embeds itself", t)
	}
	within[t] = true
	defer delete(within, t)
	for sf := range t.Fields() {
		if problem := structtag.Problem(sf.Tag); problem != "" && (sf.IsExported() || sf.Anonymous) {
			return nil, fmt.Errorf("%v.%s: %s", t, sf.Name, problem)
		}
		if sf.Tag.Get("schema") == "-" || sf.Tag.Get("json") == "-" {
			continue
		}
		var err error
		if embedded := embeddedStruct(sf); embedded != nil {
			if err := checkEmbedded(t, sf); err != nil {
				return nil, err
			}
			all, err = collectFields(all, embedded, append(slices.Clone(index), sf.Index...), within)
		} else {
			all, err = appendField(all, t, index, sf)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// embeddedStruct returns the struct type whose fields become columns in place
// of the field sf, or nil if sf is a column itself.
func embeddedStruct(sf reflect.StructField) reflect.Type {
	if !sf.Anonymous || jsonName(sf) != "" {
		return nil
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if typ, _ := columnType(t); t.Kind() != reflect.Struct || typ != TypeJSON || isJSONMarshaler(t) {
		return nil
	}
	return t
}

// checkEmbedded returns an error if the struct embedded in t as sf cannot be
// part of a row.
func checkEmbedded(t reflect.Type, sf reflect.StructField) error {
	if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
		return fmt.Errorf("%v.%s: an embedded pointer to an unexported struct cannot be part of a row", t, sf.Name)
	}
	if tag, tagged := sf.Tag.Lookup("schema"); tagged {
		return fmt.Errorf("%v.%s: each field of an embedded struct is a column: to make the struct one column, give it a name in its json tag; otherwise remove the tag `schema:%q`", t, sf.Name, tag)
	}
	return nil
}

// appendField appends the column for the field sf of the struct type t.
func appendField(all []field, t reflect.Type, index []int, sf reflect.StructField) ([]field, error) {
	_, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	f := field{
		index:     append(slices.Clone(index), sf.Index...),
		typ:       sf.Type,
		goName:    t.String() + "." + sf.Name,
		tagged:    jsonName(sf) != "",
		omitEmpty: hasOption(options, "omitempty"),
		omitZero:  hasOption(options, "omitzero"),
	}
	tag, tagged := sf.Tag.Lookup("schema")
	if !sf.IsExported() {
		if tagged {
			return nil, fmt.Errorf("%s: an unexported field cannot be a column", f.goName)
		}
		return all, nil
	}
	f.column.Name = cmp.Or(jsonName(sf), sf.Name)
	derived, nullable := columnType(sf.Type)
	f.column.Type, f.column.Nullable = derived, nullable
	if err := f.parseTag(tag); err != nil {
		return nil, err
	}
	f.column.Object = derived == TypeJSON && f.column.Type == TypeJSON && isObject(sf.Type)
	if f.column.Type == 0 {
		return nil, fmt.Errorf("%s: %v cannot be a column: exclude the field with the tag `schema:\"-\"`", f.goName, sf.Type)
	}
	if f.column.PrimaryKey {
		// The field of a key may be a pointer. A row in which it is nil is an
		// error.
		f.column.Nullable = false
	}
	if _, err := valueFunc(f.typ, f.column.Type); err != nil {
		return nil, fmt.Errorf("%s: %w", f.goName, err)
	}
	return append(all, f), nil
}

// dominantFields selects one field for each column name by Go's rules for
// embedded structs: the least nested field, and among several of these the one
// with a name in its json tag.
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
			return nil, fmt.Errorf("%s and %s both have the column name %q", rivals[0].goName, rivals[1].goName, f.column.Name)
		}
		fields = append(fields, rivals[0])
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("%v has no exported field that can be a column", t)
	}
	slices.SortStableFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields, nil
}

// parseTag applies the options of a schema tag, such as "primary_key" or
// "type=DECIMAL,precision=12,scale=2,description=net, without tax".
func (f *field) parseTag(tag string) error {
	for tag != "" {
		var option string
		if strings.HasPrefix(tag, "description=") {
			option, tag = tag, "" // a description may contain commas
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
			err = errors.New("unknown option (want primary_key, nullable, type, precision, scale or description)")
		}
		if err != nil {
			return fmt.Errorf("%s: schema tag %q: %w", f.goName, option, err)
		}
	}
	return nil
}
