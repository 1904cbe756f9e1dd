package transport_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// A response is cut off after each of its bytes, and nothing but the text shows it.
func TestATruncatedResponseIsRecognizedInEveryCharset(t *testing.T) {
	const name = "東京"
	for how, reader := range readers {
		for contentType, enc := range map[string]encoding.Encoding{
			"text/plain":                      encoding.Nop,
			"text/plain; charset=utf-8":       encoding.Nop,
			"text/plain;":                     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
			"text/plain; charset=":            unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
			"text/plain; charset=utf-16":      unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
			"text/plain; charset=UTF-16BE":    unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
			"text/plain; charset=utf-16le":    unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
			"text/plain; charset=Shift_JIS":   japanese.ShiftJIS,
			"text/plain; charset=euc-jp":      japanese.EUCJP,
			"text/plain; charset=iso-2022-jp": japanese.ISO2022JP,
			"text/plain; charset=gb18030":     simplifiedchinese.GB18030,
		} {
			text, err := enc.NewEncoder().String(reader.text(name))
			require.NoError(t, err)
			for end := range text {
				checkTruncated(t, how+": "+contentType, reader, contentType, text, end)
			}
		}
	}
}

// checkTruncated reads a text whose first response ends too early.
func checkTruncated(t *testing.T, what string, reader recordReader, contentType, text string, end int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		log := new(transporttest.LogRecord)
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.(http.Flusher).Flush() // no Content-Length
			if requests.Add(1) == 1 {
				_, _ = w.Write([]byte(text[:end]))
			} else {
				_, _ = w.Write([]byte(text))
			}
		}, log.Warnings())
		got, err := reader.read(t.Context(), client)
		assert.NotContains(t, log.String(), "U+FFFD", "%s: %q", what, text[:end])
		switch {
		case errors.Is(err, transport.ErrCut):
			assert.NotEqual(t, "Get", what[:3])
		case assert.NoError(t, err, "%s: %q", what, text[:end]):
			for _, item := range got {
				assert.True(t, strings.HasPrefix("東京", item.Name), "%s: %q: %q", what, text[:end], item.Name)
			}
		}
	})
}
