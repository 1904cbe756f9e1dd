//go:build linux

package stdin_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// The faults of readers and of disks.
const (
	noFault         = "no fault"
	killed          = "kill -9"
	terminated      = "SIGTERM"
	interrupted     = "SIGINT"
	signaledTwice   = "SIGTERM and SIGINT"
	closedReader    = "a reader that closes the pipe"
	stuckReader     = "a reader that stops reading, and SIGTERM"
	returningReader = "a reader that stops reading and returns after SIGTERM"
	stuckAndKilled  = "a reader that stops reading, and kill -9"
	slowReader      = "a slow reader"
	nonblockingPipe = "a slow reader of a pipe that does not block"
	fullDisk        = "a full disk"
	fullDevice      = "a full device"
	closedOutput    = "a closed standard output"
)

// A platform is what a platform has received and stored so far.
type platform struct {
	dialect
	seed   uint64
	limit  int64
	config string
	state  string // of the last STATE
	rows   map[int64]bool
}

// faultyRuns lists the faults from which a random one is taken. Faults that take seconds
// are rare.
var faultyRuns = slices.Concat(
	slices.Repeat([]string{noFault, killed, killed, killed, terminated, terminated, interrupted, signaledTwice, closedReader, slowReader, nonblockingPipe, fullDisk, stuckAndKilled, fullDevice, closedOutput}, 3),
	[]string{stuckReader, returningReader, returningReader},
)

// TestNoReaderAndNoDiskLosesARow syncs a source with one fault after another, and checks
// after each that every line of up to 4,096 bytes is complete, that each STATE covers
// only rows before it, and that the exit status is right. At the end, the platform has
// all rows.
func TestNoReaderAndNoDiskLosesARow(t *testing.T) {
	const perSource = 5
	sources := len(dialects)
	if *long {
		sources = 200
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("PENSTOCK_TEST_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("PENSTOCK_TEST_SEED=%d", seed)
	slots := make(chan struct{}, 6)
	for source := range sources {
		t.Run(strconv.Itoa(source), func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			random := rand.New(rand.NewPCG(seed, uint64(source)))
			p := newPlatform(dialects[source%len(dialects)], random.Uint64(), 300+random.Int64N(700))
			for range perSource - 1 {
				p.sync(t, random, faultyRuns[random.IntN(len(faultyRuns))])
			}
			p.sync(t, random, noFault)
			assert.Len(t, p.rows, int(p.limit), "rows are missing")
		})
	}
}

// TestEachFaultOfAReaderOrADisk is the part of TestNoReaderAndNoDiskLosesARow that each
// run of the tests contains.
func TestEachFaultOfAReaderOrADisk(t *testing.T) {
	t.Parallel()
	for i, d := range dialects {
		for j, fault := range slices.Compact(slices.Sorted(slices.Values(faultyRuns))) {
			t.Run(d.name+": "+fault, func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(uint64(i), uint64(j)))
				p := newPlatform(d, random.Uint64(), 300)
				p.sync(t, random, fault)
				p.sync(t, random, noFault)
				assert.Len(t, p.rows, int(p.limit), "rows are missing")
			})
		}
	}
}

func newPlatform(d dialect, seed uint64, limit int64) *platform {
	return &platform{
		dialect: d, seed: seed, limit: limit, state: "{}", rows: map[int64]bool{},
		config: fmt.Sprintf(`{"seed":%d,"limit":%d}`, seed, limit),
	}
}

// sync runs one sync from the last state.
func (p *platform) sync(t *testing.T, random *rand.Rand, fault string) {
	t.Helper()
	r := &parcelRun{platform: p, fault: fault, after: random.IntN(40), random: random}
	if random.IntN(3) == 0 {
		r.after = random.IntN(400)
	}
	what := fmt.Sprintf("%s: seed %d, from %s, %s after %d lines", p.name, p.seed, p.state, fault, r.after)
	r.cmd = fixture.Program(t, "parcels", append([]string{"post"}, p.args(t, p.config, p.state)...)...)
	if p.request != nil {
		r.cmd.Stdin = strings.NewReader(p.request(p.config, p.state))
	}
	r.cmd.Stderr = &r.log
	r.run(t)
	require.NotContains(t, r.log.String(), "panic", what)
	r.check(t, what)
}

// A parcelRun is one process.
type parcelRun struct {
	*platform
	fault  string
	after  int // the number of lines after which the fault occurs
	random *rand.Rand
	cmd    *exec.Cmd
	log    bytes.Buffer
	output []byte
	took   time.Duration // since the signal
}

// run runs the process to its end.
func (r *parcelRun) run(t *testing.T) {
	t.Helper()
	switch r.fault {
	case fullDisk:
		path := filepath.Join(t.TempDir(), "output")
		const before = "the line of another program\n"
		require.NoError(t, os.WriteFile(path, []byte(before), 0o600))
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		r.cmd.Env = append(r.cmd.Env, fmt.Sprintf("%s=%d", fileSizeVariable, 100+r.random.IntN(200_000)))
		r.cmd.Stdout = f
		_ = r.cmd.Run() // check examines the status
		require.NoError(t, f.Close())
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(text, []byte(before)), "the file is longer than the limit")
		r.output = text[len(before):]
	case fullDevice:
		f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		require.NoError(t, err)
		r.cmd.Stdout = f
		_ = r.cmd.Run() // check examines the status
		require.NoError(t, f.Close())
	case closedOutput:
		r.cmd = redirected(r.cmd, ">&-")
		_ = r.cmd.Run() // check examines the status
	default:
		r.read(t)
	}
}

// read runs the process with a pipe as its output.
func (r *parcelRun) read(t *testing.T) {
	t.Helper()
	reader, writer := pipe(t, r.fault == nonblockingPipe)
	r.cmd.Stdout = writer
	require.NoError(t, r.cmd.Start())
	defer func() {
		_ = reader.Close()
		_ = r.cmd.Wait() // check examines the status
	}()
	in := bufio.NewReaderSize(reader, 16)
	if r.fault == slowReader || r.fault == nonblockingPipe {
		in = bufio.NewReaderSize(reader, 5000)
	}
	require.NoError(t, writer.Close())
	for range r.after {
		line, err := in.ReadBytes('\n')
		r.output = append(r.output, line...)
		if err != nil {
			break
		}
		if r.fault == nonblockingPipe || r.fault == slowReader {
			time.Sleep(time.Duration(r.random.IntN(200)) * time.Microsecond) // the reader is slow
		}
	}
	if slices.Contains([]string{stuckReader, returningReader, stuckAndKilled}, r.fault) {
		awaitFull(t, reader, r.cmd)
	}
	began := time.Now()
	signal := func(s syscall.Signal) { _ = r.cmd.Process.Signal(s) } // the process may have ended
	switch r.fault {
	case killed, stuckAndKilled:
		signal(syscall.SIGKILL)
	case terminated, stuckReader, returningReader:
		signal(syscall.SIGTERM)
	case interrupted:
		signal(syscall.SIGINT)
	case signaledTwice:
		signal(syscall.SIGTERM)
		signal(syscall.SIGINT)
	case closedReader:
		require.NoError(t, reader.Close())
		_ = r.cmd.Wait()
		r.took = time.Since(began)
		return
	}
	switch r.fault {
	case stuckReader:
		_ = r.cmd.Wait()
		r.took = time.Since(began)
	case returningReader:
		wait := time.Duration(r.random.IntN(1000)) * time.Millisecond // the deadline of Airbyte is two seconds
		if !r.dies {
			wait *= 3
		}
		time.Sleep(wait) // the fault
	}
	rest, err := io.ReadAll(in)
	require.NoError(t, err)
	r.output = append(r.output, rest...)
	_ = r.cmd.Wait()
	r.took = max(r.took, time.Since(began))
}

// pipe returns a pipe.
func pipe(t *testing.T, nonblocking bool) (r, w *os.File) {
	t.Helper()
	var fds [2]int
	require.NoError(t, syscall.Pipe2(fds[:], syscall.O_CLOEXEC))
	require.NoError(t, syscall.SetNonblock(fds[0], true)) // so that Close ends a Read
	require.NoError(t, syscall.SetNonblock(fds[1], nonblocking))
	r, w = os.NewFile(uintptr(fds[0]), "reader"), os.NewFile(uintptr(fds[1]), "writer")
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

// awaitFull waits until a pipe is full, or until the process that writes to it has
// ended.
func awaitFull(t *testing.T, r *os.File, cmd *exec.Cmd) {
	t.Helper()
	w, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", r.Fd()), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	require.NoError(t, err)
	defer w.Close()
	stat := fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid)
	for {
		poll := struct {
			fd              int32
			events, revents int16
		}{int32(w.Fd()), 4, 0}
		limit := syscall.Timespec{}
		n, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
		if errno == syscall.EINTR {
			continue
		}
		require.Zero(t, errno)
		text, err := os.ReadFile(stat)
		if n == 0 || err != nil || strings.Contains(string(text), ") Z ") {
			return
		}
		time.Sleep(time.Millisecond) // until the event
	}
}

var idIn = regexp.MustCompile(`"id":(\d+),`)

// check checks the output and the end of the process, and delivers the output to the
// platform.
func (r *parcelRun) check(t *testing.T, what string) {
	t.Helper()
	end := bytes.LastIndexByte(r.output, '\n') + 1
	lines, cut := bytes.Split(bytes.TrimSuffix(r.output[:end], []byte("\n")), []byte("\n")), r.output[end:]
	if end == 0 {
		lines = nil
	}
	start, _ := r.pos([]byte(r.wrapped()))
	covered := max(start, 0)
	states := 0
	for _, line := range lines {
		require.True(t, json.Valid(line), "%s: not valid JSON: %s", what, line)
		if id, ok := r.row(line); ok {
			require.Equal(t, covered+1, id, "%s: a row is missing", what)
			covered, r.rows[id] = id, true
		}
		if at, ok := r.pos(line); ok {
			require.LessOrEqual(t, at, covered, "%s: a STATE covers rows that are not before it", what)
			r.state, start = r.saved(line), at
			states++
		}
	}
	if len(cut) > 0 {
		require.True(t, bytes.HasPrefix(cut, []byte(`{"type":"RECORD"`)) || len(cut) < 10, "%s: a short line is cut: %.200s", what, cut)
		n := covered + 1 // if the line is cut before the id
		if id := idIn.FindSubmatch(cut); id != nil {
			var err error
			n, err = strconv.ParseInt(string(id[1]), 10, 64)
			require.NoError(t, err)
		}
		require.Greater(t, bodySize(r.seed, n), 3900, "%s: the line of row %d is cut after %d bytes", what, n, len(cut))
	}
	r.checkEnd(t, what, lines, cut)
	if r.fault == returningReader && r.status() != 0 {
		require.InDelta(t, covered, start, 3, "%s: the last STATE covers the rows before it", what)
		require.Contains(t, string(lines[len(lines)-1]), r.severe, what)
	}
}

// wrapped returns the last state in the form in which the platform received it.
func (r *parcelRun) wrapped() string {
	switch r.name {
	case "stdin":
		return `{"state":` + r.state + `}`
	case "singer":
		return `{"value":` + r.state + `}`
	}
	return strings.TrimSuffix(strings.TrimPrefix(r.state, "["), "]")
}

// status returns the exit status of the process, or the negative number of the signal
// that ended it.
func (r *parcelRun) status() int {
	status := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -int(status.Signal())
	}
	return status.ExitStatus()
}

func (r *parcelRun) checkEnd(t *testing.T, what string, lines [][]byte, cut []byte) {
	t.Helper()
	const margin = 8 * time.Second // for a busy machine
	log := r.log.String()
	told := func(s syscall.Signal) int {
		if r.dies {
			return -int(s)
		}
		return 1
	}
	var want []int
	says := ""
	switch r.fault {
	case noFault, slowReader, nonblockingPipe:
		want = []int{0}
	case killed, stuckAndKilled:
		want = []int{0, -int(syscall.SIGKILL)}
	case terminated, stuckReader, returningReader:
		want = []int{0, told(syscall.SIGTERM), -int(syscall.SIGTERM)} // the last one before the process handles signals
	case interrupted:
		want = []int{0, told(syscall.SIGINT), -int(syscall.SIGINT)}
	case signaledTwice: // either may arrive first
		want = []int{0, 1, -int(syscall.SIGTERM), -int(syscall.SIGINT)}
	case closedReader:
		want, says = []int{0, 1}, "broken pipe"
	case fullDisk:
		want, says = []int{0, 1}, "the file must not become larger"
		require.Empty(t, cut, what)
	case fullDevice:
		want, says = []int{1}, "the disk is full"
	case closedOutput:
		want, says = []int{1}, "standard output is closed"
	}
	require.Contains(t, want, r.status(), "%s: %s", what, log)
	if r.status() != 0 {
		require.Contains(t, log, says, what)
	}
	require.Less(t, r.took, 4500*time.Millisecond+margin, what)
	if r.status() == 0 {
		require.Empty(t, cut, what)
		require.NotEmpty(t, lines, what)
	}
}
