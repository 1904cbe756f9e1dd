package transport_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// measuredProgram is the variable of the environment with the program whose memory a process
// measures. The system counts the memory of the process that starts a program, so it must be
// a small one.
const measuredProgram = "PENSTOCK_TEST_MEASURED"

// hostileResponses are the responses of a source to each request of a connector.
var hostileResponses = map[string]struct {
	respond func(w http.ResponseWriter, r *http.Request)
	want    string // a part of the line that reports the failure; "" if the sync succeeds
}{
	"a body without end":  {respondWith(parts(`{"data":[{"id":1,"name":"`, forever("x"))), "more than 25165824 bytes"},
	"spaces without end":  {respondWith(forever(" ")), "more than 25165824 bytes"},
	"millions of records": {respondWith(parts(`{"data":[`, times("{},", 7*million), "{}]}")), "more than 1048576 records"},
	"millions of members": {respondWith(parts(`{"data":[{`, numberedMembers(million), `"id":1}]}`)), "members"},
	"millions of items":   {respondWith(parts(`{"data":[{"id":1,"updated_at":"2026-01-02T03:04:05Z","total":"1","tags":[`, times(`"",`, 4*million), `""]}],"next":null,"total_pages":1}`)), "values"},
	"a member of 20 MB":   {respondWith(parts(`{"data":[],"a":"`, times("x", 20*million), `","next":null,"total_pages":0}`)), ""},
	"a web page":          {respondWith(parts("<html>", times("abc ", 5*million))), "markup"},
	"a refusal":           {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400); respondWith(forever("bad "))(w, r) }, "400 Bad Request"},
	"a bomb": {func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		respondWith(bomb(200*megabyte))(w, r)
	}, "more than 25165824 bytes"},
	"long headers": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Link", strings.Repeat("<a>,", 250_000)) }, "the headers of the response"},
	"a long redirect": {func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/"+strings.Repeat("a", 200_000))
		w.WriteHeader(302)
	}, "a URL of"},
	"a number of a million digits": {respondWith(parts(`{"data":[{"id":1,"updated_at":"2026-01-02T03:04:05Z","total":`, times("7", million), `}],"next":null,"total_pages":1}`)), ""},
	"a large exponent":             {respondWith(parts(`{"data":[{"id":1,"updated_at":"2026-01-02T03:04:05Z","total":1e1000000000}],"next":null,"total_pages":1}`)), ""},
	"a year of a million digits":   {respondWith(parts(`{"data":[{"id":1,"updated_at":"`, times("2", million), `-01-02T03:04:05Z","created_at":"`, times("2", million), `-01-02T03:04:05Z"}],"next":null,"total_pages":1}`)), "time"},
}

func respondWith(body func() io.Reader) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		r := body()
		_, _ = io.Copy(w, r)
		if c, ok := r.(io.Closer); ok {
			_ = c.Close()
		}
	}
}

// The connector reads two tables at a time.
func TestTheMemoryOfAConnectorIsBoundedWhateverItsSourceSends(t *testing.T) {
	if program := os.Getenv(measuredProgram); program != "" {
		measure(program)
		return
	}
	if !*long {
		t.Skip("builds a connector: pass -long")
	}
	program := filepath.Join(t.TempDir(), "restapi")
	out, err := exec.Command("go", "build", "-o", program, "../examples/restapi").CombinedOutput()
	require.NoError(t, err, "%s", out)
	self, err := os.Executable()
	require.NoError(t, err)
	for name, h := range hostileResponses {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(h.respond))
			srv.Config.ErrorLog = silentLog
			srv.Start()
			defer srv.Close()
			cmd := exec.Command(self, "-test.run=^TestTheMemoryOfAConnectorIsBoundedWhateverItsSourceSends$")
			cmd.Env = append(os.Environ(), measuredProgram+"="+program)
			cmd.Stdin = strings.NewReader(fmt.Sprintf(`{"secrets":{"api_key":"secret-key","base_url":%q}}`, srv.URL))
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Run(), "%s", &stderr)
			_, report, _ := strings.Cut(stderr.String(), "maxrss=")
			number, code, _ := strings.Cut(strings.TrimSpace(report), " ")
			peak, err := strconv.Atoi(number)
			require.NoError(t, err, "%s", &stderr)
			t.Logf("peak %d MiB, exit status %s", peak>>10, code)
			assert.Less(t, peak<<10, maxPeak)
			if h.want == "" {
				assert.Equal(t, "0", code, "%s", &stdout)
				return
			}
			assert.Equal(t, "1", code)
			_, severe, _ := strings.Cut(stdout.String(), `"level":"SEVERE"`)
			assert.Contains(t, severe, h.want)
			assert.Less(t, len(severe), 64<<10)
		})
	}
}

// measure runs a program and writes its peak of memory in KiB, and its exit status, to
// standard error.
func measure(program string) {
	cmd := exec.Command(program)
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	_ = cmd.Run()
	fmt.Fprintf(os.Stderr, "maxrss=%d %d\n", cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, cmd.ProcessState.ExitCode())
}
