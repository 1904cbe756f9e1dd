package schema

import (
	"fmt"
	"reflect"
	"slices"
)

// A nestedField describes how one field of a nested struct is written.
type nestedField struct {
	jsonField
	quoted string // the name as a JSON string, followed by a colon
	write  writeFunc
}

func compileNestedStruct(t reflect.Type, known map[reflect.Type]*nestedEntry) (writeFunc, error) {
	var fields []nestedField
	for _, jf := range jsonFields(t) {
		write, err := compileNested(jf.typ, known)
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", t, jf.goName, err)
		}
		if jf.asText {
			write = asText(write)
		}
		fields = append(fields, nestedField{jf, quotedName(jf.name), write})
	}
	return nestedStruct(fields), nil
}

func nestedStruct(fields []nestedField) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		w.b = append(w.b, '{')
		first := true
		for i := range fields {
			f := &fields[i]
			fv, ok := fieldByIndex(v, f.index)
			if ok && f.hidden {
				fv = reflect.NewAt(f.typ, fv.Addr().UnsafePointer()).Elem()
			}
			if !ok || f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv) {
				continue
			}
			if !first {
				w.b = append(w.b, ',')
			}
			first = false
			w.b = append(w.b, f.quoted...)
			if err := f.write(w, fv); err != nil {
				return within(err, f.name)
			}
		}
		w.b = append(w.b, '}')
		return nil
	}
}

// asText returns a function that writes the value that the argument writes as a
// JSON string that contains its JSON. A null remains a null.
func asText(write writeFunc) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		start := len(w.b)
		if err := write(w, v); err != nil {
			return err
		}
		switch value := w.b[start:]; {
		case string(value) == "null":
		case value[0] == '"':
			text := string(value)
			w.b = w.b[:start]
			w.string(text)
		default:
			w.b = append(slices.Insert(w.b, start, '"'), '"')
		}
		return nil
	}
}
