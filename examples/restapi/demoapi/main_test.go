package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output is what a program has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// example waits for the command that the program prints, and returns its
// header and its URL.
func (o *output) example(t *testing.T) (header, url string) {
	t.Helper()
	command := regexp.MustCompile(`curl -H 'Authorization: (.*)' '(http://.*)'\n`)
	require.Eventually(t, func() bool { return command.MatchString(o.String()) }, 10*time.Second, time.Millisecond)
	match := command.FindStringSubmatch(o.String())
	return match[1], match[2]
}

func get(t *testing.T, header, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", header)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func TestTheExampleThatIsPrintedWorks(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var stderr output
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-api-key", "other", "-orders", "5", "-seed", "3"}, &stderr)
	}()
	header, url := stderr.example(t)
	assert.Equal(t, "Bearer other", header)
	assert.Contains(t, stderr.String(), "serving 5 orders on http://127.0.0.1:")
	status, body := get(t, header, url)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"id":9007199254740994`)
	assert.NotContains(t, body, `"id":9007199254740995`)
	stop()
	assert.Zero(t, <-code)
}

func TestFlagsThatAreWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-help"}, 0, "-faults share"},
		{[]string{"-orders", "many"}, 2, `invalid value "many"`},
		{[]string{"-orders", "-1"}, 2, "demoapi: the number of orders is -1"},
		{[]string{"-faults", "2"}, 2, "demoapi: the share of faults is 2"},
		{[]string{"-api-key", ""}, 2, "demoapi: an API key is required"},
		{[]string{"serve"}, 2, `demoapi: there are no arguments, only flags: "serve"`},
		{[]string{"-addr", taken.Addr().String()}, 1, "demoapi: listen tcp"},
	} {
		var stderr output
		assert.Equal(t, test.code, run(t.Context(), test.args, &stderr), test.args)
		assert.Contains(t, stderr.String(), test.want)
	}
}
