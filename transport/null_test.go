package transport_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
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

// A plainLine has no field that can hold a null, apart from Note.
type plainLine struct {
	ID    int64   `json:"id"`
	Price float64 `json:"price"`
	Note  *string `json:"note"`
	Items []struct {
		Qty int64 `json:"qty"`
	} `json:"items"`
}

const plainLines = `[{"id":1,"price":1.5,"note":null,"items":[{"qty":1}]},{"id":2,"price":null,"note":null,"items":[{"qty":null},{"qty":2},{"qty":null}]},{"id":3,"price":null}]`

// nullWarnings returns a client that records its log, and a context that records the
// warnings for the platform's user.
func nullWarnings(t *testing.T) (context.Context, *transport.Client, *transporttest.LogRecord, map[string]int) {
	t.Helper()
	log := new(transporttest.LogRecord)
	client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		text := plainLines
		if r.URL.Path == "/one" {
			text = `{"data":{"id":1,"price":null}}`
		}
		_, _ = io.WriteString(w, text)
	}, log.Warnings())
	shown := map[string]int{}
	return userwarning.With(t.Context(), func(_, message string, n int) { shown[message] += n }), client, log, shown
}

func TestANullThatAFieldCannotHoldIsReportedOncePerField(t *testing.T) {
	for name, read := range map[string]func(context.Context, *transport.Client) error{
		"Records": func(ctx context.Context, c *transport.Client) error {
			_, err := collect(transport.Records[plainLine](ctx, c, transport.Request{}, nil))
			return err
		},
		"Records with Prefetch": func(ctx context.Context, c *transport.Client) error {
			_, err := collect(transport.Records[*plainLine](ctx, c, transport.Request{}, transport.Prefetch(paging.Func(onePageOnly), 1)))
			return err
		},
		"PageRecords": func(ctx context.Context, c *transport.Client) error {
			for page, err := range transport.Pages(ctx, c, transport.Request{}, nil) {
				if err != nil {
					return err
				}
				if _, err := collect(transport.PageRecords[plainLine](page)); err != nil {
					return err
				}
			}
			return nil
		},
		"Stream": func(ctx context.Context, c *transport.Client) error {
			_, err := collect(transport.Stream[plainLine](ctx, c, transport.Request{}, format.JSON{}))
			return err
		},
		"Get": func(ctx context.Context, c *transport.Client) error {
			_, err := transport.Get[[]plainLine](ctx, c, transport.Request{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, client, log, shown := nullWarnings(t)
			require.NoError(t, read(ctx, client))
			require.NoError(t, read(ctx, client))
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			require.Len(t, lines, 2, "one line for each field of a client")
			path := map[bool]string{true: "[]", false: ""}[name == "Get"]
			for i, want := range []string{"price", "items[].qty"} {
				want = strings.TrimPrefix(path+"."+want, ".")
				assert.Contains(t, lines[i], "level=WARN")
				assert.Contains(t, lines[i], "member="+want)
				assert.Contains(t, lines[i], "field=")
			}
			assert.Contains(t, lines[0], "field=transport_test.plainLine.Price")
			assert.Contains(t, lines[0], `fix="use *float64"`)
			require.Len(t, shown, 2)
			for message, count := range shown {
				assert.Equal(t, 4, count, message)
			}
		})
	}
}

func onePageOnly(*transport.Page) (transport.Request, string, error) {
	return transport.Request{}, "there is one page", nil
}

func TestANullInASingleValueIsReported(t *testing.T) {
	ctx, client, log, shown := nullWarnings(t)
	_, err := transport.Get[plainLine](ctx, client, transport.Request{Path: "/one", RecordsAt: "data"})
	require.NoError(t, err)
	assert.Contains(t, log.String(), "member=price")
	assert.Len(t, shown, 1)
}

func TestANullThatAFieldKeepsIsNotReported(t *testing.T) {
	ctx, client, log, shown := nullWarnings(t)
	type line struct {
		ID    *int64 `json:"id"`
		Price *float64
		Items []map[string]any
	}
	_, err := collect(transport.Records[line](ctx, client, transport.Request{}, nil))
	require.NoError(t, err)
	_, err = collect(transport.Records[map[string]any](ctx, client, transport.Request{}, nil))
	require.NoError(t, err)
	assert.Empty(t, log.String())
	assert.Empty(t, shown)
}

// The message for the user of the platform names the member, the Go field and the fix.
func TestTheWarningAboutALostNullSaysHowToKeepIt(t *testing.T) {
	ctx, client, _, shown := nullWarnings(t)
	_, err := transport.Get[plainLine](ctx, client, transport.Request{Path: "/one", RecordsAt: "data"})
	require.NoError(t, err)
	assert.Equal(t, map[string]int{
		"null at price of a record is decoded as 0, because the Go type of transport_test.plainLine.Price, float64, cannot hold it: use *float64 to keep nulls": 1,
	}, shown, fmt.Sprint(shown))
}

// A source sends a null for the next page on the last one. No row has it.
func TestANullThatEndsThePagesIsNotReported(t *testing.T) {
	type links struct {
		Next string `json:"next"`
		Self string `json:"self"`
	}
	type response struct {
		Data          []plainLine `json:"data"`
		Next          string      `json:"next"`
		NextPageToken string      `json:"next_page_token"`
		ODataNextLink string      `json:"@odata.nextLink"`
		Links         links       `json:"_links"`
		Meta          struct {
			Cursor   string `json:"cursor"`
			PrevPage int    `json:"prevPage"`
		} `json:"meta"`
	}
	var text string
	log := new(transporttest.LogRecord)
	client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }, log.Warnings())
	shown := map[string]int{}
	ctx := userwarning.With(t.Context(), func(_, message string, n int) { shown[message] += n })
	get := func(body string) {
		text = body
		_, err := transport.Get[response](ctx, client, transport.Request{})
		require.NoError(t, err)
	}
	get(`{"data":[],"next":null,"next_page_token":null,"@odata.nextLink":null,"_links":{"next":null,"self":null},"meta":{"cursor":null,"prevPage":null}}`)
	get(`{"data":[],"_links":null}`)
	assert.Empty(t, shown)
	assert.Empty(t, log.String(), "nothing at level WARN")

	get(`{"data":[{"price":null}],"next":null}`)
	assert.Len(t, shown, 1, "the records still count")
	assert.Contains(t, log.String(), "member=data[].price")

	type item struct {
		Next string `json:"next"`
	}
	text = `{"next":null}`
	_, err := transport.Get[item](ctx, client, transport.Request{})
	require.NoError(t, err)
	assert.Len(t, shown, 2, "a value without a list may be a record")
	type order struct {
		Items []item `json:"items"`
		Note  string `json:"note"`
		Link  string `json:"link"`
	}
	text = `{"items":[{"next":null}],"note":null,"link":null}`
	_, err = transport.Get[order](ctx, client, transport.Request{})
	require.NoError(t, err)
	assert.Len(t, shown, 4, "so may a value with a list: note and link. A field is reported once: next")
}

// A record of a GraphQL connection may have a connection of its own, such as the items of
// an order.
func TestANullCursorOfAConnectionWithinARecordIsNotReported(t *testing.T) {
	type pageInfo struct {
		HasNextPage bool
		EndCursor   string
		StartCursor string `json:"start_cursor"`
	}
	type order struct {
		Items struct {
			PageInfo pageInfo
			Pages    []struct {
				PageInfo pageInfo `json:"page_info"`
			}
		}
		EndCursor string
	}
	ctx, client, log, shown := nullWarnings(t)
	read := func(record string) {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "[%s]", record) })
		ctx := transport.NewContext(ctx, transporttest.Memory{Handler: handler})
		_, err := collect(transport.Records[order](ctx, client, transport.Request{}, nil))
		require.NoError(t, err)
		_, err = transport.Get[[]order](ctx, client, transport.Request{})
		require.NoError(t, err)
	}
	read(`{"items":{"pageInfo":{"hasNextPage":false,"endCursor":null,"start_cursor":null},"pages":[{"page_info":{"endCursor":null}}]}}`)
	assert.Empty(t, shown)
	assert.Empty(t, log.String())
	read(`{"endCursor":null,"items":{"pageInfo":{"hasNextPage":null}}}`)
	assert.Len(t, shown, 2, "other nulls still count")
}
