package paging_test

import (
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/transport/paging"
)

func FuzzParseLinks(f *testing.F) {
	for _, s := range []string{`<a>; rel=next`, `<a>; rel="next prev", <b>;rel=last`, `<`, `<a>;`, `<a>;rel="`, `<a>;x="\\\"";rel=next`, `,,<a>`, `<a>;;;=,<b>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		links := paging.ParseLinks([]string{s})
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
