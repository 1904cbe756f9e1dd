package excerpt

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnExcerptIsOneLineOfWholeCharacters(t *testing.T) {
	assert.Equal(t, "a b", Of([]byte(" a\r\n\t\x00b ")))
	long := Of([]byte(strings.Repeat("€", 100)))
	assert.Equal(t, strings.Repeat("€", 66), long)
	assert.Empty(t, Of(nil))
}
