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

// A panicError reports that code of the connector's author panicked. Its text
// does not hold the stack.
type panicError struct{ text, stack string }

func (e *panicError) Error() string { return e.text }

// Stack returns the stack of the first panic that the error reports, in the
// format of debug.Stack.
func (e *panicError) Stack() string { return e.stack }

// panics collects the panics of code of the connector's author.
type panics struct {
	place string // where field's code runs; "field" and its path if empty
	texts []string
	stack string // of the first one
}

// field calls code of a field's type, which may know the given text of the
// field's value, and reports whether it returned.
func (p *panics) field(path, value string, f func()) (returned bool) {
	if p.place != "" {
		return p.call(p.place, value, f)
	}
	return p.call("field "+path, value, f)
}

// call calls what, and reports whether it returned. Of a panic whose text holds
// a part of the value, it keeps only that there was one.
func (p *panics) call(what, value string, f func()) (returned bool) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		text := fmt.Sprint(cause)
		if _, ok := cause.(runtime.Error); !ok && sharesWord(text, value) {
			text = "its text is left out, because it holds a part of the field's value"
		}
		text = strings.ReplaceAll(strings.ToValidUTF8("panic in "+what+": "+text, "�"), "\n", "; ")
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

// sharesWord reports whether a text holds a word of the value, of at least three
// letters and digits, in any case.
func sharesWord(text, value string) bool {
	text = strings.ToLower(text)
	for word := range strings.FieldsFuncSeq(strings.ToLower(value), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(word) >= 3 && strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// err returns the panics as an error, or nil if there was none.
func (p *panics) err() error {
	if len(p.texts) == 0 {
		return nil
	}
	return &connector.Error{Kind: connector.Defect, Err: &panicError{text: strings.Join(p.texts, "; "), stack: p.stack}}
}
