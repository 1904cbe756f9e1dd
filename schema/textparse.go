package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// parse returns the value that the text stands for in a column of type t. The text
// has no spaces around it.
func (c *TextConverter) parse(t Type, text string) (any, error) {
	switch {
	case t == TypeBoolean:
		return c.parseBool(text)
	case isNumeric(t):
		return c.parseNumber(t, text)
	case t == TypeUTCDatetime, t == TypeNaiveDatetime, t == TypeNaiveDate:
		return c.parseTime(t, text)
	case t == TypeJSON && !c.JSONStrings:
		if !jsontext.Value(text).IsValid(rawOptions...) {
			return nil, fmt.Errorf("it is not JSON text: set JSONStrings if it is a string")
		}
		return json.RawMessage(text), nil
	}
	return text, nil
}

func (c *TextConverter) parseBool(text string) (any, error) {
	equal := func(word string) bool { return strings.EqualFold(word, text) }
	isTrue, isFalse := slices.ContainsFunc(c.True, equal), slices.ContainsFunc(c.False, equal)
	if isTrue == isFalse {
		return nil, fmt.Errorf("want one of %s or %s", strings.Join(c.True, ", "), strings.Join(c.False, ", "))
	}
	return isTrue, nil
}

func (c *TextConverter) parseNumber(t Type, text string) (any, error) {
	if c.ParseNumber != nil {
		n, err := c.ParseNumber(text)
		if err == nil && !isJSONNumber(string(n)) {
			err = fmt.Errorf("ParseNumber did not return a number")
		}
		return n, err
	}
	if isDecimal(text) {
		if isInteger(t) && strings.ContainsAny(text, "eE") {
			return nil, fmt.Errorf("it has an exponent, as spreadsheets write numbers whose last digits they have dropped: set ParseNumber if this one is exact")
		}
		return jsonNumberOf(text), nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) && !isInteger(t) {
		return text, nil // the rules of the column decide
	}
	return nil, fmt.Errorf("it is not a number: set ParseNumber if the source writes numbers in another way")
}

func (c *TextConverter) parseTime(t Type, text string) (any, error) {
	if c.ParseTime == nil {
		const day = len(time.DateOnly)
		if t == TypeNaiveDatetime && len(text) > day && text[day] == ' ' {
			text = text[:day] + "T" + text[day+1:]
		}
		return text, nil
	}
	at, err := c.ParseTime(text)
	if err != nil {
		return nil, err
	}
	if hour, minute, second := at.Clock(); t == TypeNaiveDate && (hour|minute|second|at.Nanosecond()) != 0 {
		return nil, fmt.Errorf("it has a time of day")
	}
	return at, nil
}
