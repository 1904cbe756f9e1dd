package transport_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestAStreamWhoseResponseLeadsToAnotherPageIsAWarning(t *testing.T) {
	var log transporttest.LogRecord
	var users []string
	ctx := userwarning.With(t.Context(), func(_, message string, _ int) { users = append(users, message) })
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/last" {
			w.Header().Set("Link", `</x?page=2>; rel="next"`)
		}
		fmt.Fprint(w, `[{"id":1}]`)
	}, log.Warnings())
	for _, path := range []string{"/x", "/x", "/last"} {
		_, err := transporttest.Collect(transport.Stream[item](ctx, client, transport.Request{Path: path}, format.JSON{}))
		require.NoError(t, err)
	}
	assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
	assert.Contains(t, log.String(), "use Records with paging.LinkHeader")
	assert.Len(t, users, 2, "one for each stream: the runtime counts them")
}

func TestGetOfAValueWhoseResponseLeadsToAnotherPageIsLoggedAtDebugLevel(t *testing.T) {
	var log transporttest.LogRecord
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `</x?page=2>; rel="next"`)
		fmt.Fprint(w, `{"id":1}`)
	}, transport.WithLogger(log.Logger()))
	_, err := transport.Get[item](t.Context(), client, transport.Request{Path: "/x"})
	require.NoError(t, err)
	assert.Contains(t, log.String(), "the Link header with rel=next leads to another page")
	assert.NotContains(t, log.String(), "level=WARN")
}

func TestGetOfAListThatLeadsToAnotherPageIsAWarning(t *testing.T) {
	for name, c := range map[string]struct{ link, body, fix string }{
		"Link header":     {`</x?page=2>; rel="next"`, `{"value":[{"id":1}]}`, "paging.LinkHeader"},
		"URL in the body": {"", `{"value":[{"id":1}],"@odata.nextLink":"https://api.example.com/x?$skip=1"}`, `paging.NextURL{At: "@odata.nextLink"}`},
		"token":           {"", `{"value":[{"id":1}],"next_cursor":"a1"}`, `paging.PageToken{At: "next_cursor"`},
		"bool":            {"", `{"value":[{"id":1}],"has_more":true}`, `MoreAt: "has_more"`},
		"the last page":   {"", `{"value":[{"id":1}],"next_cursor":null,"has_more":false}`, ""},
		"one page":        {"", `{"value":[{"id":1}],"total":1}`, ""},
		"no content":      {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log transporttest.LogRecord
			client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.body == "" {
					w.WriteHeader(http.StatusNoContent)
					return
				}
				if c.link != "" {
					w.Header().Set("Link", c.link)
				}
				fmt.Fprint(w, c.body)
			}, log.Warnings())
			for range 2 {
				_, err := transport.Get[[]item](t.Context(), client, transport.Request{Path: "/x", RecordsAt: "value"})
				require.NoError(t, err)
			}
			if c.fix == "" {
				assert.Empty(t, log.String())
				return
			}
			assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
			assert.Contains(t, strings.ReplaceAll(log.String(), `\"`, `"`), c.fix)
		})
	}
}

// The warning shows the user the path, but no values.
func TestTheUserOfASyncIsWarnedOfAPageThatMayNotBeTheLast(t *testing.T) {
	var users []string
	ctx := userwarning.With(t.Context(), func(_, message string, _ int) { users = append(users, message) })
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":[],"bookmark":"v4lue"}`) })
	req := transport.Request{Path: "/x/12", Query: url.Values{"q": {"v4lue2"}}, RecordsAt: "data"}
	_, err := transporttest.Collect(transport.Records[item](ctx, client, req, paging.NextURL{At: "next"}))
	require.NoError(t, err)
	require.Len(t, users, 1)
	assert.Contains(t, users[0], "/x/*: the page has nothing at next, but the member bookmark may lead to another page")
	assert.NotContains(t, users[0], "v4lue")
}

// A function that follows a pointer has the check of the other kinds of paging.
func TestAFunctionCanCheckThatItsLastPageIsTheLast(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":[],"nextCursor":"a"}`) })
	p := paging.Func(func(page *transport.Page) (transport.Request, string, error) {
		token, err := page.Text("next_cursor")
		if err != nil || token == "" {
			return transport.Request{}, "no next_cursor", page.CheckLast("next_cursor")
		}
		next, err := page.Request.WithParam("cursor", false, token)
		return next, "", err
	})
	_, err := transporttest.Collect(transport.Records[item](t.Context(), client, transport.Request{RecordsAt: "data"}, p))
	assert.ErrorContains(t, err, "the member nextCursor says that there is another page")
}

func TestAHeaderThatLeadsToAnotherResponseThanThatOfAStreamIsAWarning(t *testing.T) {
	for name, value := range map[string]string{"X-Next-Page": "2", "Sforce-Locator": "MTAwMDA", "x-ms-continuation": "a1"} {
		t.Run(name, func(t *testing.T) {
			for last, value := range map[bool]string{false: value, true: "null"} {
				var log logRecord
				client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set(name, value)
					_, _ = w.Write([]byte("id\n1\n"))
				}, log.Warnings())
				_, err := transporttest.Collect(transport.Stream[map[string]any](t.Context(), client, transport.Request{}, format.CSV{}))
				require.NoError(t, err)
				assert.Equal(t, !last, strings.Contains(log.String(), "a stream reads one response, but the header "+http.CanonicalHeaderKey(name)))
			}
		})
	}
}

// PostgREST limits the rows of a response and sends their number in Content-Range.
func TestAStreamWithFewerRecordsThanItsHeadersSayIsAWarning(t *testing.T) {
	read := func(name, value string, req transport.Request) string {
		var log logRecord
		client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(name, value)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write([]byte("id\n1\n2\n"))
		}, log.Warnings())
		got, err := transporttest.Collect(transport.Stream[map[string]any](t.Context(), client, req, format.CSV{}))
		require.NoError(t, err)
		require.Len(t, got, 2)
		return log.String()
	}
	for _, tt := range []struct {
		name, value string
		warns       bool
	}{
		{"Content-Range", "0-1/500", true},
		{"Content-Range", "items 0-1/500", true},
		{"X-Total-Count", "500", true},
		{"X-Total-Pages", "7", true},
		{"Content-Range", "0-1/2", false},
		{"Content-Range", "0-1/*", false},
		{"Content-Range", "bytes 0-6/7", false},
		{"X-Total-Count", "2", false},
		{"X-Total-Pages", "1", false},
	} {
		log := read(tt.name, tt.value, transport.Request{Path: "/x"})
		assert.Equal(t, tt.warns, strings.Contains(log, "a stream reads one response, but the header "+tt.name), "%s: %s\n%s", tt.name, tt.value, log)
	}
	assert.Empty(t, read("Content-Range", "0-1/500", transport.Request{Header: http.Header{"Range": {"0-1"}}}), "the author reads one part after the other")
	assert.Empty(t, read("X-Total-Count", "500", transport.Request{Path: "/x?offset=0"}), "likewise")
}
