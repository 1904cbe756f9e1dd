package host_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/visible"
)

// openTerminal returns both ends of a new terminal.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("the system has no terminals: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	conn, err := master.SyscallConn()
	require.NoError(t, err)
	var number, locked uint32
	for _, request := range []struct {
		number   uintptr
		argument *uint32
	}{{syscall.TIOCGPTN, &number}, {syscall.TIOCSPTLCK, &locked}} {
		var errno syscall.Errno
		require.NoError(t, conn.Control(func(fd uintptr) {
			_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request.number, uintptr(unsafe.Pointer(request.argument)))
		}))
		require.Zero(t, errno)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = terminal.Close() })
	return master, terminal
}

// A terminal obeys characters that JSON does not require to be escaped.
func TestJSONLinesOnATerminalHoldNoCharacterThatItObeys(t *testing.T) {
	const value = "\x7f\u009b31m\u202e\u2066\u200b\U000e0041 \u2028東京"
	line := []byte(`{"` + value + `":["` + value + `"]}`)
	master, terminal := openTerminal(t)
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
