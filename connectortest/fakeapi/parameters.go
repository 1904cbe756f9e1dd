package fakeapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody is the size of the longest body that a request may have.
const maxBody = 1 << 20

// A call is a request that was let in.
type call struct {
	*http.Request
	parameters map[string]string // without credentials
	query      url.Values        // the same, without those of the body
}

// call takes a request's parameters.
func (a *API) call(r *http.Request, body []byte, e endpoint) (*call, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the query is malformed: %v", err)
	}
	for _, door := range a.doors {
		delete(query, door.query)
	}
	c := &call{Request: r, parameters: map[string]string{}, query: query}
	known := e.parameters()
	if r.Method == http.MethodPost {
		if len(query) > 0 && !a.anything {
			return nil, refuse(http.StatusBadRequest, "%s takes its parameters from the body, not from the query", r.URL.Path)
		}
		if c.parameters, err = bodyParameters(body); err != nil {
			return nil, err
		}
	} else {
		for name, values := range query {
			if len(values) > 1 && slices.Contains(known, name) {
				return nil, refuse(http.StatusBadRequest, "%s is given %d times", name, len(values))
			}
			c.parameters[name] = values[0]
		}
	}
	if a.anything {
		return c, nil
	}
	var unknown []string
	for name := range c.parameters {
		if !slices.Contains(known, name) && !a.ignored[name] {
			unknown = append(unknown, strconv.Quote(name))
		}
	}
	if len(unknown) == 0 {
		return c, nil
	}
	slices.Sort(unknown)
	if len(known) == 0 {
		return nil, refuse(http.StatusBadRequest, "%s has no parameter %s: there are none", r.URL.Path, strings.Join(unknown, ", "))
	}
	return nil, refuse(http.StatusBadRequest, "%s has no parameter %s: there are %s", r.URL.Path, strings.Join(unknown, ", "), strings.Join(known, ", "))
}

// bodyParameters takes parameters from a JSON object. Those of an object within
// it have names with dots.
func bodyParameters(body []byte) (map[string]string, error) {
	all := map[string]string{}
	if len(bytes.TrimSpace(body)) == 0 {
		return all, nil
	}
	var collect func(prefix string, object json.RawMessage) error
	collect = func(prefix string, object json.RawMessage) error {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(object, &fields); err != nil || fields == nil {
			return refuse(http.StatusBadRequest, "the body is no JSON object")
		}
		for name, raw := range fields {
			switch raw[0] {
			case '{':
				if err := collect(prefix+name+".", raw); err != nil {
					return err
				}
			case '[':
				return refuse(http.StatusBadRequest, "%s is an array: want one value", prefix+name)
			case 'n': // null is no value
			default:
				all[prefix+name] = textOf(raw)
			}
		}
		return nil
	}
	return all, collect("", body)
}

// IgnoreParameters lets parameters pass that the API does not know, such as
// "fields" or "sort", and does nothing about them; without names it lets all
// pass. The default is to answer 400 and to name those that there are: a
// connector that misspells one would read too much and never know.
func IgnoreParameters(names ...string) Option {
	return func(a *API) {
		a.anything = a.anything || len(names) == 0
		for _, name := range names {
			a.ignored[name] = true
		}
	}
}

// readBody reads a request's body, and leaves it to be read again.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case err != nil:
		return body, refuse(http.StatusBadRequest, "the body can't be read: %v", err)
	case len(body) > maxBody:
		return body[:maxBody], refuse(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody)
	}
	return body, nil
}
