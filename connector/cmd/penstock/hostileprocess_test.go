//go:build unix

package main_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A counter counts what is written to it and keeps the start.
type counter struct {
	bytes, lines, longest, open int
	kept                        []byte
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += len(p)
	c.kept = append(c.kept, p[:min(len(p), 200<<10-len(c.kept))]...)
	for line := range bytes.Lines(p) {
		c.open += len(line)
		c.longest = max(c.longest, c.open)
		if bytes.HasSuffix(line, []byte("\n")) {
			c.lines, c.open = c.lines+1, 0
		}
	}
	return len(p), nil
}

// peak returns the largest resident set of an exited process in bytes.
func peak(t *testing.T, state *os.ProcessState) int64 {
	t.Helper()
	usage, ok := state.SysUsage().(*syscall.Rusage)
	require.True(t, ok)
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}

// A memoryWatch passes on what a process writes. Each time, it asks for the largest resident
// set of the process, because the usage of an exited process also counts the memory that the
// process had in common with the one that started it.
type memoryWatch struct {
	io.Writer
	cmd  *exec.Cmd
	peak int64 // in bytes, or 0 if the system does not tell
}

func (w *memoryWatch) Write(p []byte) (int, error) {
	if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid)); err == nil {
		if _, after, found := strings.Cut(string(status), "VmHWM:"); found {
			kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
			if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
				w.peak = n << 10
			}
		}
	}
	return w.Writer.Write(p)
}

func TestALogWithoutLineEndsIsPassedOnInPieces(t *testing.T) {
	t.Parallel()
	const size = 250 << 20
	b := newBench(t, "")
	c := newScripted(t, map[string]string{"sync": "head -c " + strconv.Itoa(size) + ` /dev/zero | tr '\0' x >&2` + "\n" + aRow})
	var out output
	var log counter
	cmd := b.command("sync", "--", c.path)
	watch := &memoryWatch{Writer: &log, cmd: cmd}
	cmd.Stdout, cmd.Stderr = &out, watch
	require.NoError(t, cmd.Run(), out.String())
	assert.Greater(t, log.bytes, size)
	assert.Less(t, log.longest, 70<<10)
	assert.Contains(t, string(log.kept), "xxx… [cut here, because the line is longer than 64 KB]\n…xxx")
	if watch.peak == 0 {
		watch.peak = peak(t, cmd.ProcessState)
	}
	assert.Less(t, watch.peak, int64(200<<20))
}

func TestAPieceOfALongLogLineIsPassedOnAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	ready := filepath.Join(b.dir, "ready")
	c := newScripted(t, map[string]string{"sync": `head -c 70000 /dev/zero | tr '\0' x >&2; while [ ! -e '` + ready + "' ]; do sleep 0.05; done\n" + aRow})
	cmd := b.command("sync", "--", c.path)
	log, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var read []byte
	part := make([]byte, 64<<10)
	for !strings.Contains(string(read), "cut here") {
		n, err := log.Read(part)
		require.NoError(t, err)
		read = append(read, part[:n]...)
	}
	require.NoError(t, os.WriteFile(ready, nil, 0o600))
	for err == nil {
		_, err = log.Read(part)
	}
	require.NoError(t, cmd.Wait())
}

func TestAnAnswerWithoutLineEndsIsAnErrorInWords(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"sync": "failed: line 3 of the answer: it is longer than 64 MiB; penstock reads no longer line",
		"spec": "action spec: the answer is longer than 64 MB",
	} {
		b := newBench(t, "")
		script := `exec tr '\0' x </dev/zero`
		if action == "sync" {
			script = aRow + script
		}
		var out output
		cmd := b.command("sync", "--", newScripted(t, map[string]string{action: script}).path)
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		assert.Contains(t, out.String(), want)
		assert.Less(t, peak(t, cmd.ProcessState), int64(600<<20))
		if action == "sync" {
			require.Error(t, err)
			assert.Equal(t, "1", b.query("SELECT count(*) FROM s.t"), "what preceded the line is stored")
		}
	}
}

func TestALineOfManyMegabytesIsARow(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	out, failed := b.penstock("sync", "--", newScripted(t, map[string]string{"sync": `printf '{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"'
head -c 40000000 /dev/zero | tr '\0' x
echo '"}}}}'
echo '{"type":"STATE","state":{}}'`}).path)
	require.False(t, failed, out)
	assert.Equal(t, "40000000", b.query("SELECT length(a) FROM s.t"))
}

// alive reports whether the process exists whose ID a file holds.
func alive(t *testing.T, pidFile string) bool {
	t.Helper()
	text, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	// A killed process whose parent has exited remains for a moment.
	for range 100 {
		state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err == nil && strings.Contains(string(state), ") Z ") || syscall.Kill(pid, 0) != nil {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

func TestAChildThatAConnectorLeavesBehindDoesNotHoldTheTool(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]string{
		"with its pipes":   `sleep 300 & echo $! >"$PID"`,
		"without them":     `sleep 300 >/dev/null 2>&1 & echo $! >"$PID"`,
		"ignoring signals": `(trap '' TERM INT HUP; sleep 300 & echo $! >"$PID"; wait) &` + "\nwhile [ ! -s \"$PID\" ]; do sleep 0.01; done",
		"in other session": `setsid sleep 20 & echo $! >"$PID"`,
		"writing":          `setsid sh -c 'echo $$ >"$PID"; exec yes "" 2>/dev/null' & ` + "\nwhile [ ! -s \"$PID\" ]; do sleep 0.01; done",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it mostly waits for the child
			b := newBench(t, "")
			pid := filepath.Join(b.dir, "pid")
			c := newScripted(t, map[string]string{
				"sync": "PID='" + pid + "'; export PID\nawk 'BEGIN { for (i = 1; i <= 3000; i++) printf \"{\\\"type\\\":\\\"RECORD\\\",\\\"record\\\":{\\\"s\\\":{\\\"t\\\":{\\\"id\\\":%d}}}}\\n\", i }'\n" +
					`echo '{"type":"STATE","state":{}}'` + "\n" + left,
			})
			began := time.Now()
			out, failed := b.penstock("sync", "--", c.path)
			assert.Less(t, time.Since(began), 15*time.Second)
			if name != "writing" { // its empty lines end in the middle of one
				require.False(t, failed, out)
			}
			assert.Equal(t, "3000", b.query("SELECT count(*) FROM s.t"), "all lines of the connector are read")
			if name != "in other session" && name != "writing" {
				assert.False(t, alive(t, pid), "the child is killed")
				return
			}
			text, err := os.ReadFile(pid)
			require.NoError(t, err)
			if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
				_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended
			}
		})
	}
}

func TestASecondInterruptLeavesNoProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	pid, terminated := filepath.Join(b.dir, "pid"), filepath.Join(b.dir, "terminated")
	c := newScripted(t, map[string]string{"sync": `trap 'echo yes >"` + terminated + `"' TERM` + "\necho $$ >'" + pid + "'\nwhile :; do sleep 0.05; done"})
	cmd := b.command("sync", "--", c.path)
	var out output
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	exists := func(path string) func() bool {
		return func() bool { _, err := os.Stat(path); return err == nil }
	}
	require.Eventually(t, exists(pid), time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Eventually(t, exists(terminated), time.Minute, time.Millisecond, "the connector is told to end")
	began := time.Now()
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.False(t, alive(t, pid))
}

func TestAConnectorWhoseTerminalIsClosedEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	pid := filepath.Join(b.dir, "pid")
	c := newScripted(t, map[string]string{"sync": "echo $$ >'" + pid + "'\nexec sleep 300"})
	cmd := b.command("sync", "--", c.path)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { text, err := os.ReadFile(pid); return err == nil && len(text) > 0 }, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGHUP))
	require.Error(t, cmd.Wait())
	assert.False(t, alive(t, pid))
}

func TestAConnectorThatDoesNotReadALargeRequestIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, `{"token":"`+strings.Repeat("x", 300<<10)+`"}`)
	script := filepath.Join(b.dir, "deaf.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nsleep 300 <&0 &\necho '{\"type\":\"LOG\",\"log\":{\"level\":\"SEVERE\",\"message\":\"no\"}}'\nexit 1\n"), 0o700)) //nolint:gosec // it is a program
	began := time.Now()
	out, failed := b.penstock("sync", "--", script)
	assert.True(t, failed)
	assert.Contains(t, out, "failed: the connector could not test its configuration: no")
	assert.Less(t, time.Since(began), 15*time.Second)
}

func TestASyncOutlivesTheReaderOfItsOutput(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	c := newScripted(t, map[string]string{"sync": aRow})
	read, write, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, read.Close())
	cmd := b.command("sync", "--", c.path)
	cmd.Stdout, cmd.Stderr = write, write
	require.NoError(t, cmd.Run())
	require.NoError(t, write.Close())
	assert.Equal(t, "1", b.query("SELECT count(*) FROM s.t"))
}
