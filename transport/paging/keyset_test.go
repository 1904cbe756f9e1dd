package paging_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestKeysetReadsTheRecordsAfterTheLastKey(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		at := number(r, "since_id")
		transporttest.WriteItems(w, at+1, min(at+2, 5), "")
	})
	req := transport.Request{RecordsAt: "data"}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "id", Param: "since_id"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(5), transporttest.IDs(got))

	// The source ignores the parameter.
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "id", Param: "after"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
}

// readByKey reads a source that has records with keys, in this order. From the second page
// on, it sends the records that after accepts, for the key in the request.
func readByKey(t *testing.T, keyset paging.Keyset, keys []string, size int, after func(key, requested string) bool) ([]string, error) {
	t.Helper()
	keyset.KeyAt, keyset.Param = "k", "key"
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		requested := r.URL.Query()["key"]
		data := []map[string]json.RawMessage{}
		for _, key := range keys {
			text := strings.Trim(key, `"`)
			if len(data) < size && (requested == nil || key != "null" && after(text, requested[0])) {
				data = append(data, map[string]json.RawMessage{"k": json.RawMessage(key)})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	})
	type record struct {
		K json.RawMessage `json:"k"`
	}
	var got []string
	for r, err := range transport.Records[record](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, keyset) {
		if err != nil {
			return got, err
		}
		got = append(got, string(r.K))
	}
	return got, nil
}

// greater and less compare numbers by their length first, and texts of one length.
func greater(key, than string) bool {
	return len(key) > len(than) || len(key) == len(than) && key > than
}
func less(key, than string) bool           { return key != than && !greater(key, than) }
func greaterOrEqual(key, than string) bool { return !less(key, than) }
func lessOrEqual(key, than string) bool    { return !greater(key, than) }

func keysFrom(from, to int) (keys []string) {
	step := 1
	if from > to {
		step = -1
	}
	for i := from; i != to+step; i += step {
		keys = append(keys, fmt.Sprint(i))
	}
	return keys
}

func quoted(format string, texts []string) (keys []string) {
	for _, n := range texts {
		keys = append(keys, fmt.Sprintf(`"`+format+`"`, n))
	}
	return keys
}

func TestKeysetReadsASourceThatSortsInEitherDirection(t *testing.T) {
	large := []string{"9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994", "18446744073709551616", "18446744073709551617"}
	times := []string{`"2024-05-01T10:00:00Z"`, `"2024-05-01T10:00:01Z"`, `"2024-05-01T10:00:02Z"`, `"2024-05-01T10:00:03Z"`, `"2024-05-01T10:00:04Z"`}
	for _, tt := range []struct {
		name  string
		keys  []string
		after func(key, requested string) bool
	}{
		{"rising", keysFrom(1, 11), greater},
		{"falling", keysFrom(11, 1), less},
		{"beyond the precision of a float", large, greater},
		{"texts of numbers", quoted("%s", keysFrom(1, 12)), greater},
		{"counters", quoted("n-%04s", keysFrom(95, 105)), greater},
		{"times", times, greater},
		{"equal keys within a page", []string{"1", "2", "2", "3", "4", "4"}, greater},
		{"nulls first", append([]string{"null", "null"}, keysFrom(1, 4)...), greater},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readByKey(t, paging.Keyset{}, tt.keys, 3, tt.after)
			require.NoError(t, err)
			assert.Equal(t, tt.keys, got)
		})
	}
}

func TestASourceThatIncludesTheKeyInTheRequestEndsByItself(t *testing.T) {
	for _, tt := range []struct {
		keys  []string
		after func(key, requested string) bool
		want  string
	}{
		{keysFrom(1, 5), greaterOrEqual, "1 2 3 3 4 5 5"},
		{keysFrom(1, 4), greaterOrEqual, "1 2 3 3 4 4"},
		{keysFrom(5, 1), lessOrEqual, "5 4 3 3 2 1 1"},
		{keysFrom(1, 1), greaterOrEqual, "1 1"},
		{[]string{"1", "2", "2", "3"}, greaterOrEqual, "1 2 2 2 2 3 3"},
	} {
		got, err := readByKey(t, paging.Keyset{}, tt.keys, 3, tt.after)
		require.NoError(t, err)
		assert.Equal(t, tt.want, strings.Join(got, " "))
	}
	_, err := readByKey(t, paging.Keyset{}, []string{"1", "1", "1", "1", "2"}, 3, greaterOrEqual)
	require.ErrorIs(t, err, transport.ErrPageLoop, "more records have one key than fit into a page")
	assert.ErrorContains(t, err, "the source ignores key")
}

func TestKeysThatRiseAndFallAreAnError(t *testing.T) {
	random := quoted("%s", []string{"tuv", "abc", "xyz", "def", "opq", "ghi", "rst", "jkl"})
	for _, tt := range []struct {
		name  string
		keys  []string
		after func(key, requested string) bool
		err   string
	}{
		{"newest first", keysFrom(6, 1), greater, "the keys at k fall, but the key rises in record 1 of page 2"},
		{"oldest first", keysFrom(1, 6), less, "the keys at k rise, but the key falls in record 1 of page 2"},
		{"unsorted", []string{"1", "5", "3", "6"}, greater, "the keys at k rise, but the key falls in record 3 of page 1"},
		{"unsorted in the second page", []string{"1", "2", "3", "5", "4", "6"}, greater, "record 2 of page 2"},
		{"large numbers, newest first", []string{"9007199254740995", "9007199254740994", "9007199254740993"}, greater, "the keys at k fall"},
		{"times, newest first", quoted("2024-05-0%s", keysFrom(6, 1)), greater, "the keys at k fall"},
		{"texts of numbers, newest first", quoted("%s", keysFrom(6, 1)), greater, "the keys at k fall"},
		{"counters, newest first", quoted("n-%03s", keysFrom(6, 1)), greater, "the keys at k fall"},
		{"texts, newest first", quoted("%s", strings.Split("zt yt xt wt vt ut tt st rt qt pt ot nt", " ")), greater, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			size := 3
			if tt.err == "" {
				size = 12 // texts are compared after enough of them were in order
			}
			_, err := readByKey(t, paging.Keyset{}, tt.keys, size, tt.after)
			require.Error(t, err)
			transporttest.AsError(t, err)
			assert.ErrorContains(t, err, tt.err)
			assert.ErrorContains(t, err, "set Unordered")
		})
	}
	t.Run("unordered", func(t *testing.T) {
		// The source continues after the record that has the key, as with random texts.
		for _, tt := range []struct {
			keyset paging.Keyset
			keys   []string
		}{{paging.Keyset{}, random}, {paging.Keyset{Unordered: true}, []string{"7", "2", "9", "4", "8"}}} {
			got, err := readByKey(t, tt.keyset, tt.keys, 3, func(key, requested string) bool {
				for _, k := range tt.keys {
					switch strings.Trim(k, `"`) {
					case key:
						return false
					case requested:
						return key != requested
					}
				}
				return false
			})
			require.NoError(t, err)
			assert.Equal(t, tt.keys, got)
		}
		_, err := readByKey(t, paging.Keyset{Unordered: true}, keysFrom(1, 5), 3, func(string, string) bool { return true })
		assert.ErrorIs(t, err, transport.ErrPageLoop, "a source that ignores the parameter")
	})
}

func TestAKeyThatIsMissingOrNotAKeyIsAnError(t *testing.T) {
	for record, want := range map[string]string{
		`{"key":7,"name":"a"}`: "the last record has no id: it has key, name",
		`{"id":null}`:          "id is null in the last record",
		`7`:                    "the last record has no id: it is not an object",
		`{"id":true}`:          "id is a bool",
		`{"id":[1]}`:           "id is an array or an object",
		`{"id":{"a":1}}`:       "id is an array or an object",
	} {
		requests := 0
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			fmt.Fprintf(w, `{"data":[%s]}`, record)
		})
		_, err := transporttest.Collect(transport.Records[any](ctx, client, transport.Request{RecordsAt: "data"}, paging.Keyset{KeyAt: "id", Param: "since_id"}))
		assert.ErrorContains(t, err, want)
		assert.Equal(t, 1, requests, "the error comes with the first page")
	}
}

func TestAPageOfTheRequestedSizeOfOneIsALoop(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { transporttest.WriteItems(w, 1, 1, "") })
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Query: url.Values{"limit": {"1"}}, RecordsAt: "data"}, paging.Keyset{KeyAt: "id", Param: "since_id"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
}

func TestAPageWithoutRecordsThatAnnouncesMoreIsAnError(t *testing.T) {
	for more, want := range map[string]string{`true`: "more is true, but the page has no records", `false`: "", `null`: "", `"soon"`: "neither true nor false"} {
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"data":[],"more":%s}`, more) })
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, paging.Keyset{KeyAt: "id", Param: "since_id", MoreAt: "more"}))
		if want == "" {
			assert.NoError(t, err, more)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}

// Search engines return the values by which a record is sorted as an array.
func TestAKeyInTheBodyMayBeAnArray(t *testing.T) {
	var bodies []string
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&body)
		bodies = append(bodies, string(body))
		if n := len(bodies); n < 3 {
			fmt.Fprintf(w, `{"data":[{"sort":[%d,"b"]},{"sort":[%d,"a"]}]}`, n, n)
			return
		}
		fmt.Fprint(w, `{"data":[]}`)
	})
	_, err := transporttest.Collect(transport.Records[map[string]any](ctx, client, transport.Request{Method: "POST", RecordsAt: "data"}, paging.Keyset{KeyAt: "sort", Param: "search_after", InBody: true}))
	require.NoError(t, err)
	assert.Equal(t, []string{`{}`, `{"search_after":[1,"a"]}`, `{"search_after":[2,"a"]}`}[1:], bodies[1:])
}

func TestOneKeysetServesSeveralSequencesAtOnce(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		at := number(r, "since_id")
		transporttest.WriteItems(w, at+1, min(at+2, 6), "")
	})
	keyset := paging.Keyset{KeyAt: "id", Param: "since_id"}
	outer := 0
	for _, err := range transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, transport.Prefetch(keyset, 1)) {
		require.NoError(t, err)
		outer++
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, keyset))
		require.NoError(t, err)
		assert.Len(t, got, 6)
	}
	assert.Equal(t, 6, outer)
}
