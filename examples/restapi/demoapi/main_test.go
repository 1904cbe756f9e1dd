package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var command = regexp.MustCompile(`curl -H 'Authorization: (.*)' '(http://.*)'`)

// readExample reads what a program prints up to its example command. It returns the text
// that precedes the command, and the command's header and URL. It discards the rest of
// the output, so that the program never blocks.
func readExample(t *testing.T, stderr io.Reader) (text, header, url string) {
	t.Helper()
	in := bufio.NewScanner(stderr)
	for in.Scan() {
		if match := command.FindStringSubmatch(in.Text()); match != nil {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return text, match[1], match[2]
		}
		text += in.Text() + "\n"
	}
	require.FailNow(t, "the program ended before it printed an example", "%s", text)
	return "", "", ""
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

func TestThePrintedExampleWorks(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stderr, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-api-key", "other", "-orders", "5", "-seed", "3"}, w)
		_ = w.Close() // it never fails
	}()
	text, header, url := readExample(t, stderr)
	assert.Equal(t, "Bearer other", header)
	assert.Contains(t, text, "serving 5 orders on http://127.0.0.1:")
	status, body := get(t, header, url)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"id":9007199254740994`)
	assert.NotContains(t, body, `"id":9007199254740995`)
	stop()
	assert.Zero(t, <-code)
}

func TestInvalidFlags(t *testing.T) {
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
		{[]string{"serve"}, 2, `demoapi: unexpected argument "serve"`},
		{[]string{"-addr", taken.Addr().String()}, 1, "demoapi: listen tcp"},
	} {
		var stderr strings.Builder
		assert.Equal(t, test.code, run(t.Context(), test.args, &stderr), test.args)
		assert.Contains(t, stderr.String(), test.want)
	}
}
