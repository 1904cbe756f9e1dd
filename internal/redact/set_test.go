package redact_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/redact"
)

func TestSecretsThatAreAddedOneByOneAreFoundLikeThoseOfANewSet(t *testing.T) {
	var added *redact.Set
	var values []string
	for i := range 100 {
		value := fmt.Sprintf(`secret "%d" of many`, i)
		switch i % 10 {
		case 3:
			value = fmt.Sprint("k", i)
		case 7:
			value = values[i-5] + " and more"
		}
		values = append(values, value)
		added = added.Add(value)
		fresh := redact.New(values)
		for _, n := range []int{0, i / 2, i} {
			basic := base64.StdEncoding.EncodeToString([]byte("u:" + values[n]))
			text := "a " + values[n] + `, b ` + quoted(values[n]) + " " + basic + " k9"
			require.Equal(t, fresh.Text(text), added.Text(text))
			require.NotContains(t, added.Text(text), values[n])
			data := []byte(`{"a":"` + quoted(values[n]) + `","b":"` + basic + `"}`)
			require.Equal(t, fresh.InData(data), added.InData(data))
			want, wantCount, err := fresh.Data(data)
			require.NoError(t, err)
			got, count, err := added.Data(data)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			require.Equal(t, wantCount, count)
			found, ok := added.Find("a " + values[n])
			wanted, wantOK := fresh.Find("a " + values[n])
			require.Equal(t, wantOK, ok)
			require.Equal(t, wanted, found)
		}
	}
	assert.Same(t, added, added.Add(), "no values add nothing")
	assert.Nil(t, (*redact.Set)(nil).Add(""))
}

func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{1, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var set *redact.Set
			for i := range n {
				set = set.Add(fmt.Sprintf("%032x", i))
			}
			for i := 0; b.Loop(); i++ {
				set.Add(fmt.Sprintf("%032x-", i))
			}
		})
	}
}
