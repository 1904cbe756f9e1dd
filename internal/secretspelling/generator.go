package secretspelling

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
)

// A generator makes up the parts of secrets that look random.
type generator struct{ *rand.Rand }

func newGenerator() generator {
	return generator{rand.New(rand.NewChaCha8([32]byte([]byte("made up, the same in every run.."))))} //nolint:gosec // reproducible on purpose
}

const (
	digits   = "0123456789"
	lower    = "abcdefghijklmnopqrstuvwxyz"
	alphanum = digits + lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// text returns n characters of an alphabet.
func (g generator) text(n int, alphabet string) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[g.IntN(len(alphabet))])
	}
	return b.String()
}

// bytes returns n bytes.
func (g generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.IntN(256))
	}
	return b
}

// base64 returns n bytes in base64 that contains a plus and a slash.
func (g generator) base64(n int) string {
	for {
		text := base64.StdEncoding.EncodeToString(g.bytes(n))
		if strings.Contains(text, "+") && strings.Contains(text, "/") {
			return text
		}
	}
}

// hex returns n bytes in hex.
func (g generator) hex(n int) string { return hex.EncodeToString(g.bytes(n)) }

// armored returns n lines of base64 between the first and the last line of a PEM block.
func (g generator) armored(label string, n int, newline string, headers ...string) string {
	var b strings.Builder
	b.WriteString("-----BEGIN " + label + "-----" + newline)
	for _, h := range headers {
		b.WriteString(h + newline)
	}
	for range n - 1 {
		b.WriteString(base64.StdEncoding.EncodeToString(g.bytes(48)) + newline)
	}
	b.WriteString(base64.StdEncoding.EncodeToString(g.bytes(34)) + newline)
	b.WriteString("-----END " + label + "-----" + newline)
	return b.String()
}
