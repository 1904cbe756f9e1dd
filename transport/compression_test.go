package transport_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// Sources serve one file with or without Content-Encoding. A gzip text begins with
// 1f 8b (RFC 1952 §2.3.1).
func TestGzipReadsAFileHoweverItIsServed(t *testing.T) {
	const text = "id,name\n1,ann\n2,bob\n"
	file := gzipped(text)
	packed := format.Gzip(format.CSV{})
	knownfault.Run(t, []string{"file and coding", "plain", "padded with zeros", "line break at the end", "aws-chunked"}, func(t *knownfault.T) {
		for _, c := range []struct {
			name   string
			header http.Header
			body   []byte
			format format.Format
		}{
			{"file", http.Header{"Content-Type": {"application/gzip"}}, file, packed},
			{"coding", http.Header{"Content-Encoding": {"gzip"}}, file, format.CSV{}},
			{"file and coding", http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"text/csv"}}, file, packed},
			{"plain", http.Header{"Content-Type": {"text/csv"}}, []byte(text), packed},
			{"two members", nil, append(gzipped("id,name\n1,ann\n"), gzipped("2,bob\n")...), packed},
			{"padded with zeros", nil, append(bytes.Clone(file), make([]byte, 512)...), packed},
			{"line break at the end", nil, append(bytes.Clone(file), '\n'), packed},
			{"aws-chunked", http.Header{"Content-Encoding": {"aws-chunked,gzip"}}, file, format.CSV{}},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					maps.Copy(w.Header(), c.header)
					_, _ = w.Write(c.body)
				}, transport.WithRetry(retry.Policy{Attempts: 2, Base: time.Millisecond}))
				rows, err := collect(transport.Stream[map[string]any](ctx, client, transport.Request{Path: "/export.csv.gz"}, c.format))
				require.NoError(t, err)
				assert.Len(t, rows, 2)
			})
		}
	})
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// RFC 9110 §8.4 sets no limit to the codings of an answer. Sources use one or two.
func TestThousandsOfContentCodingsAreRefusedInLittleMemory(t *testing.T) {
	header := http.Header{"Content-Encoding": {strings.Repeat("gzip,", 20000-1) + "gzip"}}
	knownfault.Run(t, []string{"200", "401"}, func(t *knownfault.T) {
		for name, status := range map[string]int{"200": http.StatusOK, "401": http.StatusUnauthorized} {
			t.Run(name, func(t *knownfault.T) {
				client, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 1}),
					transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
						return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("\x1f\x8b\x08\x00")), ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
					})))
				require.NoError(t, err)
				assert.LessOrEqual(t, allocated(func() { _, err = client.Do(ctx, transport.Request{}) }), uint64(16_000_000), "bytes for a header of 100 KB")
				assert.Error(t, err, "the body is not of these codings")
			})
		}
	})
}
