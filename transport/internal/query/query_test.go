package query

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSetAndRemoveKeepTheOtherParametersByteForByte(t *testing.T) {
	for _, tt := range []struct{ query, set, removed string }{
		{"", "key=v", ""},
		{"a=1", "a=1&key=v", "a=1"},
		{"key=old", "key=v", ""},
		{"z=1&key=old&a=2", "z=1&key=v&a=2", "z=1&a=2"},
		{"key=1&a=2&key=3&key", "key=v&a=2", "a=2"},
		{"a;b=1;key=2", "a;b=1;key=2&key=v", "a;b=1;key=2"},
		{"off=50%&key=%", "off=50%&key=v", "off=50%"},
		{"a=b+c&d=e%20f&g=%2f", "a=b+c&d=e%20f&g=%2f&key=v", "a=b+c&d=e%20f&g=%2f"},
		{"a=&b&=c&=", "a=&b&=c&=&key=v", "a=&b&=c&="},
		{"&&a&", "&&a&&key=v", "&&a&"},
		{"page[n]=1&$filter=name eq 'x'", "page[n]=1&$filter=name eq 'x'&key=v", "page[n]=1&$filter=name eq 'x'"},
		{"k%65y=old&a=1", "k%65y=v&a=1", "a=1"},
		{"key%=1&%6=2&ke%79%=3", "key%=1&%6=2&ke%79%=3&key=v", "key%=1&%6=2&ke%79%=3"},
		{"a=key=1", "a=key=1&key=v", "a=key=1"},
	} {
		assert.Equal(t, tt.set, Set(tt.query, "key", "v"), tt.query)
		assert.Equal(t, tt.removed, Remove(tt.query, "key"), tt.query)
	}
	assert.Equal(t, "a+b=c%26%0A%00%C3%A4", Set("", "a b", "c&\n\x00ä"))
	assert.Equal(t, "b", Remove("a=1&b&c=2", "c", "a", "x"))
}

func TestGetKeepsTextThatIsNotAnEscape(t *testing.T) {
	for _, tt := range []struct{ query, value string }{
		{"key=a+b%20c", "a b c"}, {"key", ""}, {"key=", ""}, {"key=50%&x=1", "50%"}, {"key=%zz%4", "%zz%4"},
		{"x=1;key=2&key=a;b", "a;b"}, {"%6Bey=1", "1"}, {"key=1&key=2", "1"}, {"key=a=b", "a=b"},
	} {
		got, found := Get(tt.query, "key")
		assert.True(t, found, tt.query)
		assert.Equal(t, tt.value, got, tt.query)
	}
	for _, query := range []string{"", "&", "keys=1", "KEY=1", "x=key"} {
		assert.False(t, Has(query, "key"), query)
	}
	_, found := Get("a&&b", "")
	assert.False(t, found, "an empty part is not a parameter")
}

func TestSplitFindsTheQueryOfAnyText(t *testing.T) {
	for text, want := range map[string][3]string{
		"/a?b?c#d?e": {"/a", "b?c", "#d?e"}, "/a#b?c": {"/a", "", "#b?c"}, "/a?": {"/a", "", ""}, "?x=%": {"", "x=%", ""}, "": {},
	} {
		before, query, fragment, _ := Split(text)
		assert.Equal(t, want, [3]string{before, query, fragment}, text)
	}
}

// FuzzQueryParameter sets and removes a parameter of any query. The other parameters
// stay byte for byte, and what was set can be read.
func FuzzQueryParameter(f *testing.F) {
	for _, query := range []string{"", "a=1&key=2", "a;b=50%&key&&k%65y=3", "=&key=%", "%6bey=1&a=+"} {
		f.Add(query, "key", "v&1")
	}
	f.Fuzz(func(t *testing.T, query, name, value string) {
		others := func(query string) (kept []string) {
			for _, part := range strings.Split(query, "&") {
				if key, _, _ := strings.Cut(part, "="); part == "" || Unescape(key) != name {
					kept = append(kept, part)
				}
			}
			return kept
		}
		set, removed := Set(query, name, value), Remove(query, name)
		if got, found := Get(set, name); !found || got != value {
			t.Fatalf("Set(%q, %q, %q) = %q, from which Get returns %q", query, name, value, set, got)
		}
		if query != "" && !slices.Equal(others(set), others(query)) {
			t.Fatalf("Set(%q, %q, %q) = %q changes other parameters", query, name, value, set)
		}
		if Has(removed, name) || removed != strings.Join(others(query), "&") {
			t.Fatalf("Remove(%q, %q) = %q", query, name, removed)
		}
		if Set(set, name, value) != set {
			t.Fatalf("Set(%q, %q, %q) is not stable", query, name, value)
		}
		// Both readers agree on a query that package net/url accepts.
		if values, err := url.ParseQuery(query); err == nil && len(query) > 0 && name != "" {
			got, found := Get(query, name)
			if found != values.Has(name) || got != values.Get(name) {
				t.Fatalf("Get(%q, %q) = %q, %v, not %q", query, name, got, found, values.Get(name))
			}
		}
	})
}
