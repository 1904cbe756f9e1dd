package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// maxDepth limits the depth of nested values. A value that contains itself
// reaches the limit instead of overflowing the stack.
const maxDepth = 1000

// errTooDeep returns a new error, because the error gets a path.
func errTooDeep() error {
	return misfitBecause("nested value", fmt.Sprintf("it is more than %d levels deep or contains itself", maxDepth))
}

// nested appends a value of any Go type as nested JSON.
func (w *rowWriter) nested(v any) error {
	switch v := v.(type) {
	case nil:
		w.null()
		return nil
	case string:
		w.string(v)
		return nil
	case map[string]any:
		return w.nestedObject(v)
	case []any:
		return w.nestedArray(v)
	case bool, int, int64, float64, json.Number:
		return w.value(TypeJSON, v)
	}
	rv := reflect.ValueOf(v)
	write, err := nestedFunc(rv.Type())
	if err != nil {
		return misfitBecause(rv.Type().String(), err.Error())
	}
	addressable := reflect.New(rv.Type()).Elem()
	addressable.Set(rv)
	if w.depth++; w.depth > maxDepth {
		return errTooDeep()
	}
	err = write(w, addressable)
	w.depth--
	return err
}

func (w *rowWriter) nestedObject(m map[string]any) error {
	if m == nil {
		w.null()
		return nil
	}
	if w.depth++; w.depth > maxDepth {
		return errTooDeep()
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	w.b = append(w.b, '{')
	for i, name := range names {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.string(name)
		w.b = append(w.b, ':')
		if err := w.nested(m[name]); err != nil {
			return within(err, name)
		}
	}
	w.b = append(w.b, '}')
	w.depth--
	return nil
}

func (w *rowWriter) nestedArray(list []any) error {
	if list == nil {
		w.null()
		return nil
	}
	if w.depth++; w.depth > maxDepth {
		return errTooDeep()
	}
	w.b = append(w.b, '[')
	for i, v := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		if err := w.nested(v); err != nil {
			return within(err, strconv.Itoa(i))
		}
	}
	w.b = append(w.b, ']')
	w.depth--
	return nil
}

// strings appends a list of strings.
func (w *rowWriter) strings(list []string) {
	if list == nil {
		w.null()
		return
	}
	w.b = append(w.b, '[')
	for i, s := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.string(s)
	}
	w.b = append(w.b, ']')
}
