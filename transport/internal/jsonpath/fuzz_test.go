package jsonpath

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzPath compares Document.Find, which skips text without decoding it, with a lookup
// in the decoded value.
func FuzzPath(f *testing.F) {
	for _, body := range []string{
		`{"a":{"b":[1,{"c":"x"}]},"d":null}`, `[[],{"":1}]`, `{"a\"b":"\\","x":[{}]}`, `"\\\""`, `{"a":1,"a":2}`, ` { "a" : [ 1 , 2 ] } `, `1e5`, `{"a"`, `[1,`, `{"a":"\`,
		`{"x":{"y":1,"y.z":2}}`, `{"x.y":{"z":1},"x":[]}`, `{"x.y.z":1}`,
	} {
		for _, at := range []string{"", "a", "a.b.1.c", "x.y.z", "/a/b", "0", "a.*", "*.*", "/", "$", "$.a[0]", "$['a'][*]", `$["a\"b"]`, "$[1]"} {
			f.Add(body, at)
		}
	}
	f.Fuzz(func(t *testing.T, body, at string) {
		p, err := Parse(at)
		if err != nil {
			return
		}
		doc, err := NewDocument([]byte(body))
		valid := jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true))
		if err != nil {
			if valid {
				t.Fatalf("valid JSON is an error: %v", err)
			}
			return
		}
		got, ok, err := doc.Find(p)
		_, _ = doc.Records(p)
		if !valid || p.Many() {
			return
		}
		if err != nil {
			t.Fatalf("Find in valid JSON: %v", err)
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
		if !found && p.dotted {
			want, found = lookupJoined(v, p.steps)
		}
		if found != ok {
			t.Fatalf("%q in %s: found %v, want %v", at, body, ok, found)
		}
		if !ok {
			return
		}
		var have any
		dec = json.NewDecoder(bytes.NewReader(got.Of([]byte(body))))
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

// hasDuplicates reports whether an object has two members of the same name.
func hasDuplicates(body string) bool { return !jsontext.Value(body).IsValid() }

// lookup returns the value at a path in a decoded value.
func lookup(v any, steps []Step) (any, bool) {
	for _, step := range steps {
		switch c := v.(type) {
		case map[string]any:
			next, ok := c[step.Name]
			if !ok || !step.Member(step.Name) {
				return nil, false
			}
			v = next
		case []any:
			i, ok := step.Element()
			if !ok || i >= len(c) {
				return nil, false
			}
			v = c[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// lookupJoined is like lookup, but a name may consist of several steps.
func lookupJoined(v any, steps []Step) (any, bool) {
	if len(steps) == 0 {
		return v, true
	}
	for n := 1; n <= len(steps); n++ {
		step, ok := joinSteps(steps[:n])
		if !ok {
			break
		}
		if child, ok := lookup(v, []Step{step}); ok {
			if found, ok := lookupJoined(child, steps[n:]); ok {
				return found, true
			}
		}
	}
	return nil, false
}

// FuzzRecords compares the records that are found when the root is scanned with those that
// are found afterwards.
func FuzzRecords(f *testing.F) {
	for _, body := range []string{
		`{"a":[1,{"b":"]"},[2]],"c":null}`, `[{},1]`, `[]`, `{"a":[ ]}`, `{"a":[1,2}`, `{"a":[1,]}`, `{"a":[{"b":1]]}`, `{"a":[1],"a":[2]}`, `{"a":{"a":[1]}}`, `{"\u0061":[1],"a":[3]}`,
		`{"a":[1 2]}`, `{"a":[`, `{"a":[1]`, `{"a":[1]} x`, `{"a":[1:2]}`, `{"a":null,"a":[1]}`, `[1}`, `{"a":[tru,"\x"]}`,
	} {
		for _, at := range []string{"", "a", "a.b", "0", "*", "/a", "$.a[0]"} {
			f.Add(body, at, 2)
		}
	}
	f.Fuzz(func(t *testing.T, body, at string, most int) {
		p, err := Parse(at)
		if err != nil {
			return
		}
		want, wantErr := NewDocument([]byte(body))
		got, err := NewRecordsDocument([]byte(body), &p)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("%q in %s: %v, want %v", at, body, err, wantErr)
		}
		if err != nil {
			return
		}
		if got.Root() != want.Root() {
			t.Fatalf("%q in %s: root %v, want %v", at, body, got.Root(), want.Root())
		}
		for _, most := range []int{0, max(most, 0)} {
			got.MaxRecords, want.MaxRecords = most, most
			records, err := got.Records(p)
			wantRecords, wantErr := want.Records(p)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !slices.Equal(records, wantRecords) || (records == nil) != (wantRecords == nil) {
				t.Fatalf("%q in %s: %v, %v, want %v, %v", at, body, records, err, wantRecords, wantErr)
			}
		}
	})
}
