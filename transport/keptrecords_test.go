package transport_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

// A caller may keep records, and change those that it has.
func TestARecordIsNotChangedByLaterOnes(t *testing.T) {
	type part struct {
		Name string `json:"name"`
	}
	type record struct {
		ID    int               `json:"id"`
		Name  *string           `json:"name"`
		Tags  []string          `json:"tags"`
		Parts []part            `json:"parts"`
		Part  *part             `json:"part"`
		Raw   json.RawMessage   `json:"raw"`
		Names map[string]string `json:"names"`
		Fixed [2]*int           `json:"fixed"`
	}
	var body strings.Builder
	const n = 200
	full := func(i int) string {
		return fmt.Sprintf(`{"id":%[1]d,"name":"n%[1]d","tags":["t%[1]d","u%[1]d"],"parts":[{"name":"p%[1]d"}],"part":{"name":"q%[1]d"},"raw":{"r":%[1]d},"names":{"a":"b%[1]d"},"fixed":[%[1]d,null]}`, i)
	}
	body.WriteString("[")
	for i := range n {
		if i > 0 {
			body.WriteString(",")
		}
		if i%3 == 2 { // it has nothing of the record before it
			fmt.Fprintf(&body, `{"id":%d}`, i)
		} else {
			body.WriteString(full(i))
		}
	}
	body.WriteString("]")
	c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body.String()) })
	kept := map[string][]record{}
	for v, err := range transport.Records[record](t.Context(), c, transport.Request{}, nil) {
		require.NoError(t, err)
		kept["Records"] = append(kept["Records"], v)
	}
	for page, err := range transport.Pages(t.Context(), c, transport.Request{}, nil) {
		require.NoError(t, err)
		for v, err := range transport.PageRecords[record](page) {
			require.NoError(t, err)
			kept["PageRecords"] = append(kept["PageRecords"], v)
		}
	}
	for name, records := range kept {
		require.Len(t, records, n, name)
		for i, got := range records {
			want := record{ID: i}
			if i%3 != 2 {
				require.NoError(t, json.Unmarshal([]byte(full(i)), &want))
			}
			require.Equal(t, want, got, name)
			clear(got.Tags)
			clear(got.Parts)
			clear(got.Raw)
		}
	}
}
