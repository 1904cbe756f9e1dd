package schema

import (
	"reflect"
	"strconv"
	"time"
)

// utcText appends an RFC 3339 time, converted to UTC. The digits of its
// fraction do not change.
func (w *rowWriter) utcText(s string) error {
	v, zone, ok := parseUTC(s)
	if !ok {
		return misfitBecause("string", `want a time in the format of RFC 3339 such as "2006-01-02T15:04:05Z"`)
	}
	v = v.UTC()
	if y := v.Year(); y < 0 || y > 9999 {
		return misfitBecause("string", "RFC 3339 cannot represent the year "+strconv.Itoa(y))
	}
	w.b = append(w.b, '"')
	w.b = v.AppendFormat(w.b, naiveDatetime)
	w.b = append(append(w.b, s[len(naiveDatetime):zone]...), 'Z', '"')
	return nil
}

func (w *rowWriter) time(t Type, v time.Time) error {
	if y := v.Year(); y < 0 || y > 9999 {
		return misfitBecause("time.Time", "RFC 3339 cannot represent the year "+strconv.Itoa(y))
	}
	w.b = append(w.b, '"')
	switch t {
	case TypeJSON:
		if _, offset := v.Zone(); offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 {
			return w.nestedUTC(v)
		}
		w.b = v.AppendFormat(w.b, time.RFC3339Nano)
	case TypeUTCDatetime, TypeString, 0:
		u := v.UTC()
		if y := u.Year(); y < 0 || y > 9999 {
			return misfitBecause("time.Time", "RFC 3339 cannot represent the year "+strconv.Itoa(y))
		}
		w.b = u.AppendFormat(w.b, time.RFC3339Nano)
	case TypeNaiveDatetime:
		w.b = v.AppendFormat(w.b, naiveDatetime+".999999999")
	case TypeNaiveDate:
		w.b = v.AppendFormat(w.b, time.DateOnly)
	default:
		return misfit("time.Time")
	}
	w.b = append(w.b, '"')
	return nil
}

// nestedUTC appends a time whose zone RFC 3339 cannot represent. The opening
// quote has already been written.
func (w *rowWriter) nestedUTC(v time.Time) error {
	w.b = w.b[:len(w.b)-1]
	return w.time(TypeUTCDatetime, v)
}

func (w *rowWriter) nestedTime(v reflect.Value) error {
	return w.time(TypeJSON, *v.Addr().Interface().(*time.Time))
}
