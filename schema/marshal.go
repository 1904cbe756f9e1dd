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
		return w.marshalError(v.Type(), err)
	}
	out := bytes.TrimSuffix(m.buf.Bytes(), []byte("\n"))
	if string(out) == `"`+zeroTimeText+`"` {
		w.null() // a method of the type has marshaled a zero time
		return nil
	}
	if hasFlaws(out) {
		out = w.repair(out) // a MarshalJSON method may write anything
	}
	if hasReplacement(out) {
		w.notes |= replacedText
	}
	w.b = append(w.b, out...)
	return nil
}

// marshalError returns the error for a value of the type t for which
// encoding/json returned err.
func (w *rowWriter) marshalError(t reflect.Type, err error) error {
	var (
		badValue  *json.UnsupportedValueError
		badType   *json.UnsupportedTypeError
		badMethod *json.MarshalerError
	)
	switch {
	case errors.As(err, &badValue):
		const why = "it contains a value that JSON cannot represent"
		if badValue.Value.CanFloat() {
			return w.cannotHold(t.String(), why)
		}
		return misfitBecause(t.String(), why)
	case errors.As(err, &badType):
		return misfitBecause(t.String(), err.Error())
	case errors.As(err, &badMethod) && badMethod.Type == timeType:
		return w.cannotHold(t.String(), "it contains a time that RFC 3339 cannot represent")
	}
	return misfitMethod(t.String(), "MarshalJSON or MarshalText", err)
}
