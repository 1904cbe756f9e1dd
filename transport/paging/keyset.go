package paging

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// Keyset implements paging by the key of the last record. The next request, such as
// ?since_id=1042, is for the records after that key. The source must sort by the key.
// The last page is the first one without records, or the one that MoreAt indicates.
type Keyset struct {
	// KeyAt is the path to the key within a record, such as "id". Required.
	KeyAt string

	// Param is the query parameter for the key. Required.
	Param string

	// MoreAt is the path to a bool in the response that says whether there are more
	// pages, as for [PageToken]. Optional.
	MoreAt string

	// DoneAt is the path to a bool in the response that says whether this is the last
	// page, as for [PageToken]. Optional.
	DoneAt string

	// Optional declares that the source may leave out the bools of MoreAt and DoneAt.
	// Optional.
	Optional bool

	// InBody makes Param a path in the JSON body of the request instead of a name in
	// its query. Optional.
	InBody bool
}

// Start returns req, or an error if a required field is missing.
func (k Keyset) Start(req transport.Request) (transport.Request, error) {
	if k.KeyAt == "" || k.Param == "" {
		return req, errors.New("paging.Keyset: KeyAt and Param are required")
	}
	return req, nil
}

// Next returns the request for the records after the last one of page.
func (k Keyset) Next(page *transport.Page) (transport.Request, string, error) {
	if page.Len() == 0 {
		return transport.Request{}, "the page has no records", nil
	}
	if stop, err := k.flags(page); err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	at, err := jsonpath.Parse(k.KeyAt)
	if err != nil {
		return transport.Request{}, "", err
	}
	last := page.Record(page.Len() - 1)
	doc, err := jsonpath.NewDocument(last)
	if err != nil {
		return transport.Request{}, "", err
	}
	v, ok, err := doc.Find(at)
	if err != nil {
		return transport.Request{}, "", err
	}
	if !ok || last[v.Start] == 'n' {
		return transport.Request{}, "", fmt.Errorf("the last record has no %s", k.KeyAt)
	}
	next, err := page.Request.WithParam(k.Param, k.InBody, json.RawMessage(v.Of(last)))
	return next, "", err
}
