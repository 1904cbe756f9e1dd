package fakeapi

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody is the maximum size of a request body in bytes.
const maxBody = 1 << 20

// A call is an admitted request.
type call struct {
	*http.Request
	api        *API
	body       []byte
	query      url.Values        // without credentials
	parameters map[string]string // set by read
}

// call parses the query of a request.
func (a *API) call(r *http.Request, body []byte) (*call, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, reject(http.StatusBadRequest, "the query is malformed: %v", err)
	}
	for _, credential := range a.credentials {
		delete(query, credential.query)
	}
	return &call{Request: r, api: a, body: body, query: query}, nil
}

// read sets the parameters: those of the query or, for a POST request, those of its
// JSON body. It rejects unknown parameters.
func (c *call) read(known []string) (err error) {
	c.parameters = map[string]string{}
	if c.Method == http.MethodPost {
		if err := c.rejectQuery(); err != nil {
			return err
		}
		if c.parameters, err = bodyParameters(c.body); err != nil {
			return err
		}
	} else {
		for name, values := range c.query {
			if len(values) > 1 && slices.Contains(known, name) {
				return reject(http.StatusBadRequest, "parameter %s occurs %d times: want it once", name, len(values))
			}
			c.parameters[name] = values[0]
		}
	}
	unknown := c.api.unknown(slices.Collect(maps.Keys(c.parameters)), known)
	if len(unknown) == 0 {
		return nil
	}
	has := "no parameters"
	if len(known) > 0 {
		has = strings.Join(known, ", ")
	}
	return reject(http.StatusBadRequest, "%s has no parameter %s: it has %s", c.URL.Path, strings.Join(unknown, ", "), has)
}

// rejectQuery rejects a query of a request whose parameters belong in the body.
func (c *call) rejectQuery() error {
	if len(c.query) == 0 || c.api.ignoreAll {
		return nil
	}
	return reject(http.StatusBadRequest, "%s takes its parameters from the body, not from the query", c.URL.Path)
}

// unknown returns the names that are neither known nor ignored, quoted and in order.
func (a *API) unknown(names, known []string) (unknown []string) {
	if a.ignoreAll {
		return nil
	}
	for _, name := range names {
		if !slices.Contains(known, name) && !a.ignored[name] {
			unknown = append(unknown, strconv.Quote(name))
		}
	}
	slices.Sort(unknown)
	return unknown
}

// bodyParameters returns the members of a JSON object as parameters. The name of a
// member of a nested object is a path with dots.
func bodyParameters(body []byte) (map[string]string, error) {
	all := map[string]string{}
	if len(bytes.TrimSpace(body)) == 0 {
		return all, nil
	}
	var collect func(prefix string, object json.RawMessage) error
	collect = func(prefix string, object json.RawMessage) error {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(object, &fields); err != nil || fields == nil {
			return reject(http.StatusBadRequest, "the body is not a JSON object")
		}
		for name, raw := range fields {
			switch raw[0] {
			case '{':
				if err := collect(prefix+name+".", raw); err != nil {
					return err
				}
			case '[':
				return reject(http.StatusBadRequest, "parameter %s is an array: want one value", prefix+name)
			case 'n': // null means that the parameter is absent
			default:
				all[prefix+name] = textOf(raw)
			}
		}
		return nil
	}
	return all, collect("", body)
}

// IgnoreParameters makes the API ignore unknown parameters with these names, such as
// "fields" or "sort". Without names, it ignores all unknown
// parameters.
//
// By default, the API rejects an unknown parameter with status 400 and lists the
// known ones. Otherwise, a connector that misspells a filter would read too many rows
// without noticing.
func IgnoreParameters(names ...string) Option {
	return func(a *API) {
		a.ignoreAll = a.ignoreAll || len(names) == 0
		for _, name := range names {
			a.ignored[name] = true
		}
	}
}

// readBody returns the body of a request. The body can be read again afterwards.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case err != nil:
		return body, reject(http.StatusBadRequest, "reading the body failed: %v", err)
	case len(body) > maxBody:
		return body[:maxBody], reject(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", maxBody)
	}
	return body, nil
}
