package config

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/connector"
)

// A panicError reports a panic in code of the connector's author. Its text does
// not contain the stack.
type panicError struct{ text, stack string }

func (e *panicError) Error() string { return e.text }

// Stack returns the stack of the first panic, in the format of debug.Stack.
func (e *panicError) Stack() string { return e.stack }

// panics collects the panics in code of the connector's author.
type panics struct {
	names fieldNames
	place string // describes the code that field calls; if empty, "field" and its path
	texts []string
	stack string // of the first one
}

// field calls a method of a field's type. It reports whether the method returned.
// The text of a panic may contain the field's value.
func (p *panics) field(path, value string, f func()) (returned bool) {
	if p.place != "" {
		return p.call(p.place, value, f)
	}
	return p.call("field "+p.names.shown(path), value, f)
}

// call calls f and reports whether it returned. The argument what describes f
// in the text of a panic. The text of a panic is dropped if it contains part of
// the value.
func (p *panics) call(what, value string, f func()) (returned bool) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		text := fmt.Sprint(cause)
		if _, ok := cause.(runtime.Error); !ok && sharesWord(text, value) {
			text = "its text is omitted because it contains part of the field's value"
		}
		text = strings.ToValidUTF8("panic in "+what+": "+text, "�")
		if !slices.Contains(p.texts, text) {
			p.texts = append(p.texts, text)
		}
		if p.stack == "" {
			p.stack = string(debug.Stack())
		}
	}()
	f()
	return true
}

// sharesWord reports whether text contains a word of the value, regardless of
// case. A word has at least three letters and digits.
func sharesWord(text, value string) bool {
	text = strings.ToLower(text)
	for word := range strings.FieldsFuncSeq(strings.ToLower(value), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(word) >= 3 && strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// err returns the panics as an error, or nil if there were none.
func (p *panics) err() error {
	if len(p.texts) == 0 {
		return nil
	}
	return &connector.Error{Kind: connector.Defect, Err: &panicError{text: strings.Join(p.texts, "; "), stack: p.stack}}
}
