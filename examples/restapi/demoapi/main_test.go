package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
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

func TestOrdersAreChangedAndDeletedBeforeServing(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stderr, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-orders", "5", "-touch", "4,0,4", "-delete", "2"}, w)
		_ = w.Close() // it never fails
	}()
	_, header, url := readExample(t, stderr)
	_, body := get(t, header, strings.Replace(url, "limit=2", "limit=10", 1))
	var page struct {
		Data []struct {
			ID      int64 `json:"id"`
			Deleted bool  `json:"deleted"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &page))
	var ids []int64
	for _, order := range page.Data {
		ids = append(ids, order.ID-shop.FirstOrderID)
		assert.Equal(t, order.ID == shop.FirstOrderID+2, order.Deleted)
	}
	assert.Equal(t, []int64{1, 3, 0, 4, 2}, ids, "changed orders are last")
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
		{[]string{"-orders", "5", "-touch", "4", "-delete", "5"}, 2, "demoapi: there is no order 5; the last one is 4"},
		{[]string{"-touch", "1,-1"}, 2, `"-1" is not the number of an order`},
		{[]string{"serve"}, 2, `demoapi: unexpected argument "serve"`},
		{[]string{"-addr", taken.Addr().String()}, 1, "demoapi: listen tcp"},
	} {
		var stderr strings.Builder
		assert.Equal(t, test.code, run(t.Context(), test.args, &stderr), test.args)
		assert.Contains(t, stderr.String(), test.want)
	}
}
