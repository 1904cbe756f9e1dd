package host_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/pseudoterminal"
	"github.com/penstock-sdk/penstock/internal/visible"
)

// A terminal obeys characters that JSON does not require to be escaped.
func TestJSONLinesOnATerminalHoldNoCharacterThatItObeys(t *testing.T) {
	const value = "\x7f\u009b31m\u202e\u2066\u200b\U000e0041 \u2028東京"
	line := []byte(`{"` + value + `":["` + value + `"]}`)
	master, terminal := pseudoterminal.Open(t)
	lines := host.NewLineWriter(t.Context(), terminal, func() time.Duration { return time.Second })
	require.NoError(t, lines.Line("", line, ""))
	require.NoError(t, lines.Close())
	shown, err := bufio.NewReader(master).ReadString('\n')
	require.NoError(t, err)
	shown = strings.TrimRight(shown, "\r\n")
	assert.Equal(t, visible.Text(shown), shown)
	assert.JSONEq(t, string(line), shown, "the values are the same")

	reading, writing, err := os.Pipe()
	require.NoError(t, err)
	defer reading.Close()
	lines = host.NewLineWriter(t.Context(), writing, func() time.Duration { return time.Second })
	require.NoError(t, lines.Line("", line, ""))
	require.NoError(t, lines.Close())
	piped, err := bufio.NewReader(reading).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, string(line)+"\n", piped, "a program gets the bytes")
	require.NoError(t, writing.Close())
	require.True(t, json.Valid([]byte(piped)))
}
