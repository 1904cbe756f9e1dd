package redact

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestOneOfManySecretsIsFoundWhereverItIs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab"[r.IntN(2)] // so that beginnings are found often
		}
		return b
	}
	for range 20_000 {
		all := make([][]byte, r.IntN(8))
		for i := range all {
			all[i] = text(minData + r.IntN(5))
		}
		haystack := text(r.IntN(60))
		want := false
		for _, needle := range all {
			want = want || bytes.Contains(haystack, needle)
		}
		n := newNeedles(all)
		if got := n.in(haystack); got != want {
			t.Fatalf("%q in %q: %v", all, haystack, got)
		}
	}
}

func TestOneOfManySecretsIsFoundInTheNormalFormOfAText(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	text := func(n int, characters string) []byte {
		var b []byte
		for all := []rune(characters); n > 0; n-- {
			b = utf8.AppendRune(b, all[r.IntN(len(all))])
		}
		return b
	}
	found := 0
	for range 40_000 {
		all := make([][]byte, r.IntN(8))
		for i := range all {
			all[i] = text(minData+r.IntN(5)*r.IntN(100), "aaaaб")
		}
		haystack := text(r.IntN(60), []string{"aaaaaaaaбб ", "aaaбв +\u200b\u00a0", "aaaaaaaaaa  +\u200b\u00a0\x7f"}[r.IntN(3)])
		n := newNeedles(all)
		want := n.inNormal(haystack)
		if want {
			found++
		}
		if got := n.inKept(haystack); got != want {
			t.Fatalf("%q in %q: %v", all, haystack, got)
		}
	}
	assert.Greater(t, found, 3_000)
}

func TestALongSecretIsFoundInTheNormalFormOfATextThatIsAlmostIt(t *testing.T) {
	all := [][]byte{bytes.Repeat([]byte("a"), 3_000), append(bytes.Repeat([]byte("a"), 2_000), 'b'), append([]byte("c"), bytes.Repeat([]byte("a"), 500)...)}
	for _, needle := range all {
		n := newNeedles([][]byte{needle, []byte("another-one-with-no-a")})
		almost := bytes.Repeat([]byte("aaaaaaaaa "), 210)
		assert.False(t, n.inKept(bytes.ReplaceAll(almost, []byte("  "), []byte(" d "))))
		assert.False(t, newNeedles([][]byte{needle, needle}).inKept(almost[:400]))
		spaced := bytes.Join(bytes.Split(append(append(almost, ' ', 'd'), needle...), nil), []byte(" "))
		assert.True(t, n.inKept(spaced))
	}
}

func FuzzNeedles(f *testing.F) {
	f.Add([]byte("a row with secret-1 in it"), []byte("secret-1"), []byte("\x00\xff345678"), []byte("other-secret"))
	f.Fuzz(func(t *testing.T, text, a, b, c []byte) {
		all := [][]byte{a, b, c}
		want := false
		for i := range all {
			if len(all[i]) < minData {
				all[i] = append(bytes.Clone(all[i]), "12345678"...)
			}
			want = want || bytes.Contains(text, all[i])
		}
		n := newNeedles(all)
		assert.Equal(t, want, n.in(text))
		assert.Equal(t, n.inNormal(text), n.inKept(text))
	})
}
