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

// enough is how many values tell what a column holds.
const enough = 20

type watchedColumn struct {
	values   int // that are not empty
	numbers  int
	dates    int
	escaped  int
	last     []byte
	lastTime time.Time
	back     int // values that are less than the one before
	ahead    int // instants in the future
	furthest time.Duration
	most     []byte
	mostTime time.Time
}

func (c *watchedColumn) look(of *warehouse.Column, value []byte, began time.Time) {
	switch of.Type {
	case schema.TypeString:
		inner := value[1 : len(value)-1]
		if value[0] != '"' || len(inner) == 0 {
			return
		}
		c.values++
		if c.values > 1000 && c.numbers+c.dates+c.escaped == 0 {
			return // it is text
		}
		switch {
		case looksLikeNumber(inner):
			c.numbers++
		case looksLikeDate(inner):
			c.dates++
		case looksEscaped(inner):
			c.escaped++
		}
	case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		c.values++
		if len(c.last) > 0 && lessNumber(value, c.last) {
			c.back++
		}
		c.last = append(c.last[:0], value...)
		if len(c.most) == 0 || lessNumber(c.most, value) {
			c.most = append(c.most[:0], value...)
		}
	case schema.TypeUTCDatetime:
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
}

func looksLikeNumber(text []byte) bool {
	if len(text) > 1 && text[0] == '0' && text[1] != '.' {
		return false // a code, such as a postal one
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

// looksEscaped reports whether the inside of a JSON string is JSON itself.
func looksEscaped(inner []byte) bool {
	return bytes.HasPrefix(inner, []byte(`{\"`)) || bytes.HasPrefix(inner, []byte(`[{\"`)) ||
		bytes.HasPrefix(inner, []byte(`[\"`)) || string(inner) == "{}" || string(inner) == "[]"
}

// lessNumber compares whole numbers by their digits.
func lessNumber(a, b []byte) bool {
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	return errX == nil && errY == nil && x < y
}

// saysWhen reports whether a column's name says when the row was written: other
// instants may well be in the future.
func saysWhen(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"updat", "modif", "creat", "chang"}, func(word string) bool { return strings.Contains(name, word) })
}
