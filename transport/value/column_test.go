package value_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/value"
)

type timeRow struct {
	ID  int64       `json:"id" schema:"primary_key"`
	At  value.Time  `json:"at"`
	Ptr *value.Time `json:"ptr"`
}

type taggedTimeRow struct {
	ID int64      `json:"id" schema:"primary_key"`
	At value.Time `json:"at" schema:"type=UTC_DATETIME"`
}

func TestTheColumnOfATimeIsUTCDatetime(t *testing.T) {
	knownfault.Run(t, []string{"at", "ptr"}, func(t *knownfault.T) {
		table := schema.TableOf[timeRow]("t")
		for _, name := range []string{"at", "ptr"} {
			t.Run(name, func(t *knownfault.T) {
				column, ok := table.Column(name)
				require.True(t, ok)
				assert.Equal(t, schema.TypeUTCDatetime, column.Type)
			})
		}
	})
}

// delivered decodes one record, encodes it as a row, and returns one column of the
// row.
func delivered[T any](t testing.TB, text, column string) any {
	t.Helper()
	record, err := decodeOne[T](t, text)
	require.NoError(t, err)
	table := schema.TableOf[T]("t")
	row, err := schema.NewEncoder(&table, nil).Append(nil, &record, schema.Full)
	require.NoError(t, err)
	var members map[string]any
	require.NoError(t, json.Unmarshal(row, &members))
	return members[column]
}

func TestATimeIsDeliveredInUTCAndAZeroTimeAsNull(t *testing.T) {
	knownfault.Run(t, []string{"offset", "offset, pointer"}, func(t *knownfault.T) {
		for _, c := range []struct {
			name, text, column string
			deliver            func(t testing.TB, text, column string) any
			want               any
		}{
			{"offset", `[{"id":1,"at":"2024-01-01 10:00:00.5+0200"}]`, "at", delivered[timeRow], "2024-01-01T08:00:00.5Z"},
			{"offset, pointer", `[{"id":1,"ptr":"2024-01-01 10:00:00.5+0200"}]`, "ptr", delivered[timeRow], "2024-01-01T08:00:00.5Z"},
			{"offset, tagged", `[{"id":1,"at":"2024-01-01 10:00:00.5+0200"}]`, "at", delivered[taggedTimeRow], "2024-01-01T08:00:00.5Z"},
			{"null", `[{"id":1,"at":null}]`, "at", delivered[timeRow], nil},
			{"empty", `[{"id":1,"at":""}]`, "at", delivered[timeRow], nil},
			{"null, tagged", `[{"id":1,"at":null}]`, "at", delivered[taggedTimeRow], nil},
			{"empty, pointer", `[{"id":1,"ptr":""}]`, "ptr", delivered[timeRow], nil},
			{"null, pointer", `[{"id":1,"ptr":null}]`, "ptr", delivered[timeRow], nil},
		} {
			t.Run(c.name, func(t *knownfault.T) { assert.Equal(t, c.want, c.deliver(t, c.text, c.column)) })
		}
	})
}

// decodeOne decodes the first record of a JSON array.
func decodeOne[T any](t testing.TB, text string) (T, error) {
	t.Helper()
	for v, err := range format.Decode[T](strings.NewReader(text), format.JSON{}) {
		return v, err
	}
	t.Fatal("no record")
	panic("unreachable")
}
