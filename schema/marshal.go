package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
)

// A marshalBuffer is an encoding/json encoder that does not escape HTML, and
// the buffer that it writes to.
type marshalBuffer struct {
	buf bytes.Buffer
	enc *json.Encoder
}

var marshalBuffers = sync.Pool{New: func() any {
	m := new(marshalBuffer)
	m.enc = json.NewEncoder(&m.buf)
	m.enc.SetEscapeHTML(false)
	return m
}}

// marshal appends a value with the help of encoding/json.
func (w *rowWriter) marshal(v reflect.Value) error {
	m := marshalBuffers.Get().(*marshalBuffer)
	defer func() {
		if m.buf.Cap() <= keptBytes {
			marshalBuffers.Put(m)
		}
	}()
	m.buf.Reset()
	var err error
	if v.CanAddr() {
		err = m.enc.Encode(v.Addr().Interface())
	} else {
		err = m.enc.Encode(v.Interface())
	}
	if err != nil {
		var unsupported *json.UnsupportedValueError
		if errors.As(err, &unsupported) {
			return misfitBecause(v.Type().String(), "it contains a value that JSON cannot represent")
		}
		var unsupportedType *json.UnsupportedTypeError
		if errors.As(err, &unsupportedType) {
			return misfitBecause(v.Type().String(), err.Error())
		}
		return misfitMethod(v.Type().String(), "MarshalJSON or MarshalText", err)
	}
	out := bytes.TrimSuffix(m.buf.Bytes(), []byte("\n"))
	if hasFlaws(out) {
		out = w.repair(out) // a MarshalJSON method may write anything
	}
	if hasReplacement(out) {
		w.replaced++
	}
	w.b = append(w.b, out...)
	return nil
}
