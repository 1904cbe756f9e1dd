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
	b      []byte
	depth  int         // the depth in values that may contain themselves
	policy Unfit       // what to do with a value that the column cannot hold
	notes  notes       // about the current column; Encoder.settle clears them
	nulled *valueError // the first value of the column that was replaced by null

	undeclared undeclaredSet // the undeclared columns of the row
	names      []string      // their names, if the row is a map
	raws       *rawReader    // nil until a row is raw JSON
}

// reset prepares w for a row that is appended to dst.
func (w *rowWriter) reset(dst []byte, policy Unfit) {
	w.b, w.depth, w.policy, w.notes, w.nulled = dst, 0, policy, 0, nil
	w.undeclared.reset()
}

// take returns the row that w has appended to dst, or dst if there is an error. W no
// longer has the buffer, which belongs to the caller.
func (w *rowWriter) take(dst []byte, err error) ([]byte, error) {
	b := w.b
	w.b = nil
	if err != nil {
		return dst, err
	}
	return b, nil
}

// closeObject completes an object whose members have been appended from w.b[open:],
// each with a comma before it. The first comma becomes the opening brace.
func (w *rowWriter) closeObject(open int) {
	if len(w.b) == open {
		w.b = append(w.b, '{')
	}
	w.b[open] = '{'
	w.b = append(w.b, '}')
}

func (w *rowWriter) null() { w.b = append(w.b, "null"...) }

// cannotHold applies the policy to a value that the column or JSON cannot hold.
// It is called instead of appending the value.
func (w *rowWriter) cannotHold(got, why string) error {
	err := &valueError{got: got, why: why, unfit: true}
	if w.policy != NullUnfit {
		return err
	}
	w.null()
	w.notes |= nulledValue
	if w.nulled == nil {
		w.nulled = err
	}
	return nil
}

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
	rv := reflect.ValueOf(v)
	write, err := anyFunc(rv.Type(), t)
	if err != nil {
		if t == TypeJSON {
			return misfitBecause(rv.Type().String(), err.Error())
		}
		return &valueError{got: rv.Type().String(), text: isPlainText(rv.Type())}
	}
	addressable := reflect.New(rv.Type()).Elem()
	addressable.Set(rv)
	return write(w, addressable)
}
