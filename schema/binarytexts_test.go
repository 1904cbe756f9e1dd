package schema_test

import (
	"crypto/md5"  //nolint:gosec // as a source of text
	"crypto/sha1" //nolint:gosec // as a source of text
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// encodeAll encodes one row for each value of a BINARY column. It returns the
// number of rows until the first error, and the error.
func encodeAll(values ...any) (delivered int, e *schema.Encoder, err error) {
	e = schema.NewEncoder(oneOf(schema.TypeBinary), nil)
	for _, v := range values {
		if _, err = e.Append(nil, asRow(v), schema.Full); err != nil {
			return delivered, e, err
		}
		delivered++
	}
	return delivered, e, nil
}

// texts returns n texts of f.
func texts(n int, f func(b []byte) string) (all []any) {
	for i := range n {
		all = append(all, f(fmt.Append(nil, i)))
	}
	return all
}

type hexText []byte

func (v hexText) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(v)), nil }

func TestHexadecimalTextIsNotTakenForBase64(t *testing.T) {
	sum := sha256.Sum256(nil)
	digest := hex.EncodeToString(sum[:])
	for _, v := range []any{
		digest, strings.ToUpper(digest), row(digest), raw(`"` + digest + `"`), raw(`"\u0065` + digest[1:] + `"`), &digest, hexText(sum[:]), row(hexText(sum[:])),
		digest[:32], digest[:16], "0x" + digest[:22], "0X" + digest[:46], digest[:32] + "\r\n" + digest[32:],
	} {
		delivered, _, err := encodeAll(v)
		var rowErr *schema.RowError
		if assert.ErrorAs(t, err, &rowErr, "%T %v", v, v) {
			assert.Zero(t, delivered)
			assert.Equal(t, "v", rowErr.Column)
			assert.ErrorContains(t, err, "want BINARY, got ")
			assert.ErrorContains(t, err, "hexadecimal digits, which base64 would turn into other bytes: decode it with hex.DecodeString and emit the []byte")
			assert.NotContains(t, err.Error(), digest[:16], "an error must not contain the value")
		}
	}
	for what, test := range map[string]struct {
		most int // the number of rows that may be delivered before the error
		f    func([]byte) string
	}{
		"CRC-32": {3, func(b []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(b)) }},
		"MAC":    {2, func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:6]) }},
		"CRC-16": {7, func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:2]) }},
		"MD5":    {0, func(b []byte) string { return fmt.Sprintf("%x", md5.Sum(b)) }},  //nolint:gosec // text
		"SHA-1":  {0, func(b []byte) string { return fmt.Sprintf("%x", sha1.Sum(b)) }}, //nolint:gosec // text
	} {
		delivered, _, err := encodeAll(texts(50, test.f)...)
		assert.ErrorContains(t, err, "hexadecimal digits", what)
		assert.LessOrEqual(t, delivered, test.most, what)
	}
	mixed := append([]any{"aGk/Pg=="}, digest)
	_, _, err := encodeAll(mixed...)
	assert.ErrorContains(t, err, "hexadecimal digits", "32 digits are refused although the column has base64")
}

func TestFewHexadecimalTextsAreReported(t *testing.T) {
	for rows, want := range map[string]map[string]int{
		"00e1f2a3":                   {"v": 1},
		"00e1f2a3 00e1f2a3 bcde":     {"v": 3},
		"001a2b3c4d5e deadbeef":      {"v": 2},
		"abcd":                       nil, // is base64 of random bytes once in 70 times
		"deadbeef aGk/":              nil, // the column has text that can only be base64
		"aGk= deadbeef":              nil,
		"AAAAAAAA AAAB AAAAAAAAAAAB": nil, // zero bytes
	} {
		var values []any
		for text := range strings.SplitSeq(rows, " ") {
			values = append(values, text)
		}
		_, e, err := encodeAll(values...)
		require.NoError(t, err, rows)
		assert.Equal(t, want, e.Hexadecimal(), rows)
	}
}

func TestBase64IsNotTakenForHexadecimalText(t *testing.T) {
	for _, size := range []int{1, 2, 3, 6, 12, 16, 20, 24, 32} {
		values := texts(2000, func(b []byte) string { s := sha256.Sum256(b); return base64.StdEncoding.EncodeToString(s[:size]) })
		_, e, err := encodeAll(values...)
		require.NoError(t, err, size)
		assert.Empty(t, e.Hexadecimal(), size)
	}
	sum := sha256.Sum256(nil)
	zeros := make([]byte, 48)
	one := append(make([]byte, 47), 1)
	_, e, err := encodeAll(sum[:], []byte(hex.EncodeToString(sum[:])), base64.StdEncoding.EncodeToString(zeros), base64.StdEncoding.EncodeToString(one), "", nil)
	require.NoError(t, err, "a []byte is delivered whatever it contains")
	assert.Empty(t, e.Hexadecimal())
}

func TestTextThatIsNotStandardBase64IsRefused(t *testing.T) {
	for _, text := range []string{
		"550e8400-e29b-41d4-a716-446655440000", "{550e8400-e29b-41d4-a716-446655440000}", "-_-_", "aGk_", "aGk", "aGk?", `\x00e1f2a3`, "00:e1:f2:a3", "00 e1 f2 a3",
		"0x00e1f2a3", "00e1f2",
	} {
		for _, v := range []any{text, row(text)} {
			_, _, err := encodeAll(v)
			assert.ErrorContains(t, err, "want standard base64 with padding", text)
		}
	}
	_, _, err := encodeAll("00e1f2")
	assert.ErrorContains(t, err, "decode hexadecimal text with hex.DecodeString")
}
