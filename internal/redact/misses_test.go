package redact

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEachOccurrenceOfAPatternIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		return string(b)
	}
	for range 20_000 {
		haystack, pattern := text(r.IntN(40)), text(1+r.IntN(6))
		var want, got []span
		for i := range haystack {
			if strings.HasPrefix(haystack[i:], pattern) {
				want = append(want, span{i, i + len(pattern)})
			}
		}
		occurrences([]byte(haystack), pattern, func(s span) bool {
			got = append(got, s)
			return true
		})
		if !assert.Equal(t, want, got, "%q in %q", pattern, haystack) {
			return
		}
	}
}
