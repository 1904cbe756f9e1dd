package transport_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestAResponseIsDecompressedByItsContentEncoding(t *testing.T) {
	body := `{"data":[{"id":1,"name":"` + strings.Repeat("x", 10000) + `"}]}`
	compress := func(newWriter func(io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := newWriter(&b)
		_, _ = io.WriteString(w, body)
		_ = w.Close()
		return b.Bytes()
	}
	gz := compress(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	zl := compress(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	raw := compress(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 5); return f })
	var send []byte
	var coding string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Contains(t, r.Header.Get("Accept-Encoding"), "gzip")
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(send)
	}, transport.WithRetry(retry.Policy{Attempts: 1}))
	for name, tt := range map[string]struct {
		coding string
		body   []byte
	}{"gzip": {"gzip", gz}, "x-gzip": {"X-Gzip", gz}, "zlib": {"deflate", zl}, "bare": {"deflate", raw}, "none": {"identity", []byte(body)}} {
		coding, send = tt.coding, tt.body
		resp, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err, name)
		assert.Equal(t, body, string(resp.Body), name)
	}
	// A truncated body.
	coding, send = "gzip", gz[:len(gz)-12]
	_, err := c.Do(ctx, transport.Request{})
	assert.ErrorIs(t, err, transport.ErrCut)
	assert.True(t, asError(t, err).Temporary())

	// A coding that is not supported.
	coding, send = "br", gz
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, `unknown Content-Encoding "br"`)

	// An empty body.
	coding, send = "gzip", nil
	resp, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Empty(t, resp.Body)
}

func TestADecompressedBodyThatIsTooLargeIsAnErrorAndNotRepeated(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 8 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	calls := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}, transport.WithMaxBody(1<<20))
	_, err := c.Do(ctx, transport.Request{})
	assert.ErrorIs(t, err, transport.ErrTooLarge)
	assert.False(t, asError(t, err).Temporary())
	assert.Equal(t, 1, calls)
}

// Sources serve gzip files with or without a Content-Encoding. A gzip file begins with
// 1f 8b (RFC 1952 §2.3.1).
func TestGzipReadsAFileWithOrWithoutAContentEncoding(t *testing.T) {
	const text = "id,name\n1,ann\n2,bob\n"
	file := gzipped(text)
	compressed := format.Gzip(format.CSV{})
	for _, c := range []struct {
		name   string
		header http.Header
		body   []byte
		format format.Format
	}{
		{"gzip file", http.Header{"Content-Type": {"application/gzip"}}, file, compressed},
		{"Content-Encoding", http.Header{"Content-Encoding": {"gzip"}}, file, format.CSV{}},
		{"gzip file, Content-Encoding", http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"text/csv"}}, file, compressed},
		{"not compressed", http.Header{"Content-Type": {"text/csv"}}, []byte(text), compressed},
		{"two members", nil, append(gzipped("id,name\n1,ann\n"), gzipped("2,bob\n")...), compressed},
		{"padded with zeros", nil, append(bytes.Clone(file), make([]byte, 512)...), compressed},
		{"line break at the end", nil, append(bytes.Clone(file), '\n'), compressed},
		{"aws-chunked", http.Header{"Content-Encoding": {"aws-chunked,gzip"}}, file, format.CSV{}},
		{"aws-chunked alone", http.Header{"Content-Encoding": {"AWS-Chunked"}}, []byte(text), format.CSV{}},
		{"aws-chunked, gzip file", http.Header{"Content-Encoding": {"aws-chunked"}}, file, compressed},
		{"several headers", http.Header{"Content-Encoding": {"aws-chunked", "gzip"}}, file, format.CSV{}},
		{"gzip twice", http.Header{"Content-Encoding": {"gzip, x-gzip"}}, gzipped(string(file)), format.CSV{}},
		{"gzip file, gzip twice", http.Header{"Content-Encoding": {"gzip,gzip"}}, gzipped(string(file)), compressed},
		{"gzip file of a gzip file", nil, gzipped(string(file)), compressed},
		{"Content-Encoding, padded", http.Header{"Content-Encoding": {"gzip"}}, append(bytes.Clone(file), make([]byte, 512)...), format.CSV{}},
		{"Content-Encoding, line break at the end", http.Header{"Content-Encoding": {"gzip"}}, append(bytes.Clone(file), '\n'), format.CSV{}},
		{"identity", http.Header{"Content-Encoding": {"identity"}}, []byte(text), compressed},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), c.header)
				_, _ = w.Write(c.body)
			}, transport.WithRetry(retry.Policy{Attempts: 2, Base: time.Millisecond}))
			rows, err := collect(transport.Stream[map[string]any](ctx, client, transport.Request{Path: "/export.csv.gz"}, c.format))
			require.NoError(t, err)
			assert.Len(t, rows, 2)
		})
	}
}

func TestASecretWithACommaInAContentEncodingIsMasked(t *testing.T) {
	const key = `+,-./:;<=>?@94FHdZ`
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "the key "+key)
		_, _ = w.Write([]byte("x"))
	}, transport.WithAuth(auth.Bearer(key)))
	_, err := client.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, `unknown Content-Encoding "the key [redacted]": the request accepts`)
}

func TestAResponseWithAnUnknownCodingIsNotRequestedAgain(t *testing.T) {
	for _, coding := range []string{"br", "zstd", "gzip, br", "compress"} {
		calls := 0
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Content-Encoding", coding)
			_, _ = w.Write([]byte("x"))
		})
		_, err := client.Do(ctx, transport.Request{})
		assert.ErrorContains(t, err, "unknown Content-Encoding", coding)
		_, err = collect(transport.Stream[map[string]any](ctx, client, transport.Request{}, format.CSV{}))
		assert.ErrorContains(t, err, "accepts only gzip and deflate", coding)
		assert.Equal(t, 2, calls, coding)
	}
}

// RFC 9110 §8.4 does not limit the number of codings of a response. Sources use one or
// two.
func TestThousandsOfContentCodingsAreAnErrorAndTakeLittleMemory(t *testing.T) {
	header := http.Header{"Content-Encoding": {strings.Repeat("gzip,", 20000-1) + "gzip"}}
	for name, status := range map[string]int{"200": http.StatusOK, "401": http.StatusUnauthorized} {
		t.Run(name, func(t *testing.T) {
			client, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 1}),
				transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("\x1f\x8b\x08\x00")), ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
				})))
			require.NoError(t, err)
			assert.LessOrEqual(t, allocated(func() { _, err = client.Do(ctx, transport.Request{}) }), uint64(16_000_000), "the number of bytes for a header of 100 KB")
			assert.Error(t, err, "the body does not have these codings")
			if status == http.StatusOK {
				assert.ErrorContains(t, err, "20000 codings")
			}
		})
	}
}

// A cache may have kept a download that was cut.
func TestAPartOfAFileThatWasNotRequestedIsAnError(t *testing.T) {
	for contentRange, want := range map[string]string{
		"bytes 0-4/500": "the source sent the bytes 0 to 4 of 500, although all of them were requested",
		"Bytes 5-9/10":  "the source sent the bytes 5 to 9 of 10",
		"bytes 5-9/*":   "the source sent the bytes from 5 on",
		"bytes 0-4/5":   "", "bytes 0-4/*": "", "items 0-4/500": "", "0-4/500": "", "bytes */500": "", "bytes x": "", "": "",
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", contentRange)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write([]byte("a\n1\n2"))
		}, transport.WithRetry(retry.Policy{Attempts: 1}))
		_, err := client.Do(ctx, transport.Request{})
		rows, streamErr := collect(transport.Stream[map[string]any](ctx, client, transport.Request{}, format.CSV{}))
		_, rangeErr := client.Do(ctx, transport.Request{Header: http.Header{"Range": {"bytes=0-4"}}})
		require.NoError(t, rangeErr, contentRange)
		if want == "" {
			require.NoError(t, errors.Join(err, streamErr), contentRange)
			assert.Len(t, rows, 2)
			continue
		}
		for _, err := range []error{err, streamErr} {
			require.ErrorIs(t, err, transport.ErrCut)
			assert.ErrorContains(t, err, want)
		}
	}
}
