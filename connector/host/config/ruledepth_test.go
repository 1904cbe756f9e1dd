package config_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheMemoryOfADeepValueGrowsWithItsSize(t *testing.T) {
	form := ruledBy(t, `{"items":{"$ref":"#/properties/value"}}`)
	const deep = 9000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := form.Decode([]byte(`{"value":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}`))
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
}
