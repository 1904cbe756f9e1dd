package transport

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheRecordsOfTheLatestPagesAreRememberedInBoundedMemory(t *testing.T) {
	var s seenPages
	for i := range 5 * maxSeenPages {
		if _, again := s.add(uint64(i), i); again {
			t.Fatal(i)
		}
		if len(s.young) > maxSeenPages || len(s.old) > maxSeenPages {
			t.Fatal(len(s.young), len(s.old))
		}
	}
	latest := 5*maxSeenPages - 1
	earlier, again := s.add(uint64(latest-maxSeenPages+1), latest+1)
	assert.True(t, again)
	assert.Equal(t, latest-maxSeenPages+1, earlier)
	_, again = s.add(0, latest+2)
	assert.False(t, again, "the first page is forgotten")
	earlier, again = s.add(0, latest+3)
	assert.True(t, again)
	assert.Equal(t, latest+2, earlier)
}
