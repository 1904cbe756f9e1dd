package editdistance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/editdistance"
)

func TestTheDistanceCountsInsertionsDeletionsSubstitutionsAndSwaps(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"next", "next", 0}, {"next", "", 4}, {"", "next", 4},
		{"next", "nxt", 1}, {"nxt", "next", 1}, {"next", "text", 1}, {"next", "nxet", 1},
		{"cursor", "curosr", 1}, {"cursor", "kurso", 2},
	} {
		assert.Equal(t, tt.want, editdistance.Between(tt.a, tt.b), "%s, %s", tt.a, tt.b)
	}
}
