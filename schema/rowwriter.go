package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A rowWriter builds the canonical form of one row. Most of its methods append
// one value and return a *valueError if the value does not fit the column type.
// The zero Type stands for an undeclared column, whose form depends on the
// value alone.
type rowWriter struct {
	b        []byte
	replaced int // the number of values in which bytes were replaced by U+FFFD
	depth    int // the depth in values that may contain themselves
}

func (w *rowWriter) null() { w.b = append(w.b, "null"...) }

func (w *rowWriter) bool(t Type, v bool) error {
	if t != TypeBoolean && t != TypeJSON && t != 0 {
		return misfit("bool")
	}
	w.b = strconv.AppendBool(w.b, v)
	return nil
}

// value appends a value whose Go type is not known in advance, such as one of a
// map[string]any.
func (w *rowWriter) value(t Type, v any) error {
	switch v := v.(type) {
	case nil:
		w.null()
		return nil
	case string:
		return w.text(t, v)
	case bool:
		return w.bool(t, v)
	case int:
		return w.int(t, int64(v))
	case int64:
		return w.int(t, v)
	case float64:
		return w.float(t, v, 64)
	case json.Number:
		return w.jsonNumber(t, v)
	case time.Time:
		return w.time(t, v)
	case []byte:
		if v == nil {
			w.null()
			return nil
		}
		return w.bytes(t, v)
	case map[string]any, []any:
		if t != TypeJSON && t != 0 {
			return misfit(fmt.Sprintf("%T", v))
		}
		return w.nested(v)
	case json.RawMessage:
		return w.raw(t, jsontext.Value(v))
	case jsontext.Value:
		return w.raw(t, v)
	}
	if t == TypeJSON {
		return w.nested(v)
	}
	rv := reflect.ValueOf(v)
	write, err := anyFunc(rv.Type(), t)
	if err != nil {
		return misfit(rv.Type().String())
	}
	addressable := reflect.New(rv.Type()).Elem()
	addressable.Set(rv)
	return write(w, addressable)
}
