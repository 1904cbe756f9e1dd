package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
)

func TestAValueThatIsUsedAgainHasNothingOfTheRecordBefore(t *testing.T) {
	type item struct {
		SKU  string `json:"sku"`
		Note string `json:"note"`
	}
	type order struct {
		Name  string  `json:"name"`
		Gone  *string `json:"gone"`
		Items []item  `json:"items"`
	}
	text := `[{"name":"a","gone":"x","items":[{"sku":"s1","note":"n1"}]},{"name":null,"gone":null,"items":[{"sku":"s2"}]},{"items":null}]`
	var v order
	var got []order
	require.NoError(t, format.JSON{}.Read(strings.NewReader(text), 1<<20, func(decode func(any) error) bool {
		require.NoError(t, decode(&v))
		read := v
		read.Items = append([]item(nil), v.Items...)
		got = append(got, read)
		return true
	}))
	require.Len(t, got, 3)
	assert.Equal(t, order{Items: []item{{SKU: "s2"}}}, got[1])
	assert.Nil(t, got[2].Items)
}

func TestAPresetFieldSurvivesARecordWithoutIt(t *testing.T) {
	for _, text := range []string{`{"id":1}`, `{"id":1,"größe":2}`, `{"id":1,"x":1,"x":2}`, `{"id":1.0}`} {
		v := struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		}{Name: "default"}
		require.NoError(t, format.JSON{}.Read(strings.NewReader("["+text+"]"), 1<<20, func(decode func(any) error) bool {
			require.NoError(t, decode(&v))
			return true
		}))
		assert.Equal(t, "default", v.Name, text)
	}
}
