package fakeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
)

// parse parses the body of a request.
func (g *graphql) parse(c *call) (*document, map[string]json.RawMessage, error) {
	if err := c.rejectQuery(); err != nil {
		return nil, nil, err
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, nil, reject(http.StatusUnsupportedMediaType, "want the content type application/json")
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &body); err != nil || body == nil {
		return nil, nil, errors.New("the body is not a JSON object")
	}
	for name := range body {
		if name != "query" && name != "variables" && name != "operationName" {
			return nil, nil, fmt.Errorf("the body has the unknown member %q: want query, variables and operationName", name)
		}
	}
	var text, operation *string
	var variables map[string]json.RawMessage
	if err := json.Unmarshal(orNull(body["query"]), &text); err != nil || text == nil {
		return nil, nil, errors.New("the member query of the body is missing or not a string")
	}
	if err := json.Unmarshal(orNull(body["variables"]), &variables); err != nil {
		return nil, nil, errors.New("the member variables of the body is not an object")
	}
	if err := json.Unmarshal(orNull(body["operationName"]), &operation); err != nil {
		return nil, nil, errors.New("the member operationName of the body is not a string")
	}
	doc, err := parseDocument(*text)
	if err != nil {
		return nil, nil, err
	}
	if operation != nil && *operation != doc.name {
		return nil, nil, fmt.Errorf("operationName is %q, but the query has the name %q", *operation, doc.name)
	}
	return doc, variables, nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}
