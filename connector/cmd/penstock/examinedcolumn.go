package main

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/schema"
)

// enough is the minimum number of values that show what a column holds.
const enough = 20

// An examinedColumn collects what the explainer needs to know about a column.
type examinedColumn struct {
	values   int // without empty ones
	numbers  int
	dates    int
	escaped  int
	last     []byte
	lastTime time.Time
	back     int // values smaller than the previous one
	ahead    int // timestamps in the future
	furthest time.Duration
	most     []byte
	mostTime time.Time
}

// look examines a value other than null.
func (c *examinedColumn) look(of *warehouse.Column, value []byte, began time.Time) {
	switch of.Type {
	case schema.TypeString:
		c.lookAtString(value)
	case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		c.lookAtInteger(value)
	case schema.TypeUTCDatetime:
		c.lookAtTime(value, began)
	}
}

func (c *examinedColumn) lookAtString(value []byte) {
	if value[0] != '"' || len(value) == len(`""`) {
		return
	}
	inner := value[1 : len(value)-1]
	c.values++
	if c.values > 1000 && c.numbers+c.dates+c.escaped == 0 {
		return // the column holds ordinary text
	}
	switch {
	case looksLikeNumber(inner):
		c.numbers++
	case looksLikeDate(inner):
		c.dates++
	case looksEscaped(inner):
		c.escaped++
	}
}

func (c *examinedColumn) lookAtInteger(value []byte) {
	c.values++
	if len(c.last) > 0 && lessNumber(value, c.last) {
		c.back++
	}
	c.last = append(c.last[:0], value...)
	if len(c.most) == 0 || lessNumber(c.most, value) {
		c.most = append(c.most[:0], value...)
	}
}

func (c *examinedColumn) lookAtTime(value []byte, began time.Time) {
	if len(value) < 2 {
		return
	}
	at, err := time.Parse(time.RFC3339Nano, string(value[1:len(value)-1]))
	if err != nil {
		return
	}
	c.values++
	if at.Before(c.lastTime) {
		c.back++
	}
	c.lastTime = at
	if c.mostTime.Before(at) {
		c.mostTime = at
	}
	if ahead := at.Sub(began); ahead > 5*time.Minute {
		c.ahead++
		c.furthest = max(c.furthest, ahead)
	}
}

// conclude reports what was found. The cursor is that of the column's table, or "".
func (c *examinedColumn) conclude(column *warehouse.Column, name, cursor string, find func(string, ...any)) {
	all := c.values >= enough
	switch {
	case all && c.numbers == c.values:
		find("%s is a STRING, but all its %d values look like numbers: with DECIMAL or LONG, queries can sum them", name, c.values)
	case all && c.dates == c.values:
		find("%s is a STRING, but all its %d values look like dates: with UTC_DATETIME or NAIVE_DATE, queries can compare them", name, c.values)
	case c.escaped > 0 && c.escaped*2 >= c.values:
		find("%s is a STRING, but %d of its %d values hold JSON with escaped quotes: with JSON, queries can read the members", name, c.escaped, c.values)
	}
	at, err := time.Parse(time.RFC3339Nano, cursor)
	isCursor := cursor != "" && (string(c.most) == cursor || err == nil && c.mostTime.Equal(at))
	if isCursor && c.back > 0 {
		find("%s seems to be the cursor, but %s had a smaller value than the previous row: a checkpoint between them would lose rows", name, plural(c.back, "row"))
	}
	if c.ahead > 0 && (isCursor || isWriteTime(column.Source)) {
		find("%s holds %s in the future, by up to %v: is the source's clock fast? A cursor would skip the rows written until then", name, plural(c.ahead, "value"), c.furthest.Round(time.Second))
	}
}

func looksLikeNumber(text []byte) bool {
	if len(text) > 1 && text[0] == '0' && text[1] != '.' {
		return false // a code, such as a postal code
	}
	_, err := strconv.ParseFloat(string(text), 64)
	return err == nil && (text[0] == '-' || text[0] >= '0' && text[0] <= '9')
}

func looksLikeDate(text []byte) bool {
	if len(text) < len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return false
	}
	_, err := time.Parse(time.DateOnly, string(text[:len(time.DateOnly)]))
	return err == nil && (len(text) == len(time.DateOnly) || text[10] == 'T' || text[10] == ' ')
}

// looksEscaped reports whether the text of a JSON string is JSON itself.
func looksEscaped(inner []byte) bool {
	return bytes.HasPrefix(inner, []byte(`{\"`)) || bytes.HasPrefix(inner, []byte(`[{\"`)) ||
		bytes.HasPrefix(inner, []byte(`[\"`)) || string(inner) == "{}" || string(inner) == "[]"
}

// lessNumber reports whether the integer a is smaller than b.
func lessNumber(a, b []byte) bool {
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	return errX == nil && errY == nil && x < y
}

// isWriteTime reports whether a column's name suggests that it holds the time at which
// the row was written. Other timestamps may legitimately be in the future.
func isWriteTime(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"updat", "modif", "creat", "chang"}, func(word string) bool { return strings.Contains(name, word) })
}
