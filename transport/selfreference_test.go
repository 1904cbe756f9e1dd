package transport_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// An indexed value has pointers to its own fields.
type indexed struct {
	Name   string
	byName map[string]*string
}

func (i *indexed) UnmarshalJSON(data []byte) error {
	type plain indexed
	err := json.Unmarshal(data, (*plain)(i))
	i.byName = map[string]*string{"name": &i.Name}
	return err
}

func TestARecordThatRefersToItselfIsNotChangedByTheNext(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"parts":[{"name":"a"}]},{"parts":[{"name":"b"}]}]`))
	})
	type record struct {
		Parts [1]struct{ indexed } `json:"parts"`
	}
	var got []record
	for r, err := range transport.Records[record](t.Context(), c, transport.Request{Path: "/"}, nil) {
		require.NoError(t, err)
		got = append(got, r)
	}
	for page, err := range transport.Pages(t.Context(), c, transport.Request{Path: "/"}, nil) {
		require.NoError(t, err)
		for r, err := range transport.PageRecords[record](page) {
			require.NoError(t, err)
			got = append(got, r)
		}
	}
	require.Len(t, got, 4)
	for i, want := range []string{"a", "b", "a", "b"} {
		assert.Equal(t, want, *got[i].Parts[0].byName["name"])
	}
}
