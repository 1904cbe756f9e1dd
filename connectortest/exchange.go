package connectortest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// An exchange is a request of the connector and its response.
type exchange struct {
	method        string
	url           url.URL
	requestHeader http.Header
	sent          []byte // the body of the request
	status        int
	header        http.Header
	body          []byte
	cut           bool // the body is not complete

	params url.Values // of the URL; see query
}

// A recordList is an array of JSON objects in a response.
type recordList struct {
	path    string // names of members, separated by dots; "" for the whole body
	records []map[string]any
}

// succeeded reports whether the response has a status of success.
func (e *exchange) succeeded() bool { return e.status >= 200 && e.status < 300 }

// endpoint returns the method and the path of the request, without its query, which may
// contain a secret.
func (e *exchange) endpoint() string { return e.method + " " + e.url.EscapedPath() }

// value returns the JSON value of a successful response, or nil. Numbers are of type
// json.Number. Several values, as in NDJSON, are an array.
func (e *exchange) value() any {
	if !e.succeeded() || e.cut {
		return nil
	}
	dec := json.NewDecoder(e.decompressed())
	dec.UseNumber()
	var all []any
	for {
		var v any
		err := dec.Decode(&v)
		switch {
		case err == io.EOF && len(all) == 1:
			return all[0]
		case err == io.EOF && len(all) > 1:
			return all
		case err != nil:
			return nil
		}
		all = append(all, v)
	}
}

// decompressed returns the body without its compression. The client decompresses
// bodies itself, so the suite sees them compressed.
func (e *exchange) decompressed() io.Reader {
	body := bytes.NewReader(bytes.TrimPrefix(e.body, []byte("\xef\xbb\xbf")))
	var plain io.Reader
	var err error
	switch strings.ToLower(e.header.Get("Content-Encoding")) {
	case "gzip", "x-gzip":
		plain, err = gzip.NewReader(body)
	case "deflate":
		plain, err = zlib.NewReader(body)
	default:
		return body
	}
	if err != nil {
		return strings.NewReader("")
	}
	return plain
}

// recordLists returns the arrays of objects in a JSON value that are not inside of
// another array.
func recordLists(v any, path string) (lists []recordList) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			lists = append(lists, recordLists(v[name], join(path, name))...)
		}
	case []any:
		list := recordList{path: path}
		for _, element := range v {
			if record, ok := element.(map[string]any); ok {
				list.records = append(list.records, record)
			}
		}
		if len(list.records) > 0 {
			lists = append(lists, list)
		}
	}
	return lists
}

// objectsIn calls do for each JSON object in a value, at any depth.
func objectsIn(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		do(v)
		for _, member := range v {
			objectsIn(member, do)
		}
	case []any:
		for _, element := range v {
			objectsIn(element, do)
		}
	}
}

// recordText returns a record in a form that equal records share.
func recordText(record map[string]any) string {
	text, _ := json.Marshal(record) // parsed from JSON
	return string(text)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// scalarText returns a scalar JSON value as text, and false for null, objects and
// arrays. A number and a string with its digits have the same text, because connectors
// turn one into the other.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// query returns the parameters of the URL, which it parses once.
func (e *exchange) query() url.Values {
	if e.params == nil {
		e.params = e.url.Query()
	}
	return e.params
}

// clone returns a copy whose URL and body can be changed.
func (e *exchange) clone() *exchange {
	return &exchange{method: e.method, url: e.url, requestHeader: e.requestHeader, sent: e.sent}
}

// send sends the request again.
func (e *exchange) send(ctx context.Context, network http.RoundTripper) (*exchange, error) {
	r, err := http.NewRequestWithContext(ctx, e.method, e.url.String(), bytes.NewReader(e.sent))
	if err != nil {
		return nil, err
	}
	if e.sent == nil {
		r.Body, r.GetBody = nil, nil
	}
	r.Header = e.requestHeader.Clone()
	resp, err := network.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	again := e.clone()
	again.status, again.header = resp.StatusCode, resp.Header
	again.body, err = io.ReadAll(io.LimitReader(resp.Body, maxRecordedBytes))
	return again, err
}
