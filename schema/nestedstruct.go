package schema

import (
	"fmt"
	"reflect"
	"slices"
	"unsafe"
)

// A nestedField describes how one field of a nested struct is written.
type nestedField struct {
	jsonField
	member memberText
	direct directField
	write  writeFunc
}

func compileNestedStruct(t reflect.Type, known map[reflect.Type]*nestedEntry) (writeFunc, error) {
	var fields []nestedField
	for _, jf := range jsonFields(t) {
		write, err := compileNested(jf.typ, known)
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", t, jf.goName, err)
		}
		f := nestedField{jsonField: jf, member: newMemberText(jf.name), write: write}
		if jf.asText {
			f.write = asText(write)
		} else if !jf.omitEmpty && !jf.omitZero {
			f.direct = newDirectField(t, jf.index, Column{Type: TypeJSON})
		}
		fields = append(fields, f)
	}
	return nestedStruct(fields), nil
}

func nestedStruct(fields []nestedField) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		address := unsafe.Pointer(v.UnsafeAddr())
		open := len(w.b)
		for i := range fields {
			f := &fields[i]
			var fv reflect.Value
			if f.direct.kind == notDirect {
				var ok bool
				fv, ok = fieldByIndex(v, f.index)
				if ok && f.hidden {
					fv = reflect.NewAt(f.typ, fv.Addr().UnsafePointer()).Elem()
				}
				if !ok || f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv) {
					continue
				}
			}
			w.b = f.member.append(w.b)
			if f.direct.kind != notDirect {
				if b, ok := f.direct.appendPlain(w.b, address); ok {
					w.b = b
					continue
				}
			}
			var err error
			if f.direct.kind != notDirect {
				err = f.direct.write(w, address)
			} else {
				err = f.write(w, fv)
			}
			if err != nil {
				return within(err, f.name)
			}
		}
		w.closeObject(open)
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
