package secretmatrix_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
)

// textsOf returns an error and the errors that it wraps as their texts, as fmt prints
// them, and as JSON, which shows their exported fields.
func textsOf(err error) []string {
	var texts []string
	add := func(text string) {
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	var walk func(err error, depth int)
	walk = func(err error, depth int) {
		const deepest = 50
		if err == nil || depth > deepest {
			return
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%q"} {
			add(fmt.Sprintf(format, err))
		}
		if text, jsonErr := json.Marshal(err); jsonErr == nil && string(text) != "{}" {
			add(string(text))
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			walk(e.Unwrap(), depth+1)
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner, depth+1)
			}
		}
	}
	walk(err, 0)
	return texts
}

// A fieldError has a text in an exported field.
type fieldError struct{ Field string }

func (e *fieldError) Error() string { return "refused: " + e.Field }

// chained returns errors as clients of a source return them.
func chained(all []*echo) error {
	var errs []error
	for _, e := range all {
		text := e.text()
		if e.Last { // the end of an error is the end of its line
			errs = append(errs, fmt.Errorf("orders: %w", &fieldError{text}))
			continue
		}
		errs = append(errs, fmt.Errorf("orders: %w", errors.Join(
			&fieldError{text},
			&url.Error{Op: "Get", URL: text, Err: &fieldError{text}},
			&connector.Error{Kind: connector.Transient, Table: text, Hint: text, Err: &fieldError{text}},
		)))
	}
	return errors.Join(errs...)
}

// found reports whether errors.As finds an error that the connector has made and whose
// fields hold a secret.
func found(err error) bool {
	return errors.As(err, new(*fieldError)) || errors.As(err, new(*url.Error))
}
