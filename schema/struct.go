package schema

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

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

func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}

var (
	timeType          = reflect.TypeFor[time.Time]()
	decimalType       = reflect.TypeFor[Decimal]()
	jsonNumberType    = reflect.TypeFor[json.Number]()
	bigIntType        = reflect.TypeFor[big.Int]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	rawMessageType    = reflect.TypeFor[json.RawMessage]()
	rawValueType      = reflect.TypeFor[jsontext.Value]()
)

// columnType returns the column type that a Go type stands for, 0 for none,
// and whether a value of it may be null.
func columnType(t reflect.Type) (typ Type, nullable bool) {
	if t.Kind() == reflect.Pointer {
		typ, _ = columnType(t.Elem())
		return typ, true
	}
	if inner, ok := sqlNull(t); ok {
		typ, _ = columnType(inner)
		return typ, true
	}
	switch {
	case t == timeType:
		return TypeUTCDatetime, false
	case t == decimalType, t == jsonNumberType, t == bigIntType:
		return TypeDecimal, false
	case isTextMarshaler(t):
		// The decimal libraries in use all call their type so.
		if strings.HasSuffix(t.Name(), "Decimal") {
			return TypeDecimal, strings.HasPrefix(t.Name(), "Null")
		}
		return TypeString, false
	case isJSONMarshaler(t):
		return TypeJSON, t.Kind() == reflect.Slice
	}
	switch t.Kind() {
	case reflect.Bool:
		return TypeBoolean, false
	case reflect.Int8, reflect.Uint8, reflect.Int16:
		return TypeShort, false
	case reflect.Uint16, reflect.Int32:
		return TypeInt, false
	case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint, reflect.Uint64:
		return TypeLong, false
	case reflect.Float32:
		return TypeFloat, false
	case reflect.Float64:
		return TypeDouble, false
	case reflect.String:
		return TypeString, false
	case reflect.Slice:
		if isBytes(t) {
			return TypeBinary, true
		}
		return TypeJSON, true
	case reflect.Map, reflect.Interface:
		return TypeJSON, true
	case reflect.Struct, reflect.Array:
		return TypeJSON, false
	}
	return 0, false
}

// sqlNull returns the type of the value within one of database/sql's null
// types: sql.NullString and its like, and sql.Null[T].
func sqlNull(t reflect.Type) (inner reflect.Type, ok bool) {
	if t.PkgPath() != "database/sql" || t.Kind() != reflect.Struct || t.NumField() != 2 {
		return nil, false
	}
	if v := t.Field(1); v.Name != "Valid" || v.Type.Kind() != reflect.Bool {
		return nil, false
	}
	return t.Field(0).Type, true
}

// isBytes reports whether a slice or an array is one of bytes, and not of small
// numbers that have a text of their own.
func isBytes(t reflect.Type) bool {
	elem := t.Elem()
	return elem.Kind() == reflect.Uint8 && !isTextMarshaler(elem) && !isJSONMarshaler(elem)
}

func isTextMarshaler(t reflect.Type) bool {
	return t.Implements(textMarshalerType) || reflect.PointerTo(t).Implements(textMarshalerType)
}

func isJSONMarshaler(t reflect.Type) bool {
	return t.Implements(jsonMarshalerType) || reflect.PointerTo(t).Implements(jsonMarshalerType)
}
