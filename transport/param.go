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

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
	"github.com/penstock-sdk/penstock/transport/internal/query"
)

// Param returns the value of a query parameter as text or, if inBody is set, the value
// at the path name in the JSON body. It reports false if there is none.
func (r Request) Param(name string, inBody bool) (value string, found bool, err error) {
	if !inBody {
		if v, ok := r.Query[name]; ok && len(v) > 0 {
			return v[0], true, nil
		}
		// A path may have a query, as the URL of a next page does.
		_, inPath, _, _ := query.Split(r.Path)
		value, found = query.Get(inPath, name)
		return value, found, nil
	}
	p, err := jsonpath.Parse(name)
	if err != nil {
		return "", false, err
	}
	body, err := r.jsonBody()
	if err != nil {
		return "", false, err
	}
	data, err := jsonv2.Marshal(body, jsonvalue.EncodeOptions)
	if err != nil {
		return "", false, err
	}
	doc, err := jsonpath.NewDocument(data)
	if err != nil {
		return "", false, err
	}
	at, ok, err := doc.Find(p)
	if err != nil || !ok {
		return "", false, err
	}
	value, err = jsonpath.Scalar(at.Of(data))
	return value, value != "", err
}

// WithParam returns a copy of r with a query parameter set to a value or, if inBody is
// set, with the member at the path name in the JSON body set to it. In the query, the
// JSON encoding of the value must be a string, a number or a bool. In the body, it may be
// any JSON. If inBody is set and the body is not a JSON object, that is an error.
func (r Request) WithParam(name string, inBody bool, value any) (Request, error) {
	if !inBody {
		var text string
		switch v := value.(type) {
		case string:
			text = v
		case int:
			text = strconv.Itoa(v)
		default:
			data, err := jsonv2.Marshal(v, jsonvalue.EncodeOptions)
			if err == nil {
				text, err = jsonpath.Scalar(data)
			}
			if err != nil {
				return r, fmt.Errorf("%s of type %T does not fit into a query: %w", name, value, err)
			}
		}
		return r.with(name, text), nil
	}
	p, err := jsonpath.Parse(name)
	if err != nil {
		return r, err
	}
	body, err := r.jsonBody()
	if err != nil {
		return r, err
	}
	if err := setAt(body, p, value); err != nil {
		return r, err
	}
	r.Body = body
	return r, nil
}

// setAt sets the member at a path, and creates the objects that lead to it.
func setAt(body map[string]any, p jsonpath.Path, value any) error {
	steps := p.Steps()
	if len(steps) == 0 {
		return errors.New("the path of a parameter in the request's body is empty")
	}
	for _, step := range steps {
		if step.Wildcard() || !step.Member(step.Name) {
			return fmt.Errorf("the path %s of a parameter in the request's body may consist of names only", p)
		}
	}
	object := body
	for _, step := range steps[:len(steps)-1] {
		inner, ok := object[step.Name].(map[string]any)
		if !ok && object[step.Name] != nil {
			return fmt.Errorf("the request's body has no object at %s", step.Name)
		}
		if inner == nil {
			inner = map[string]any{}
			object[step.Name] = inner
		}
		object = inner
	}
	object[steps[len(steps)-1].Name] = value
	return nil
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
		return nil, errors.New("paging in the body requires a JSON body, not a form")
	default:
		var err error
		if data, err = jsonv2.Marshal(b, jsonvalue.EncodeOptions); err != nil {
			return nil, fmt.Errorf("encode the request's body: %w", err)
		}
	}
	var m map[string]any
	if _, err := jsonvalue.Decode(bytes.TrimSpace(data), &m); err != nil || m == nil {
		return nil, errors.New("paging in the body requires a body that is a JSON object")
	}
	return m, nil
}

// with returns a copy of r with a query parameter set to value.
func (r Request) with(name, value string) Request {
	before, inPath, fragment, _ := query.Split(r.Path)
	if query.Has(inPath, name) {
		// It would be sent in addition to the new one.
		if inPath = query.Remove(inPath, name); inPath != "" {
			before += "?"
		}
		r.Path = before + inPath + fragment
	}
	q := maps.Clone(r.Query)
	if q == nil {
		q = url.Values{}
	}
	q[name] = []string{value}
	r.Query = q
	return r
}
