package schema

import (
	"reflect"
	"time"
	"unsafe"
)

// A directField is a struct field of a common type that is read at its address,
// because package reflect takes longer than the value does. The zero directField
// stands for a field that must be read with package reflect.
type directField struct {
	kind    directKind
	pointer bool // the field is a pointer to a value of the kind
	offset  uintptr
	column  Type
	plain   plainValues // of the column
}

type directKind uint8

const (
	notDirect directKind = iota
	directInt
	directInt64
	directInt32
	directFloat64
	directBool
	directString
	directDecimal
	directTime
	directStrings
)

// directKinds has the types without a marshaling method that matters, and the types
// that a rowWriter has a method for.
var directKinds = map[reflect.Type]directKind{
	reflect.TypeFor[int](): directInt, reflect.TypeFor[int64](): directInt64, reflect.TypeFor[int32](): directInt32,
	reflect.TypeFor[float64](): directFloat64, reflect.TypeFor[bool](): directBool, reflect.TypeFor[string](): directString,
	decimalType: directDecimal, timeType: directTime, stringsType: directStrings,
}

// newDirectField returns the field of the struct type t at the index. Its values
// must fit the column.
func newDirectField(t reflect.Type, index []int, column Column) directField {
	f := directField{column: column.Type, plain: newPlainValues(column)}
	for _, i := range index {
		if t.Kind() != reflect.Struct { // an embedded pointer, which may be nil
			return directField{}
		}
		field := t.Field(i)
		f.offset += field.Offset
		t = field.Type
	}
	if f.pointer = t.Kind() == reflect.Pointer; f.pointer {
		t = t.Elem()
	}
	if f.kind = directKinds[t]; f.kind == notDirect {
		return directField{}
	}
	return f
}

// appendPlain appends the field of the struct at the address if it has a plain value of
// the column. It reports false if it is not known to have one.
func (f *directField) appendPlain(b []byte, address unsafe.Pointer) (_ []byte, ok bool) {
	p := unsafe.Add(address, f.offset)
	if f.pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return append(b, "null"...), f.plain.null
		}
	}
	switch f.kind {
	case directInt:
		return f.plain.appendInt(b, int64(*(*int)(p)))
	case directInt64:
		return f.plain.appendInt(b, *(*int64)(p))
	case directInt32:
		return f.plain.appendInt(b, int64(*(*int32)(p)))
	case directFloat64:
		return f.plain.appendFloat(b, *(*float64)(p))
	case directBool:
		return f.plain.appendBool(b, *(*bool)(p))
	case directString:
		return f.plain.appendText(b, *(*string)(p))
	case directDecimal:
		return f.plain.appendDecimal(b, *(*string)(p))
	case directTime:
		return f.plain.appendTime(b, *(*time.Time)(p))
	}
	return b, false
}

// write appends the field of the struct at the address.
func (f *directField) write(w *rowWriter, address unsafe.Pointer) error {
	p := unsafe.Add(address, f.offset)
	if f.pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			w.null()
			return nil
		}
	}
	switch f.kind {
	case directInt:
		return w.int(f.column, int64(*(*int)(p)))
	case directInt64:
		return w.int(f.column, *(*int64)(p))
	case directInt32:
		return w.int(f.column, int64(*(*int32)(p)))
	case directFloat64:
		return w.float(f.column, *(*float64)(p), 64)
	case directBool:
		return w.bool(f.column, *(*bool)(p))
	case directDecimal:
		return w.decimal(f.column, *(*string)(p))
	case directTime:
		return w.time(f.column, *(*time.Time)(p))
	case directStrings: // fits a JSON column only
		w.strings(*(*[]string)(p))
		return nil
	}
	return w.text(f.column, *(*string)(p))
}
