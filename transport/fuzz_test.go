package transport

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

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

// FuzzPath compares the lookup, which passes over text without decoding it,
// with a plain walk through the decoded value.
func FuzzPath(f *testing.F) {
	for _, body := range []string{
		`{"a":{"b":[1,{"c":"x"}]},"d":null}`, `[[],{"":1}]`, `{"a\"b":"\\","x":[{}]}`, `"\\\""`, `{"a":1,"a":2}`, ` { "a" : [ 1 , 2 ] } `, `1e5`, `{"a"`, `[1,`, `{"a":"\`,
	} {
		for _, at := range []string{"", "a", "a.b.1.c", "/a/b", "0", "a.*", "*.*", "/"} {
			f.Add(body, at)
		}
	}
	f.Fuzz(func(t *testing.T, body, at string) {
		p, err := parsePath(at)
		if err != nil {
			return
		}
		doc, err := newDocument([]byte(body))
		valid := jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true))
		if err != nil {
			if valid {
				t.Fatalf("valid JSON refused: %v", err)
			}
			return
		}
		got, ok, err := doc.find(p)
		_, _, _ = doc.all(p)
		_, _ = doc.records(p)
		if !valid || p.many() {
			return
		}
		if err != nil {
			t.Fatalf("valid JSON: %v", err)
		}
		if hasDuplicates(body) {
			return
		}
		var v any
		dec := json.NewDecoder(strings.NewReader(body))
		dec.UseNumber()
		if dec.Decode(&v) != nil {
			return
		}
		want, found := lookup(v, p.steps)
		if found != ok {
			t.Fatalf("%q in %s: found %v, want %v", at, body, ok, found)
		}
		if !ok {
			return
		}
		var have any
		dec = json.NewDecoder(bytes.NewReader(got.of([]byte(body))))
		dec.UseNumber()
		if err := dec.Decode(&have); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(have)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Fatalf("%q in %s: %s, want %s", at, body, a, b)
		}
	})
}

func hasDuplicates(body string) bool { return !jsontext.Value(body).IsValid() }

func lookup(v any, steps []string) (any, bool) {
	for _, step := range steps {
		switch c := v.(type) {
		case map[string]any:
			next, ok := c[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			found := false
			for i := range c {
				if step == jsonIndex(i) {
					v, found = c[i], true
					break
				}
			}
			if !found {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return v, true
}

func jsonIndex(i int) string {
	b, _ := json.Marshal(i)
	return string(b)
}

// FuzzPage feeds any body to the decoding of a page: it never panics, and what
// it gives out is valid JSON.
func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"data":[{"id":1},{"id":2}],"next":null}`, `{"data":null}`, `{"data":[{"id":1}`, `[]`, `{"data":{}}`, `<html>`, "\xff\xfe", `{"data":[tru,nul,1-2]}`, `{"data":[{"id":9007199254740993}]}`,
	} {
		f.Add([]byte(body), "data")
	}
	f.Fuzz(func(t *testing.T, body []byte, at string) {
		p, err := parsePath(at)
		if err != nil {
			return
		}
		page, err := newPage(&Response{Status: 200, Header: http.Header{}, Body: body}, p)
		if err != nil {
			return
		}
		for i := range page.Len() {
			raw, err := decodeRecord[json.RawMessage](page, i)
			if err == nil && !json.Valid(raw) {
				t.Fatalf("record %d is not JSON: %q", i, raw)
			}
			m, err2 := decodeRecord[any](page, i)
			if (err == nil) != (err2 == nil) {
				t.Fatalf("record %d: raw %v, any %v", i, err, err2)
			}
			if err2 == nil {
				if _, err := json.Marshal(m); err != nil {
					t.Fatal(err)
				}
			}
			_, _ = decodeRecord[struct{ ID int64 }](page, i)
		}
	})
}
