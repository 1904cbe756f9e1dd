package transport

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Keyset is paging by the last record's key: the next page is asked for with
// the records that come after it, such as ?since_id=1042. The source must
// sort by the key. The last page is the first one without records, or what More
// says.
type Keyset struct {
	// Field is the path to the key within a record, such as "id". Required.
	Field string

	// Param is the name of the query parameter that takes the key. Required.
	Param string

	// More is the path to a bool in the body that says whether there are more
	// pages, as for [Cursor]. Optional.
	More string

	// InBody says that Param is a path in the request's JSON body instead of a
	// name in its query. Optional.
	InBody bool
}

// Start returns req.
func (k Keyset) Start(req Request) (Request, error) {
	if k.Field == "" || k.Param == "" {
		return req, errors.New("transport.Keyset: Field and Param are required")
	}
	return req, nil
}

// Next returns the request for the records after the last one of page.
func (k Keyset) Next(page *Page) (Request, string, error) {
	if page.Len() == 0 {
		return Request{}, "the page has no records", nil
	}
	if stop, err := page.more(k.More); err != nil || stop != "" {
		return Request{}, stop, err
	}
	at, err := parsePath(k.Field)
	if err != nil {
		return Request{}, "", err
	}
	last := page.Record(page.Len() - 1)
	doc, err := newDocument(last)
	if err != nil {
		return Request{}, "", err
	}
	v, ok, err := doc.find(at)
	if err != nil {
		return Request{}, "", err
	}
	if !ok || last[v.start] == 'n' {
		return Request{}, "", fmt.Errorf("the last record has no %s", k.Field)
	}
	next, err := page.Request.set(k.Param, k.InBody, json.RawMessage(v.of(last)))
	return next, "", err
}
