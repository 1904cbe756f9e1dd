package format_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestNDJSONIsOneRecordPerLineAndEmptyLinesAreSkipped(t *testing.T) {
	got, err := decodeString[transporttest.Item]("{\"id\":1}\n\n{\"id\":2}\r\n{\"id\":3}", format.NDJSON{})
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	got, err = decodeString[transporttest.Item]("", format.NDJSON{})
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func TestTheErrorOfAnNDJSONLineNamesItsRecord(t *testing.T) {
	got, err := decodeString[transporttest.Item]("{\"id\":1}\n{\"id\":", format.NDJSON{})
	assert.ErrorIs(t, err, format.ErrCut)
	assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
	_, err = decodeString[transporttest.Item]("{\"id\":1}\nnull\n", format.NDJSON{})
	assert.ErrorContains(t, err, "record 2")
	_, err = decodeString[transporttest.Item]("{\"id\":1}\n<oops>\n", format.NDJSON{})
	assert.ErrorIs(t, err, format.ErrNotJSON)
	assert.ErrorContains(t, err, "after record 1")
}
