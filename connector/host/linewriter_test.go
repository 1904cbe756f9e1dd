package host_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
)

func TestALineWriterRefusesLinesAfterClose(t *testing.T) {
	lines := host.NewLineWriter(t.Context(), io.Discard, func() time.Duration { return time.Second })
	require.NoError(t, lines.Close())
	require.Error(t, lines.Line("", []byte("late"), ""))
	require.Error(t, lines.Flush())
	require.Error(t, lines.Close())
}
