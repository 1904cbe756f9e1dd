package nextpage

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAMisspelledNameIsDistinguishedFromAnotherWord(t *testing.T) {
	for _, pair := range [][2]string{
		{"next", "nxt"}, {"next", "nex"}, {"next", "nexxt"}, {"next", "nxet"}, {"nextcursor", "nextcurser"}, {"nextcursor", "nxtcursr"},
		{"cursor", "curser"}, {"bookmark", "bokmark"}, {"paging", "pageing"},
	} {
		assert.Equal(t, misspelled, compare(pair[0], pair[1]), pair)
		assert.Equal(t, misspelled, compare(pair[1], pair[0]), pair)
	}
	for _, pair := range [][2]string{
		{"next", "text"}, {"next", "nest"}, {"next", "prev"}, {"nextpage", "lastpage"}, {"nextpagetoken", "nextsynctoken"}, {"nextcursor", "prevcursor"},
		{"after", "before"}, {"id", "i"}, {"lastid", "listid"}, {"page", "pages2"}, {"nexturl", "resulturl"},
	} {
		assert.Less(t, compare(pair[0], pair[1]), misspelled, pair)
		assert.Less(t, compare(pair[1], pair[0]), misspelled, pair)
	}
}
