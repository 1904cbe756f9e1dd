package nextpage

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// FuzzFind looks for candidates in any body. Find never panics, and a path that it
// proposes leads to a value.
func FuzzFind(f *testing.F) {
	for _, body := range []string{
		`{"data":[1],"next":"/x?page=2"}`, `{"links":[{"rel":"next","href":"a"}]}`, `{"next":{"href":"/a"}}`, `{"a":{"next":[{"href":"/x"}]}}`,
		`{"next.cursor":"a"}`, `{"":{"next":"a"}}`, `{"*":{"next":"a"}}`, `{"$":{"next":"a"}}`, `{"/a":{"next_":"a"}}`, `{"a~/":{"nxt":"a"}}`, `[1]`, `"a"`,
		`{"has_more":true,"last":false}`, `{"meta":{"x":"a1b2c3d4e5f6"}}`, `{"n\u0065xt":"a"}`, `{"cursor":`, `{"meta":{"next":}}`, `{"continue":{"a":1}}`,
	} {
		f.Add(body, "next", "data", `</x>; rel="next"`)
		f.Add(body, "paging.nxt.href", "meta.*", "")
	}
	page := &url.URL{Scheme: "https", Host: "h", Path: "/x", RawQuery: "page=1"}
	f.Fuzz(func(t *testing.T, body, at, records, link string) {
		doc, err := jsonpath.NewDocument([]byte(body))
		if err != nil || !utf8.ValidString(body) { // a page has been made valid
			return
		}
		found := Find(Page{Doc: doc, RecordsAt: records, Header: http.Header{"Link": {link}}, URL: page}, at)
		where, fix := Text(found)
		if len(found) > 0 && (where == "" || fix == "") {
			t.Fatalf("%+v has no text", found)
		}
		for _, c := range found {
			if c.Kind == Link || c.Kind == Header {
				continue
			}
			p, err := jsonpath.Parse(c.At)
			if err != nil {
				t.Fatalf("%s: the path %q is not valid: %v", body, c.At, err)
			}
			if _, ok, err := doc.Find(p); !ok || err != nil {
				t.Fatalf("%s: nothing at %q: %v", body, c.At, err)
			}
		}
	})
}

// The names and values are large, and there are many of them.
func TestTheCostIsLinear(t *testing.T) {
	for name, body := range map[string]string{
		"members": `{"a":1` + strings.Repeat(`,"nexd":"abc"`, 200_000) + `}`,
		"names":   `{"` + strings.Repeat("nextcursor", 200_000) + `":"abc"}`,
		"values":  `{"token":"` + strings.Repeat("a1", 1_000_000) + `"}`,
		"depth":   strings.Repeat(`{"meta":`, 200_000) + "1" + strings.Repeat("}", 200_000),
		"arrays":  `{"links":[` + strings.Repeat(`{"rel":"self"},`, 200_000) + `{}]}`,
	} {
		doc, err := jsonpath.NewDocument([]byte(body))
		require.NoError(t, err)
		start := time.Now()
		Find(Page{Doc: doc, Header: http.Header{}}, "paging.next_cursor")
		assert.Less(t, time.Since(start), 20*time.Second, name)
		t.Log(name, len(body), time.Since(start))
	}
}
