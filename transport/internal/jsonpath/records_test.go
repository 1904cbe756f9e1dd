package jsonpath

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

func TestAListOfTooManyRecordsIsRefusedBeforeItTakesMemory(t *testing.T) {
	const records, most = 4_000_000, 1_000_000
	body := append(bytes.Repeat([]byte("{},"), records), "{}]"...)
	body[0], body[1], body[2] = '[', ' ', ' '
	doc, err := NewDocument(body)
	require.NoError(t, err)
	p, err := Parse("")
	require.NoError(t, err)

	doc.MaxRecords = most
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = doc.Records(p)
	runtime.ReadMemStats(&after)
	assert.ErrorIs(t, err, sentinel.ErrTooLarge)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	doc.MaxRecords = records
	spans, err := doc.Records(p)
	require.NoError(t, err)
	assert.Len(t, spans, records)
}
