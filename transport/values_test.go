package transport_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

func TestValuesThatStayTextOrThatNoFieldReadsDoNotExceedALimit(t *testing.T) {
	type skipped struct {
		ID     int64             `json:"id"`
		Labels map[string]string `json:"labels"`
	}
	type kept struct {
		skipped
		Raw json.RawMessage `json:"raw"`
	}
	list := "[" + strings.Repeat("1,", 400_000) + "1]"
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"id":1,"labels":{"a":"b"},"raw":`+list+`}]`)
	})
	all, err := collect(transport.Records[kept](ctx, c, transport.Request{}, nil))
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Len(t, all[0].Raw, len(list))
	_, err = collect(transport.Records[skipped](ctx, c, transport.Request{}, nil))
	require.NoError(t, err)
	_, err = collect(transport.Stream[kept](ctx, c, transport.Request{}, format.JSON{}))
	require.NoError(t, err)
	_, err = transport.Get[[]skipped](ctx, c, transport.Request{})
	require.NoError(t, err)
}

func TestAnErrorAboutTooManyValuesNamesTheMember(t *testing.T) {
	type order struct {
		ID    int64             `json:"id"`
		Items []map[string]bool `json:"items"`
		Raw   json.RawMessage   `json:"raw"`
	}
	list := "[" + strings.Repeat("{},", 400_000) + "{}]"
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"id":1,"raw":`+list+`,"items":`+list+`}]`)
	})
	_, err := collect(transport.Records[order](ctx, c, transport.Request{}, nil))
	require.ErrorIs(t, err, transport.ErrTooLarge)
	assert.ErrorContains(t, err, "the member items has values that would take more than 48 MiB of memory: decode the member items into a json.RawMessage, or raise the limit")
}
