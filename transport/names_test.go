package transport_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// A twin has members that differ in case alone from those of some sources.
type twin struct {
	ID    int64  `json:"id"`
	Name  string // untagged, so "Name" is exact
	Lines []struct {
		Qty int `json:"qty"`
	} `json:"lines"`
}

// recordReaders are the ways to read the records of a response.
var recordReaders = map[string]func(context.Context, *transport.Client) ([]twin, error){
	"Records": func(ctx context.Context, c *transport.Client) ([]twin, error) {
		return collect(transport.Records[twin](ctx, c, transport.Request{}, nil))
	},
	"Get": func(ctx context.Context, c *transport.Client) ([]twin, error) {
		return transport.Get[[]twin](ctx, c, transport.Request{})
	},
	"PageRecords": func(ctx context.Context, c *transport.Client) (all []twin, err error) {
		for page, err := range transport.Pages(ctx, c, transport.Request{}, nil) {
			if err != nil {
				return all, err
			}
			records, err := collect(transport.PageRecords[twin](page))
			if all = append(all, records...); err != nil {
				return all, err
			}
		}
		return all, nil
	},
	"Stream": func(ctx context.Context, c *transport.Client) ([]twin, error) {
		return collect(transport.Stream[twin](ctx, c, transport.Request{}, format.JSON{}))
	},
}

func TestTheExactNameAndEveryNotationOfAnIntegerCountHoweverRecordsAreRead(t *testing.T) {
	const text = `[{"ID":5,"id":7,"name":"x","Name":"y"},{"id":7.0,"ID":null,"NAME":"y","lines":[{"QTY":1e0},{"qty":2,"Qty":"x"}]}]`
	want := []twin{{ID: 7, Name: "y"}, {ID: 7, Name: "y"}}
	want[1].Lines = append(want[1].Lines, struct {
		Qty int `json:"qty"`
	}{1}, struct {
		Qty int `json:"qty"`
	}{2})
	for name, read := range recordReaders {
		t.Run(name, func(t *testing.T) {
			log := new(transporttest.LogRecord)
			client := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, text) }, log.Warnings())
			got, err := read(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.Empty(t, log.String(), "a null that does not count is not lost")
		})
	}
}

func TestANullUnderTheExactNameIsLostAndReported(t *testing.T) {
	for name, read := range recordReaders {
		t.Run(name, func(t *testing.T) {
			log := new(transporttest.LogRecord)
			client := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `[{"ID":5,"id":null}]`) }, log.Warnings())
			got, err := read(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, []twin{{}}, got)
			assert.Contains(t, log.String(), "twin.ID")
		})
	}
}

func TestTheErrorOfTwoSpellingsNamesTheRecord(t *testing.T) {
	for name, read := range recordReaders {
		t.Run(name, func(t *testing.T) {
			client := inMemory(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `[{"id":1},{"ID":5,"Id":7}]`) })
			_, err := read(t.Context(), client)
			assert.ErrorContains(t, err, `"ID" and "Id"`)
			assert.True(t, name == "Get" || strings.Contains(err.Error(), "record 2"), err)
		})
	}
}

func TestTheExactColumnOfCSVCounts(t *testing.T) {
	for _, text := range []string{"ID,id,Name\n5,7,y\n", "id,ID,NAME,Name\n7,,x,y\n", "Id,id,ID,NAME\n1,7.0,2,y\n"} {
		got, err := collect(format.Decode[twin](strings.NewReader(text), format.CSV{}))
		require.NoError(t, err, text)
		assert.Equal(t, []twin{{ID: 7, Name: "y"}}, got, text)
	}
	_, err := collect(format.Decode[twin](strings.NewReader("ID,Id\n1,2\n"), format.CSV{}))
	assert.ErrorContains(t, err, "line 2")
	assert.ErrorContains(t, err, `"ID" and "Id"`)
}
