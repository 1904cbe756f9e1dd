package schema

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

func TestNamesAreEqualIfADestinationIgnoresTheirDifference(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Cs, r) {
			continue
		}
		folded := foldName(string(r))
		for _, other := range []rune{unicode.ToUpper(r), unicode.ToLower(r), unicode.ToLower(unicode.ToUpper(r)), unicode.ToUpper(unicode.ToLower(r)), unicode.SimpleFold(r)} {
			if foldName(string(other)) != folded {
				t.Errorf("%q and %q are two names", r, other)
			}
		}
	}
	assert.Equal(t, "id", foldName("ID"))
	assert.Equal(t, "straße", foldName("Straẞe"))
	assert.NotEqual(t, foldName("straße"), foldName("STRASSE"), "both may be columns of one table")
	assert.NotEqual(t, foldName("é"), foldName("e"))
	assert.Equal(t, strings.Repeat("ä", 3), foldName("ÄäÄ"))
}
