package host

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

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
			all[i] = text(minNeedle + r.IntN(5))
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

func FuzzNeedles(f *testing.F) {
	f.Add([]byte("a row with secret-1 in it"), []byte("secret-1"), []byte("\x00\xff345678"), []byte("other-secret"))
	f.Fuzz(func(t *testing.T, text, a, b, c []byte) {
		all := [][]byte{a, b, c}
		want := false
		for i := range all {
			if len(all[i]) < minNeedle {
				all[i] = append(bytes.Clone(all[i]), "12345678"...)
			}
			want = want || bytes.Contains(text, all[i])
		}
		n := newNeedles(all)
		assert.Equal(t, want, n.in(text))
	})
}

// The time that a row takes must not grow with the number of accounts.
func BenchmarkSecretsInRow(b *testing.B) {
	row := []byte(`{"id":123456,"name":"` + string(bytes.Repeat([]byte("some text of a row, "), 8)) + `","at":"2026-01-01T00:00:00Z","amount":"12.50"}`)
	for _, n := range []int{0, 1, 4, 64, 256} {
		r := &redactor{}
		for i := range n {
			r.addOwned(i, fmt.Sprintf("%x/token-%d-%d", rand.Uint64(), i, rand.Uint64()))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.inJSON(row)
			}
		})
	}
}
