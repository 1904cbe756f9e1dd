package transport

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// FuzzParseRetryAfter parses any value. The wait is never negative or longer than the
// maximum.
func FuzzParseRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "1.5", "-1", "1e9", "Wed, 01 May 2024 12:00:30 GMT", "Wed May  1 12:00:30 2024", "99999999999999999999"} {
		f.Add(s)
	}
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := ParseRetryAfter(s, now)
		if d < 0 || d > maxAskedWait || !ok && d != 0 {
			t.Fatalf("%q: %v, %v", s, d, ok)
		}
	})
}

// FuzzQuota reads any headers. Nothing in a quota is negative, and its reset is never
// later than the maximum.
func FuzzQuota(f *testing.F) {
	f.Add("RateLimit", `"default";r=50;t=30`, "0")
	f.Add("X-RateLimit-Remaining", "0", "1714566615")
	f.Add("RateLimit-Remaining", "1", "99999999999999999999")
	f.Add("RateLimit", `"a";r=0;t=1, "b=c";r=0;t=120, limit=10, remaining=0, reset=5, remaining=1`, "6m0s")
	f.Add("X-RateLimit-Remaining-Minute", "0, 1;w=60", "Wed, 01 May 2024 12:00:30 GMT, 5")
	f.Add("X-RateLimit-Reset-Ms", "1714566615000", "2024-05-01T12:00Z")
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, value, reset string) {
		h := http.Header{}
		h.Set(name, value)
		h.Set("X-RateLimit-Reset", reset)
		h.Set("RateLimit-Reset", reset)
		for _, q := range readQuotas(h, now) {
			if q.reset < 0 || q.reset > maxAskedWait || q.remaining < 0 {
				t.Fatalf("%+v", q)
			}
		}
	})
}

// FuzzPage decodes pages with any body. Decoding never panics, and the records are valid
// JSON.
func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"data":[{"id":1},{"id":2}],"next":null}`, `{"data":null}`, `{"data":[{"id":1}`, `[]`, `{"data":{}}`, `<html>`, "\xff\xfe", `{"data":[tru,nul,1-2]}`, `{"data":[{"id":9007199254740993}]}`,
	} {
		f.Add([]byte(body), "data")
	}
	f.Fuzz(func(t *testing.T, body []byte, at string) {
		p, err := jsonpath.Parse(at)
		if err != nil {
			return
		}
		page, err := newPage(&Response{Status: 200, Header: http.Header{}, Body: body}, &p)
		if err != nil {
			return
		}
		for i := range page.Len() {
			var raw json.RawMessage
			err := decodeRecord(page, i, &raw, nil)
			if err == nil && !json.Valid(raw) {
				t.Fatalf("record %d is not JSON: %q", i, raw)
			}
			var m any
			err2 := decodeRecord(page, i, &m, nil)
			if (err == nil) != (err2 == nil) {
				t.Fatalf("record %d: raw %v, any %v", i, err, err2)
			}
			if err2 == nil {
				if _, err := json.Marshal(m); err != nil {
					t.Fatal(err)
				}
			}
			_ = decodeRecord(page, i, new(struct{ ID int64 }), nil)
		}
	})
}

// FuzzStreamedJSON reads the records of a JSON text as a page and as a stream. Both
// return the same number of records, or both return an error.
func FuzzStreamedJSON(f *testing.F) {
	for _, body := range []string{
		`{"data":[{"id":1},{"id":2}],"next":null}`, `{"data":null}`, `{"data":[{"id":1}`, `[1,"a",[2],{}]`, `{"data":{}}`, `<html>`, `{"a":[0,{"data":[1]}]}`, `[null]`, "[\"\xff\"]", `[] []`,
	} {
		for _, at := range []string{"", "data", "a.1.data", "0", "/data"} {
			f.Add([]byte(body), at)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, at string) {
		p, err := jsonpath.Parse(at)
		text, _, _ := bodytext.Decode(body, "", false, 1<<30)
		if err != nil || p.Many() || !jsontext.Value(text).IsValid() {
			return
		}
		var streamed []json.RawMessage
		var streamErr error
		for v, err := range format.Decode[json.RawMessage](bytes.NewReader(body), format.JSON{At: at}) {
			if err != nil {
				streamErr = err
				break
			}
			if !json.Valid(v) {
				t.Fatalf("not JSON: %q", v)
			}
			streamed = append(streamed, v)
		}
		page, err := newPage(&Response{Status: 200, Header: http.Header{}, Body: body}, &p)
		var whole []json.RawMessage
		if err == nil {
			for i := range page.Len() {
				var v json.RawMessage
				if err = decodeRecord(page, i, &v, nil); err != nil {
					break
				}
				whole = append(whole, v)
			}
		}
		if (err == nil) != (streamErr == nil) {
			t.Fatalf("%q at %q: whole %v, streamed %v", body, at, err, streamErr)
		}
		if err == nil && len(whole) != len(streamed) {
			t.Fatalf("%q at %q: whole %d, streamed %d", body, at, len(whole), len(streamed))
		}
	})
}

// FuzzValidator reads the validators of any response. One that is accepted is a single
// ETag or a date, so it never matches other content.
func FuzzValidator(f *testing.F) {
	f.Add(`"a"`, "Wed, 21 Oct 2015 07:28:00 GMT", "")
	f.Add(`W/"a-gzip"`, "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT")
	f.Add(`"a", *`, "0", "Wed Oct 21 07:28:00 2015")
	f.Add("*", "", "")
	f.Fuzz(func(t *testing.T, tag, modified, date string) {
		h := http.Header{"Etag": {tag}, "Last-Modified": {modified}, "Date": {date}}
		v, ok := newValidator("key", h)
		if ok != (v.ETag != "" || v.Modified != "") || v.ETag != "" && v.Modified != "" {
			t.Fatalf("%q, %q: %+v, %v", tag, modified, v, ok)
		}
		if v.ETag == "" {
			return
		}
		opaque := strings.TrimPrefix(strings.TrimPrefix(v.ETag, "W/"), "w/")
		if inner := strings.TrimSuffix(strings.TrimPrefix(opaque, `"`), `"`); strings.ContainsAny(inner, "\" \r\n\t") || inner == opaque && strings.ContainsAny(inner, "*,") {
			t.Fatalf("%q is accepted", tag)
		}
	})
}

// FuzzReason looks for the reason of a failure in any JSON. It is short and on one line.
func FuzzReason(f *testing.F) {
	f.Add([]byte(`{"status":"failed","errorMessage":"QUERY_TIMEOUT"}`), "errorMessage")
	f.Add([]byte(`{"status":"failed","errors":[{"message":"a\nb"},{"detail":{"x":[1,null]}}]}`), "errors.*.code")
	f.Add([]byte(`[[[[{"reason":1}]]]]`), "")
	c, err := New("https://api.example.com")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, at string) {
		text, _, _ := bodytext.Decode(body, "", false, 1<<30)
		doc, err := jsonpath.NewDocument(text)
		if err != nil {
			return
		}
		r := &jobRun{Job: Job{ReasonAt: at, Poll: func(string) Request { return Request{} }}, client: c}
		reason, _ := r.reason(&Page{doc: doc, client: c})
		if len(reason) > maxReason || strings.ContainsAny(reason, "\r\n") {
			t.Fatalf("%q", reason)
		}
	})
}
