package transport_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// big is a number that a float64 cannot represent.
const big = `9007199254740993`

// oneRecord returns a client for a source with one record.
func oneRecord(t *testing.T) *transport.Client {
	t.Helper()
	return inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{ "Data" : 1, "data" : [ {"id": `+big+`, "name":"a\u00e9", "n": 1.10, "deep":{"list":[`+big+`,null,true,"x"]}, "id2":"7"} ] }`)
	})
}

func TestARecordIsDecodedIntoAnyTypeWithoutLosingDigits(t *testing.T) {
	c := oneRecord(t)
	req := transport.Request{RecordsAt: "data"}
	type row struct {
		ID   int64
		Name string
		N    json.Number `json:"n"`
		Deep any         `json:"deep"`
		ID2  json.Number `json:"id2"`
	}
	rows, err := collect(transport.Records[row](ctx, c, req, nil))
	require.NoError(t, err)
	deep := map[string]any{"list": []any{json.Number(big), nil, true, "x"}}
	assert.Equal(t, []row{{9007199254740993, "aé", "1.10", deep, "7"}}, rows)

	ptrs, err := collect(transport.Records[*row](ctx, c, req, nil))
	require.NoError(t, err)
	assert.Equal(t, rows[0], *ptrs[0])

	maps, err := collect(transport.Records[map[string]any](ctx, c, req, nil))
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": json.Number(big), "name": "aé", "n": json.Number("1.10"), "deep": deep, "id2": "7"}, maps[0])

	anys, err := collect(transport.Records[any](ctx, c, req, nil))
	require.NoError(t, err)
	assert.Equal(t, any(maps[0]), anys[0])

	raws, err := collect(transport.Records[json.RawMessage](ctx, c, req, nil))
	require.NoError(t, err)
	assert.JSONEq(t, `{"id": `+big+`, "name":"aé", "n": 1.10, "deep":{"list":[`+big+`,null,true,"x"]}, "id2":"7"}`, string(raws[0]))
}

func TestARecordThatDoesNotFitIsAnErrorThatNamesTheField(t *testing.T) {
	c := oneRecord(t)
	req := transport.Request{RecordsAt: "data"}
	type wrong struct {
		Name int64 `json:"name"`
	}
	_, err := collect(transport.Records[wrong](ctx, c, req, nil))
	assert.ErrorContains(t, err, "decode record 1 of page 1 as transport_test.wrong")
	assert.ErrorContains(t, err, "/name")
	assert.Equal(t, "defect", kindName(asError(t, err)))

	type small struct {
		ID int32 `json:"id"`
	}
	_, err = collect(transport.Records[small](ctx, c, req, nil))
	assert.Error(t, err, "the number does not fit")
}

// nested is a text with records at many paths.
const nested = `{"data":{"items":[{"id":1}],"a.b":[{"id":2}]},"edges":[{"node":{"id":3}},{"node":{"id":4}}],"groups":[{"items":[{"id":5}]},{"items":[]}],
		"byID":{"x":{"id":6},"y":{"id":7}},"none":[],"list":[[{"id":8}]],"n\u0061me":[{"id":9}],"nothing":null,"*":[{"id":10}]}`

func TestAPathLeadsToRecordsAnywhereInTheText(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, nested) })
	for at, want := range map[string][]int64{
		"data.items": {1}, "/data/a.b": {2}, "edges.*.node": {3, 4}, "groups.*.items.*": {5}, "byID.*": {6, 7}, "none": nil,
		"none.*.x": nil, "list.0": {8}, "list.0.*": {8}, "name": {9}, "nothing": nil, "$.data.items": {1}, "/list/0": {8}, "/*": {10},
	} {
		got, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: at}, nil))
		assert.NoError(t, err, at)
		assert.Equal(t, want, ids(got), at)
	}
}

func TestAPathWithoutRecordsIsAnErrorThatDescribesTheText(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, nested) })
	for at, want := range map[string]string{
		"data.item": "data is an object with the keys items, a.b", "edges.*.nod": "edges.* is an object with the keys node", "list.1": "list is an array of 1",
		"data..x": "empty", "/data~": "not a valid JSON Pointer", "nothing.x": "nothing is null", "list.-1": "", "list.00": "",
	} {
		_, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: at}, nil))
		assert.ErrorContains(t, err, want, at)
	}
}

func TestGetDecodesTheValueAtAPath(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/none":
			w.WriteHeader(204)
		case "/ok":
			_, _ = io.WriteString(w, `{"ok":true,"user":{"id":5}}`)
		}
	})
	ok, err := transport.Get[struct{ OK bool }](ctx, c, transport.Request{Path: "/ok"})
	require.NoError(t, err)
	assert.True(t, ok.OK)
	user, err := transport.Get[item](ctx, c, transport.Request{Path: "/ok", RecordsAt: "user"})
	require.NoError(t, err)
	assert.Equal(t, int64(5), user.ID)
	_, err = transport.Get[item](ctx, c, transport.Request{Path: "/ok", RecordsAt: "users"})
	assert.ErrorIs(t, err, transport.ErrNoRecords)
	_, err = transport.Get[[]int](ctx, c, transport.Request{Path: "/ok"})
	assert.ErrorContains(t, err, "decode the response as []int")
	assert.Equal(t, 1, asError(t, err).Attempts)
	none, err := transport.Get[*item](ctx, c, transport.Request{Path: "/none"})
	require.NoError(t, err)
	assert.Nil(t, none)
}

// secondPageFails serves one page of three records.
func secondPageFails(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("page") == "2" {
		w.WriteHeader(400)
		return
	}
	writeItems(w, 1, 3, "")
}

func TestAnIteratorYieldsAnErrorLastAndStartsAnewInEachLoop(t *testing.T) {
	c := serve(t, secondPageFails)
	seq := transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{})
	for range 2 {
		var pairs []string
		for v, err := range seq {
			pairs = append(pairs, fmt.Sprint(v.ID, err != nil))
		}
		assert.Equal(t, []string{"1 false", "2 false", "3 false", "0 true"}, pairs)
	}
	for range seq {
		break
	}
}

func TestPagesYieldsEachPageWithItsRecords(t *testing.T) {
	c := serve(t, secondPageFails)
	var pages []int
	for p, err := range transport.Pages(ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{}) {
		if err != nil {
			assert.Nil(t, p)
			break
		}
		pages = append(pages, p.Len())
		assert.JSONEq(t, `{"id":1,"name":"n1"}`, string(p.Record(0)))
		assert.Nil(t, p.Record(3))
		all, err := collect(transport.PageRecords[item](p))
		assert.NoError(t, err)
		assert.Equal(t, upTo(3), ids(all))
	}
	assert.Equal(t, []int{3}, pages)
}

func TestAnIteratorIsSafeForConcurrentUse(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		writeItems(w, n, n, `,"total":20`)
	})
	seq := transport.Records[item](ctx, c, transport.Request{RecordsAt: "data", Query: url.Values{"a": {"b"}}}, paging.PageNumber{TotalPagesAt: "total"})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := collect(seq)
			assert.NoError(t, err)
			assert.Equal(t, upTo(20), ids(got))
		})
	}
	wg.Wait()
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "[{\"id\":1,\"name\":\"a\xffb\"}]")
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{}, nil))
	require.NoError(t, err)
	assert.Equal(t, "a\uFFFDb", got[0].Name)
}

func TestATimeKeepsItsNanoseconds(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `[{"at":"2024-05-01T12:00:00.123456789+02:00"}]`)
	})
	got, err := collect(transport.Records[struct{ At time.Time }](ctx, c, transport.Request{}, nil))
	require.NoError(t, err)
	assert.Equal(t, 123456789, got[0].At.Nanosecond())
}

func TestAResponseWithoutRecordsIsAnErrorAndNotRepeated(t *testing.T) {
	for name, tt := range map[string]struct {
		contentType, body string
		want              error
		text              string
	}{
		"html":            {"text/html", "<!DOCTYPE html><title>Sign in</title>", transport.ErrNotJSON, "text/html"},
		"text":            {"text/plain", "hello", transport.ErrNotJSON, ""},
		"empty body":      {"application/json", "", transport.ErrNotJSON, "it is empty"},
		"garbage":         {"application/json", "\x00\x01\x02", transport.ErrNotJSON, ""},
		"two values":      {"application/json", `{"data":[]} {"data":[]}`, transport.ErrNotJSON, "more text follows"},
		"missing comma":   {"application/json", `{"data":[{} {}]}`, transport.ErrNotJSON, "unexpected"},
		"bad record":      {"application/json", `{"data":[{"id":tru}]}`, transport.ErrNotJSON, "record 1"},
		"no records":      {"application/json", `{"items":[],"total":0}`, transport.ErrNoRecords, "an object with the keys items, total"},
		"object at path":  {"application/json", `{"data":{"items":[]}}`, transport.ErrNoRecords, "an object with the keys items"},
		"scalar":          {"application/json", `"x"`, transport.ErrNoRecords, "a string"},
		"an array":        {"application/json", `[1,2]`, transport.ErrNoRecords, "an array of 2"},
		"null at path":    {"application/json", `{"data":null}`, nil, ""},
		"empty array":     {"application/json", `{"data":[]}`, nil, ""},
		"byte order mark": {"application/json", "\xef\xbb\xbf{\"data\":[]}", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n++
				w.Header().Set("Content-Type", tt.contentType)
				_, _ = io.WriteString(w, tt.body)
			})
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/x", RecordsAt: "data"}, nil))
			assert.Empty(t, got)
			assert.Equal(t, 1, n)
			if tt.want == nil {
				assert.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, tt.want)
			assert.ErrorContains(t, err, tt.text)
			assert.ErrorContains(t, err, "/x: ")
			assert.False(t, asError(t, err).Temporary())
		})
	}
}

func TestABodyWithAnErrorInPlaceOfTheRecordsNamesTheMember(t *testing.T) {
	for body, hinted := range map[string]bool{
		`{"error":{"code":"0x1"}}`: true, `{"ok":false,"error_message":"no"}`: true, `{"errors":["no"]}`: true,
		`{"error":null,"items":[]}`: false, `{"errors":[],"items":[]}`: false, `{"error":"","items":[]}`: false, `[{"error":"x"}]`: false,
	} {
		client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		_, err := transporttest.Collect(transport.Records[map[string]any](t.Context(), client, transport.Request{RecordsAt: "data"}, nil))
		require.ErrorIs(t, err, transport.ErrNoRecords)
		assert.Equal(t, hinted, strings.Contains(err.Error(), "may report an error: to see it, set Request.ErrorAt"), body)
	}
}
