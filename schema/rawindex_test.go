package schema_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

func TestARowOfMillionsOfMembersTakesLittleMemory(t *testing.T) {
	table := &schema.Table{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	row := append(append([]byte(`{"id":1,`), bytes.Repeat([]byte(`"a":0,`), (16<<20)/6)...), `"b":0}`...)
	encoder := schema.NewEncoder(table, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := encoder.Append(nil, row, schema.Full)
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "twice")
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(16))
}
