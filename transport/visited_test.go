package transport

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A circle that begins after more pages than are remembered one by one.
func TestVisitedFindsLateCircles(t *testing.T) {
	c, err := New("https://h")
	require.NoError(t, err)
	v := newVisited()
	at := func(i int) Request {
		if i > maxVisited+100 {
			i = maxVisited + 100 + (i-maxVisited-100)%37
		}
		return Request{Query: url.Values{"page": {fmt.Sprint(i)}}}
	}
	for i := range 4 * maxVisited {
		if err = v.add(c, at(i)); err != nil {
			assert.ErrorIs(t, err, ErrPageLoop)
			assert.Len(t, v.seen, maxVisited)
			assert.Less(t, i, 2*maxVisited+100)
			return
		}
	}
	t.Fatal("not found")
}
