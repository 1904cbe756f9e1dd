package schema

// A valueError says why a value does not fit its column. It never holds the
// value itself, which may be nobody's business.
type valueError struct {
	got string // the value's type, in Go's words or in JSON's
	why string // optional
	err error  // what an author's own method said: it may hold the value
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
	return &valueError{got: got, why: "its " + method + " reports an error", err: err}
}
