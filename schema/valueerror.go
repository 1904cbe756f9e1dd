package schema

import "strings"

// A valueError reports a value that does not fit its column. It does not
// contain the value, which may be confidential.
type valueError struct {
	got   string // the Go type or the kind of JSON value
	why   string // optional
	path  string // a JSON Pointer to the value within a nested value, or ""
	unfit bool   // the policy of the table applies (see Unfit)
	text  bool   // the value is text, and the column is not one for text
	err   error  // the error of a method of the value, which may contain the value
}

func (e *valueError) Error() string {
	if e.why == "" {
		return "got " + e.got
	}
	return "got " + e.got + ": " + e.why
}

func misfit(got string) error { return &valueError{got: got} }

func misfitBecause(got, why string) error { return &valueError{got: got, why: why} }

func misfitMethod(got, method string, err error) error {
	return &valueError{got: got, why: "its " + method + " method returned an error", err: err}
}

// misfitText returns the error for text that does not fit a column of another
// type.
func misfitText(why string) error { return &valueError{got: "string", why: why, text: true} }

// problem returns why the value does not fit, and what to do.
func (e *valueError) problem() string {
	const advice = "convert records of text with a schema.TextConverter"
	switch {
	case !e.text:
		return e.why
	case e.why == "":
		return advice
	}
	return e.why + "; " + advice
}

// maxPath limits the length in bytes of the path in an error. A value that
// contains itself has a path of a thousand names.
const maxPath = 200

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// within adds the name or index of an element to the path of the element's
// error.
func within(err error, element string) error {
	e, ok := err.(*valueError) // a rowWriter never wraps its errors
	if !ok {
		return err
	}
	e.path = "/" + pointerEscape.Replace(element) + e.path
	if len(e.path) > maxPath {
		e.path = strings.TrimSuffix(strings.ToValidUTF8(e.path[:maxPath], ""), "…") + "…"
	}
	return e
}
