package transport

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzStreamedJSON compares the two ways to read the records of a JSON text.
func FuzzStreamedJSON(f *testing.F) {
	for _, body := range []string{
		`{"data":[{"id":1},{"id":2}],"next":null}`, `{"data":null}`, `{"data":[{"id":1}`, `[1,"a",[2],{}]`, `{"data":{}}`, `<html>`, `{"a":[0,{"data":[1]}]}`, `[null]`, "[\"\xff\"]", `[] []`,
	} {
		for _, at := range []string{"", "data", "a.1.data", "0", "/data"} {
			f.Add([]byte(body), at)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, at string) {
		p, err := parsePath(at)
		if err != nil || p.many() || hasDuplicates(string(plainJSON(body))) {
			return
		}
		var streamed []json.RawMessage
		var streamErr error
		for v, err := range Decode[json.RawMessage](bytes.NewReader(body), JSON{At: at}) {
			if err != nil {
				streamErr = err
				break
			}
			if !json.Valid(v) {
				t.Fatalf("not JSON: %q", v)
			}
			streamed = append(streamed, v)
		}
		page, err := newPage(&Response{Status: 200, Header: http.Header{}, Body: body}, p)
		var whole []json.RawMessage
		if err == nil {
			for i := range page.Len() {
				var v json.RawMessage
				if v, err = decodeRecord[json.RawMessage](page, i); err != nil {
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

// FuzzFormats feeds any text to the other formats: they never panic, and what
// they give out is valid JSON.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\n\"1\n\";2", "{\"a\":1}\n{\"b\":2}\n", "<a><b x=\"1\">t</b><b/></a>", "<a>", "\xff\xfea\x00", "\"", "a\n\x00\n", "<a><b>&lt;</b></a>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, format := range []Format{NDJSON{}, CSV{}, CSV{EmptyText: true, LazyQuotes: true, Comma: ';', Charset: "windows-1252"}, XML{At: "a.b"}, Gzip(NDJSON{}), Zip{Format: CSV{}}} {
			n := 0
			for v, err := range Decode[json.RawMessage](bytes.NewReader(text), format) {
				if err == nil && !json.Valid(v) {
					t.Fatalf("%T: not JSON: %q", format, v)
				}
				n++
			}
			for range Decode[map[string]any](bytes.NewReader(text), format) {
				n--
			}
			for range Decode[struct {
				A int64
				B *float64
				C bool
			}](bytes.NewReader(text), format) {
				continue
			}
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(rows) == 0 {
			return
		}
		n := 0
		for _, err := range Decode[map[string]any](bytes.NewReader(text), CSV{Charset: "utf-8"}) {
			if err != nil {
				return
			}
			n++
		}
		if n != len(rows)-1 {
			t.Fatalf("%d rows, encoding/csv reads %d", n, len(rows)-1)
		}
	})
}

func FuzzParseLinks(f *testing.F) {
	for _, s := range []string{`<a>; rel=next`, `<a>; rel="next prev", <b>;rel=last`, `<`, `<a>;`, `<a>;rel="`, `<a>;x="\\\"";rel=next`, `,,<a>`, `<a>;;;=,<b>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		links := ParseLinks([]string{s})
		if len(links) > strings.Count(s, "<") {
			t.Fatalf("%q: %d links", s, len(links))
		}
		for _, l := range links {
			if strings.ContainsAny(l.URL, ">") || !strings.Contains(s, l.URL) {
				t.Fatalf("%q: %q", s, l.URL)
			}
		}
	})
}

func FuzzQuota(f *testing.F) {
	f.Add("RateLimit", `"default";r=50;t=30`, "0")
	f.Add("X-RateLimit-Remaining", "0", "1714566615")
	f.Add("RateLimit-Remaining", "1", "99999999999999999999")
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, value, reset string) {
		h := http.Header{}
		h.Set(name, value)
		h.Set("X-RateLimit-Reset", reset)
		h.Set("RateLimit-Reset", reset)
		if q := readQuota(h, now); q.reset < 0 || q.reset > maxAskedWait || q.remaining < 0 {
			t.Fatalf("%+v", q)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2024-05-01T12:30:15Z", "1714566615", "1714566615.5", "", "+", ".", "Wed, 01 May 2024 12:30:15 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s)
		if err != nil {
			return
		}
		again, err := ParseTime(got.Format(time.RFC3339Nano))
		if err != nil || !again.Equal(got) {
			t.Fatalf("%q: %v, again %v, %v", s, got, again, err)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1,234.50", "(1)", "-", "5-", "1 234", "\u22121", "1.", ".5", "00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, mark := range []rune{'.', ','} {
			n, err := ParseNumber(s, mark)
			if err != nil {
				continue
			}
			if !json.Valid([]byte(n)) {
				t.Fatalf("%q: %q is not a JSON number", s, n)
			}
			if _, ok := new(big.Rat).SetString(string(n)); !ok {
				t.Fatalf("%q: %q", s, n)
			}
		}
	})
}
