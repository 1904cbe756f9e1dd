package state

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// append appends v as JSON.
func (v *value) append(b []byte) []byte {
	first, second := v.strings()
	if v.second != isAbsent {
		b = append(b, '[')
	}
	switch v.kind {
	case isTime:
		b = append(b, '"')
		b = v.time().AppendFormat(b, time.RFC3339Nano)
		b = append(b, '"')
	case isInt:
		b = strconv.AppendInt(b, v.num, 10)
	case isString:
		b = rawjson.AppendString(b, first)
	default:
		b = append(b, v.text...)
	}
	switch v.second {
	case isInt:
		b = strconv.AppendInt(append(b, ','), v.num2, 10)
	case isString:
		b = rawjson.AppendString(append(b, ','), second)
	default:
		return b
	}
	return append(b, ']')
}

var errForm = errors.New("the JSON value has another form")

// decode returns the value of the shape s that a state contains as JSON. A pair
// may also be its first value alone, which is what a cursor of that type saves.
func (s shape) decode(raw string) (value, error) {
	if s.second == isAbsent || raw[0] != '[' {
		v, err := decodeOne(raw, s.kind)
		return s.pair(v, value{}), err
	}
	var members []json.RawMessage
	if err := json.Unmarshal([]byte(raw), &members); err != nil || len(members) != 2 {
		return value{}, errForm
	}
	v, err := decodeOne(string(members[0]), s.kind)
	if err != nil {
		return v, err
	}
	second, err := decodeOne(string(members[1]), s.second)
	return s.pair(v, second), err
}

// pair returns the value of the shape s that consists of two values. If it is not the
// shape of a pair, it returns the first one.
func (s shape) pair(first, second value) value {
	switch s.second {
	case isInt:
		return first.withInt(second.num)
	case isString:
		return first.withString(second.text)
	}
	return first
}

// decodeOne returns a value of a kind that is not a pair.
func decodeOne(raw string, k kind) (v value, err error) {
	if raw == "null" {
		return v, errForm
	}
	switch k {
	case isTime:
		var t time.Time
		err = json.Unmarshal([]byte(raw), &t)
		v = timeValue(t)
	case isInt:
		v.kind = isInt
		err = json.Unmarshal([]byte(raw), &v.num)
	case isString:
		v.kind = isString
		err = json.Unmarshal([]byte(raw), &v.text)
	}
	return v, err
}
