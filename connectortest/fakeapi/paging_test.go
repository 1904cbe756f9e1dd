package fakeapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

// listed is a page under "data", with the fields that may lead to the next one.
type listed struct {
	Data []order `json:"data"`
	Next *string `json:"next"`
	Meta struct {
		Next  *string `json:"next"`
		Total int     `json:"total"`
		More  bool    `json:"more"`
	} `json:"meta"`
}

func decode(t *testing.T, got answer) (l listed) {
	t.Helper()
	require.Equal(t, 200, got.status, got.body)
	if strings.HasPrefix(got.body, "[") {
		require.NoError(t, json.Unmarshal([]byte(got.body), &l.Data))
	} else {
		require.NoError(t, json.Unmarshal([]byte(got.body), &l))
	}
	return l
}

var nextLink = regexp.MustCompile(`, <([^>]+)>; rel="next"$`)

// The test pages through each style in the way of its clients.
func TestEveryStyleOfPagingServesEachRowOnce(t *testing.T) {
	// The next address, or "" after the last page.
	type step func(at string, number int, got answer, l listed) string
	last := func(l listed) int64 { return l.Data[len(l.Data)-1].ID }
	for name, tt := range map[string]struct {
		options []fakeapi.CollectionOption
		next    step
	}{
		"by token": {[]fakeapi.CollectionOption{fakeapi.ByToken("token", "meta.next")}, func(at string, _ int, _ answer, l listed) string {
			if l.Meta.Next == nil {
				return ""
			}
			return at + "?token=" + *l.Meta.Next
		}},
		"by token, in an order": {[]fakeapi.CollectionOption{fakeapi.ByToken("token", "next"), fakeapi.Since("since", "updated_at")}, func(at string, _ int, _ answer, l listed) string {
			if l.Next == nil {
				return ""
			}
			return at + "?token=" + *l.Next
		}},
		"by page": {[]fakeapi.CollectionOption{fakeapi.ByPage("page", "per_page"), fakeapi.Total("meta.total")}, func(at string, n int, _ answer, l listed) string {
			if n*3 >= l.Meta.Total {
				return ""
			}
			return at + "?per_page=3&page=" + strconv.Itoa(n+1)
		}},
		"by page, until one is empty": {[]fakeapi.CollectionOption{fakeapi.ByPage("page", "")}, func(at string, n int, _ answer, l listed) string {
			if len(l.Data) == 0 {
				return ""
			}
			return at + "?page=" + strconv.Itoa(n+1)
		}},
		"by offset": {[]fakeapi.CollectionOption{fakeapi.ByOffset("offset", "limit"), fakeapi.HasMore("meta.more")}, func(at string, n int, _ answer, l listed) string {
			if !l.Meta.More {
				return ""
			}
			return at + "?limit=3&offset=" + strconv.Itoa(n*3)
		}},
		"by link": {[]fakeapi.CollectionOption{fakeapi.ByLink()}, func(_ string, _ int, got answer, _ listed) string {
			if m := nextLink.FindStringSubmatch(got.header.Get("Link")); m != nil {
				return m[1]
			}
			return ""
		}},
		"by next URL": {[]fakeapi.CollectionOption{fakeapi.ByNextURL("next")}, func(_ string, _ int, _ answer, l listed) string {
			if l.Next == nil {
				return ""
			}
			return *l.Next
		}},
		"by key": {[]fakeapi.CollectionOption{fakeapi.ByKey("after", "id")}, func(at string, _ int, _ answer, l listed) string {
			if len(l.Data) < 3 {
				return ""
			}
			return fmt.Sprint(at, "?after=", last(l))
		}},
	} {
		for _, n := range []int{0, 1, 3, 8, 9} {
			t.Run(fmt.Sprint(name, " of ", n), func(t *testing.T) {
				_, at := serve(t, fakeapi.Collection("/orders", orders(n), append(tt.options, fakeapi.PageSize(3))...))
				got := []order{}
				address := at + "/orders"
				for page := 1; address != ""; page++ {
					require.LessOrEqual(t, page, 5, "the pages do not end")
					a := get(t, address)
					l := decode(t, a)
					require.LessOrEqual(t, len(l.Data), 3)
					got = append(got, l.Data...)
					address = tt.next(at+"/orders", page, a, l)
				}
				assert.Equal(t, orders(n), got)
			})
		}
	}
}

func TestFirstPagesHaveTheDocumentedForm(t *testing.T) {
	rows := []int{1, 2, 3}
	for want, options := range map[string][]fakeapi.CollectionOption{
		`[1,2,3]`:                        nil,
		`[1,2]`:                          {fakeapi.ByPage("page", ""), fakeapi.PageSize(2)},
		`{"data":[1,2,3],"next":null}`:   {fakeapi.ByToken("t", "next")},
		`{"a":{"rows":[1,2,3],"n":3}}`:   {fakeapi.Under("a.rows"), fakeapi.Total("a.n")},
		`{"rows":[1,2],"has_more":true}`: {fakeapi.Under("rows"), fakeapi.HasMore("has_more"), fakeapi.ByOffset("o", ""), fakeapi.PageSize(2)},
		`{"data":[1,2,3],"meta":{"next":null,"count":3},"more":false}`: {
			fakeapi.ByToken("t", "meta.next"), fakeapi.Total("meta.count"), fakeapi.HasMore("more")},
	} {
		t.Run(want, func(t *testing.T) {
			_, at := serve(t, fakeapi.Collection("/x", rows, options...))
			assert.Equal(t, want, get(t, at+"/x").body)
		})
	}
}

func TestLinksKeepTheParametersButNotTheCredentials(t *testing.T) {
	_, at := serve(t, fakeapi.Query("key", "k1"),
		fakeapi.Collection("/urls", orders(6), fakeapi.ByNextURL("next"), fakeapi.SizedBy("limit"), fakeapi.Since("since", "updated_at")),
		fakeapi.Collection("/links", orders(6), fakeapi.ByLink(), fakeapi.SizedBy("limit")))
	l := decode(t, get(t, at+"/urls?key=k1&limit=2&since=2026-03-01T01%3A00%3A01%2B01:00"))
	require.NotNil(t, l.Next)
	u, err := url.Parse(*l.Next)
	require.NoError(t, err)
	assert.Equal(t, at, u.Scheme+"://"+u.Host)
	assert.Equal(t, "2026-03-01T01:00:01+01:00", u.Query().Get("since"))
	assert.Equal(t, "2", u.Query().Get("limit"))
	assert.False(t, u.Query().Has("key"))
	assert.Equal(t, orders(6)[4:6], decode(t, get(t, *l.Next+"&key=k1")).Data)

	link := get(t, at+"/links?key=k1&limit=5").header.Get("Link")
	assert.True(t, strings.HasPrefix(link, "<"+at+`/links?limit=5>; rel="first", <`), link)
}

func TestAPageTokenBelongsToOneListAndItsFilters(t *testing.T) {
	paged := []fakeapi.CollectionOption{fakeapi.ByToken("token", "next"), fakeapi.PageSize(1), fakeapi.SizedBy("limit"), fakeapi.Since("since", "updated_at")}
	_, at := serve(t, fakeapi.Collection("/a", orders(4), paged...), fakeapi.Collection("/b", orders(4), paged...),
		fakeapi.Collection("/of/{id}", orders(4), append(paged, fakeapi.Equal("id", "updated_at"))...))
	token := *decode(t, get(t, at+"/a")).Next
	assert.Regexp(t, `^[A-Za-z0-9_-]+$`, token)
	assert.Equal(t, orders(4)[1:], decode(t, get(t, at+"/a?limit=3&token="+token)).Data, "the page size may change")
	assert.Equal(t, orders(4)[:1], decode(t, get(t, at+"/a?token=")).Data, "an empty token requests the first page")
	for _, address := range []string{"/b?token=", "/of/1?token=", "/a?since=2026-03-01T00:00:00Z&token="} {
		got := get(t, at+address+token)
		assert.Equal(t, 400, got.status)
		assert.Contains(t, got.body, "token belongs to another list or to other filters")
	}
	child := *decode(t, get(t, at+"/of/2026-03-01T00:00:00Z")).Next
	assert.Equal(t, 400, get(t, at+"/of/2026-03-01T00:00:01Z?token="+child).status)
	for i := range token {
		altered := token[:i] + string("AB"[strings.Count(token[i:i+1], "A")]) + token[i+1:]
		assert.Equal(t, 400, get(t, at+"/a?token="+altered).status)
	}
}

// A row that changes while a client reads the pages moves to the last page.
func TestATokenKeepsItsPositionWhenRowsChange(t *testing.T) {
	api, at := serve(t, fakeapi.Collection("/x", orders(6), fakeapi.ByToken("token", "next"), fakeapi.PageSize(3), fakeapi.Since("since", "updated_at")))
	token := *decode(t, get(t, at+"/x")).Next
	changed := orders(6)
	changed[0].Updated = "2026-04-01T00:00:00Z"
	api.Set("/x", changed)
	l := decode(t, get(t, at+"/x?token="+token))
	assert.Equal(t, changed[3:6], l.Data[len(l.Data)-3 : len(l.Data)][:3])
	require.NotNil(t, l.Next)
	assert.Equal(t, changed[:1], decode(t, get(t, at+"/x?token="+*l.Next)).Data)

	api.Set("/x", []byte(`[{"updated_at":1}]`))
	assert.Contains(t, get(t, at+"/x?token="+token).body, "the values of updated_at now have another type")
}

func TestParametersCanBeInTheBody(t *testing.T) {
	_, at := serve(t, fakeapi.Collection("/search", orders(5), fakeapi.InBody(), fakeapi.ByToken("page.token", "next"),
		fakeapi.SizedBy("page.size"), fakeapi.Since("since", "updated_at"), fakeapi.Equal("id", "id")))
	l := decode(t, ask(t, "POST", at+"/search", `{"page":{"size":2,"token":null},"since":"2026-03-01T00:00:01Z"}`))
	assert.Equal(t, orders(5)[2:4], l.Data)
	l = decode(t, ask(t, "POST", at+"/search", `{"page":{"size":2,"token":"`+*l.Next+`"},"since":"2026-03-01T00:00:01Z"}`))
	assert.Equal(t, orders(5)[4:], l.Data)
	assert.Equal(t, orders(5)[1:2], decode(t, ask(t, "POST", at+"/search", `{"id":9007199254740993}`)).Data)
	assert.Equal(t, orders(5), decode(t, ask(t, "POST", at+"/search", ``)).Data)
}

func TestSinceComparesByTheTypeOfTheField(t *testing.T) {
	for name, tt := range map[string]struct{ rows, since, want string }{
		"digits that a float loses":    {`[{"v":9007199254740993},{"v":9007199254740992}]`, "9007199254740993", `[{"v":9007199254740993}]`},
		"numbers of any length":        {`[{"v":1e30},{"v":10},{"v":9},{"v":-2.50}]`, "9.0", `[{"v":9},{"v":10},{"v":1e30}]`},
		"instants in any zone":         {`[{"v":"2026-01-01T00:00:00Z"},{"v":"2026-01-01T00:30:00+01:00"},{"v":"2026-01-01T00:00:00.000000001Z"}]`, "2026-01-01T00:00:00.0Z", `[{"v":"2026-01-01T00:00:00Z"},{"v":"2026-01-01T00:00:00.000000001Z"}]`},
		"dates as text":                {`[{"v":"2026-01-02"},{"v":"2026-01-01"}]`, "2026-01-02", `[{"v":"2026-01-02"}]`},
		"mixed types as text":          {`[{"v":"b"},{"v":5},{"v":"a"}]`, "6", `[{"v":"a"},{"v":"b"}]`},
		"equal values in order":        {`[{"v":2,"n":1},{"v":1},{"v":2.0,"n":2},{"v":2,"n":3}]`, "2", `[{"v":2,"n":1},{"v":2.0,"n":2},{"v":2,"n":3}]`},
		"rows without the field":       {`[{"v":1},{"v":null},{},{"v":[1]},7]`, "-99", `[{"v":1}]`},
		"no rows":                      {`[]`, "anything", `[]`},
		"a parameter above all values": {`[{"v":1}]`, "2", `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			_, at := serve(t, fakeapi.Collection("/x", []byte(tt.rows), fakeapi.Since("since", "v")))
			assert.Equal(t, tt.want, get(t, at+"/x?since="+url.QueryEscape(tt.since)).body)
		})
	}
	t.Run("in objects", func(t *testing.T) {
		_, at := serve(t, fakeapi.Collection("/x", []byte(`[{"a":{"b":2}},{"a":{"b":1}},{"a.b":3}]`), fakeapi.Since("since", "a.b")))
		assert.Equal(t, `[{"a":{"b":2}},{"a.b":3}]`, get(t, at+"/x?since=2").body)
		assert.Equal(t, `[{"a":{"b":1}},{"a":{"b":2}},{"a.b":3}]`, get(t, at+"/x").body)
	})
}

func TestByKeyWithSinceKeepsTheOrderOfTheKey(t *testing.T) {
	rows := []byte(`[{"id":"c","v":1},{"id":"b","v":3},{"id":"a","v":2}]`)
	_, at := serve(t, fakeapi.Collection("/x", rows, fakeapi.ByKey("after", "id"), fakeapi.PageSize(1), fakeapi.Since("since", "v")))
	assert.Equal(t, `[{"id":"a","v":2}]`, get(t, at+"/x?since=2").body)
	assert.Equal(t, `[{"id":"b","v":3}]`, get(t, at+"/x?since=2&after=a").body)
	assert.Equal(t, `[]`, get(t, at+"/x?since=2&after=b").body)
}

func FuzzPageTokens(f *testing.F) {
	api := fakeapi.New(nil, fakeapi.Collection("/x", orders(9), fakeapi.ByToken("token", "next"), fakeapi.PageSize(2), fakeapi.Since("since", "updated_at")))
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05"))
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x02\x012026-03-01T00:00:00Z"))
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, token := range []string{string(b), fakeapi.SealToken(append(make([]byte, 4), b...))} {
			if parsed, err := fakeapi.ParseToken(token); err == nil {
				assert.Equal(t, token, parsed.String(), "a position has exactly one token")
			}
			if token != "" {
				got := inMemory(t, api, "/x?token="+url.QueryEscape(token))
				assert.Equal(t, 400, got.status, "a forged token names another list")
			}
		}
	})
}
