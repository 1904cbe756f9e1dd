package schema

// A valueError reports a value that does not fit its column. It does not
// contain the value, which may be confidential.
type valueError struct {
	got string // the Go type or the kind of JSON value
	why string // optional
	err error  // the error of a method of the value, which may contain the value
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
