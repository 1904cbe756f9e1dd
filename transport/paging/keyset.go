package paging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// Keyset implements paging by the key of the last record. The next request, such as
// ?since_id=1042, is for the records after that key. The source must sort by the key, in
// either direction: with a parameter such as before_id, the keys fall from page to page.
// The last page is the first one without records. If MoreAt or DoneAt is set, its bool
// decides.
//
// If the keys neither only rise nor only fall, that is an error, because records would be
// missing: the source sorts in the opposite order or by something else, or ignores the
// parameter. Keyset compares keys that are numbers, times as in RFC 3339, or texts that
// differ in one number. It compares other texts only if all usual ways to sort texts
// agree, and reports an error only after enough keys were in order. It does not compare
// UUIDs. For a source that sorts by something else, set Unordered.
//
// If the response includes the record with the key in the request, that record is yielded
// again, and a page without other records is the last one. If several records can have
// the same key, such as a time, the source must include all records with the key in the
// request. Otherwise, the records after the last one with the same key would be missing.
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
	// its query. The key may then also be an array or an object. Optional.
	InBody bool

	// Unordered declares that the source does not sort by the key, but continues after
	// the record that has it. The order of the keys is then not checked. Optional.
	Unordered bool
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
		return transport.Request{}, "the page has no records", k.announced(page)
	}
	at, err := jsonpath.Parse(k.KeyAt)
	if err != nil {
		return transport.Request{}, "", err
	}
	order, _ := page.Carry.(keyOrder)
	before := order.last
	last, err := k.checkOrder(page, at, &order)
	if err != nil {
		return transport.Request{}, "", err
	}
	if _, stop, err := flags(page, k.MoreAt, k.DoneAt, k.Optional); err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	if err := k.checkKey(page, last); err != nil {
		return transport.Request{}, "", err
	}
	if before != nil && bytes.Equal(before, last) {
		return k.stuck(page)
	}
	order.last = bytes.Clone(last) // not the whole page
	page.Carry = order
	next, err := page.Request.WithParam(k.Param, k.InBody, order.last)
	return next, "", err
}

// announced returns an error if a page without records says that there are more pages.
func (k Keyset) announced(page *transport.Page) error {
	more, stop, err := flags(page, k.MoreAt, k.DoneAt, true)
	switch {
	case err == nil && more != "":
		err = fmt.Errorf("%s, but the page has no records", more)
	case err == nil && stop == "":
		warnIfAnnounced(page, "the page has no records")
	}
	return err
}

// checkKey returns an error if the key of the last record is not one to continue after.
func (k Keyset) checkKey(page *transport.Page, key json.RawMessage) error {
	if len(key) > 0 && key[0] == 'n' {
		return fmt.Errorf("%s is null in the last record, so the next page can't be requested", k.KeyAt)
	}
	if len(key) == 0 {
		where := "it is not an object"
		if names := jsonpath.Names(page.Record(page.Len() - 1)); names != nil {
			where = "it has " + strings.Join(names[:min(len(names), 12)], ", ")
		}
		return fmt.Errorf("the last record has no %s: %s", k.KeyAt, where)
	}
	if err := checkTokenSize(k.KeyAt, key); err != nil {
		return err
	}
	switch c := key[0]; {
	case c == 't', c == 'f':
		return fmt.Errorf("%s is a bool in the last record, but a key must be unique", k.KeyAt)
	case (c == '[' || c == '{') && !k.InBody:
		return fmt.Errorf("%s is an array or an object in the last record, but a key in the query must be a number or a string", k.KeyAt)
	}
	return nil
}

// stuck handles a page whose last record has the key in the request. A source that includes
// this record responds like that after the last page.
func (k Keyset) stuck(page *transport.Page) (transport.Request, string, error) {
	if page.Len() < page.MostRecords() || page.Len() == 1 && !k.requestsOne(page) {
		return transport.Request{}, "the page has only records with the key in the request", nil
	}
	return transport.Request{}, "", fmt.Errorf("%w: the last record of page %d has the %s that is in the request, so there is no next one; "+
		"the source ignores %s, or more records have that key than fit into a page", transport.ErrPageLoop, page.Number, k.KeyAt, k.Param)
}

// requestsOne reports whether a parameter of the request for a page is 1, so that a page
// of one record may be full.
func (k Keyset) requestsOne(page *transport.Page) bool {
	for name, values := range page.URL.Query() {
		if name != k.Param && slices.Contains(values, "1") {
			return true
		}
	}
	return false
}

// A keyOrder is what the keys up to a page show about their order.
type keyOrder struct {
	last      json.RawMessage // the key in the request for the next page
	direction int             // +1 if the keys rise, -1 if they fall, 0 if that is unknown
	certain   bool            // numbers, times or counters have shown the direction
	pairs     int             // how many pairs of other texts have shown the direction
	random    bool            // the texts have no order
}

// enoughPairs is how many pairs of texts must be in order to conclude that the source
// sorts by them. Random texts are in order by chance once in 180,000 sequences.
const enoughPairs = 8

// checkOrder looks at the keys of a page one after the other. It returns the last one.
func (k Keyset) checkOrder(page *transport.Page, at jsonpath.Path, order *keyOrder) (last json.RawMessage, err error) {
	previous := order.last
	first := 0
	if k.Unordered {
		first = page.Len() - 1
	}
	for i := first; i < page.Len(); i++ {
		record := page.Record(i)
		v, ok, err := jsonpath.Find(record, at)
		if err != nil {
			return nil, err
		}
		last = nil
		if !ok {
			continue
		}
		if last = v.Of(record); last[0] == 'n' {
			continue
		}
		if !k.Unordered && !order.add(previous, last) {
			return nil, k.orderError(page, i, order)
		}
		previous = last
	}
	return last, nil
}

// add adds a key that follows another one. It returns false if the two show that the
// source does not sort by the key.
func (o *keyOrder) add(previous, key json.RawMessage) bool {
	c, sure := compareKeys(previous, key)
	direction := -c
	switch {
	case sure == unknown || direction == 0 || o.random:
		return true
	case o.direction == 0:
		o.direction = direction
	case direction == o.direction:
	case sure == certain && o.certain, o.pairs >= enoughPairs:
		return false
	default:
		o.random = true
		return true
	}
	if sure == certain {
		o.certain = true
	} else {
		o.pairs++
	}
	return true
}

// orderError returns the error about the ith record of a page, whose key is not in order.
func (k Keyset) orderError(page *transport.Page, i int, order *keyOrder) error {
	if page.Repeated() {
		return fmt.Errorf("%w: page %d has the same records as the page before; the source ignores %s", transport.ErrPageLoop, page.Number, k.Param)
	}
	then, now := "rise", "falls"
	if order.direction < 0 {
		then, now = "fall", "rises"
	}
	return fmt.Errorf("the keys at %s %s, but the key %s in record %d of page %d, so records would be missing: the source ignores %s, or does not sort by the key "+
		"in the direction in which %[6]s continues; if it continues after the record with the key in any order, set Unordered", k.KeyAt, then, now, i+1, page.Number, k.Param)
}
