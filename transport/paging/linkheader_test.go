package paging_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestLinkHeaderFollowsTheNextLinkUntilThereIsNone(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page") + 1
		w.Header().Add("Link", `</items?page=0>; rel="first last"`)
		if n < 3 {
			w.Header().Add("Link", fmt.Sprintf(`<http://%s/items?page=0>; rel=prev, <?page=%d>; title="a, \"b\"; rel=x"; rel="NEXT"`, r.Host, n))
		}
		fmt.Fprintf(w, `[{"id":%d}]`, n)
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/items"}, paging.LinkHeader{}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
}

func TestParseLinksReadsEveryLinkUpToASyntaxError(t *testing.T) {
	links := paging.ParseLinks([]string{`</a>; rel="next"; rel=prev;title="x\"y", <b>;Rel=Last ;flag`, `junk`, `<c`, `<d>; rel="un`})
	assert.Equal(t, []paging.Link{
		{URL: "/a", Rel: []string{"next"}, Params: map[string]string{"title": `x"y`}},
		{URL: "b", Rel: []string{"last"}, Params: map[string]string{"flag": ""}},
		{URL: "d", Rel: []string{"un"}, Params: map[string]string{}},
	}, links)
}

// FuzzParseLinks parses any text. ParseLinks never panics, and every URL is part of the
// text.
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
