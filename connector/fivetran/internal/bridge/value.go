package bridge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

var (
	errNotUTF8    = errors.New("the text is not valid UTF-8; send bytes as binary")
	errNotJSON    = errors.New("the json is not valid JSON; send the text that a JSON encoder writes, also for a string")
	errNotFinite  = errors.New("JSON has neither NaN nor infinities; send null instead")
	errNoValue    = errors.New("the value is not set; send null instead")
	errTimeInDate = errors.New("the naive_date is not at midnight; send a naive_datetime, or cut the time off")
	errNotDecimal = errors.New("the decimal is not a number; send digits such as 12.50, or a string")
	errNaiveTime  = errors.New("a source cannot send a naive_time; send a string")
)

const (
	dateForm     = "2006-01-02"
	datetimeForm = "2006-01-02T15:04:05.999999999"
)

// appendValue appends a value in the canonical form of its type.
func appendValue(b []byte, v *protocol.Value) ([]byte, error) {
	switch v.Kind {
	case protocol.NullValue:
		return append(b, "null"...), nil
	case protocol.BoolValue:
		return strconv.AppendBool(b, v.Int != 0), nil
	case protocol.ShortValue, protocol.IntValue, protocol.LongValue:
		return strconv.AppendInt(b, v.Int, 10), nil
	case protocol.FloatValue:
		return appendFloat(b, v.Float, 32)
	case protocol.DoubleValue:
		return appendFloat(b, v.Float, 64)
	case protocol.NaiveDateValue:
		if v.Time.Truncate(24*time.Hour) != v.Time {
			return b, errTimeInDate
		}
		return v.Time.AppendFormat(b, `"`+dateForm+`"`), nil
	case protocol.NaiveDatetimeValue:
		return v.Time.AppendFormat(b, `"`+datetimeForm+`"`), nil
	case protocol.UTCDatetimeValue:
		return v.Time.AppendFormat(b, `"`+datetimeForm+`Z"`), nil
	case protocol.BinaryValue:
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), v.Bytes), '"'), nil
	case protocol.StringValue, protocol.XMLValue, protocol.DecimalValue:
		if !utf8.Valid(v.Bytes) {
			return b, errNotUTF8
		}
		return rawjson.AppendString(b, v.Bytes), nil
	case protocol.JSONValue:
		// The names of an object may repeat, as in the rows of a connector: only the source
		// knows what that means.
		text, err := jsontext.AppendFormat(b, v.Bytes, jsontext.AllowDuplicateNames(true))
		if err != nil {
			return b, errNotJSON
		}
		return text, nil
	case protocol.NaiveTimeValue:
		return b, errNaiveTime
	}
	return b, errNoValue
}

// appendFloat appends a number with the fewest digits that read back equal.
func appendFloat(b []byte, v float64, bits int) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return b, errNotFinite
	}
	return jsontext.AppendFloat(b, v, bits), nil
}

// appendText appends a value as a string, for keys whose type the source does not specify.
func appendText(b []byte, v *protocol.Value) ([]byte, error) {
	start := len(b)
	b, err := appendValue(b, v)
	if err != nil || v.Kind == protocol.NullValue || b[start] == '"' {
		return b, err
	}
	return rawjson.AppendString(b[:start], string(b[start:])), nil
}

// checkKind returns an error if a value is not of the kind that the column has.
func checkKind(typ protocol.DataType, v *protocol.Value) error {
	if want := kinds[typ]; v.Kind != want && v.Kind != protocol.NullValue && typ != protocol.Unspecified {
		return fmt.Errorf("want %s, as %v is the declared type, got %s; correct the declared type or the value", kindNames[want], types[typ], kindNames[v.Kind])
	}
	return nil
}

// checkDecimal returns an error if a value is a decimal that is not a number. The encoder of a
// table checks only the columns that have a type.
func checkDecimal(v *protocol.Value) error {
	if v.Kind != protocol.DecimalValue {
		return nil
	}
	if _, err := schema.Decimal(v.Bytes).MarshalJSON(); err != nil || len(v.Bytes) == 0 {
		return errNotDecimal
	}
	return nil
}
