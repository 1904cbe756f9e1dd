package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/internal/pseudoterminal"
)

// onTerminal runs a command on a terminal and returns what the terminal received.
func onTerminal(t *testing.T, cmd *exec.Cmd) (received string, err error) {
	t.Helper()
	master, terminal := pseudoterminal.Open(t)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "TERM=xterm")
	require.NoError(t, cmd.Start())
	require.NoError(t, terminal.Close())
	var all bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&all, master) // it ends with EIO when the last end is closed
	}()
	err = cmd.Wait()
	<-read
	return all.String(), err
}

// own are the control sequences that penstock itself prints on a terminal.
var own = strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[0m", "",
	"\x1b[?2026h", "", "\x1b[?2026l", "", "\x1b[K", "", "\x1b[0J", "", "\r\n", "\n")

// assertHarmless checks that a terminal received no other control character.
func assertHarmless(t *testing.T, text string) {
	t.Helper()
	text = own.Replace(text)
	for i := range 30 {
		text = strings.ReplaceAll(text, fmt.Sprintf("\x1b[%dF", i), "") // the cursor moves to the table's start
	}
	assert.True(t, utf8.ValidString(text), "%q", text)
	for _, r := range text {
		bad := unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
		if bad {
			assert.Fail(t, "a terminal receives a control character", "%U in %q", r, text)
			return
		}
	}
}

// hostile is text that a terminal must not receive, as the content of a JSON string.
const hostile = `T\u001b]0;title\u0007\u001b[2J\r\b\u007f\u009b31m\u202e\u2066\u200f\u061c\u200d\ufeff\u2028\u2029\udb40\udc41!`

// shown is how people see it.
const shown = `T\x1b]0;title\x07\x1b[2J\r\x08\x7f\u009b31m\u202e\u2066\u200f\u061c\u200d\ufeff\u2028\u2029\U000e0041!`

// hostileConnector puts control characters into everything that it prints.
func hostileConnector(t *testing.T) *scripted {
	t.Helper()
	// printf %b writes bytes that are not valid JSON or UTF-8.
	raw := `printf 'log T\033]0;title\007\033[2J\b\177\233 31m\342\200\256 \302\233!\n' >&2; printf '{"level":"WARN","msg":"` + strings.ReplaceAll(hostile, `\`, `\\`) + `","k":"` + strings.ReplaceAll(hostile, `\`, `\\`) + `"}\n' >&2` + "\n"
	line := func(text string) string { return "cat <<'END'\n" + text + "\nEND\n" }
	name := `"n` + hostile + `"`
	return newScripted(t, map[string]string{
		"spec":   raw + line(`{"properties":{`+name+`:{"title":"`+hostile+`"}},"title":"`+hostile+`"}`),
		"test":   raw + line(`{"status":"SUCCESS","message":"`+hostile+`"}`),
		"schema": raw + line(`{"schemas":{"s":{"tables":{`+name+`:{"columns":{"id":{"type":"LONG","primary_key":true},`+name+`:{"type":"STRING"}}}}}}}`),
		"sync": raw + line(`{"type":"RECORD","record":{"s":{`+name+`:{"id":1,`+name+`:"`+hostile+`","m`+hostile+`":"`+hostile+`"}}}}`) +
			line(`{"type":"LOG","log":{"level":"WARNING","message":"`+hostile+`"}}`) + line(`{"type":"LOG","log":{"level":"INFO","message":"`+hostile+`"}}`) +
			line(`{"type":"STATE","state":{`+name+`:{"cursor":"`+hostile+`"}}}`),
	})
}

func TestATerminalReceivesNoControlCharacterFromOutside(t *testing.T) {
	b := newBench(t, "")
	c := hostileConnector(t)
	for _, args := range [][]string{
		{"sync", "-v", "-explain", "--", c.path}, {"sync", "--", c.path}, {"sync", "-json", "--", c.path}, {"summary"}, {"summary", "-json"}, {"query"}, {"diff"},
		{"query", "-format", "csv"}, {"query", "-format", "json"}, {"diff", "-format", "csv"}, {"diff", "-format", "json"},
		{"query", `SELECT * FROM [s.nT` + "\x1b]0;title\a" + `]`}, {"query", "SELECT '\x1b[2J' AS \"\x1b[2J\", '\u202e' AS \"\u202e\", char(27,155,13,10,9)"},
		{"query", "-format", "json", "SELECT '\x1b[2J\u009b\u202e\x7f' AS \"\x1b[2J\u009b\""}, {"query", "-format", "csv", "SELECT '\x1b[2J\u009b\u202e\x7f'"},
		{"query", "-files", "no\x1b[2Jwhere\u202e"}, {"sync", "-configuration", "\x1b[2J.json", "--", c.path}, {"\x1b[2J"}, {"sync", "-\x1b[2J"}, {"reset", "\x1b[2J"},
		{"sync", "--", "./\x1b[2J"}, {"package", "airbyte", "./\x1b[2J\u202e"}, {"package", "\u202e"}, {"init", "\u202e"},
	} {
		received, _ := onTerminal(t, b.command(args...))
		assertHarmless(t, received)
		if args[0] == "sync" && len(args) < 5 && args[len(args)-1] == c.path && !strings.Contains(strings.Join(args, " "), "configuration") {
			assert.Contains(t, received, shown, "%v", args)
		}
	}
	// Machine formats are exact if they do not go to a terminal.
	out, failed := b.penstock("query", "-format", "csv", `SELECT char(27,155,8238,127)`)
	require.False(t, failed)
	assert.Contains(t, out, "\x1b\u009b\u202e\x7f\n")
	out, failed = b.penstock("query", "-format", "json", `SELECT char(27,155,8238,127) AS a`)
	require.False(t, failed)
	assert.Equal(t, "{\"a\":\"\\u001b\u009b\u202e\x7f\"}\n", out)
	received, err := onTerminal(t, b.command("query", "-format", "json", `SELECT char(27,155,8238,127) AS a`))
	require.NoError(t, err)
	assert.Equal(t, `{"a":"\u001b\u009b\u202e\u007f"}`+"\r\n", received, "JSON with the same value")
}

func TestTextForPeopleIsEscapedInAPipeToo(t *testing.T) {
	b := newBench(t, "")
	c := hostileConnector(t)
	for _, args := range [][]string{{"sync", "-v", "--", c.path}, {"summary"}, {"query"}, {"query", "SELECT char(27,155,13,10,9,8238)"}} {
		out, failed := b.penstock(args...)
		require.False(t, failed, out)
		assertHarmless(t, out)
	}
	out, _ := b.penstock("query", "SELECT char(27,155,13,10,9,8238) AS a")
	assert.Equal(t, "a\n"+`\x1b\u009b\r\n\t\u202e`+"\n1 row\n", out)
	out, _ = b.penstock("sync", "--", newScripted(t, map[string]string{
		"test": "cat <<'END'\n" + `{"status":"SUCCESS","message":"fine\nok\nwarning: forged"}` + "\nEND",
		"sync": "cat <<'END'\n" + `{"type":"LOG","log":{"level":"SEVERE","message":"one\nok"}}` + "\nEND\nexit 1",
	}).path)
	assert.Contains(t, out, "test: fine\n    ok\n    warning: forged\n", "a line of a message does not pass for one of penstock")
	assert.Contains(t, out, "failed: the connector failed: one\n    ok\n")
}

func TestWatchEscapesTheOutputOfTheBuild(t *testing.T) {
	b := newBench(t, "")
	master, terminal := pseudoterminal.Open(t)
	script := filepath.Join(b.dir, "build.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nprintf 'built \\033[2J\\302\\233\\n'\nexit 1\n"), 0o700)) //nolint:gosec // it is a program
	cmd := b.command("watch", "-build", script, "--", "./x")
	cmd.Stdout, cmd.Stderr = terminal, terminal
	require.NoError(t, cmd.Start())
	require.NoError(t, terminal.Close())
	var received []byte
	for part := make([]byte, 4096); !bytes.Contains(received, []byte("waiting for changes")); {
		n, err := master.Read(part)
		require.NoError(t, err)
		received = append(received, part[:n]...)
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait())
	assert.Contains(t, string(received), `built \x1b[2J\u009b`)
	assertHarmless(t, string(received))
}

// A progress table that is redrawn keeps its own control sequences.
func TestTheProgressOnATerminalIsRedrawn(t *testing.T) {
	b := newBench(t, "")
	ready := filepath.Join(b.dir, "ready")
	c := newScripted(t, map[string]string{"sync": aRow + "while [ ! -e '" + ready + "' ]; do sleep 0.05; done\n" + aRow})
	master, terminal := pseudoterminal.Open(t)
	cmd := b.command("sync", "--", c.path)
	cmd.Stdout, cmd.Stderr = terminal, terminal
	cmd.Env = append(os.Environ(), "TERM=xterm")
	require.NoError(t, cmd.Start())
	require.NoError(t, terminal.Close())
	var received []byte
	part := make([]byte, 4096)
	for !bytes.Contains(received, []byte("\x1b[?2026l")) {
		n, err := master.Read(part)
		require.NoError(t, err)
		received = append(received, part[:n]...)
	}
	require.NoError(t, os.WriteFile(ready, nil, 0o600))
	for {
		n, err := master.Read(part)
		received = append(received, part[:n]...)
		if err != nil {
			require.True(t, errors.Is(err, syscall.EIO) || err == io.EOF, "%v", err)
			break
		}
	}
	require.NoError(t, cmd.Wait())
	assert.Contains(t, string(received), "\x1b[2mTABLE")
	assert.Contains(t, string(received), "\x1b[32mok\x1b[0m")
	assertHarmless(t, string(received))
}

func TestAnInterruptEndsASyncWhoseTerminalTakesNoMoreOutput(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	began := filepath.Join(b.dir, "began")
	c := newScripted(t, map[string]string{"sync": "echo yes >'" + began + "'; exec yes line >&2"})
	_, terminal := pseudoterminal.Open(t) // its other end is not read
	cmd := b.command("sync", "--", c.path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { _, err := os.Stat(began); return err == nil }, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	assert.Equal(t, 1, exit.ExitCode(), "not killed by the test's time limit")
}
