package jsonvalue

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzInteger compares the digits of a number with those that package math/big returns.
func FuzzInteger(f *testing.F) {
	for _, s := range []string{"100.0", "1e3", "-0.0", "1.5e1", "1e-1", "1e19", "-12.50e1", "0e0", "1E+002", "100e-2", "0.001e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v := jsontext.Value(s); !v.IsValid() || v.Kind() != '0' || len(s) != len(strings.TrimSpace(s)) || len(s) > 50 {
			return
		}
		if i := strings.IndexAny(s, "eE"); i >= 0 && len(strings.TrimLeft(s[i+1:], "+-0")) > 3 {
			_, _ = appendInteger(nil, []byte(s)) // ends
			return
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("math/big: %q", s)
		}
		got, changed := appendInteger([]byte("x"), []byte(s))
		switch {
		case changed && (!r.IsInt() || string(got) != "x"+r.Num().String()):
			t.Fatalf("%q: %q, want %v", s, got, r)
		case !changed && r.IsInt() && len(r.Num().String()) <= maxDigits && r.Num().String() != s:
			t.Fatalf("%q: unchanged, want %v", s, r)
		}
	})
}

// FuzzNames compares the decoded record with a simple model of the rule for names.
func FuzzNames(f *testing.F) {
	for _, s := range []string{`{"id":1,"ID":2}`, `{"ID":2,"Id":3}`, `{"ID":2,"iD":2}`, `{"id":1,"id":2,"ids":3}`, `{"\u017fet":1,"set":2}`, `{"\u212a":1}`, `{"ID":{"id":1},"x":[]}`} {
		f.Add(s)
	}
	type record struct {
		ID  *json.RawMessage `json:"id"`
		Set *json.RawMessage `json:"Set"`
		K   *json.RawMessage `json:"k"`
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v := jsontext.Value(text); !v.IsValid(jsontext.AllowDuplicateNames(true)) || v.Kind() != '{' {
			return
		}
		var got record
		_, err := Decode([]byte(text), &got)
		for name, value := range map[string]*json.RawMessage{"id": got.ID, "Set": got.Set, "k": got.K} {
			want, ambiguous := model(t, text, name)
			if ambiguous {
				if err == nil {
					t.Fatalf("%s: no error for %s", text, name)
				}
				return
			}
			if err == nil && string(deref(value)) != string(want) {
				t.Fatalf("%s: %s is %s, want %s", text, name, deref(value), want)
			}
		}
		if err != nil && !strings.Contains(err.Error(), "without regard to case") {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

func deref(m *json.RawMessage) []byte {
	if m == nil {
		return nil
	}
	return *m
}

// model returns the value of the member that counts for a name.
func model(t *testing.T, text, name string) (value []byte, ambiguous bool) {
	t.Helper()
	d := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
	_, _ = d.ReadToken()
	var exact, folded []byte
	spelling := ""
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		got := token.String()
		raw, err := d.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		v := bytes.Clone(raw)
		switch {
		case got == name:
			exact = v
		case strings.EqualFold(got, name):
			ambiguous = ambiguous || folded != nil && spelling != got && !bytes.Equal(folded, v)
			folded, spelling = v, got
		}
	}
	value = exact
	if exact == nil {
		value = folded
	} else {
		ambiguous = false
	}
	if string(value) == "null" { // the pointer is nil
		value = nil
	}
	return value, ambiguous
}

// FuzzRewrite rewrites any text. The result is valid JSON, and rewriting it again changes
// nothing.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{`{"n":1.0,"N":2,"list":[{"n":1e1},null],"m":{"a":{"n":-0}}}`, `[1,`, `{"n":{"n":1}}`} {
		f.Add(s)
	}
	type record struct {
		N    int               `json:"n"`
		List []record          `json:"list"`
		M    map[string]record `json:"m"`
	}
	p := planFor(new(record), false)
	f.Fuzz(func(t *testing.T, text string) {
		out, changed, err := rewrite([]byte(text), p.shape, false)
		if err != nil || !changed {
			return
		}
		options := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
		if !jsontext.Value(out).IsValid(options...) {
			t.Fatalf("%q is rewritten as %q", text, out)
		}
		if again, changed, err := rewrite(out, p.shape, false); changed || err != nil {
			t.Fatalf("%q is rewritten as %q and then as %q: %v", text, out, again, err)
		}
	})
}
