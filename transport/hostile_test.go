package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// maxPeak is the largest amount of memory of a process that reads from any source.
const maxPeak = 128 << 20

// A hostile source sends more than a reader wants.
type hostile struct {
	name string
	read func(t *testing.T) error
	want string // a part of the error; "" if the source is read in full
	is   error  // what the error wraps; may be nil
	long bool   // it takes seconds
}

// hostileSources are run in a process for each group.
var hostileSources = map[string][]hostile{
	"headers": hostileHeaders, "connections": hostileConnections, "compression": hostileCompression,
	"json": hostileJSON, "formats": hostileFormats, "pages": hostilePages, "jobs": hostileJobs,
}

// hostileGroup is the variable of the environment with the group that a process runs.
const hostileGroup = "PENSTOCK_TEST_HOSTILE"

// Each group runs in a process of its own, whose peak of memory the system measures. On
// systems other than Linux, only the errors are checked.
func TestMemoryIsBoundedWhateverASourceSends(t *testing.T) {
	if group := os.Getenv(hostileGroup); group != "" {
		for _, h := range hostileSources[group] {
			t.Run(strings.ReplaceAll(h.name, " ", "_"), h.run)
		}
		return
	}
	if racedetector.Enabled {
		t.Skip("the race detector takes a multiple of the memory")
	}
	for group := range hostileSources {
		t.Run(group, func(t *testing.T) { // one after the other: without a processor, the collector is late
			self, err := os.Executable()
			require.NoError(t, err)
			cmd := exec.Command(self, "-test.run=^"+t.Name()[:strings.Index(t.Name(), "/")]+"$", "-test.v", "-long="+strconv.FormatBool(*long))
			cmd.Env = append(os.Environ(), hostileGroup+"="+group)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			} else {
				t.Logf("%s", out)
			}
		})
	}
}

func (h hostile) run(t *testing.T) {
	if h.long && !*long {
		t.Skip("takes seconds: pass -long")
	}
	for range 3 { // a sync.Pool is empty after the second time
		debug.FreeOSMemory()
	}
	reset := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil
	start := time.Now()
	err := h.read(t)
	text := fmt.Sprint(err)
	if peak := peakMemory(); peak > 0 {
		t.Logf("peak %d MiB (alone: %t), %v: %.300s", peak>>20, reset, time.Since(start).Round(time.Millisecond), text)
		assert.Less(t, peak, int64(maxPeak), "bytes of memory")
	}
	if h.want == "" {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	assert.Contains(t, text, h.want)
	assert.Less(t, len(text), 16<<10, "the text of the error is bounded, too")
	if h.is != nil {
		assert.ErrorIs(t, err, h.is)
	}
}

// peakMemory returns the largest size of the process in memory since the last reset, or 0
// if the system does not report it.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.ParseInt(kib, 10, 64)
	return n << 10
}

// textOf is a reader of a text that is repeated n times.
func textOf(text string, n int) io.Reader {
	block := strings.Repeat(text, max(1, 4096/len(text)))
	return &repeated{block: block, left: int64(n) * int64(len(text))}
}

// repeated is a reader of a block that is repeated up to a number of bytes.
type repeated struct {
	block string
	at    int // in the block
	left  int64
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	r.left -= int64(n)
	return n, nil
}

// around is a reader of texts, which are strings and readers.
func around(parts ...any) io.Reader {
	var readers []io.Reader
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			readers = append(readers, strings.NewReader(p))
		case io.Reader:
			readers = append(readers, p)
		}
	}
	return io.MultiReader(readers...)
}

// endlessly is more bytes than any process can hold.
const endlessly = 1 << 40

// hostileClient is a client of a source with a response. Its requests are not repeated.
func hostileClient(t *testing.T, status int, header http.Header, body func() io.Reader, opts ...transport.Option) *transport.Client {
	t.Helper()
	return roundTripClient(t, func(r *http.Request) (*http.Response, error) {
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{
			StatusCode: status, Header: header.Clone(), Body: io.NopCloser(body()), ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}, nil
	}, opts...)
}

func roundTripClient(t *testing.T, trip trips, opts ...transport.Option) *transport.Client {
	t.Helper()
	opts = append([]transport.Option{transport.WithLogger(quiet), transport.WithRoundTripper(trip), transport.WithRetry(retry.Policy{Attempts: 1})}, opts...)
	c, err := transport.New("https://api.example.com", opts...)
	require.NoError(t, err)
	return c
}

// oneAttempt makes a client of [serve] fail at once.
var oneAttempt = transport.WithRetry(retry.Policy{Attempts: 1})

// consume reads all records of type T.
func consume[T any](seq func(func(T, error) bool)) (n int, err error) {
	for _, err := range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

var errRows = errors.New("the rows are not right")

// counted returns an error if the number of records is not n.
func counted[T any](seq func(func(T, error) bool), n int) error {
	got, err := consume(seq)
	if err == nil && got != n {
		err = fmt.Errorf("%w: %d, not %d", errRows, got, n)
	}
	return err
}
