package schema

import (
	"encoding"
	"reflect"
	"time"
)

// A TimeValuer is a value that is an instant. A struct field of such a type is a
// column of type UTC_DATETIME, as a time.Time is. The method may have a pointer
// receiver.
//
// Implement it in a type that decodes the times of a source, so that rows can
// contain the type itself.
type TimeValuer interface {
	// ColumnTime returns the instant, or false if there is none. In a row,
	// false becomes null, and so does the zero time.
	ColumnTime() (at time.Time, ok bool)
}

var timeValuerType = reflect.TypeFor[TimeValuer]()

// timeFunc returns a function that returns the time in an addressable value of
// the Go type t, and false if it has none. It returns nil if the values of t are
// not times, or if t is time.Time itself. These types have times:
//
//   - a [TimeValuer];
//   - a defined type such as "type T time.Time", unless it has a method that
//     marshals it;
//   - a struct that consists of an embedded time.Time, unless it has a MarshalText
//     method of its own.
func timeFunc(t reflect.Type) func(reflect.Value) (time.Time, bool) {
	switch {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface || t == timeType:
		return nil
	case t.Implements(timeValuerType) || reflect.PointerTo(t).Implements(timeValuerType):
		return func(v reflect.Value) (time.Time, bool) {
			at, ok := v.Addr().Interface().(TimeValuer).ColumnTime()
			return at, ok && !at.IsZero()
		}
	case t.Kind() == reflect.Struct && t.ConvertibleTo(timeType) && !isTextMarshaler(t) && !isJSONMarshaler(t):
		return func(v reflect.Value) (time.Time, bool) {
			at := v.Convert(timeType).Interface().(time.Time)
			return at, !at.IsZero()
		}
	case wrapsTime(t):
		return func(v reflect.Value) (time.Time, bool) {
			at := *v.Field(0).Addr().Interface().(*time.Time)
			return at, !at.IsZero()
		}
	}
	return nil
}

// wrapsTime reports whether t is a struct that consists of an embedded time.Time
// and whose text is that of the time.
func wrapsTime(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.NumField() != 1 || !t.Field(0).Anonymous || t.Field(0).Type != timeType {
		return false
	}
	// Reflection cannot tell a promoted method from a method of t. The text of
	// any time can.
	sample := time.Date(2001, 2, 3, 4, 5, 6, 7, time.FixedZone("", 8*3600))
	v := reflect.New(t)
	v.Elem().Field(0).Set(reflect.ValueOf(sample))
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok {
		return false
	}
	want, _ := sample.MarshalText()
	got, err := m.MarshalText()
	return err == nil && string(got) == string(want)
}

// timeWriter returns a function that writes the times that timeOf returns to
// columns of type typ.
func timeWriter(timeOf func(reflect.Value) (time.Time, bool), typ Type) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		at, ok := timeOf(v)
		if !ok {
			w.null()
			w.notes |= zeroTime
			return nil
		}
		return w.time(typ, at)
	}
}

// takesTime reports whether a time fits a column of type typ.
func takesTime(typ Type) bool {
	return typ == TypeUTCDatetime || typ == TypeNaiveDatetime || typ == TypeNaiveDate || typ == TypeString
}
