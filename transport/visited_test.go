package transport

import (
	"encoding/binary"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The loop begins after more pages than are remembered one by one.
func TestALoopIsFoundAfterAnyNumberOfPages(t *testing.T) {
	c, err := New("https://h")
	require.NoError(t, err)
	v := newVisited()
	at := func(i int) Request {
		if i > maxVisited+100 {
			i = maxVisited + 100 + (i-maxVisited-100)%37
		}
		return Request{Query: url.Values{"page": {fmt.Sprint(i)}}}
	}
	// Remember most of the first pages without making their requests, which takes longer.
	const remembered = maxVisited - 1
	for i := range uint64(remembered) {
		var key [16]byte
		binary.LittleEndian.PutUint64(key[:], i)
		v.seen[key] = struct{}{}
	}
	v.count = remembered
	for i := remembered; i < 4*maxVisited; i++ {
		if err = v.add(c, at(i)); err != nil {
			assert.ErrorIs(t, err, ErrPageLoop)
			assert.Len(t, v.seen, maxVisited)
			assert.Less(t, i, 2*maxVisited+100)
			return
		}
	}
	t.Fatal("the loop was not found")
}
