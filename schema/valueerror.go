package schema

import "strings"

// A valueError reports a value that does not fit its column. It does not
// contain the value, which may be confidential.
type valueError struct {
	got   string // the Go type or the kind of JSON value
	why   string // optional
	path  string // a JSON Pointer to the value within a nested value, or ""
	unfit bool   // the policy of the table applies (see Unfit)
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
