package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A watching is a running penstock watch.
type watching struct {
	*bench
	cmd   *exec.Cmd
	lines chan string
}

func (b *bench) watch(args ...string) *watching {
	b.Helper()
	w := &watching{b, b.command(append([]string{"watch"}, args...)...), make(chan string)}
	out, err := w.cmd.StdoutPipe()
	require.NoError(b, err)
	w.cmd.Stderr = w.cmd.Stdout
	require.NoError(b, w.cmd.Start())
	go func() {
		defer close(w.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			w.lines <- in.Text()
		}
	}()
	return w
}

// until reads lines up to one that contains a text. The limit of bench.command bounds
// the wait.
func (w *watching) until(want string) {
	w.Helper()
	var lines []string
	for line := range w.lines {
		if strings.Contains(line, want) {
			return
		}
		lines = append(lines, line)
	}
	require.FailNow(w, "penstock watch ended before it printed "+want, "%s", strings.Join(lines, "\n"))
}

// stop interrupts the process and waits for it to exit.
func (w *watching) stop() {
	w.Helper()
	require.NoError(w, w.cmd.Process.Signal(os.Interrupt))
	for range w.lines {
	}
	require.NoError(w, w.cmd.Wait())
}

func TestWatchSyncsAgainWhenASourceFileChanges(t *testing.T) {
	b := newBench(t, "")
	connector := recorded(t, `{"schemas":{}}`, `{"type":"RECORD","record":{"s":{"t":{"id":1}}}}`, `{"type":"STATE","state":{}}`)
	source := t.TempDir()
	w := b.watch("-source", source, "-build", "echo it is built", "--", connector)
	for range 2 {
		w.until("it is built")
		w.until("waiting for changes in")
		require.NoError(t, os.WriteFile(filepath.Join(source, "main.go"), []byte(time.Now().String()), 0o600))
	}
	w.until("waiting for changes in")
	w.stop()
}

func TestWatchSendsAReplacedSecretThatCouldNotBeStored(t *testing.T) {
	t.Setenv("PENSTOCK_TEST_TOKEN", "hush-1")
	b := newBench(t, `{"token":"${PENSTOCK_TEST_TOKEN}"}`)
	c := newScripted(t, map[string]string{"sync": secrets(`"token":"hush-2"`) + aRow})
	w := b.watch("-selection", "selection.json", "--", c.path)
	w.until("failed: read the selection: open selection.json: ")
	for _, selection := range []string{`{"s":{"u":false}}`, `{"s":{"u":false,"v":true}}`} {
		w.until("waiting for changes in")
		b.selected(selection)
		w.until("the new value could not be stored")
	}
	w.until("waiting for changes in")
	w.stop()
	assert.Equal(t, "hush-1", c.requests("spec")[0].Secrets["token"])
	assert.Equal(t, "hush-2", c.requests("spec")[1].Secrets["token"])
	assert.JSONEq(t, `{"s":{"u":false}}`, string(c.requests("sync")[0].Selection.Tables))
}
