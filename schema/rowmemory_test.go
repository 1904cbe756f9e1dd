package schema_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

func TestAResetRowKeepsLittleMemoryOfLongBytes(t *testing.T) {
	table := &schema.Table{Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.TypeJSON}, {Name: "b", Type: schema.TypeJSON}}}
	row, err := schema.NewRow(table)
	require.NoError(t, err)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	row.JSON(bytes.Repeat([]byte("1"), 64<<20))
	row.Int(1)
	row.Reset()
	after := heap()
	assert.Less(t, after-min(before, after), uint64(17<<20))
	runtime.KeepAlive(row)
}
