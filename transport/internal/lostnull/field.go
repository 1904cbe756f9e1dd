package lostnull

import (
	"fmt"
	"reflect"
)

// A Field is a Go field, or the element type of a list or a map, that loses a
// null.
type Field struct {
	// Name is the name of the field, such as pkg.Type.Field, or "the elements of
	// pkg.Type.Field".
	Name string
	// Type is the Go type that cannot hold a null.
	Type string
	// Zero is what it holds instead, such as 0.
	Zero string
	// Fix is the Go type that can hold a null.
	Fix string

	kind reflect.Kind
}

func newField(name string, t reflect.Type) *Field {
	f := &Field{Name: name, Type: t.String(), Zero: "the zero value of its type", Fix: "*" + t.String(), kind: t.Kind()}
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

// message describes the loss of a null at a path of the record.
func (f *Field) message(path string) string {
	return fmt.Sprintf("null at %s of a record is decoded as %s, because the Go type of %s, %s, cannot hold it: use %s to keep nulls",
		path, f.Zero, f.Name, f.Type, f.Fix)
}
