package fakeapi

import (
	"errors"
	"fmt"
)

// A graphqlError is an error of a query, with the place in its text, if known.
type graphqlError struct {
	message string
	at      place
	code    string
	form    bool // the query is not in the form that is accepted
}

func (e *graphqlError) Error() string { return e.message }

func invalidQuery(at place, format string, args ...any) error {
	return &graphqlError{message: fmt.Sprintf(format, args...), at: at}
}

// extensionsOf returns the name of the field that holds the cost of a query.
func extensionsOf(cost []byte) string {
	if cost == nil {
		return ""
	}
	return "extensions.cost"
}

// errorsResponse returns the response that reports an error of a query.
func errorsResponse(status int, err error, cost []byte) response {
	type location struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
	type extensions struct {
		Code string `json:"code"`
	}
	type entry struct {
		Message    string      `json:"message"`
		Locations  []location  `json:"locations,omitempty"`
		Extensions *extensions `json:"extensions,omitempty"`
	}
	one := entry{Message: err.Error()}
	if e := (*graphqlError)(nil); errors.As(err, &e) {
		if e.at.line > 0 {
			one.Locations = []location{{e.at.line, e.at.column}}
		}
		if e.code != "" {
			one.Extensions = &extensions{e.code}
		}
	}
	list, _ := marshal([]entry{one}) // always marshals
	return response{status: status, body: objectOf([]member{{"errors", list}, {extensionsOf(cost), cost}})}
}
