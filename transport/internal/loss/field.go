package loss

import (
	"fmt"
	"reflect"
)

// A Field is a Go field, or the element type of a list or a map, that loses nulls, or
// digits of numbers.
type Field struct {
	// Name is the name of the field, such as pkg.Type.Field, or "the elements of
	// pkg.Type.Field".
	Name string
	// Type is the Go type that cannot hold the value.
	Type string
	// Zero is what it holds instead of a null, such as 0.
	Zero string
	// Fix is the Go type that can hold the value.
	Fix string
	// Bits is the size of a float that loses digits. It is 0 for a field that loses nulls.
	Bits int

	kind reflect.Kind
	key  string // of warnings about the field
}

func newField(name string, t reflect.Type) *Field {
	f := &Field{Name: name, Type: t.String(), Zero: "the zero value of its type", Fix: "*" + t.String(), kind: t.Kind(), key: "null in " + name}
	switch t.Kind() {
	case reflect.Bool:
		f.Zero = "false"
	case reflect.String:
		f.Zero = `""`
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		f.Zero = "0"
	}
	return f
}

// newFloatField returns a field with a float of the given size that loses digits.
func newFloatField(name string, t reflect.Type, bits int) *Field {
	return &Field{Name: name, Type: t.String(), Fix: "schema.Decimal", Bits: bits, kind: t.Kind(), key: "digits in " + name}
}

// keeps says how many digits a field with a float keeps.
func (f *Field) keeps() string {
	if f.Bits == 32 {
		return "6 to 9"
	}
	return "15 to 17"
}

// message describes the loss of a value at a path of the record, without the value: it may
// be secret.
func (f *Field) message(path string) string {
	if f.Bits > 0 {
		return fmt.Sprintf("a number at %s of a record loses digits, because the Go type of %s, %s, keeps %s of them: use %s to keep all digits",
			path, f.Name, f.Type, f.keeps(), f.Fix)
	}
	return fmt.Sprintf("null at %s of a record is decoded as %s, because the Go type of %s, %s, cannot hold it: use %s to keep nulls",
		path, f.Zero, f.Name, f.Type, f.Fix)
}
