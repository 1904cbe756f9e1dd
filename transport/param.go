package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	jsonv2 "github.com/go-json-experiment/json"
)

// get returns the value of a parameter in the query, or at a path in the JSON
// body, as text.
func (r Request) get(name string, inBody bool) (value string, found bool, err error) {
	if !inBody {
		if v, ok := r.Query[name]; ok && len(v) > 0 {
			return v[0], true, nil
		}
		// A path can hold a query, and so does a URL that the source gave out.
		u, err := url.Parse(r.Path)
		if err != nil || !u.Query().Has(name) {
			return "", false, nil //nolint:nilerr // preparing the request says what is wrong with it
		}
		return u.Query().Get(name), true, nil
	}
	p, err := parsePath(name)
	if err != nil {
		return "", false, err
	}
	body, err := r.jsonBody()
	if err != nil {
		return "", false, err
	}
	data, err := jsonv2.Marshal(body, encodeOptions)
	if err != nil {
		return "", false, err
	}
	doc, err := newDocument(data)
	if err != nil {
		return "", false, err
	}
	at, ok, err := doc.find(p)
	if err != nil || !ok {
		return "", false, err
	}
	value, err = scalar(at.of(data))
	return value, value != "", err
}

// integer is get for a number that has to be there.
func (r Request) integer(name string, inBody bool) (int, error) {
	text, _, err := r.get(name, inBody)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("the request's %s is not a number: %.40q", name, text)
	}
	return n, nil
}

// set returns a copy of r whose parameter is set. A value for the query is a
// string, a number or JSON of one; for the body it is anything.
func (r Request) set(name string, inBody bool, value any) (Request, error) {
	if !inBody {
		var text string
		switch v := value.(type) {
		case string:
			text = v
		case int:
			text = strconv.Itoa(v)
		case json.RawMessage:
			var err error
			if text, err = scalar(v); err != nil {
				return r, fmt.Errorf("%s can't go into a query: %w", name, err)
			}
		default:
			return r, fmt.Errorf("%s can't go into a query: %T", name, value)
		}
		return r.with(name, text), nil
	}
	p, err := parsePath(name)
	if err != nil {
		return r, err
	}
	body, err := r.jsonBody()
	if err != nil {
		return r, err
	}
	at := body
	for i, step := range p.steps {
		if i == len(p.steps)-1 {
			at[step] = value
			break
		}
		inner, ok := at[step].(map[string]any)
		if !ok && at[step] != nil {
			return r, fmt.Errorf("the request's body has no object at %s", step)
		}
		if inner == nil {
			inner = map[string]any{}
			at[step] = inner
		}
		at = inner
	}
	r.Body = body
	return r, nil
}

// jsonBody returns a copy of the request's body as a JSON object.
func (r Request) jsonBody() (map[string]any, error) {
	var data []byte
	switch b := r.Body.(type) {
	case nil:
		return map[string]any{}, nil
	case []byte:
		data = b
	case json.RawMessage:
		data = b
	case string:
		data = []byte(b)
	case url.Values:
		return nil, errors.New("paging in the body needs a body of JSON, not a form")
	default:
		var err error
		if data, err = jsonv2.Marshal(b, encodeOptions); err != nil {
			return nil, fmt.Errorf("encode the request's body: %w", err)
		}
	}
	var m map[string]any
	if err := decode(bytes.TrimSpace(data), &m); err != nil || m == nil {
		return nil, errors.New("paging in the body needs a body that is a JSON object")
	}
	return m, nil
}

// with returns a copy of r whose query has the parameter set to value.
func (r Request) with(name, value string) Request {
	// A parameter in the path would be sent beside the new one.
	if u, err := url.Parse(r.Path); err == nil && u.Query().Has(name) {
		q := u.Query()
		q.Del(name)
		u.RawQuery = q.Encode()
		r.Path = u.String()
	}
	q := maps.Clone(r.Query)
	if q == nil {
		q = url.Values{}
	}
	q[name] = []string{value}
	r.Query = q
	return r
}
